"""Plain wave files are read as they are, everything else is refused by arithmetic."""

import struct
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.conversation import pcm

_ODD = [
    (0xFFFFFFFF, 2, 16, 1), (1, 2, 16, 1), (16_000, 0, 16, 1), (16_000, 65_535, 16, 1),
    (16_000, 2, 0, 1), (16_000, 2, 4, 1), (16_000, 2, 255, 1), (16_000, 2, 16, 3),
    (16_000, 2, 4, 0x11), (16_000, 2, 8, 7), (16_000, 2, 16, 0xFFFE),
]  # fmt: skip


def wave_file(
    samples: bytes, rate: int = 16_000, n_channels: int = 1, bits: int = 16, kind: int = 1,
    said: int | None = None, before: bytes = b"",
) -> bytes:  # fmt: skip
    frame = n_channels * bits // 8 & 0xFFFF
    layout = struct.pack("<HHLLHH", kind, n_channels, rate, rate * frame % 2**32, frame, bits)
    head = b"WAVEfmt " + struct.pack("<L", len(layout)) + layout + before
    data = b"data" + struct.pack("<L", len(samples) if said is None else said) + samples
    return b"RIFF" + struct.pack("<L", len(head + data)) + head + data


def read(tmp_path: Path, content: bytes) -> np.ndarray | None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    return pcm.at_network_rate(path, 900.0)


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_whole_numbers_of_every_width(bits: int, tmp_path: Path) -> None:
    wanted = np.linspace(-1, 1, 999)[:-1]
    whole = np.round(wanted * (2 ** (bits - 1) - 1)).astype(np.int64)
    packed = [
        int(value + 128 if bits == 8 else value).to_bytes(bits // 8, "little", signed=bits > 8)
        for value in whole
    ]
    found = read(tmp_path, wave_file(b"".join(packed), bits=bits))
    np.testing.assert_allclose(found, wanted[None], atol=2.0 ** (2 - bits) + 1e-6)


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_fractions_without_those_that_are_no_numbers(kind: str, tmp_path: Path) -> None:
    given = np.array([0.5, np.nan, np.inf, -np.inf, 9e30, -0.25], kind)
    content = wave_file(given.tobytes(), bits=8 * given.itemsize, kind=3)
    assert read(tmp_path, content).tolist() == [[0.5, 0, 0, 0, 1, -0.25]]


def test_any_rate_channels_and_chunks_before(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 480_000)
    both = (np.stack([ramp, -ramp], axis=1) * 32767).astype("<i2").tobytes()
    note = b"LIST" + struct.pack("<L", 3) + b"abc\0"  # an odd chunk has a byte more
    found = read(tmp_path, wave_file(both, 48_000, 2, before=note))
    assert found.shape == (2, 160_000)
    np.testing.assert_allclose(found[0], np.linspace(0, 1, 160_001)[:-1], atol=1e-4)
    np.testing.assert_allclose(found[1], -found[0], atol=1e-4)
    mean = read(tmp_path, wave_file(both, 48_000, 4))
    assert mean.shape == (1, 80_000)


def test_it_reads_what_pythons_module_writes(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(-32768, 32767, 70_000, dtype="<i2")
    with wave.open(str(tmp_path / "x.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(values.tobytes())
    found = pcm.at_network_rate(tmp_path / "x.wav", 900.0)
    np.testing.assert_array_equal(found[0], values / np.float32(32768))


def test_a_header_that_promises_more_than_there_is(tmp_path: Path) -> None:
    assert read(tmp_path, wave_file(b"\0" * 200, said=2**31)).shape == (1, 100)
    assert read(tmp_path, wave_file(b"\0" * 200, said=0xFFFFFFFF)).shape == (1, 100)
    assert read(tmp_path, wave_file(b"\0" * 16_000, rate=4000)).shape == (1, 32_000)


def test_long_sounds_are_left(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wave_file(b"\0" * 64_000))
    assert pcm.at_network_rate(path, 1.5) is None


@pytest.mark.parametrize("odd", _ODD)
def test_headers_of_harm_cost_nothing(odd: tuple[int, int, int, int], tmp_path: Path) -> None:
    rate, n_channels, bits, kind = odd
    for body in (b"", b"\0", b"\0" * 5000):
        tracemalloc.start()
        with pytest.raises(ValueError, match=r"^it|channels"):
            read(tmp_path, wave_file(body, rate, n_channels, bits, kind, said=2**31 - 1))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"fLaC" * 9, b"RIFF\0\0\0\0WAVE" + b"abcd\xff\xff\xff\xff"],
)
def test_what_is_no_wave_file(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^it"):
        read(tmp_path, content)
