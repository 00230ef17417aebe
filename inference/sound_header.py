"""What a sound file's header promises, against what can be and what is there."""

import struct
from pathlib import Path
from typing import IO

from ..core.conversation.pcm import LEAST_RATE, MOST_CHANNELS, MOST_RATE
from ..core.errors import InputError

#: Of all channels together: a day of one, or twelve hours of two.
_MOST_HOURS = 24.0
_MOST_CHUNKS = 64
#: What programs write into a header while they do not know how long the sound will be.
_UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_UNKNOWN_FROM = 0x7FFF0000
#: The longest page of an Ogg file, and the flag of the last one.
_PAGE_BYTES, _LAST_PAGE = 65_307, 4


def check(path: Path, rate: int, n_channels: int, n_frames: int) -> None:
    """Refuse a sound by arithmetic whose header asks for more than any memory holds.

    Raises:
        InputError: the rate, the channels or the length are no recording's.
    """
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise InputError(
            f"{path} says that it has {rate} samples per second, which no recording of speech has "
            f"({LEAST_RATE} to {MOST_RATE}): export the sound again."
        )
    if not 1 <= n_channels <= MOST_CHANNELS:
        raise InputError(
            f"{path} says that it has {n_channels} channels (1 to {MOST_CHANNELS} can be read): "
            "export the sound again."
        )
    hours = n_frames / rate / 3600
    if hours * n_channels > _MOST_HOURS:
        raise InputError(
            f"{path} says that it is {hours:.0f} hours of {n_channels} channels, and "
            f"{_MOST_HOURS:.0f} hours of one are the most: cut it into parts."
        )


def cut_note(path: Path) -> str:
    """Return that a sound ends before its header says so, or nothing."""
    try:
        with open(path, "rb") as file:
            is_cut = _is_cut(file, path.stat().st_size)
    except OSError:
        return ""
    if not is_cut:
        return ""
    return (
        f"{path.name} is cut off: its header promises more sound than there is. Get the file again "
        "if its end is missing."
    )


def _is_cut(file: IO[bytes], size: int) -> bool:
    start = file.read(12)
    if start[:4] == b"RIFF" and start[8:] == b"WAVE":
        return _ends_early(file, size, "<4sL", b"data")
    if start[:4] == b"FORM" and start[8:] in (b"AIFF", b"AIFC"):
        return _ends_early(file, size, ">4sL", b"SSND")
    if start[:4] == b"OggS":
        return _lacks_last_page(file, size)
    return False


def _ends_early(file: IO[bytes], size: int, layout: str, wanted: bytes) -> bool:
    """Tell whether the chunk with the samples is longer than what is left of the file."""
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return False
        name, n_bytes = struct.unpack(layout, head)
        if name == wanted:
            is_known = n_bytes not in _UNKNOWN_SIZES and n_bytes < _UNKNOWN_FROM
            return is_known and n_bytes > size - file.tell()
        file.seek(n_bytes + n_bytes % 2, 1)
    return False


def _lacks_last_page(file: IO[bytes], size: int) -> bool:
    file.seek(max(0, size - 2 * _PAGE_BYTES))
    tail = file.read()
    at = tail.rfind(b"OggS")
    return at >= 0 and len(tail) > at + 5 and not tail[at + 5] & _LAST_PAGE
