"""The one reader of files of arrays (`.npz`, `.npy`): everything is limited before it is allocated.

A file may be damaged, or made to harm: a few bytes that ask for gigabytes, a million members, an
array of Python objects. So the archive's directory and each array's header are read here, checked
by arithmetic against what is asked for, and only then are the numbers read, straight into memory
of their size. Nothing of numpy's own reading or reconstruction is used.
"""

import re
import struct
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .damage import DAMAGE, opened, short
from .errors import InputError

#: Motion of a day has less, in all its arrays together.
MOST_BYTES = 512 << 20
_MOST_MEMBERS, _MOST_DIRECTORY_BYTES = 256, 1 << 16
_MOST_DIMENSIONS, _MOST_SIZE = 8, 1 << 31
_CHUNK_BYTES = 1 << 20

#: The record that ends an archive: how many members its directory has, and its size.
_END = struct.Struct("<4s4H2LH")
_END_MARK, _ZIP64_MARK = b"PK\5\6", b"PK\6\7"
_LONGEST_COMMENT = 0xFFFF

_MAGIC = b"\x93NUMPY"
_MOST_HEADER_BYTES = 1 << 12
#: As numpy writes it; Python 2 wrote whole numbers with an L.
_HEADER = re.compile(
    r"\{'descr': '([^']{2,8})', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,12}L?, ?)*(?:\d{1,12}L?)?)\),? ?\}\s*"
)
#: The only kinds of numbers and texts, by their exact names.
_NUMBERS = re.compile(r"[<>|=](?:f[248]|[iu][1248]|b1)")
_TEXT = re.compile(r"[<>=]U(\d{1,4})")
OBJECTS = "|O"


@dataclass(frozen=True)
class Header:
    """What an array's file says of it."""

    kind: str  #: of the numbers, or `OBJECTS`
    is_fortran: bool
    shape: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind as numpy's; raises ValueError if it is none of ours."""
        if _NUMBERS.fullmatch(self.kind) or _TEXT.fullmatch(self.kind):
            return np.dtype(self.kind)
        raise ValueError(f"it holds arrays of {self.kind!r}")

    @property
    def n_bytes(self) -> int:
        """How much memory the numbers take."""
        return prod(self.shape) * self.dtype.itemsize


def read_npz(
    path: Path,
    names: Collection[str] | None = None,
    most_bytes: int = MOST_BYTES,
    what: str = "a file of arrays",
) -> dict[str, NDArray[Any]]:
    """Return the arrays of a `.npz` by name.

    Args:
        path: of the file.
        names: the arrays that are wanted; others are not read. Those that lack are left out.
        most_bytes: of all wanted arrays together.
        what: the file should be, for the message.

    Raises:
        InputError: the file is missing, damaged, too large, or no such file.
    """
    try:
        with opened(path) as file:
            return _arrays(file, names, most_bytes)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except DAMAGE as error:
        raise InputError(f"{path} is not {what} (.npz): {short(error)}.") from error


def read_npy(path: Path, most_bytes: int = MOST_BYTES) -> NDArray[Any]:
    """Return the array of a `.npy`; raises as `read_npz`."""
    try:
        size = path.stat().st_size
        with opened(path) as file:
            return read_array(file, read_header(file), size, most_bytes)
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except DAMAGE as error:
        raise InputError(f"{path} is no array (.npy): {short(error)}.") from error


def members(file: IO[bytes]) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Open an archive of plain or deflated members, of which there are not too many.

    Raises:
        ValueError, BadZipFile: it is none.
    """
    _check_end(file)
    archive = zipfile.ZipFile(file)
    found = archive.infolist()
    names = {info.filename for info in found}
    if len(found) > _MOST_MEMBERS or len(names) < len(found):
        raise ValueError(f"it has {len(found)} members of {len(names)} names")
    for info in found:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{info.filename} is packed in a way that numpy never uses")
    return archive, found


def read_header(file: IO[bytes]) -> Header:
    """Read what comes before an array's numbers; raises ValueError if that is something else."""
    start = file.read(8)
    if start[:6] != _MAGIC or len(start) < 8 or not 1 <= start[6] <= 3:
        raise ValueError("it holds what is no array")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(_exactly(file, width), "little")
    if length > _MOST_HEADER_BYTES:
        raise ValueError(f"an array's header has {length} bytes")
    match = _HEADER.fullmatch(_exactly(file, length).decode("latin1"))
    if match is None:
        raise ValueError("an array's header is not as numpy writes it")
    kind, is_fortran, sizes = match.groups()
    shape = tuple(int(size) for size in re.findall(r"\d+", sizes))
    if len(shape) > _MOST_DIMENSIONS or any(size > _MOST_SIZE for size in shape):
        raise ValueError(f"an array is of shape {short(str(shape))}")
    return Header(kind, is_fortran == "True", shape)


def read_array(
    file: IO[bytes], header: Header, size: int, most_bytes: int = MOST_BYTES
) -> NDArray[Any]:
    """Read the numbers that follow a header.

    Args:
        file: behind the header.
        header: what it said.
        size: bytes of the whole array's file, which the numbers end.
        most_bytes: of the numbers.

    Raises:
        ValueError: they are too many, or not as many as the header says.
    """
    n_bytes = header.n_bytes
    if n_bytes > most_bytes:
        raise ValueError(f"it asks for {n_bytes} bytes of memory, and {most_bytes} is the most")
    if n_bytes > size:
        raise ValueError(f"an array of {n_bytes} bytes is said to be in {size}")
    flat = np.frombuffer(_exactly(file, n_bytes), header.dtype)
    if file.read(1):
        raise ValueError("more follows an array's numbers")
    shaped: NDArray[Any] = flat.reshape(header.shape, order="F" if header.is_fortran else "C")
    return shaped.astype(header.dtype.newbyteorder("="), copy=False)


def _arrays(
    file: IO[bytes], names: Collection[str] | None, most_bytes: int
) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    left = most_bytes
    archive, infos = members(file)
    with archive:
        for info in infos:
            name = info.filename.removesuffix(".npy")
            if names is not None and name not in names:
                continue
            with archive.open(info) as member:
                found[name] = read_array(member, read_header(member), info.file_size, left)
            left -= found[name].nbytes
    return found


def _check_end(file: IO[bytes]) -> None:
    """Refuse an archive by what its last record says, before its directory is read."""
    size = file.seek(0, 2)
    tail_bytes = min(size, _END.size + _LONGEST_COMMENT)
    file.seek(size - tail_bytes)
    tail = file.read(tail_bytes)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError("it is no archive of arrays")
    count, directory_bytes = _END.unpack_from(tail, at)[4:6]
    if count > _MOST_MEMBERS or directory_bytes > _MOST_DIRECTORY_BYTES:
        raise ValueError(f"it has {count} members")
    if _ZIP64_MARK in tail[max(0, at - 20) : at]:
        raise ValueError("it is an archive of gigabytes")
    file.seek(0)


def _exactly(file: IO[bytes], count: int) -> bytearray:
    """Read so many bytes, a piece at a time; raises ValueError if there are fewer."""
    read = bytearray()
    while len(read) < count:
        chunk = file.read(min(count - len(read), _CHUNK_BYTES))
        if not chunk:
            raise ValueError("it ends too early")
        read += chunk
    return read
