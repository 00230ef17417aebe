"""Lips and lids of the built-in head in a motion, metres: what is compared with what is true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.faces.builtin_head import CORRECTIVES, HeadModel
from ...core.faces.seals import Seal
from ...core.names import BONES, JAW_OPEN_RAD

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Edges:
    """Two edges through a motion: the lips, or the lids of an eye."""

    upper: Floats  #: (n_frames, n, 3)
    lower: Floats  #: (n_frames, n, 3)

    @property
    def gap(self) -> Floats:
        """Mean distance between them, (n_frames,)."""
        found: Floats = np.linalg.norm(self.upper - self.lower, axis=2).mean(axis=1)
        return found

    @property
    def width(self) -> Floats:
        """From one corner to the other, (n_frames,)."""
        found: Floats = np.linalg.norm(self.upper[:, 0] - self.upper[:, -1], axis=1)
        return found

    def off_m(self, other: "Edges") -> float:
        """Return how far points are from another's, on average."""
        apart = [self.upper - other.upper, self.lower - other.lower]
        return float(np.linalg.norm(np.concatenate(apart, axis=1), axis=2).mean())

    def at_rest(self) -> "Edges":
        """Return the edges as if they never moved from their mean."""
        means = [np.broadcast_to(e.mean(axis=0), e.shape) for e in (self.upper, self.lower)]
        return Edges(means[0], means[1])


class Person:
    """A person of the built-in head, whose lips and lids can be posed."""

    def __init__(self, identity: Mapping[str, float]) -> None:
        model = HeadModel.bundled()
        self._points = model.vertices + model.displacement(identity)
        self._shapes, correctives = model.fitted(identity)
        self._opened = correctives[CORRECTIVES.index("jawOpen")]
        self._joint = model.joints_of(identity)[BONES.index("jaw")]
        self._weights = model.weights[:, BONES.index("jaw")]
        self._seals = {seal.name: seal for seal in model.seals}

    def edges(self, name: str, expression: Floats, jaw: Floats) -> Edges:
        """Return lips ("mouthClose") or lids ("eyeBlinkLeft") for shapes and jaw turns."""
        seal = self._seals[name]
        used = np.unique(seal.between)
        placed = Seal(
            seal.name, np.searchsorted(used, seal.between), seal.along, seal.meeting,
            seal.members[:0], seal.columns[:0], seal.shares[:0],
        )  # fmt: skip
        both = [
            placed.edges(self._posed(used, e, j[0])) for e, j in zip(expression, jaw, strict=True)
        ]
        return Edges(np.stack([b[0] for b in both]), np.stack([b[1] for b in both]))

    def _posed(self, used: NDArray[np.integer[Any]], expression: Floats, jaw_rad: float) -> Floats:
        points = self._points[used] + np.tensordot(expression, self._shapes[:, used], 1)
        points = points + max(jaw_rad / JAW_OPEN_RAD, 0.0) * self._opened[used]
        c, s = np.cos(jaw_rad), np.sin(jaw_rad)
        turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
        turned = (points - self._joint) @ turn.T + self._joint
        w = self._weights[used][:, None]
        posed: Floats = (1 - w) * points + w * turned
        return posed
