"""Reading the user's FLAME file: 2020, 2023 and 2023 Open, `.pkl` or `.npz`.

FLAME is pickled with chumpy and scipy.sparse objects, in Python 2 as well as 3. Nothing that a
pickle names is imported or run: `flame_pickle.py` reads it into stand-ins.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import OBJECTS, members, read_array, read_header, read_npz
from ..damage import DAMAGE, opened, short
from ..errors import InputError
from ..names import BONE_PARENTS
from . import flame_pickle, pickled_arrays
from .flame_model import MAX_EXPRESSION, MAX_IDENTITY, FlameModel

#: FLAME 2023 has 106 MB.
_MOST_BYTES = 512 << 20
_NEEDED = ("v_template", "f", "shapedirs", "posedirs", "J_regressor", "weights")


def load(path: Path | str) -> FlameModel:
    """Read a FLAME model.

    Raises:
        InputError: the file is missing, is no FLAME model, lacks an array, or is a pickle that
            asks for anything but arrays.
    """
    path = Path(path)
    try:
        entries = _entries(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): choose another.") from error
    except InputError as error:
        raise InputError(f"{path} was not loaded: {error}") from error
    except DAMAGE as error:
        raise InputError(
            f"{path} is no FLAME model (.pkl or .npz), or is damaged ({short(error)}): choose the "
            "file that comes with FLAME 2020 or 2023."
        ) from error
    if not isinstance(entries, dict):
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
    found = read_npz(path, ("shape",), what="a file of the DualTalk data set")
    if "shape" not in found:
        raise InputError(
            f"{path} says nothing of a person's identity: it has no 'shape'. Choose a file of the "
            "DualTalk data set."
        )
    if found["shape"].dtype.kind not in "fiu":
        raise InputError(f"{path} has a 'shape' that holds no numbers.")
    shape = np.atleast_2d(found["shape"].astype(np.float64))
    if shape.ndim != 2 or not 0 < shape.shape[1] <= MAX_IDENTITY or not len(shape):
        raise InputError(f"{path} has a 'shape' of {shape.shape}, not (frames, up to 300).")
    mean: NDArray[np.float64] = shape.mean(axis=0)
    if not np.isfinite(mean).all():
        raise InputError(f"{path} has a 'shape' with numbers that are not finite.")
    return mean


def _entries(path: Path) -> Any:
    """Return what the file holds by name: arrays, or stand-ins of `pickled_arrays`."""
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise ValueError(f"it has {size} bytes, and no FLAME model has more than {_MOST_BYTES}")
    with opened(path) as file:
        if file.read(4) == b"PK\3\4":
            return _read_npz(file)
        file.seek(0)
        return flame_pickle.load(file.read())


def _read_npz(file: IO[bytes]) -> dict[str, Any]:
    """Read an `.npz` whose arrays may hold pickled objects, with the same care."""
    entries: dict[str, Any] = {}
    left = _MOST_BYTES
    archive, infos = members(file)
    with archive:
        for info in infos:
            name = info.filename.removesuffix(".npy")
            if name not in (*_NEEDED, "kintree_table"):
                continue
            left -= info.file_size
            if left < 0:
                raise ValueError(f"it asks for more than {_MOST_BYTES} bytes of memory")
            with archive.open(info) as member:
                header = read_header(member)
                if header.kind == OBJECTS:
                    entries[name] = _one_object(flame_pickle.load(member.read()))
                else:
                    entries[name] = read_array(member, header, info.file_size, _MOST_BYTES)
    return entries


def _one_object(held: Any) -> Any:
    """Return what an array of one object holds; numpy pickles the array itself."""
    return held.read() if isinstance(held, pickled_arrays.Array) else held


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
    except (InputError, *DAMAGE) as error:
        raise InputError(f"{path} is no FLAME model that can be used: {short(error)}") from error


def _array(entry: Any) -> NDArray[Any]:
    found = np.asarray(pickled_arrays.array(entry))
    if found.dtype.kind not in "fiub":
        raise InputError("it holds text in place of numbers.")
    return found


def _check_tree(entries: Mapping[str, Any]) -> None:
    """Refuse a model of another skeleton, as SMPL's is."""
    if "kintree_table" not in entries:
        return
    parents = _array(entries["kintree_table"])[0].astype(np.int64)
    found = tuple(-1 if parent == 2**32 - 1 else int(parent) for parent in parents)
    if found != BONE_PARENTS:
        raise InputError(f"its joints hang together as {found}, not as FLAME's {BONE_PARENTS}.")
