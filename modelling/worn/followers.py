"""How added pieces go along with MakeHuman's vertices: eyes, teeth, and hairs that stay stiff."""

from dataclasses import dataclass

import numpy as np
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.part import Part
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Vertices of the skin around the root of a hair that tell how it turns.
_N_AROUND = 7
#: How much a piece resists turns, as a share of how much its carriers ask for them.
_STIFFNESS = 0.12


@dataclass(frozen=True)
class Pieces:
    """Vertices in rigid pieces, each carried by the skin around its root."""

    points: Floats  #: (n, 3)
    piece: Ints  #: (n,)
    carriers: Ints  #: (P, k) MakeHuman's vertices around each piece
    rest: Floats  #: (P, k, 3) where they are at rest
    closeness: Floats  #: (P, k) sums to 1

    def follow(self, displaced: Floats) -> Floats:
        """Return displacements (n, 3) where MakeHuman's vertices have some (V, 3).

        The turn is the one that takes the carriers best from rest to where they are (Kabsch 1976).
        """
        after = self.rest + displaced[self.carriers]
        weight = self.closeness[..., None]
        middle, moved = (weight * self.rest).sum(axis=1), (weight * after).sum(axis=1)
        spread = self.rest - middle[:, None]
        cross = np.einsum("pki,pkj->pij", weight * spread, after - moved[:, None])
        # The skin around a root is nearly flat, or a line: what it does not tell is no turn.
        size = np.einsum("pki,pki->p", weight * spread, spread)
        cross += _STIFFNESS * size[:, None, None] * np.eye(3)
        u, _, vt = np.linalg.svd(cross)
        sign = np.sign(np.linalg.det(u @ vt))
        u[:, :, 2] *= sign[:, None]
        turn = np.einsum("pij,pjk->pki", u, vt)
        local = self.points - middle[self.piece]
        turned = np.einsum("nij,nj->ni", turn[self.piece], local)
        found: Floats = turned + moved[self.piece] - self.points
        found[~displaced[self.carriers].any(axis=(1, 2))[self.piece]] = 0
        return found

    def carry(self, values: Floats) -> Floats:
        """Return values (n, ...) where MakeHuman's vertices have some (V, ...)."""
        found: Floats = np.einsum("pk,pk...->p...", self.closeness, values[self.carriers])
        return found[self.piece]


def pieces(figure: Figure, part: Part, candidates: Ints) -> Pieces:
    """Return a part of hairs carried by some of MakeHuman's vertices.

    The first vertex of a piece is at its root.
    """
    if part.pieces is None:
        raise ValueError(f"{part.name} is not in pieces")
    _, roots = np.unique(part.pieces, return_index=True)
    distance, index = cKDTree(figure.vertices[candidates]).query(part.vertices[roots], _N_AROUND)
    closeness = 1 / (distance + 1e-3) ** 2
    carriers = candidates[index]
    return Pieces(
        part.vertices, part.pieces, carriers, figure.vertices[carriers],
        closeness / closeness.sum(axis=1, keepdims=True),
    )  # fmt: skip


@dataclass(frozen=True)
class Whole:
    """Vertices that move with a group of MakeHuman's as one affine map."""

    points: Floats  #: (n, 3)
    group: Ints  #: (k,)
    rest: Floats  #: (k, 3)
    is_uniform: bool  #: only moved and scaled alike in all directions

    def follow(self, displaced: Floats) -> Floats:
        """Return displacements (n, 3) where MakeHuman's vertices have some (V, 3)."""
        change = displaced[self.group]
        middle = self.rest.mean(axis=0)
        spread, shift = self.rest - middle, change.mean(axis=0)
        if self.is_uniform:
            grows = (spread * (change - shift)).sum() / (spread**2).sum()
            found: Floats = shift + grows * (self.points - middle)
            return found
        linear = np.linalg.lstsq(spread, change - shift, rcond=None)[0]
        found = shift + (self.points - middle) @ linear
        return found


def whole(figure: Figure, part: Part, group: str, is_uniform: bool) -> Whole:
    """Return a part that moves with a group of MakeHuman's helpers."""
    index = figure.source.base.vertices_of(group)
    return Whole(part.vertices, index, figure.vertices[index], is_uniform)
