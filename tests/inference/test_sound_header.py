"""Headers of sounds are bounded by arithmetic, and sounds that are cut off are said."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.core.errors import InputError
from dualtalk.inference import media, sound_header
from dualtalk.inference.audio import read_dialogue, read_track


def wave(rate: int, channels: int = 1, said_bytes: int | None = None) -> bytes:
    body = bytes(3200)
    layout = struct.pack("<HHIIHH", 1, channels, rate, rate * 2, 2 * channels, 16)
    size = struct.pack("<I", len(body) if said_bytes is None else said_bytes)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + layout + b"data" + size + body
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


@pytest.mark.parametrize("rate", [1, 50, 3999, 800_000])
def test_rates_of_no_recording_are_refused(rate: int, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wave(rate))
    with pytest.raises(InputError, match=f"{rate} samples per second"):
        read_track(path)


@pytest.mark.parametrize(
    ("rate", "channels", "hours", "said"),
    [(16_000, 33, 1, "33 channels"), (16_000, 0, 1, "0 channels"), (48_000, 2, 13, "13 hours")],
)
def test_what_no_memory_holds_is_refused(rate: int, channels: int, hours: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        sound_header.check(Path("x.wav"), rate, channels, hours * 3600 * rate)
    sound_header.check(Path("x.wav"), rate, 2, 4 * 3600 * rate)


@pytest.mark.parametrize("suffix", ["wav", "aiff", "ogg"])
def test_a_sound_that_is_cut_off_is_used_and_said(suffix: str, tmp_path: Path) -> None:
    whole, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    noise = 0.1 * np.random.default_rng(0).standard_normal(64_000)
    soundfile.write(whole, noise, 16_000)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 3 // 4])
    assert sound_header.cut_note(whole) == ""
    notes = read_dialogue(whole, cut).notes
    assert any(f"cut.{suffix} is cut off" in note for note in notes)
    assert not any("whole" in note for note in notes)


@pytest.mark.skipif(not media.is_there(), reason="needs PyAV")
def test_sound_whose_length_was_never_written_is_read_to_its_end(tmp_path: Path) -> None:
    noise = (3000 * np.random.default_rng(0).standard_normal(16_000)).astype("<i2")
    path = tmp_path / "recorder.wav"
    path.write_bytes(wave(16_000, said_bytes=0).removesuffix(bytes(3200)) + noise.tobytes())
    track = read_track(path)
    np.testing.assert_allclose(track, noise / 32768, atol=1e-4)
    path.write_bytes(wave(16_000, said_bytes=0).removesuffix(bytes(3200)))
    with pytest.raises(InputError, match="holds no sound"):
        read_track(path)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_length_that_nobody_knew_is_no_cut(size: int, tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wave(16_000, said_bytes=size))
    assert sound_header.cut_note(path) == ""
