"""What hair and covers lie on: the skin of the head, and the shoulders with clothes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.topology import normals
from dualtalk.modelling.zones import hairline
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OVER_CLOTHES_M = 0.012


@dataclass(frozen=True)
class Surface:
    """Points of a surface, which others lie on."""

    points: Floats  #: (m, 3)
    facing: Floats  #: (m, 3)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points)

    def nearest(self, points: Floats) -> tuple[Floats, Floats]:
        """Return places on the surface (n, 3) near points, and its normals there (n, 3)."""
        distance, index = self._tree.query(points, 5)
        weight = 1 / (distance + 2e-3) ** 2
        weight /= weight.sum(axis=1, keepdims=True)
        facing = np.einsum("nk,nkc->nc", weight, self.facing[index])
        place = np.einsum("nk,nkc->nc", weight, self.points[index])
        return place, facing / np.linalg.norm(facing, axis=1, keepdims=True)


@dataclass(frozen=True)
class Skull:
    """What hair grows on and lies against: the skin, with the eye's place to measure from."""

    points: Floats  #: (n, 3)
    facing: Floats  #: (n, 3)
    quads: Ints  #: (F, 4) into these
    above: Floats  #: (n,) how far above the hairline, metres
    ears: Floats  #: (n,) how much each is of an ear, 0 to 1
    eye: Floats  #: (3,) midway between the eyes
    around: Surface  #: skin and clothed shoulders, which hair lies on

    @staticmethod
    def of(figure: Figure) -> "Skull":
        """Return the mean person's."""
        used, quads = np.unique(figure.skin_quads, return_inverse=True)
        quads = quads.reshape(figure.skin_quads.shape)
        facing = figure.body.smoothed(normals(figure.vertices, figure.skin_quads), 2)[used]
        facing /= np.linalg.norm(facing, axis=1, keepdims=True)
        points = figure.vertices[used]
        ears = figure.body.smoothed(figure.source.mask("ears"), 3)[used]
        above = _above(figure.joints[3], points, ears)
        eye = figure.joints[3:].mean(axis=0)
        body = trunk(figure)
        over = normals(figure.vertices, figure.body.quads)[body]
        around = Surface(
            np.concatenate([points, figure.vertices[body] + _OVER_CLOTHES_M * over]),
            np.concatenate([facing, over]),
        )
        return Skull(points, facing, quads, above, ears, eye, around)

    def above_at(self, points: Floats, ears: Floats) -> Floats:
        """Return how far places between the points are above the hairline (n,), metres."""
        return _above(self.eye, points, ears)

    def nearest(self, points: Floats) -> tuple[Floats, Floats]:
        """Return places on what hair lies on (n, 3) near points, and its normals there (n, 3)."""
        return self.around.nearest(points)


def _above(eye: Floats, points: Floats, ears: Floats) -> Floats:
    found: Floats = hairline(eye, points) - 0.05 * np.clip(2 * (ears - 0.3), 0, 1)
    return found


def trunk(figure: Figure) -> NDArray[np.bool_]:
    """Tell which vertices are of the shoulders (V,)."""
    x, y, _ = figure.vertices.T
    is_body = np.zeros(len(figure.vertices), bool)
    is_body[np.unique(figure.body.quads)] = True
    found: NDArray[np.bool_] = is_body & (np.abs(x) < 0.19) & (y > -0.12) & (y < 0.10)
    return found
