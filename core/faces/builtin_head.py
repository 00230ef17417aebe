"""The built-in head: a mesh with its shapes, identities and skinning, read from `assets/`.

`python -m modelling.build_head` makes the file; docs/head.md describes it.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..files import atomic
from ..names import ARKIT_SHAPES, BONES
from ..paths import ASSETS

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

BUNDLED_PATH = ASSETS / "builtin_head.npz"


@dataclass(frozen=True)
class HeadVariant:
    """A character made of the built-in head: what of it is shown, and how it looks."""

    name: str
    identity: Mapping[str, float]  #: weight of each identity that is not zero
    colors: Mapping[str, tuple[float, float, float, float]]  #: linear RGBA by material name
    parts: tuple[str, ...]  #: names of the parts that it has; the others are left out


@dataclass(frozen=True)
class HeadModel:
    """A head in metres and FLAME's axes: x to the person's left, y up, z out of the face.

    The origin is the root joint, at the base of the neck.
    """

    vertices: FloatArray  #: (V, 3) at rest: eyes open, lips touching
    face_sizes: IntArray  #: (F,) corners of each face, 3 or 4
    face_corners: IntArray  #: (sum of face_sizes,) vertices, counter-clockwise from outside
    face_materials: IntArray  #: (F,) index into `material_names`
    material_names: tuple[str, ...]  #: (M,)
    material_colors: FloatArray  #: (M, 4) linear RGBA
    material_roughness: FloatArray  #: (M,) 0 to 1
    shapes: FloatArray  #: (40, V, 3) displacements at weight 1, in the order of ARKIT_SHAPES
    identity_names: tuple[str, ...]  #: (I,)
    identities: FloatArray  #: (I, V, 3) displacements at weight 1; weights from -1 to 1 look well
    joints: FloatArray  #: (5, 3) in the order of BONES
    identity_joints: FloatArray  #: (I, 5, 3) how each identity at weight 1 moves the joints
    weights: FloatArray  #: (V, 5) linear blend skinning to BONES, rows sum to 1
    parts: IntArray  #: (V,) index into `part_names`
    part_names: tuple[str, ...]
    variants: tuple[HeadVariant, ...]

    def __post_init__(self) -> None:
        n, n_identities = len(self.vertices), len(self.identity_names)
        shapes = {
            "vertices": (n, 3),
            "face_corners": (int(self.face_sizes.sum()),),
            "face_materials": self.face_sizes.shape,
            "material_colors": (len(self.material_names), 4),
            "material_roughness": (len(self.material_names),),
            "shapes": (len(ARKIT_SHAPES), n, 3),
            "identities": (n_identities, n, 3),
            "joints": (len(BONES), 3),
            "identity_joints": (n_identities, len(BONES), 3),
            "weights": (n, len(BONES)),
            "parts": (n,),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise InputError(
                    f"The head's {name} is {getattr(self, name).shape}, not {shape}: "
                    "build the head again or reinstall DualTalk."
                )

    @property
    def n_vertices(self) -> int:
        """Count of vertices."""
        return len(self.vertices)

    @property
    def faces(self) -> list[tuple[int, ...]]:
        """The faces as tuples of vertices."""
        ends = np.cumsum(self.face_sizes)[:-1]
        return [tuple(corners.tolist()) for corners in np.split(self.face_corners, ends)]

    def variant(self, name: str) -> "HeadModel":
        """Return the head with the parts and the colours of one variant only.

        Its identity is not applied, so that it can be set as the sliders' values:
        `variants` of the result holds that one variant.

        Raises:
            InputError: there is no variant of that name.
        """
        for variant in self.variants:
            if variant.name == name:
                return self._only(variant)
        names = ", ".join(variant.name for variant in self.variants)
        raise InputError(f"The built-in head has no variant {name!r}: choose one of {names}.")

    def _only(self, variant: HeadVariant) -> "HeadModel":
        wanted = [self.part_names.index(part) for part in variant.parts]
        kept = np.isin(self.parts, wanted)
        new_index = np.cumsum(kept) - 1
        first_corners = self.face_corners[np.cumsum(self.face_sizes) - self.face_sizes]
        kept_faces = kept[first_corners]  # faces never span parts
        kept_corners = np.repeat(kept_faces, self.face_sizes)
        colors = self.material_colors.copy()
        for material, color in variant.colors.items():
            colors[self.material_names.index(material)] = color
        return replace(
            self,
            vertices=self.vertices[kept],
            face_sizes=self.face_sizes[kept_faces],
            face_corners=new_index[self.face_corners[kept_corners]].astype(np.int32),
            face_materials=self.face_materials[kept_faces],
            material_colors=colors,
            shapes=self.shapes[:, kept],
            identities=self.identities[:, kept],
            weights=self.weights[kept],
            parts=self.parts[kept],
            variants=(variant,),
        )

    def save(self, path: Path) -> None:
        """Write the `.npz` whole or not at all; displacements are kept sparse, as float16.

        Raises:
            InputError: the folder does not exist or cannot be written to.
        """
        variants = [
            {"name": v.name, "identity": v.identity, "colors": v.colors, "parts": v.parts}
            for v in self.variants
        ]
        arrays: dict[str, NDArray[Any]] = {
            "vertices": self.vertices,
            "face_sizes": self.face_sizes.astype(np.uint8),
            "face_corners": self.face_corners,
            "face_materials": self.face_materials.astype(np.uint8),
            "material_names": np.array(self.material_names),
            "material_colors": self.material_colors,
            "material_roughness": self.material_roughness,
            "shape_names": np.array(ARKIT_SHAPES),
            "identity_names": np.array(self.identity_names),
            "joints": self.joints,
            "identity_joints": self.identity_joints,
            "weights": self.weights,
            "parts": self.parts.astype(np.uint8),
            "part_names": np.array(self.part_names),
            "variants": np.array(json.dumps(variants, sort_keys=True)),
            **_sparse("shape", self.shapes),
            **_sparse("identity", self.identities),
        }
        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)

    @staticmethod
    def load(path: Path) -> "HeadModel":
        """Read a head that `save` wrote.

        Raises:
            InputError: the file is missing, is no such file, or does not hold a whole head.
        """
        try:
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except FileNotFoundError:
            raise InputError(f"{path} does not exist: reinstall DualTalk.") from None
        except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            raise InputError(f"{path} is not a head (.npz): {error}") from error
        try:
            return _from_arrays(arrays)
        except (KeyError, ValueError, IndexError, TypeError, InputError) as error:
            raise InputError(f"{path} does not hold a whole head: {error}") from error

    @staticmethod
    def bundled() -> "HeadModel":
        """Read the head that comes with DualTalk.

        Raises:
            InputError: the file is missing or damaged.
        """
        return HeadModel.load(BUNDLED_PATH)


def _sparse(name: str, displacements: FloatArray) -> dict[str, NDArray[Any]]:
    """Keep the vertices that move: counts (n,), vertices (sum,) and displacements (sum, 3)."""
    halves = displacements.astype(np.float16)
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


def _variants(text: str) -> tuple[HeadVariant, ...]:
    return tuple(
        HeadVariant(
            name=item["name"],
            identity=item["identity"],
            colors={material: tuple(color) for material, color in item["colors"].items()},
            parts=tuple(item["parts"]),
        )
        for item in json.loads(text)
    )


def _from_arrays(arrays: dict[str, NDArray[Any]]) -> HeadModel:
    if _strings(arrays["shape_names"]) != ARKIT_SHAPES:
        raise InputError("its shapes are not the 40 ARKit shapes of this version.")
    n = len(arrays["vertices"])
    return HeadModel(
        vertices=arrays["vertices"],
        face_sizes=arrays["face_sizes"].astype(np.int32),
        face_corners=arrays["face_corners"],
        face_materials=arrays["face_materials"].astype(np.int32),
        material_names=_strings(arrays["material_names"]),
        material_colors=arrays["material_colors"],
        material_roughness=arrays["material_roughness"],
        shapes=_dense("shape", arrays, n),
        identity_names=_strings(arrays["identity_names"]),
        identities=_dense("identity", arrays, n),
        joints=arrays["joints"],
        identity_joints=arrays["identity_joints"],
        weights=arrays["weights"],
        parts=arrays["parts"].astype(np.int32),
        part_names=_strings(arrays["part_names"]),
        variants=_variants(str(arrays["variants"])),
    )
