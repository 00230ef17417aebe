"""The built-in head: a mesh with its shapes, identities and skinning, read from `assets/`.

`python -m modelling.build_head` makes the file; docs/head.md describes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import read_npz
from ..damage import DAMAGE, short
from ..errors import InputError
from ..files import atomic
from ..names import ARKIT_INDEX, ARKIT_SHAPES, BONES, JAW_OPEN_RAD
from ..paths import ASSETS
from .seals import Seal
from .shape_names import EYE_CONTROLS, JAW_CONTROLS

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

BUNDLED_PATH = ASSETS / "builtin_head.npz"

#: ARKit's other twelve names: what the mesh does besides the turns of jaw and eyes.
CORRECTIVES: tuple[str, ...] = (*JAW_CONTROLS, *EYE_CONTROLS)
_JAW = BONES.index("jaw")
_CLOSE, _OPEN = ARKIT_INDEX["mouthClose"], CORRECTIVES.index("jawOpen")


@dataclass(frozen=True)
class HeadModel:
    """A head in metres and FLAME's axes: x to the person's left, y up, z out of the face.

    The origin is the root joint, at the base of the neck. `shapes` and `correctives` are those of
    the mean person; `fitted` returns anybody's.
    """

    vertices: FloatArray  #: (V, 3) at rest: eyes open, lips touching
    face_sizes: IntArray  #: (F,) corners of each face, 3 or 4
    face_corners: IntArray  #: (sum of face_sizes,) vertices, counter-clockwise from outside
    face_materials: IntArray  #: (F,) index into `material_names`
    material_names: tuple[str, ...]
    shapes: FloatArray  #: (40, V, 3) displacements at weight 1, in the order of ARKIT_SHAPES
    correctives: FloatArray  #: (12, V, 3) in the order of CORRECTIVES, added to turned bones
    opened: FloatArray  #: (V, 3) where jawOpen = 1 takes the mesh, bone and corrective together
    closed: FloatArray  #: (V, 3) where mouthClose = 1 over it does, lips apart as they may be
    identity_names: tuple[str, ...]  #: (I,)
    identities: FloatArray  #: (I, V, 3) displacements at weight 1; weights from -1 to 1 look well
    joints: FloatArray  #: (5, 3) in the order of BONES
    identity_joints: FloatArray  #: (I, 5, 3) how each identity at weight 1 moves the joints
    weights: FloatArray  #: (V, 5) linear blend skinning to BONES, rows sum to 1
    parts: IntArray  #: (V,) index into `part_names`
    part_names: tuple[str, ...]
    zones: FloatArray  #: (V, Z) 0 to 1, how much each vertex is of each colour zone
    zone_names: tuple[str, ...]
    uvs: FloatArray  #: (V, 2) 0 to 1; the eyes' are around their axis
    seals: tuple[Seal, ...]  #: what closes lips and lids

    def __post_init__(self) -> None:
        n, n_identities = len(self.vertices), len(self.identity_names)
        shapes = {
            "vertices": (n, 3),
            "face_corners": (int(self.face_sizes.sum()),),
            "face_materials": self.face_sizes.shape,
            "shapes": (len(ARKIT_SHAPES), n, 3),
            "correctives": (len(CORRECTIVES), n, 3),
            "opened": (n, 3),
            "closed": (n, 3),
            "identities": (n_identities, n, 3),
            "joints": (len(BONES), 3),
            "identity_joints": (n_identities, len(BONES), 3),
            "weights": (n, len(BONES)),
            "parts": (n,),
            "zones": (n, len(self.zone_names)),
            "uvs": (n, 2),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InputError(
                    f"The head's {name} is {getattr(self, name).shape}, not {shape}: "
                    "build the head again or reinstall DualTalk."
                )
        for name in ("face_corners", *(f"seals[{i}]" for i in range(len(self.seals)))):
            index = self.face_corners if name == "face_corners" else self.seals[int(name[6:-1])]
            used = index.members if isinstance(index, Seal) else index
            if used.size and not 0 <= used.min() <= used.max() < n:
                raise InputError(f"The head's {name} names vertices that it lacks: reinstall.")

    @property
    def n_vertices(self) -> int:
        """Count of vertices."""
        return len(self.vertices)

    @property
    def faces(self) -> list[tuple[int, ...]]:
        """The faces as tuples of vertices."""
        ends = np.cumsum(self.face_sizes)[:-1]
        return [tuple(corners.tolist()) for corners in np.split(self.face_corners, ends)]

    @property
    def vertex_materials(self) -> IntArray:
        """The material (V,) of a face at each vertex, an index into `material_names`."""
        found = np.zeros(self.n_vertices, np.int32)
        found[self.face_corners] = np.repeat(self.face_materials, self.face_sizes)
        return found

    def displacement(self, identity: Mapping[str, float]) -> FloatArray:
        """Return how far a person's vertices (V, 3) are from the mean person's."""
        rows, values = self._chosen(identity)
        found: FloatArray = np.einsum("i,ivc->vc", values, self.identities[rows])
        return found

    def joints_of(self, identity: Mapping[str, float]) -> FloatArray:
        """Return a person's joints (5, 3) in the order of BONES."""
        rows, values = self._chosen(identity)
        found: FloatArray = self.joints + np.tensordot(values, self.identity_joints[rows], 1)
        return found

    def fitted(self, identity: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
        """Return `shapes` and `correctives` of a person: lids and lips meet, whoever it is."""
        points = self.vertices + self.displacement(identity)
        joint = self.joints_of(identity)[_JAW]
        shapes, correctives = self.shapes.copy(), self.correctives.copy()
        closed = self.closed
        for seal in self.seals:
            if seal.name == "mouthClose":
                closed = closed + seal.closing(points + closed)
                continue
            index = ARKIT_INDEX[seal.name]
            shapes[index] += seal.closing(points + shapes[index])
        correctives[_OPEN] = self._before_jaw(points, self.opened, joint)
        shapes[_CLOSE] = self._before_jaw(points, closed, joint) - correctives[_OPEN]
        return shapes, correctives

    def _before_jaw(self, points: FloatArray, wanted: FloatArray, joint: FloatArray) -> FloatArray:
        """Return what skinning with the jaw at jawOpen = 1 takes to displacements (V, 3).

        Skinning is linear in the vertex, so that it can be solved for:
        ((1 - w) I + w R) d = wanted - (skinned - rest).
        """
        c, s = np.cos(JAW_OPEN_RAD), np.sin(JAW_OPEN_RAD)
        w = self.weights[:, _JAW]
        y, z = (points - joint)[:, 1], (points - joint)[:, 2]
        left_y = wanted[:, 1] - w * ((c - 1) * y - s * z)
        left_z = wanted[:, 2] - w * (s * y + (c - 1) * z)
        along, across = 1 + w * (c - 1), w * s
        size = along**2 + across**2
        found = np.empty_like(points)
        found[:, 0] = wanted[:, 0]
        found[:, 1] = (along * left_y + across * left_z) / size
        found[:, 2] = (along * left_z - across * left_y) / size
        return found

    def _chosen(self, identity: Mapping[str, float]) -> tuple[list[int], FloatArray]:
        unknown = sorted(set(identity) - set(self.identity_names))
        if unknown:
            raise InputError(f"The built-in head has no slider {unknown[0]!r}: see docs/head.md.")
        rows = [self.identity_names.index(name) for name in identity]
        return rows, np.array(list(identity.values()), np.float32)

    def save(self, path: Path) -> None:
        """Write the `.npz` whole or not at all; displacements are kept sparse, as float16.

        Raises:
            InputError: the folder does not exist or cannot be written to.
        """
        arrays: dict[str, NDArray[Any]] = {
            "vertices": self.vertices,
            "face_sizes": self.face_sizes.astype(np.uint8),
            "face_corners": self.face_corners.astype(np.uint16),
            "face_materials": self.face_materials.astype(np.uint8),
            "shape_names": np.array(ARKIT_SHAPES),
            "joints": self.joints,
            "identity_joints": self.identity_joints,
            "weights": self.weights.astype(np.float16),
            "parts": self.parts.astype(np.uint8),
            "zones": np.round(255 * self.zones).astype(np.uint8),
            "uvs": self.uvs.astype(np.float16),
            **_sparse("shape", self.shapes),
            **_sparse("corrective", self.correctives),
            **_sparse("jaw", np.stack([self.opened, self.closed])),
            **_sparse("identity", self.identities),
        }
        for name in ("material_names", "identity_names", "part_names", "zone_names"):
            arrays[name] = np.array(getattr(self, name))
        for seal in self.seals:
            for field in fields(Seal)[1:]:
                arrays[f"seal_{seal.name}_{field.name}"] = np.asarray(getattr(seal, field.name))
        arrays["seal_names"] = np.array([seal.name for seal in self.seals])
        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)

    @staticmethod
    def load(path: Path) -> "HeadModel":
        """Read a head that `save` wrote.

        Raises:
            InputError: the file is missing, is no such file, or does not hold a whole head.
        """
        arrays = read_npz(path, what="a head")
        try:
            return _from_arrays(arrays)
        except (InputError, *DAMAGE) as error:
            raise InputError(
                f"{path} does not hold a whole head ({short(error)}): reinstall DualTalk."
            ) from error

    @staticmethod
    def bundled() -> "HeadModel":
        """Read the head that comes with DualTalk.

        Raises:
            InputError: the file is missing or damaged.
        """
        return HeadModel.load(BUNDLED_PATH)


def _sparse(name: str, displacements: FloatArray) -> dict[str, NDArray[Any]]:
    """Keep the vertices that move: counts (n,), vertices (sum,) and displacements (sum, 3).

    Less than a hundredth of a millimetre is no movement.
    """
    halves = np.where(np.abs(displacements) < 1e-5, 0, displacements).astype(np.float16)
    moving = halves.any(axis=2)
    return {
        f"{name}_counts": moving.sum(axis=1).astype(np.int32),
        f"{name}_vertices": np.nonzero(moving)[1].astype(np.uint16),
        f"{name}_deltas": halves[moving],
    }


def _dense(name: str, arrays: dict[str, NDArray[Any]], n_vertices: int) -> FloatArray:
    counts = arrays[f"{name}_counts"]
    displacements = np.zeros((len(counts), n_vertices, 3), np.float32)
    of_shape = np.repeat(np.arange(len(counts)), counts)
    displacements[of_shape, arrays[f"{name}_vertices"]] = arrays[f"{name}_deltas"]
    return displacements


def _strings(array: NDArray[Any]) -> tuple[str, ...]:
    return tuple(str(item) for item in array)


def _seals(arrays: dict[str, NDArray[Any]]) -> tuple[Seal, ...]:
    found = []
    for name in _strings(arrays["seal_names"]):
        values: dict[str, Any] = {f.name: arrays[f"seal_{name}_{f.name}"] for f in fields(Seal)[1:]}
        found.append(Seal(name, **{**values, "meeting": float(values["meeting"])}))
    return tuple(found)


def _from_arrays(arrays: dict[str, NDArray[Any]]) -> HeadModel:
    if _strings(arrays["shape_names"]) != ARKIT_SHAPES:
        raise InputError("its shapes are not the 40 ARKit shapes of this version.")
    n = len(arrays["vertices"])
    opened, closed = _dense("jaw", arrays, n)
    weights = arrays["weights"].astype(np.float32)
    return HeadModel(
        vertices=arrays["vertices"],
        face_sizes=arrays["face_sizes"].astype(np.int32),
        face_corners=arrays["face_corners"].astype(np.int32),
        face_materials=arrays["face_materials"].astype(np.int32),
        material_names=_strings(arrays["material_names"]),
        shapes=_dense("shape", arrays, n),
        correctives=_dense("corrective", arrays, n),
        opened=opened,
        closed=closed,
        identity_names=_strings(arrays["identity_names"]),
        identities=_dense("identity", arrays, n),
        joints=arrays["joints"],
        identity_joints=arrays["identity_joints"],
        weights=weights / weights.sum(axis=1, keepdims=True),
        parts=arrays["parts"].astype(np.int32),
        part_names=_strings(arrays["part_names"]),
        zones=arrays["zones"].astype(np.float32) / 255,
        zone_names=_strings(arrays["zone_names"]),
        uvs=arrays["uvs"].astype(np.float32),
        seals=_seals(arrays),
    )
