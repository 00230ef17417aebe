"""Sound of video files and of what libsndfile does not open; what has none is refused."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.core.errors import InputError
from dualtalk.inference import media
from dualtalk.inference.audio import read_channels, read_dialogue, read_track

needs_av = pytest.mark.skipif(not media.is_there(), reason="needs PyAV")
#: Ending, codec of the sound, codec of a picture beside it.
KINDS = [
    ("m4a", "aac", ""),
    ("mp4", "aac", "mpeg4"),
    ("mov", "pcm_s16le", "mpeg4"),
    ("mov", "alac", ""),
    ("aac", "aac", ""),
    ("opus", "libopus", ""),
    ("mkv", "flac", "mpeg4"),
    ("webm", "libopus", ""),
    ("avi", "mp3", "mpeg4"),
]


def write(
    path: Path, codec: str, picture: str = "", rate: int = 48_000, late_s: float = 0.0,
    channels: int = 1, beside: str = "",
) -> None:  # fmt: skip
    """Write a second of 440 Hz, and 900 Hz on a second channel; `late_s` after the picture.

    Another sound `beside` it, of that codec, is silent.
    """
    import av

    time = np.arange(rate) / rate
    sound = 0.5 * np.sin(2 * np.pi * np.outer([440.0, 900.0][:channels], time)).astype(np.float32)
    with av.open(str(path), "w") as file:
        shown = file.add_stream(picture, rate=25) if picture else None
        if shown is not None:
            shown.width, shown.height, shown.pix_fmt = 64, 48, "yuv420p"
        heard = file.add_stream(codec, rate=rate, layout="mono" if channels == 1 else "stereo")
        if shown is not None:
            for number in range(25):
                frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
                frame.pts = number
                file.mux(shown.encode(frame))
            file.mux(shown.encode(None))
        other = file.add_stream(beside, rate=rate, layout="mono") if beside else None
        frame = av.AudioFrame.from_ndarray(
            sound, format="fltp", layout="mono" if channels == 1 else "stereo"
        )
        frame.sample_rate, frame.pts = rate, round(late_s * rate)
        file.mux(heard.encode(frame))
        file.mux(heard.encode(None))
        if other is not None:
            frame = av.AudioFrame.from_ndarray(sound[:1] * 0, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = rate, 0
            file.mux(other.encode(frame))
            file.mux(other.encode(None))


def loudest_hertz(track: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(track * np.hanning(len(track))))
    return float(np.fft.rfftfreq(len(track), 1 / 16_000)[spectrum.argmax()])


@needs_av
@pytest.mark.parametrize(("ending", "codec", "picture"), KINDS)
def test_sound_of_every_kind_of_file(tmp_path: Path, ending: str, codec: str, picture: str) -> None:
    path = tmp_path / f"Take 3, Ännä.{ending}"
    write(path, codec, picture)
    track = read_track(path)
    assert track.dtype == np.float32
    assert len(track) == pytest.approx(16_000, abs=1_500)  # lossy kinds pad to whole blocks
    assert loudest_hertz(track[:16_000]) == pytest.approx(440, abs=2)
    # By its power: single blocks of FFmpeg's own AAC encoder overshoot a pure tone (0.70 for 0.5),
    # in the same packets whether they stand raw or in an m4a.
    assert np.sqrt(2 * np.square(track[4_000:12_000]).mean()) == pytest.approx(0.5, abs=0.03)


@needs_av
def test_channels_stay_apart(tmp_path: Path) -> None:
    write(tmp_path / "both.m4a", "aac", channels=2, rate=44_100)
    channels = read_channels(tmp_path / "both.m4a")
    assert len(channels) == 2
    assert [round(loudest_hertz(row) / 10) for row in channels] == [44, 90]


@needs_av
def test_sound_after_the_picture_keeps_its_place(tmp_path: Path) -> None:
    write(tmp_path / "late.mkv", "flac", "mpeg4", late_s=0.4)
    track = read_track(tmp_path / "late.mkv")
    begins = int(np.flatnonzero(np.abs(track) > 0.05)[0])
    assert begins / 16_000 == pytest.approx(0.4, abs=0.01)


@needs_av
@pytest.mark.parametrize(("ending", "codec"), [("mkv", "aac"), ("mov", "aac"), ("webm", "libopus")])
def test_several_sounds_beside_each_other_are_named(
    tmp_path: Path, ending: str, codec: str
) -> None:
    path, other = tmp_path / f"screen.{ending}", tmp_path / "ben.wav"
    write(path, codec, beside=codec)
    soundfile.write(other, np.zeros(16_000), 16_000)
    dialogue = read_dialogue(path, other)
    assert loudest_hertz(dialogue.tracks[0]) == pytest.approx(440, abs=2)
    assert any(f"screen.{ending} holds 2 sound tracks" in note for note in dialogue.notes)
    with pytest.raises(InputError, match="2 sound tracks, of which the first has one channel"):
        read_dialogue(path)


@needs_av
def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "mute.mp4"), "w") as file:
        shown = file.add_stream("mpeg4", rate=25)
        shown.width, shown.height, shown.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        file.mux(shown.encode(frame))
        file.mux(shown.encode(None))
    with pytest.raises(InputError, match="has no sound"):
        read_track(tmp_path / "mute.mp4")


@needs_av
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 4096,
        b"\0\0\0\x1cftypM4A " + b"x" * 2000,
        b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\nother.wav\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile 'other.wav'\n",
    ],
)
def test_what_is_damaged_or_leads_elsewhere_is_refused(tmp_path: Path, content: bytes) -> None:
    import soundfile

    soundfile.write(tmp_path / "other.wav", np.zeros(16_000), 16_000)
    (tmp_path / "bad.m4a").write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as sound"):
        read_track(tmp_path / "bad.m4a")


@needs_av
def test_a_wrong_name_is_looked_through(tmp_path: Path) -> None:
    write(tmp_path / "a.m4a", "aac")
    (tmp_path / "a.m4a").rename(tmp_path / "a.wav")
    assert loudest_hertz(read_track(tmp_path / "a.wav")[:16_000]) == pytest.approx(440, abs=2)


def test_without_a_decoder_the_remedy_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"\0\0\0\x1cftypisom")
    monkeypatch.setattr(media, "is_there", lambda: False)
    with pytest.raises(InputError, match="save the sound as wav"):
        read_track(tmp_path / "talk.mp4")
