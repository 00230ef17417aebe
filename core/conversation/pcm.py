"""Sound as plain numbers (wav), read by us: what Blender's own process may open.

Decoders are large and written in C: a few bytes changed in a header have made one follow a wild
address, or ask for 24 GB. Whoever needs other formats reads them in the worker. Here a header is
checked by arithmetic against the file's size, and what is read at once is a block.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ..damage import opened
from .dialogue import SAMPLE_RATE

#: Telephones have 8,000 Hz, the best recorders 768,000.
LEAST_RATE, MOST_RATE = 4_000, 768_000
MOST_CHANNELS = 32
#: Chunks before the samples; programs write a handful.
_MOST_CHUNKS = 64
_BLOCK_FRAMES = 1 << 16
#: Numbers of a wave file's format: whole numbers, fractions, and "see further down".
_WHOLE, _FRACTIONS, _EXTENSIBLE = 1, 3, 0xFFFE
_WIDTHS = {_WHOLE: (1, 2, 3, 4), _FRACTIONS: (4, 8)}
_FORMAT = struct.Struct("<HHLLHH")
_SUBFORMAT_AT, _SUBFORMAT_END = 24, 26
#: What stands for a size that did not fit into 32 bits, or was not known yet.
_UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True)
class WaveHeader:
    """Where a wave file's samples are, and what they are."""

    rate: int  #: Hz
    n_channels: int
    is_fraction: bool  #: floating point, else whole numbers
    width: int  #: bytes of a number
    first_byte: int  #: of the samples
    n_frames: int  #: samples of each channel that are really there

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.rate


def read_header(file: IO[bytes]) -> WaveHeader:
    """Read a wave file's header.

    Raises:
        ValueError: it is no wave file, or holds what is no plain numbers.
        OSError: it cannot be read.
    """
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(12)
    if len(start) < 12 or start[:4] not in (b"RIFF", b"RF64") or start[8:] != b"WAVE":
        raise ValueError("it is no wave file")
    layout = b""
    for _ in range(_MOST_CHUNKS):
        name, n_bytes = _chunk(file)
        if name == b"data":
            return _header(layout, file.tell(), size, n_bytes)
        if name == b"fmt ":
            layout = file.read(min(n_bytes, 64))
            n_bytes -= len(layout)
        if n_bytes > size - file.tell():
            raise ValueError("its header ends outside of it")
        file.seek(n_bytes + n_bytes % 2, 1)
    raise ValueError("it has no samples")


def at_network_rate(
    path: Path, longest_s: float, most_channels: int = 2
) -> NDArray[np.float32] | None:
    """Return a wave file's channels at 16 kHz, good enough to look at; None if it is too long.

    The nearest sample before is taken: no filter, so not to be listened to.

    Args:
        path: of the file.
        longest_s: what is longer is not read.
        most_channels: of more their mean is returned, as one.

    Returns:
        (n_channels, n_samples) float32 in [-1, 1]; what is no number is 0.

    Raises:
        ValueError: it is no wave file, or holds what is no plain numbers.
        OSError: it cannot be read.
    """
    with opened(path) as file:
        header = read_header(file)
        if header.duration_s > longest_s:
            return None
        n = header.n_frames * SAMPLE_RATE // header.rate
        n_rows = header.n_channels if header.n_channels <= most_channels else 1
        found = np.zeros((n_rows, max(n, 1)), np.float32)
        step = header.rate / SAMPLE_RATE
        done = first = 0
        for block in _blocks(file, header):
            last = first + len(block)
            end = min(n, int(np.ceil(last / step)))
            places = (np.arange(done, end) * step).astype(np.intp) - first
            taken = block[places[places < len(block)]]  # (m, n_channels)
            rows = taken.T if n_rows == header.n_channels else taken.mean(axis=1)[None]
            found[:, done : done + len(taken)] = rows
            done, first = done + len(taken), last
    return found


def _chunk(file: IO[bytes]) -> tuple[bytes, int]:
    """Read the name and the size of the next chunk; raises ValueError at the file's end."""
    head = file.read(8)
    if len(head) < 8:
        raise ValueError("it has no samples")
    return head[:4], int.from_bytes(head[4:], "little")


def _header(layout: bytes, first_byte: int, size: int, n_bytes: int) -> WaveHeader:
    """Check what the header says; raises ValueError."""
    if len(layout) < _FORMAT.size:
        raise ValueError("it does not say what its samples are")
    kind, n_channels, rate, _, frame_bytes, bits = _FORMAT.unpack_from(layout)
    if kind == _EXTENSIBLE and len(layout) >= _SUBFORMAT_END:
        kind = int.from_bytes(layout[_SUBFORMAT_AT:_SUBFORMAT_END], "little")
    width = bits // 8
    if kind not in _WIDTHS or width not in _WIDTHS[kind] or bits % 8:
        raise ValueError(f"it holds no plain numbers (kind {kind}, {bits} bits)")
    if not LEAST_RATE <= rate <= MOST_RATE or not 1 <= n_channels <= MOST_CHANNELS:
        raise ValueError(f"it says {rate} Hz of {n_channels} channels")
    if frame_bytes != width * n_channels:
        raise ValueError(f"{n_channels} channels of {width} bytes are said to take {frame_bytes}")
    there = size - first_byte
    said = there if n_bytes in _UNKNOWN_SIZES else min(n_bytes, there)
    return WaveHeader(
        rate, n_channels, kind == _FRACTIONS, width, first_byte, said // (width * n_channels)
    )


def _blocks(file: IO[bytes], header: WaveHeader) -> Iterator[NDArray[np.float32]]:
    """Yield the samples, (n_frames, n_channels) float32 in [-1, 1]."""
    file.seek(header.first_byte)
    left = header.n_frames
    frame_bytes = header.width * header.n_channels
    while left > 0:
        read = file.read(min(left, _BLOCK_FRAMES) * frame_bytes)
        n = len(read) // frame_bytes
        if n == 0:  # the file became shorter
            return
        left -= n
        yield _numbers(read[: n * frame_bytes], header).reshape(n, header.n_channels)


def _numbers(read: bytes, header: WaveHeader) -> NDArray[np.float32]:
    if header.is_fraction:
        with np.errstate(all="ignore"):
            values = np.frombuffer(read, f"<f{header.width}").astype(np.float32)
        return np.nan_to_num(values, posinf=0.0, neginf=0.0).clip(-1, 1)
    if header.width == 1:  # the only kind without a sign
        return (np.frombuffer(read, np.uint8).astype(np.float32) - 128) / np.float32(128)
    if header.width == 3:
        parts = np.frombuffer(read, np.uint8).reshape(-1, 3)
        whole = np.zeros((len(parts), 4), np.uint8)
        whole[:, 1:] = parts
        return whole.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    whole_numbers = np.frombuffer(read, f"<i{header.width}").astype(np.float32)
    return whole_numbers / np.float32(2 ** (8 * header.width - 1))
