"""What stands for arrays while a pickle is read; the arrays themselves are built by us, afterwards.

Bytes become an array if their kind is on a fixed list and their count is what the shape asks for.
What numpy would do with a `dtype` from a file (`dtype.__setstate__` believes flags that say whether
its items are addresses) is never done.
"""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..damage import short
from ..errors import InputError

MOST_CELLS = 1 << 26
_KINDS = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}
_ORDERS = {"<", ">", "|", "="}


class Kind:
    """Stands for `numpy.dtype`."""

    def __init__(self, name: object = "", *_: object) -> None:
        if name not in _KINDS and name not in ("O", "O8"):
            raise InputError(f"it holds arrays of {short(repr(name)[:40])}.")
        self.name, self.order = str(name), "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if type(state) is not tuple or len(state) < 5 or state[1] not in _ORDERS:
            raise InputError("it holds arrays of a kind that no number has.")
        if any(part is not None for part in state[2:5]):
            raise InputError("it holds arrays of records.")
        self.order = state[1]


class Array:
    """Stands for `numpy.ndarray`; `read` builds the array."""

    _shape: tuple[int, ...] = ()
    _kind: Kind | None = None
    _is_fortran = False
    _data: bytes | bytearray | list[Any] = b""

    def __init__(self, *_: object) -> None:
        """What `_reconstruct` and `ndarray` take says nothing that the state does not."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        *_, shape, kind, is_fortran, data = state
        self._set(shape, kind, bool(is_fortran), data)

    def _set(self, shape: object, kind: object, is_fortran: bool, data: object) -> None:
        if type(shape) is not tuple or any(type(n) is not int or n < 0 for n in shape):
            raise InputError("it holds an array without a shape.")
        if isinstance(data, str):  # Python 2's bytes
            data = data.encode("latin1")
        if type(kind) is not Kind or type(data) not in (bytes, bytearray, list):
            raise InputError("it holds an array without numbers.")
        self._shape, self._kind, self._is_fortran = shape, kind, is_fortran
        self._data = data  # type: ignore[assignment]  # one of the three

    def read(self) -> Any:
        """Return the array, or the one object that it holds.

        Raises:
            InputError: there are more or fewer bytes than its shape and kind say.
        """
        if self._kind is None:
            raise InputError("it holds an array without numbers.")
        n_cells = prod(self._shape)
        if isinstance(self._data, list):
            if len(self._data) != 1 or self._shape != ():
                raise InputError("it holds an array of objects.")
            return self._data[0]
        if self._kind.name not in _KINDS or n_cells > MOST_CELLS:
            raise InputError(f"it holds an array of {n_cells} cells of {self._kind.name}.")
        dtype = np.dtype(self._kind.order.replace("|", "=") + self._kind.name)
        if n_cells * dtype.itemsize != len(self._data):
            raise InputError(f"it holds an array of {n_cells} cells in {len(self._data)} bytes.")
        flat = np.frombuffer(self._data, dtype)
        shaped = flat.reshape(self._shape, order="F" if self._is_fortran else "C")
        return shaped.astype(dtype.newbyteorder("="), copy=False)


class Scalar(Array):
    """Stands for `numpy.core.multiarray.scalar`."""

    def __init__(self, kind: object, data: object = b"") -> None:
        self._set((), kind, False, data)


class FromBuffer(Array):
    """Stands for `numpy.core.numeric._frombuffer`."""

    def __init__(self, data: object, kind: object, shape: object, order: object) -> None:
        self._set(shape, kind, order == "F", data)


class Chumpy:
    """Stands for `chumpy.ch.Ch`, whose value is its `x`."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.x = state["x"]

    def read(self) -> Any:
        """Return the value."""
        return array(self.x)


class Sparse:
    """Stands for a matrix of scipy.sparse; scipy itself is not needed."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._state = dict(state)

    def read(self) -> NDArray[Any]:
        """Return the matrix with its zeros."""
        sizes = self._state["_shape" if "_shape" in self._state else "shape"]
        shape = tuple(int(array(size)) for size in sizes)
        if len(shape) != 2 or not 0 <= prod(shape) <= MOST_CELLS or min(shape) < 0:
            raise InputError(f"it holds a sparse matrix of {short(str(shape))}.")
        result = np.zeros(shape)
        np.add.at(result, self._cells(), self._part("data"))
        return result

    def _part(self, name: str) -> NDArray[Any]:
        part = np.asarray(array(self._state[name]))
        if part.ndim != 1 or part.dtype.kind not in "fiub":
            raise InputError("it holds a sparse matrix that is damaged.")
        return part

    def _cells(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return rows and columns of the values."""
        raise NotImplementedError

    def _compressed(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return where values are along and across the compression."""
        counts = np.diff(self._part("indptr"))
        across = self._part("indices")
        if (counts < 0).any() or int(counts.sum()) != len(across):
            raise InputError("it holds a sparse matrix that is damaged.")
        return np.repeat(np.arange(len(counts)), counts), across


class ByColumn(Sparse):
    """Stands for `csc_matrix`."""

    def _cells(self) -> tuple[NDArray[Any], NDArray[Any]]:
        columns, rows = self._compressed()
        return rows, columns


class ByRow(Sparse):
    """Stands for `csr_matrix`."""

    def _cells(self) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._compressed()


class Coordinates(Sparse):
    """Stands for `coo_matrix`."""

    def _cells(self) -> tuple[NDArray[Any], NDArray[Any]]:
        if "coords" in self._state:
            self._state["row"], self._state["col"] = self._state["coords"]
        return self._part("row"), self._part("col")


def array(entry: Any) -> Any:
    """Return what a stand-in stands for; a number as it is, and nothing else.

    Raises:
        InputError: it is neither.
    """
    if isinstance(entry, Array | Chumpy | Sparse):
        return entry.read()
    if isinstance(entry, int | float | np.ndarray):
        return entry
    raise InputError(f"it holds {type(entry).__name__} in place of an array.")
