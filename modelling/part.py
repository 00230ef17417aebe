"""A piece of the head that is added to MakeHuman's skin."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Part:
    """A piece of mesh with its own vertices."""

    name: str
    vertices: Floats  #: (n, 3)
    faces: list[list[int]]  #: three or four corners each, counter-clockwise from outside
    materials: list[str]  #: one per face
    zones: dict[str, Floats] = field(default_factory=dict)  #: (n,) each, 0 to 1
    #: (n,) one number for all vertices that move as one rigid piece (a hair), where there are any
    pieces: Ints | None = None
    uvs: Floats | None = None  #: (n, 2)


def joined(name: str, parts: list["Part"]) -> Part:
    """Return several pieces as one."""
    first, n_pieces = 0, 0
    faces: list[list[int]] = []
    pieces = []
    zone_names = sorted({zone for part in parts for zone in part.zones})
    for part in parts:
        faces += [[corner + first for corner in face] for face in part.faces]
        first += len(part.vertices)
        own = np.zeros(len(part.vertices), np.int64) if part.pieces is None else part.pieces
        pieces.append(own + n_pieces)
        n_pieces = int(pieces[-1].max()) + 1
    zones = {
        zone: np.concatenate([p.zones.get(zone, np.zeros(len(p.vertices))) for p in parts])
        for zone in zone_names
    }
    return Part(
        name, np.concatenate([part.vertices for part in parts]), faces,
        [material for part in parts for material in part.materials], zones,
        np.concatenate(pieces),
    )  # fmt: skip


def grid_faces(rows: int, columns: int, is_closed: bool, first: int = 0) -> list[list[int]]:
    """Return the quads of a grid of vertices, row after row; the last column meets the first."""
    faces = []
    for row in range(rows - 1):
        for column in range(columns if is_closed else columns - 1):
            after = (column + 1) % columns
            a, b = row * columns + column, row * columns + after
            faces.append([first + a, first + b, first + b + columns, first + a + columns])
    return faces
