"""Pickles of arrays, read without numpy's own reconstruction and without running anything.

A pickle is a program. Here its few instructions are followed by Python's own reader in Python, but
whatever it names is one of the stand-ins in `pickled_arrays.py`. Counts and sizes are limited, and
maps take plain keys alone, so that a file can neither fill memory nor take for ever.
"""

import io
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

from ..damage import short
from ..errors import InputError
from .pickled_arrays import (
    MOST_CELLS,
    Array,
    ByColumn,
    ByRow,
    Chumpy,
    Coordinates,
    FromBuffer,
    Kind,
    Scalar,
)

#: FLAME's pickles have a few hundred.
_MOST_READS = 200_000


def load(content: bytes) -> Any:
    """Follow a pickle and return what it builds, of stand-ins, maps, lists and plain values.

    Raises:
        InputError: it asks for anything but arrays.
        what `damage.DAMAGE` lists: it is no pickle.
    """
    return _Reader(_Counted(content), encoding="latin1").load()


class _Counted(io.BytesIO):
    """Bytes that can be read so many times; every instruction of a pickle is a read."""

    n_reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._count()
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        self._count()
        return super().readline(size)

    def _count(self) -> None:
        self.n_reads += 1
        if self.n_reads > _MOST_READS:
            raise InputError("it has more instructions than any model.")


def _names() -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {
        ("numpy", "ndarray"): Array,
        ("numpy", "dtype"): Kind,
        ("chumpy.ch", "Ch"): Chumpy,
        ("chumpy", "Ch"): Chumpy,
        ("copy_reg", "_reconstructor"): _reconstructed,
        ("copyreg", "_reconstructor"): _reconstructed,
        ("_codecs", "encode"): _encoded,
        ("collections", "OrderedDict"): dict,
    }
    for core in ("numpy.core", "numpy._core"):
        found[f"{core}.multiarray", "_reconstruct"] = Array
        found[f"{core}.multiarray", "scalar"] = Scalar
        found[f"{core}.numeric", "_frombuffer"] = FromBuffer
    for builtins in ("builtins", "__builtin__"):
        found[builtins, "object"] = object
        found[builtins, "set"] = _set
    kinds = {"csc": ByColumn, "csr": ByRow, "coo": Coordinates}
    for kind, stand_in in kinds.items():
        for module in (f"scipy.sparse.{kind}", f"scipy.sparse._{kind}"):
            found[module, f"{kind}_matrix"] = found[module, f"{kind}_array"] = stand_in
    return found


def _reconstructed(cls: type, base: type, _state: object) -> object:
    """Do what Python 2's `copy_reg._reconstructor` does, for the stand-ins alone."""
    if cls not in (Chumpy, ByColumn, ByRow, Coordinates) or base is not object:
        raise InputError("it builds an object that is no array.")
    return object.__new__(cls)


def _encoded(text: object, encoding: object) -> bytes:
    """Do what `_codecs.encode` does for the bytes of an array."""
    if type(text) is not str or encoding not in ("latin1", "latin-1", "iso-8859-1"):
        raise InputError("it encodes text in another way than arrays do.")
    return text.encode("latin1")


def _set(items: object = ()) -> list[Any]:
    """Stand for a set, which chumpy keeps beside its numbers: what is in it is never used."""
    if type(items) not in (list, tuple):
        raise InputError("it holds a set of what no model has.")
    return []


class _Reader(pickle._Unpickler):
    """Follows pickles of arrays; any other name in them is refused before it is looked up."""

    stack: list[Any]
    read: Callable[[int], bytes]
    append: Callable[[Any], None]
    pop_mark: Callable[[], list[Any]]
    _admitted = _names()
    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    _n_encoded = 0

    def find_class(self, module: str, name: str) -> Any:
        try:
            found = self._admitted[module, name]
        except KeyError:
            asked = short(f"{module}.{name}")
            raise InputError(
                f"it asks to run {asked}, which no FLAME model needs; take the file from where "
                "FLAME is published."
            ) from None
        return self._encode if found is _encoded else found

    def _encode(self, text: object, encoding: object) -> bytes:
        encoded = _encoded(text, encoding)
        self._n_encoded += len(encoded)
        if self._n_encoded > 8 * MOST_CELLS:
            raise InputError("it encodes more than any model holds.")
        return encoded

    def load_frame(self) -> None:
        """Go on without a buffer of the frame's size: the instructions that follow are the same."""
        self.read(8)

    def load_bytearray8(self) -> None:
        """Read bytes as many as there are, not as many as are said to be."""
        size = int.from_bytes(self.read(8), "little")
        content = self.read(size)
        if len(content) != size:
            raise EOFError("it ends too early")
        self.append(bytearray(content))

    def load_setitem(self) -> None:
        """Put one value into a map."""
        value, key = self.stack.pop(), self.stack.pop()
        _put(self.stack[-1], key, value)

    def load_setitems(self) -> None:
        """Put values into a map."""
        items = self.pop_mark()
        for key, value in zip(items[::2], items[1::2], strict=True):
            _put(self.stack[-1], key, value)

    def load_dict(self) -> None:
        """Make a map of what follows the mark."""
        items = self.pop_mark()
        made: dict[Any, Any] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            _put(made, key, value)
        self.append(made)

    def load_set_of_values(self) -> None:
        """Make the stand-in of a set, or add to it: nothing is kept, so nothing is hashed."""
        self.append([])

    def load_frozen_set(self) -> None:
        """Make the stand-in of a frozen set."""
        self.pop_mark()
        self.append([])

    def load_added(self) -> None:
        """Add to the stand-in of a set."""
        self.pop_mark()


def _put(target: object, key: object, value: object) -> None:
    """Put a value into a map under a plain key: hashing others may take for ever."""
    if type(target) is not dict or type(key) not in (str, bytes, int):
        raise InputError("it fills a map in a way that no model does.")
    target[key] = value


_OWN: dict[bytes, Callable[[_Reader], None]] = {
    pickle.FRAME: _Reader.load_frame,
    pickle.BYTEARRAY8: _Reader.load_bytearray8,
    pickle.SETITEM: _Reader.load_setitem,
    pickle.SETITEMS: _Reader.load_setitems,
    pickle.DICT: _Reader.load_dict,
    pickle.EMPTY_SET: _Reader.load_set_of_values,
    pickle.FROZENSET: _Reader.load_frozen_set,
    pickle.ADDITEMS: _Reader.load_added,
}
_Reader.dispatch.update({code[0]: method for code, method in _OWN.items()})
