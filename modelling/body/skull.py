"""What hair and covers lie on: the skin of the head, and the shoulders with clothes."""

from dataclasses import dataclass

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
class Skull:
    """What hair grows on and lies against: the skin, with the eye's place to measure from."""

    points: Floats  #: (n, 3)
    facing: Floats  #: (n, 3)
    quads: Ints  #: (F, 4) into these
    above: Floats  #: (n,) how far above the hairline, metres
    eye: Floats  #: (3,) midway between the eyes
    around: Floats  #: (m, 3) skin and clothed shoulders, which hair lies on
    around_facing: Floats  #: (m, 3)
    tree: cKDTree  #: of `around`

    @staticmethod
    def of(figure: Figure) -> "Skull":
        """Return the mean person's."""
        used, quads = np.unique(figure.skin_quads, return_inverse=True)
        quads = quads.reshape(figure.skin_quads.shape)
        facing = figure.body.smoothed(normals(figure.vertices, figure.skin_quads), 2)[used]
        facing /= np.linalg.norm(facing, axis=1, keepdims=True)
        points = figure.vertices[used]
        ears = figure.body.smoothed(figure.source.mask("ears"), 3)[used]
        above = hairline(figure, points) - 0.05 * np.clip(1.6 * ears, 0, 1)
        eye = figure.joints[3:].mean(axis=0)
        body = trunk(figure)
        over = normals(figure.vertices, figure.body.quads)[body]
        near = (np.concatenate([points, figure.vertices[body] + _OVER_CLOTHES_M * over]),
                np.concatenate([facing, over]))  # fmt: skip
        return Skull(points, facing, quads, above, eye, *near, cKDTree(near[0]))

    def nearest(self, points: Floats) -> tuple[Floats, Floats]:
        """Return places on the skin (n, 3) near points, and its normals there (n, 3)."""
        distance, index = self.tree.query(points, 5)
        weight = 1 / (distance + 2e-3) ** 2
        weight /= weight.sum(axis=1, keepdims=True)
        facing = np.einsum("nk,nkc->nc", weight, self.around_facing[index])
        place = np.einsum("nk,nkc->nc", weight, self.around[index])
        return place, facing / np.linalg.norm(facing, axis=1, keepdims=True)


def trunk(figure: Figure) -> NDArray[np.bool_]:
    """Tell which vertices are of the shoulders (V,)."""
    x, y, _ = figure.vertices.T
    is_body = np.zeros(len(figure.vertices), bool)
    is_body[np.unique(figure.body.quads)] = True
    found: NDArray[np.bool_] = is_body & (np.abs(x) < 0.19) & (y > -0.12) & (y < 0.10)
    return found
