"""Reading the user's FLAME file: 2020, 2023 and 2023 Open, `.pkl` or `.npz`.

FLAME is pickled with chumpy and scipy.sparse objects, in Python 2 as well as 3. Nothing that a
pickle names is imported: the reader admits numpy's arrays and stand-ins for those two, no more.
"""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from ..errors import InputError
from ..names import BONE_PARENTS
from .flame_model import MAX_EXPRESSION, MAX_IDENTITY, FlameModel

_NEEDED = ("v_template", "f", "shapedirs", "posedirs", "J_regressor", "weights")


def load(path: Path | str) -> FlameModel:
    """Read a FLAME model.

    Raises:
        InputError: the file is missing, is no FLAME model, lacks an array, or is a pickle that
            asks for anything but arrays.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            if zipfile.is_zipfile(file):
                entries = _read_npz(file)
            else:
                file.seek(0)
                entries = _Unpickler(file, encoding="latin1").load()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): choose another.") from error
    except InputError as error:
        raise InputError(f"{path} was not loaded: {error}") from error
    except _DAMAGED as error:
        raise InputError(
            f"{path} is no FLAME model (.pkl or .npz), or is damaged ({error}): choose the file "
            "that comes with FLAME 2020 or 2023."
        ) from error
    if not isinstance(entries, Mapping):
        raise InputError(f"{path} is no FLAME model: it holds {type(entries).__name__}, not a map.")
    return _model(path, entries)


def load_identity(path: Path | str) -> NDArray[np.float64]:
    """Read who somebody is from a `.npz` of the DualTalk data set.

    Returns:
        (n,) coefficients of identity, at most 300: the mean of `shape` over the frames.

    Raises:
        InputError: the file is missing, is no `.npz`, or has no usable `shape`.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            shape = np.atleast_2d(np.asarray(file["shape"], np.float64))
    except KeyError:
        raise InputError(
            f"{path} says nothing of a person's identity: it has no 'shape'. Choose a file of the "
            "DualTalk data set."
        ) from None
    except (OSError, *_DAMAGED) as error:
        raise InputError(f"{path} is no .npz file that can be read: {error}") from error
    if shape.ndim != 2 or not 0 < shape.shape[1] <= MAX_IDENTITY or not len(shape):
        raise InputError(f"{path} has a 'shape' of {shape.shape}, not (frames, up to 300).")
    mean: NDArray[np.float64] = shape.mean(axis=0)
    if not np.isfinite(mean).all():
        raise InputError(f"{path} has a 'shape' with numbers that are not finite.")
    return mean


#: What Python and numpy raise on a stream of bytes that is no pickle or no array.
_DAMAGED = (
    pickle.UnpicklingError, zipfile.BadZipFile, EOFError, ValueError, TypeError, KeyError,
    IndexError, AttributeError, ImportError, OverflowError, MemoryError,
)  # fmt: skip


class _Chumpy:
    """Stands for `chumpy.ch.Ch`, whose value is its `x`."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.x = state["x"]

    def dense(self) -> NDArray[Any]:
        return np.asarray(self.x)


class _Sparse:
    """Stands for a matrix of scipy.sparse; scipy itself is not needed."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._state = state

    def _arrays(self) -> tuple[tuple[int, int], NDArray[Any], NDArray[np.intp], NDArray[np.intp]]:
        """Return the shape, the values, and where they are along and across the compression."""
        state = self._state
        counts = np.diff(state["indptr"])
        along = np.repeat(np.arange(len(counts)), counts)
        return self._shape(), state["data"], along, np.asarray(state["indices"])

    def _shape(self) -> tuple[int, int]:
        rows, columns = self._state["_shape" if "_shape" in self._state else "shape"]
        return int(rows), int(columns)

    def dense(self) -> NDArray[Any]:
        raise NotImplementedError


class _ByColumn(_Sparse):
    def dense(self) -> NDArray[Any]:
        shape, values, columns, rows = self._arrays()
        result = np.zeros(shape)
        np.add.at(result, (rows, columns), values)
        return result


class _ByRow(_Sparse):
    def dense(self) -> NDArray[Any]:
        shape, values, rows, columns = self._arrays()
        result = np.zeros(shape)
        np.add.at(result, (rows, columns), values)
        return result


class _Coordinates(_Sparse):
    def dense(self) -> NDArray[Any]:
        state = self._state
        result = np.zeros(self._shape())
        rows, columns = state["coords"] if "coords" in state else (state["row"], state["col"])
        np.add.at(result, (rows, columns), state["data"])
        return result


def _reconstructed(cls: type, base: type, state: object) -> object:
    """Do what Python 2's `copy_reg._reconstructor` does, for the stand-ins alone."""
    if cls not in (_Chumpy, _ByColumn, _ByRow, _Coordinates) or base is not object:
        raise InputError("it builds an object that is no array.")
    return object.__new__(cls)


def _encoded(text: str, encoding: str) -> bytes:
    """Do what `_codecs.encode` does for the bytes of an array."""
    if encoding not in ("latin1", "latin-1", "iso-8859-1"):
        raise InputError(f"it encodes text as {encoding}.")
    return text.encode("latin1")


def _numpy_names() -> dict[tuple[str, str], Callable[..., Any]]:
    """Return what pickled arrays name, in the modules of numpy 1 and 2."""
    # An array's own reduction has the function that makes it.
    reconstruct = np.zeros(0).__reduce__()[0]
    from_buffer = np.zeros(1).__reduce_ex__(5)[0]
    scalar = np.float64(0).__reduce__()[0]
    found: dict[tuple[str, str], Callable[..., Any]] = {}
    for core in ("numpy.core", "numpy._core"):
        found[f"{core}.multiarray", "_reconstruct"] = reconstruct  # type: ignore[assignment]
        found[f"{core}.multiarray", "scalar"] = scalar  # type: ignore[assignment]
        found[f"{core}.numeric", "_frombuffer"] = from_buffer  # type: ignore[assignment]
    found["numpy", "ndarray"] = np.ndarray
    found["numpy", "dtype"] = np.dtype
    return found


def _other_names() -> dict[tuple[str, str], Callable[..., Any]]:
    found: dict[tuple[str, str], Callable[..., Any]] = {
        ("chumpy.ch", "Ch"): _Chumpy,
        ("chumpy", "Ch"): _Chumpy,
        ("copy_reg", "_reconstructor"): _reconstructed,
        ("copyreg", "_reconstructor"): _reconstructed,
        ("_codecs", "encode"): _encoded,
        ("collections", "OrderedDict"): OrderedDict,
    }
    for builtins in ("builtins", "__builtin__"):
        found[builtins, "object"] = object
        found[builtins, "set"] = set
    kinds: dict[str, type[_Sparse]] = {"csc": _ByColumn, "csr": _ByRow, "coo": _Coordinates}
    for kind, stand_in in kinds.items():
        for module in (f"scipy.sparse.{kind}", f"scipy.sparse._{kind}"):
            found[module, f"{kind}_matrix"] = found[module, f"{kind}_array"] = stand_in
    return found


class _Unpickler(pickle.Unpickler):
    """Reads pickles of arrays; any other name in them is refused before it is looked up."""

    _admitted = _numpy_names() | _other_names()

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._admitted[module, name]
        except KeyError:
            raise InputError(
                f"it asks to run {module}.{name}, which no FLAME model needs; take the file from "
                "where FLAME is published."
            ) from None


def _read_npz(file: IO[bytes]) -> dict[str, Any]:
    """Read an `.npz` whose arrays may hold pickled objects, with the same care."""
    entries: dict[str, Any] = {}
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                entries[name.removesuffix(".npy")] = _read_npy(member)
    return entries


def _read_npy(member: IO[bytes]) -> Any:
    version = npy.read_magic(member)  # type: ignore[no-untyped-call]
    is_first = version == (1, 0)
    read_header: Any = npy.read_array_header_1_0 if is_first else npy.read_array_header_2_0
    shape, is_fortran, dtype = read_header(member)
    if dtype.hasobject:
        held = _Unpickler(member, encoding="latin1").load()
        return held.item() if isinstance(held, np.ndarray) and held.shape == () else held
    flat = np.frombuffer(member.read(), dtype)
    return flat.reshape(shape, order="F" if is_fortran else "C")


def _model(path: Path, entries: Mapping[str, Any]) -> FlameModel:
    missing = [name for name in _NEEDED if name not in entries]
    if missing:
        raise InputError(
            f"{path} is no whole FLAME model: it lacks {', '.join(missing)}; choose the model "
            "itself, not a texture, a mask or an embedding."
        )
    try:
        arrays = {name: _array(entries[name]) for name in _NEEDED}
        _check_tree(entries)
        directions = arrays["shapedirs"].astype(np.float64)
        n_identity = MAX_IDENTITY
        if directions.ndim != 3 or not (
            n_identity < directions.shape[2] <= n_identity + MAX_EXPRESSION
        ):
            raise InputError(
                f"its shapedirs are {directions.shape}, not (V, 3, 400): 300 of identity, then "
                "100 of expression."
            )
        return FlameModel(
            template=arrays["v_template"].astype(np.float64),
            faces=arrays["f"].astype(np.int32),
            identity_dirs=directions[..., :n_identity],
            expression_dirs=directions[..., n_identity:],
            pose_dirs=arrays["posedirs"].astype(np.float64),
            joint_regressor=arrays["J_regressor"].astype(np.float64),
            weights=arrays["weights"].astype(np.float64),
        )
    except (ValueError, TypeError, KeyError, IndexError, InputError) as error:
        raise InputError(f"{path} is no FLAME model that can be used: {error}") from error


def _array(entry: Any) -> NDArray[Any]:
    return entry.dense() if isinstance(entry, _Chumpy | _Sparse) else np.asarray(entry)


def _check_tree(entries: Mapping[str, Any]) -> None:
    """Refuse a model of another skeleton, as SMPL's is."""
    if "kintree_table" not in entries:
        return
    parents = np.asarray(entries["kintree_table"])[0].astype(np.int64)
    found = tuple(-1 if parent == 2**32 - 1 else int(parent) for parent in parents)
    if found != BONE_PARENTS:
        raise InputError(f"its joints hang together as {found}, not as FLAME's {BONE_PARENTS}.")
