"""Sound files of every kind become a dialogue, and bad ones are refused with one clear sentence."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.core.conversation.cues import Cue, CueSheet
from dualtalk.core.errors import InputError
from dualtalk.inference.audio import read_dialogue, read_track


def tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def loudest_hertz(track: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(track * np.hanning(len(track))))
    return float(np.fft.rfftfreq(len(track), 1 / 16_000)[spectrum.argmax()])


@pytest.mark.parametrize(
    ("name", "rate", "subtype"),
    [
        ("telephone.wav", 8_000, "PCM_16"),
        ("same.wav", 16_000, "FLOAT"),
        ("disc.wav", 44_100, "PCM_24"),
        ("film.flac", 48_000, "PCM_24"),
        ("web.ogg", 44_100, "VORBIS"),
        ("web.mp3", 44_100, "MPEG_LAYER_III"),
    ],
)
def test_any_format_becomes_16_khz(tmp_path: Path, name: str, rate: int, subtype: str) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(1.0, rate), rate, subtype=subtype)
    track = read_track(path)
    assert track.dtype == np.float32
    # Lossy formats pad to whole blocks.
    assert len(track) == pytest.approx(16_000, abs=1_200)
    assert loudest_hertz(track[:16_000]) == pytest.approx(440, abs=2)
    assert np.abs(track[4_000:12_000]).max() == pytest.approx(0.5, abs=0.03)


def test_blocks_join_without_a_seam(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(20.0, 44_100), 44_100, subtype="FLOAT")
    track = read_track(path)
    expected = tone(20.0, 16_000)
    assert len(track) == len(expected)
    assert np.abs(track - expected)[200:-200].max() < 1e-3


def test_stereo_alone_is_split(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    channels = np.stack([tone(1, 16_000, 300), tone(1, 16_000, 900)], axis=1)
    soundfile.write(path, channels, 16_000, subtype="FLOAT")
    dialogue = read_dialogue(path)
    np.testing.assert_allclose(dialogue.tracks, channels.T, atol=1e-6)


def test_stereo_beside_another_file_is_mixed(tmp_path: Path) -> None:
    stereo, mono = tmp_path / "stereo.wav", tmp_path / "mono.wav"
    channels = np.stack([tone(1, 16_000, 300), tone(1, 16_000, 900)], axis=1)
    soundfile.write(stereo, channels, 16_000, subtype="FLOAT")
    soundfile.write(mono, tone(1, 16_000), 16_000, subtype="FLOAT")
    dialogue = read_dialogue(stereo, mono)
    np.testing.assert_allclose(dialogue.tracks[0], channels.mean(axis=1), atol=1e-6)


def test_shorter_track_is_padded_and_said(tmp_path: Path) -> None:
    long, short = tmp_path / "long.wav", tmp_path / "short.wav"
    soundfile.write(long, tone(2, 16_000), 16_000)
    soundfile.write(short, tone(1, 16_000), 16_000)
    dialogue = read_dialogue(long, short)
    assert dialogue.tracks.shape == (2, 32_000)
    assert not dialogue.tracks[1, 16_000:].any()
    assert dialogue.notes == ("short.wav is 1.00 s shorter: silence was added at its end.",)


def test_refuses_what_is_no_sound(tmp_path: Path) -> None:
    text, empty, broken = (tmp_path / n for n in ("text.wav", "empty.wav", "nan.wav"))
    text.write_text("this is not a sound")
    soundfile.write(empty, np.zeros(0), 16_000)
    soundfile.write(broken, np.array([0.0, np.nan, 0.1], np.float32), 16_000, subtype="FLOAT")
    for path, said in [
        (tmp_path / "none.wav", "does not exist"),
        (text, "cannot be read as sound"),
        (empty, "holds no sound"),
        (broken, "not numbers"),
    ]:
        with pytest.raises(InputError, match=said):
            read_track(path)


@pytest.mark.parametrize("offset", [0.4, -0.02])
def test_an_offset_is_no_sound(tmp_path: Path, offset: float) -> None:
    path = tmp_path / "cheap.wav"
    sound = 0.05 * tone(3, 16_000)
    with_offset = sound + offset
    with_offset[-16_000:] = 0  # the recorder was off
    sound[-16_000:] = 0
    soundfile.write(path, with_offset, 16_000, subtype="FLOAT")
    track = read_track(path)
    assert np.corrcoef(track[:32_000], sound[:32_000])[0, 1] > 0.999
    assert np.abs(track[34_000:]).max() < 0.01 * abs(offset)
    np.testing.assert_allclose(track[:32_000].std(), sound[:32_000].std(), rtol=0.01)


def test_a_sound_without_offset_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "fine.wav"
    sound = 0.3 * tone(2, 16_000) + 1e-4
    soundfile.write(path, sound, 16_000, subtype="FLOAT")
    np.testing.assert_array_equal(read_track(path), sound.astype(np.float32))


def test_one_mono_file_is_no_dialogue(tmp_path: Path) -> None:
    path = tmp_path / "mono.wav"
    soundfile.write(path, tone(1, 16_000), 16_000)
    with pytest.raises(InputError, match="one channel"):
        read_dialogue(path)


def test_a_cue_sheet_is_heard_as_its_pieces_lie(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.wav", tone(2.0, 44_100, 300), 44_100)
    soundfile.write(tmp_path / "two.flac", tone(1.0, 16_000, 900), 16_000)
    sheet = CueSheet(
        (
            Cue(tmp_path / "one.wav", 0.5, 1.0, 0.5, gain=2.0),
            Cue(tmp_path / "two.flac", 2.0, 0.0, 5.0),  # longer than the file
        ),
        4.0,
    )
    sheet.save(tmp_path / "a.cues")
    track = read_track(tmp_path / "a.cues")
    assert len(track) == 64_000
    heard = np.abs(track).reshape(-1, 1600).max(axis=1) > 0.05
    assert np.flatnonzero(heard).tolist() == [*range(5, 10), *range(20, 30)]
    assert loudest_hertz(track[8_000:16_000]) == pytest.approx(300, abs=3)
    assert np.abs(track[9_000:15_000]).max() == pytest.approx(1.0, abs=0.05)
    (tmp_path / "two.flac").unlink()
    with pytest.raises(InputError, match="does not exist"):
        read_track(tmp_path / "a.cues")


def test_a_cue_is_heard_as_fast_as_it_is_played(tmp_path: Path) -> None:
    sound = np.concatenate([tone(1.0, 16_000, 300), np.zeros(16_000), tone(2.0, 16_000, 300)])
    soundfile.write(tmp_path / "a.wav", sound, 16_000)
    CueSheet((Cue(tmp_path / "a.wav", 1.0, 0.5, 1.5, speed=2.0),), 3.0).save(tmp_path / "a.cues")
    track = read_track(tmp_path / "a.cues")
    heard = np.abs(track).reshape(-1, 1600).max(axis=1) > 0.05
    # Half a second of tone, one of silence, one and a half of tone, in half the time from 1 s on.
    assert np.abs(np.flatnonzero(heard)[[0, -1]] - [10, 24]).max() <= 1
    assert not heard[13:17].any()
    assert heard[18:24].all()
