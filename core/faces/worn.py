"""What a head wears: hair and clothes, meshes that fit whoever wears them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import read_npz
from ..damage import DAMAGE, short
from ..errors import InputError
from ..files import atomic
from ..names import BONES
from ..paths import ASSETS
from .builtin_head import FloatArray, HeadModel, IntArray

#: Hair styles that are cloth over the hair.
COVERS = ("headscarf", "beanie")
HAIR_PATH, CLOTHES_PATH = ASSETS / "hair.npz", ASSETS / "clothes.npz"
_FIELDS = ("vertices", "face_sizes", "face_corners", "weights", "tones", "carriers", "closeness",
           "deltas")  # fmt: skip


@dataclass(frozen=True)
class Worn:
    """A hair style or a garment, in metres and FLAME's axes, on the mean person."""

    name: str
    vertices: FloatArray  #: (n, 3)
    face_sizes: IntArray  #: (F,) 3 or 4
    face_corners: IntArray  #: (sum of face_sizes,)
    weights: FloatArray  #: (n, 5) skinning to BONES
    tones: FloatArray  #: (n,) factor of its colour, about 1
    carriers: IntArray  #: (n, k) vertices of the head that carry each vertex; k may be 0
    closeness: FloatArray  #: (n, k) how much each does
    slider_names: tuple[str, ...]  #: (S,) identities that move it by themselves
    deltas: FloatArray  #: (S, n, 3) displacements at weight 1

    def __post_init__(self) -> None:
        n = len(self.vertices)
        shapes = {
            "vertices": (n, 3),
            "face_corners": (int(self.face_sizes.sum()),),
            "weights": (n, len(BONES)),
            "tones": (n,),
            "closeness": self.carriers.shape,
            "deltas": (len(self.slider_names), n, 3),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InputError(f"The {name} of {self.name} are not {shape}: reinstall DualTalk.")
        if self.face_corners.size and self.face_corners.max() >= n:
            raise InputError(f"{self.name} names vertices that it lacks: reinstall DualTalk.")

    def fitted(self, head: HeadModel, identity: Mapping[str, float]) -> FloatArray:
        """Return the vertices (n, 3) on a person.

        Raises:
            InputError: it was made for another head.
        """
        found = self.vertices.copy()
        if self.carriers.size:
            if self.carriers.max() >= head.n_vertices:
                raise InputError(f"{self.name} was made for another head: reinstall DualTalk.")
            moved = head.displacement(identity)
            for carrier, share in zip(self.carriers.T, self.closeness.T, strict=True):
                found += share[:, None] * moved[carrier]
        for name, delta in zip(self.slider_names, self.deltas, strict=True):
            found += identity.get(name, 0.0) * delta
        return found


def save(path: Path, worn: Mapping[str, Worn]) -> None:
    """Write hair styles or garments, whole or not at all; offsets are kept as float16.

    Raises:
        InputError: the folder does not exist or cannot be written to.
    """
    arrays: dict[str, NDArray[Any]] = {"names": np.array(list(worn))}
    kinds = {"vertices": np.float32, "face_sizes": np.uint8, "face_corners": np.uint16,
             "carriers": np.uint16}  # fmt: skip
    for name, piece in worn.items():
        arrays[f"{name}_slider_names"] = np.array(piece.slider_names, dtype=np.str_)
        for field in _FIELDS:
            arrays[f"{name}_{field}"] = getattr(piece, field).astype(kinds.get(field, np.float16))
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


@cache
def names(path: Path) -> tuple[str, ...]:
    """Return the names of the hair styles or garments of a file.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        return tuple(map(str, _read(path, ("names",))["names"]))
    except DAMAGE as error:
        raise InputError(f"{path} is damaged ({short(error)}): reinstall DualTalk.") from error


@cache
def load(path: Path, name: str) -> Worn:
    """Read one hair style or garment of a file that `save` wrote.

    Raises:
        InputError: the file is missing or damaged, or has nothing of that name.
    """
    known = names(path)
    if name not in known:
        raise InputError(f"There is no {name!r}: choose one of {', '.join(known)}.")
    wanted = (*_FIELDS, "slider_names")
    found = _read(path, tuple(f"{name}_{field}" for field in wanted))
    arrays = dict(zip(wanted, found.values(), strict=True))
    integers = ("face_sizes", "face_corners", "carriers")
    try:
        values: dict[str, Any] = {
            field: arrays[field].astype(np.int32 if field in integers else np.float32)
            for field in _FIELDS
        }
        return Worn(name, slider_names=tuple(map(str, arrays["slider_names"])), **values)
    except DAMAGE as error:
        raise InputError(f"{path} is damaged ({short(error)}): reinstall DualTalk.") from error


def _read(path: Path, wanted: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    found = read_npz(path, wanted, what="a file of what heads wear")
    missing = [field for field in wanted if field not in found]
    if missing:
        raise InputError(f"{path} lacks {', '.join(missing[:3])}: reinstall DualTalk.")
    return {field: found[field] for field in wanted}
