"""Large arrays on the disk: hours of sound and motion in a process that needs little memory.

Such an array is an ordinary numpy array whose pages lie in a file without a name. What was read or
written stays in memory until it is let go of, page by page or all of it, and comes back by itself
when it is looked at. Where there is no room on the disk it is in memory as any other.
"""

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Smaller arrays are in memory: of a track, four minutes.
LEAST_BYTES = 16 << 20
#: Of an array that is gone through piece by piece: so much is in memory at once.
PIECE_BYTES = 16 << 20
#: The files of all arrays on the disk that are still used.
_living: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def zeros(shape: tuple[int, ...], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return an array of zeros, on the disk if it is large."""
    kind = np.dtype(dtype)
    n_bytes = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if n_bytes < LEAST_BYTES or not hasattr(os, "posix_fallocate"):
        return np.zeros(shape, kind)
    try:
        with tempfile.TemporaryFile(prefix="dualtalk-") as file:
            os.posix_fallocate(file.fileno(), 0, n_bytes)  # or a full disk would end the process
            pages = mmap.mmap(file.fileno(), n_bytes)
    except OSError:
        return np.zeros(shape, kind)
    return _array(pages, kind).reshape(shape)


class Growing:
    """Channels that are read block by block, of a length that is known at the end."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[np.float32]] = []  # that are not in the file
        self._file: IO[bytes] | None = None
        self._n_written = self._n_bytes = 0
        self._is_refused = False  # the disk has no room: all stays in memory

    def add(self, block: NDArray[np.float32]) -> None:
        """Append samples (n, n_channels)."""
        self._n_bytes += block.nbytes
        self._blocks.append(np.ascontiguousarray(block, np.float32))
        if self._n_bytes < LEAST_BYTES or self._is_refused:
            return
        try:
            self._file = self._file or tempfile.TemporaryFile(prefix="dualtalk-", buffering=0)
            while self._blocks:
                _write_all(self._file, self._blocks[0])
                self._n_written += self._blocks.pop(0).nbytes
        except OSError:
            self._return_to_memory(block.shape[1])

    def result(self, n_channels: int) -> NDArray[np.float32]:
        """Return all, (n_channels, n_samples)."""
        if self._file is None:
            whole = [block.T for block in self._blocks] or [np.zeros((n_channels, 0), np.float32)]
            self._blocks = []
            return np.concatenate(whole, axis=1)
        with self._file as file:
            pages = mmap.mmap(file.fileno(), self._n_written)
        return _array(pages, np.dtype(np.float32)).reshape(-1, n_channels).T

    def _return_to_memory(self, n_channels: int) -> None:
        self._is_refused = True
        if self._file is None:
            return
        with self._file as file:
            file.seek(0)
            written = np.fromfile(file, np.float32, self._n_written // 4)
        self._file = None
        self._blocks.insert(0, written.reshape(-1, n_channels))


def _write_all(file: IO[bytes], block: NDArray[np.float32]) -> None:
    left = block.data.cast("B")
    while left:
        left = left[file.write(left) :]


def let_go() -> None:
    """Let what is in memory of arrays on the disk go; they hold what they held."""
    if hasattr(mmap, "MADV_DONTNEED"):
        for pages in list(_living):
            pages.madvise(mmap.MADV_DONTNEED)


def pieces(n: int, item_bytes: int, least: int = 1) -> Iterator[slice]:
    """Yield slices of a long axis; after each, what is in memory of arrays on the disk goes.

    Args:
        n: length of the axis.
        item_bytes: what one place of it takes, of all arrays that are looked at.
        least: pieces but the last are multiples of this long.
    """
    length = max(least, PIECE_BYTES // item_bytes // least * least)
    for start in range(0, n, length):
        yield slice(start, min(start + length, n))
        let_go()


def rows(array: NDArray[Any]) -> Iterator[slice]:
    """Yield slices of an array's first axis, as `pieces`."""
    step = abs(array.strides[0]) if len(array) > 1 else 0  # of some columns the whole row is read
    return pieces(len(array), max(1, step, array.nbytes // max(1, len(array))))


def copied(array: NDArray[Any], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return a copy as float32 or another type, on the disk if it is large."""
    copy = zeros(array.shape, dtype)
    for piece in rows(copy):
        copy[piece] = array[piece]
    return copy


def clipped(array: NDArray[np.float32], least: float, most: float) -> NDArray[np.float32]:
    """Return a copy whose numbers are within limits, on the disk if it is large."""
    copy: NDArray[np.float32] = zeros(array.shape)
    for piece in rows(copy):
        np.clip(array[piece], least, most, out=copy[piece])
    return copy


def columns(array: NDArray[np.float32], places: Sequence[int]) -> NDArray[np.float32]:
    """Return some columns of (n, K), in memory: (n, len(places))."""
    found = np.zeros((len(array), len(places)), np.float32)
    for piece in rows(array):
        found[piece] = array[piece][:, places]
    return found


def is_finite(array: NDArray[Any]) -> bool:
    """Tell whether all numbers are finite."""
    return all(bool(np.isfinite(array[piece]).all()) for piece in rows(array))


def _array(pages: mmap.mmap, kind: np.dtype[Any]) -> NDArray[Any]:
    _living.add(pages)
    return np.frombuffer(pages, kind)
