"""Whether a file that Blender wrote is whole, told by what its format says of its own length.

On a full disk exporters and encoders end early, some without a word. So what they wrote is looked
at before it takes the place of what was there.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from ..conversation import pcm
from ..damage import DAMAGE
from ..errors import DualTalkError

_MOST_BOXES, _MOST_SECTIONS = 1000, 64
_INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_USD_SECTION = struct.Struct("<16sqq")
#: The last bytes of a .blend: plain, and the seek table of a packed one (zstd's own format).
_BLEND_END, _SEEK_TABLE = b"ENDB", b"\xb1\xea\x92\x8f"
#: Of the last block of a .blend, whose head alone it is: to Blender 4.5, and from 5.0 on.
_END_BYTES = (24, 32)
#: The last bytes of every binary FBX.
_FBX_END = b"\xf8\x5a\x8c\x6a\xde\xf5\xd9\x7e\xec\xe9\x0c\xe3\x75\x8f\x29\x0b"
_PACKED = b"\x28\xb5\x2f\xfd"
_LAST_BYTES = 256


def require(path: Path, shown: Path, n_frames: int | None = None) -> None:
    """Check that a file is as long as its format says it is.

    Args:
        path: the file; its suffix names the format.
        shown: how the message calls it.
        n_frames: of a video: how many pictures it must have.

    Raises:
        DualTalkError: it is not.
    """
    check = _CHECKS.get(path.suffix.lower())
    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            why = "" if check is None or size == 0 else check(file, size)
            if not why and n_frames is not None and size:
                found = n_pictures(file, size)
                why = "" if found >= n_frames else f"{found} of {n_frames} pictures"
    except DAMAGE:
        size, why = 0, "no such file"
    if size == 0 or why:
        raise DualTalkError(
            f"Blender wrote only a part of {shown} ({why or 'nothing'}): is the disk full? What "
            "was there is kept."
        )


def n_pictures(file: IO[bytes], size: int) -> int:
    """Return how many pictures an .mp4 describes; 0 if it has no description."""
    kind, counts = b"", [0]
    for name, start, end in _boxes(file, 0, size):
        file.seek(start + 8)
        if name == b"hdlr":
            kind = file.read(4)
        elif name == b"stsz" and kind == b"vide":
            counts.append(int.from_bytes(file.read(4), "big") if end - start >= 12 else 0)
    return max(counts)


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes of an .mp4 and those inside its description: name, first byte, end.

    Raises:
        ValueError: one reaches beyond what holds it.
    """
    for _ in range(_MOST_BOXES):
        if start == end:
            return
        file.seek(start)
        head = file.read(16)
        size, name, first = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1:
            size, first = int.from_bytes(head[8:16], "big"), start + 16
        if size == 0:
            size = end - start
        if len(head) < 8 or size < first - start or start + size > end:
            raise ValueError("a box reaches beyond the end")
        yield name, first, start + size
        if name in _INSIDE:
            yield from _boxes(file, first, start + size)
        start += size


def _mp4(file: IO[bytes], size: int) -> str:
    try:
        names = {name for name, _, _ in _boxes(file, 0, size)}
    except ValueError:
        return "its end lacks"
    return "" if {b"ftyp", b"moov", b"mdat"} <= names else "it cannot be played"


def _wav(file: IO[bytes], size: int) -> str:
    header = pcm.read_header(file)
    file.seek(header.first_byte - 4)
    said = int.from_bytes(file.read(4), "little")
    return "" if 0 < said <= size - header.first_byte else "its end lacks"


def _usdc(file: IO[bytes], size: int) -> str:
    """Check the table of contents, which stands last (Crate file format of OpenUSD)."""
    head = file.read(24)
    if head[:8] != b"PXR-USDC":
        return "it is none"
    at = int.from_bytes(head[16:24], "little")
    if not 24 <= at <= size - 8:
        return "its contents lack"
    file.seek(at)
    count = int.from_bytes(file.read(8), "little")
    if not 1 <= count <= _MOST_SECTIONS:
        return "its contents lack"
    for _ in range(count):
        _, start, length = _USD_SECTION.unpack(file.read(_USD_SECTION.size))
        if start < 0 or length < 0 or start + length > size:
            return "a part lacks"
    return ""


def _abc(file: IO[bytes], size: int) -> str:
    """Check the mark that Alembic sets when all is written, and its root, which stands last."""
    head = file.read(16)
    if head[:6] != b"Ogawa\xff":
        return "it was not closed"
    root = int.from_bytes(head[8:16], "little")
    if not 16 <= root <= size - 8:
        return "its contents lack"
    file.seek(root)
    return "" if root + 8 + 8 * int.from_bytes(file.read(8), "little") <= size else "its end lacks"


def _fbx(file: IO[bytes], size: int) -> str:
    if file.read(20) != b"Kaydara FBX Binary  ":
        return "it is none"
    file.seek(max(0, size - 16))
    return "" if file.read() == _FBX_END else "its end lacks"


def _glb(file: IO[bytes], size: int) -> str:
    magic, _, said = struct.unpack("<4sII", file.read(12))
    return "" if magic == b"glTF" and said == size else "its end lacks"


def _blend(file: IO[bytes], size: int) -> str:
    start = file.read(7)
    file.seek(max(0, size - _LAST_BYTES))
    tail = file.read()
    if start[:4] == _PACKED:
        return "" if tail.endswith(_SEEK_TABLE) else "its end lacks"
    at = tail.rfind(_BLEND_END)
    is_end = at >= 0 and len(tail) - at in _END_BYTES and not any(tail[at + 4 :])
    return "" if start == b"BLENDER" and is_end else "its end lacks"


#: By suffix: what is wrong with a file of a size, or nothing.
_CHECKS: dict[str, Callable[[IO[bytes], int], str]] = {
    ".mp4": _mp4,
    ".wav": _wav,
    ".usdc": _usdc,
    ".abc": _abc,
    ".fbx": _fbx,
    ".glb": _glb,
    ".blend": _blend,
}
