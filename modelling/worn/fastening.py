"""What is sewn on the front of a garment: plackets, buttons and a pocket, raised from its cloth.

All of it lies between the garment's own vertices, so that it goes along with them.
"""

from dataclasses import dataclass

import numpy as np
from dualtalk.modelling.part import grid_faces
from numpy.typing import NDArray
from scipy.spatial import Delaunay

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Where a placket has its rows of vertices from its middle, how far each stands out, metres, and
#: how light it is: its rims are seams.
_PLACKET = ((-0.0165, -0.001, 0.74), (-0.0145, 0.0022, 0.90), (0.0, 0.0026, 1.05),
            (0.0145, 0.0022, 0.90), (0.0165, -0.001, 0.74))  # fmt: skip
_ROW_M = 0.012
_BUTTON_M, _BUTTON_OUT_M, _BUTTON_TONE, _N_AROUND = 0.0056, 0.0046, 2.3, 8
#: A breast pocket: its middle from that of the neckline, half its width and height, metres.
_POCKET_M, _POCKET_HALF_M = (0.078, -0.125), (0.034, 0.044)
_POCKET_ROWS = ((-1.0, -0.001, 0.72), (-0.93, 0.0028, 0.90), (-0.5, 0.0036, 1.0),
                (0.0, 0.0036, 1.02), (0.5, 0.0036, 1.0), (0.93, 0.0028, 0.90),
                (1.0, -0.001, 0.72))  # fmt: skip
_FRONT_X_M = 0.15


@dataclass(frozen=True)
class Fastening:
    """How a garment closes in front."""

    length_m: float  #: of the placket, from the neckline down
    button_every_m: float
    has_pocket: bool = False


@dataclass(frozen=True)
class Sewn:
    """Vertices on a garment: each lies between three of its own."""

    points: Floats  #: (k, 3)
    faces: list[list[int]]  #: into these
    tones: Floats  #: (k,)
    corners: Ints  #: (k, 3) vertices of the garment
    shares: Floats  #: (k, 3) of each, sums to 1

    def mixed(self, values: Floats) -> Floats:
        """Return values of the garment's vertices (n, c) at these (k, c)."""
        found: Floats = np.einsum("kc,kcv->kv", self.shares, values[self.corners])
        return found


def sewn(points: Floats, facing: Floats, top: Floats, fastening: Fastening) -> Sewn:
    """Return what is sewn on a garment.

    Args:
        points: (n, 3) of the garment.
        facing: (n, 3) its normals.
        top: (3,) the middle of the neckline in front.
        fastening: what it has.
    """
    front = _Front(points, facing)
    pieces = [_placket(front, top, fastening.length_m)]
    at = top[1] - 0.02
    while at > top[1] - fastening.length_m + 0.01:
        pieces.append(_button(front, np.array([top[0], at])))
        at -= fastening.button_every_m
    if fastening.has_pocket:
        pieces.append(_pocket(front, top))
    firsts = np.cumsum([0, *(len(piece.points) for piece in pieces)]).tolist()
    return Sewn(
        np.concatenate([piece.points for piece in pieces]),
        [[corner + first for corner in face]
         for piece, first in zip(pieces, firsts, strict=False) for face in piece.faces],
        np.concatenate([piece.tones for piece in pieces]),
        np.concatenate([piece.corners for piece in pieces]),
        np.concatenate([piece.shares for piece in pieces]),
    )  # fmt: skip


class _Front:
    """The front of a garment over x and y."""

    def __init__(self, points: Floats, facing: Floats) -> None:
        self._used = np.flatnonzero((facing[:, 2] > 0.1) & (np.abs(points[:, 0]) < _FRONT_X_M))
        self._points, self._facing = points, facing
        self._net = Delaunay(points[self._used, :2])

    def piece(self, xy: Floats, out_m: Floats, tones: Floats, faces: list[list[int]]) -> Sewn:
        """Return vertices at places (k, 2), each so far out (k,) of the cloth."""
        found = self._net.find_simplex(xy)
        inside = xy.copy()
        for index in np.flatnonzero(found < 0):  # beyond the edge: at the nearest vertex
            near = self._points[self._used, :2]
            inside[index] = near[np.linalg.norm(near - xy[index], axis=1).argmin()]
            found[index] = self._net.find_simplex(0.999 * inside[index] + 0.001 * near.mean(axis=0))
        ways = self._net.transform[found]
        two = np.einsum("kij,kj->ki", ways[:, :2], inside - ways[:, 2])
        shares = np.column_stack([two, 1 - two.sum(axis=1)])
        corners = self._used[self._net.simplices[found]]
        place = np.einsum("kc,kcv->kv", shares, self._points[corners])
        normal = np.einsum("kc,kcv->kv", shares, self._facing[corners])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        return Sewn(place + out_m[:, None] * normal, faces, tones, corners, shares)


def _placket(front: _Front, top: Floats, length_m: float) -> Sewn:
    across, out, tones = np.array(_PLACKET).T
    heights = np.arange(top[1] - 0.001, top[1] - length_m, -_ROW_M)
    y, x = (grid.ravel() for grid in np.meshgrid(heights, top[0] + across, indexing="ij"))
    n = len(heights)
    tones = np.tile(tones, n)
    tones[-len(across) :] = 0.74  # the seam at its end
    faces = _outwards(grid_faces(n, len(across), False))
    return front.piece(np.stack([x, y], axis=1), np.tile(out, n), tones, faces)


def _button(front: _Front, middle: Floats) -> Sewn:
    angle = np.linspace(0, 2 * np.pi, _N_AROUND, endpoint=False)
    ring = _BUTTON_M * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    xy = middle + np.concatenate([ring, 0.86 * ring, 0 * ring[:1]])
    ones = np.ones(_N_AROUND)
    out = np.concatenate([0.001 * ones, _BUTTON_OUT_M * ones, [_BUTTON_OUT_M - 0.0008]])
    tones = _BUTTON_TONE * np.concatenate([0.6 * ones, ones, [0.8]])
    faces = []
    for a in range(_N_AROUND):
        b = (a + 1) % _N_AROUND
        faces += [[a, b, b + _N_AROUND, a + _N_AROUND], [a + _N_AROUND, b + _N_AROUND, len(xy) - 1]]
    return front.piece(xy, out, tones, faces)


def _pocket(front: _Front, top: Floats) -> Sewn:
    at, out, tone = np.array(_POCKET_ROWS).T
    middle, half = top[:2] + _POCKET_M, np.array(_POCKET_HALF_M)
    down, along = (grid.ravel() for grid in np.meshgrid(-at, at, indexing="ij"))
    n = len(at)
    low, narrow = np.minimum(out[:, None], out[None]), np.minimum(tone[:, None], tone[None])
    xy = middle + np.stack([along, down], axis=1) * half
    return front.piece(xy, low.ravel(), narrow.ravel(), _outwards(grid_faces(n, n, False)))


def _outwards(faces: list[list[int]]) -> list[list[int]]:
    """Return the faces of a grid, whose rows go down and columns to the left, facing ahead."""
    return [face[::-1] for face in faces]
