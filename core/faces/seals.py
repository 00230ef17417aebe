"""Edges that must meet at a pose, whoever the person is: lips over an open jaw, lids of a blink."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Seal:
    """Two edges, sampled at columns from corner to corner, and what follows each column."""

    name: str  #: the shape that closes it: "mouthClose", "eyeBlinkLeft" or "eyeBlinkRight"
    #: (n, 2, 2) between which two vertices of the upper and of the lower edge each column is
    between: Ints
    along: Floats  #: (n, 2) how far it is from the first to the second
    meeting: float  #: 0: the lower edge goes all the way; 1: the upper one does
    members: Ints  #: (m,) vertices that follow
    columns: Ints  #: (m,) the column that each follows
    shares: Floats  #: (m,) how much of it; negative for those that follow the lower edge

    def edges(self, points: Floats) -> tuple[Floats, Floats]:
        """Return the upper and the lower edge (n, 3) each at the columns, of points (V, 3)."""
        ends, t = points[self.between], self.along[..., None]
        both: Floats = ((1 - t) * ends[:, :, 0] + t * ends[:, :, 1]).astype(points.dtype)
        return both[:, 0], both[:, 1]

    def gaps(self, points: Floats) -> Floats:
        """Return how far apart the edges are at each column (n,), metres."""
        upper, lower = self.edges(points)
        found: Floats = np.linalg.norm(upper - lower, axis=1)
        return found

    def closing(self, points: Floats) -> Floats:
        """Return what moves each vertex (V, 3) so that the edges of points (V, 3) meet."""
        upper, lower = self.edges(points)
        wanted = (1 - self.meeting) * upper + self.meeting * lower
        change = np.where(
            (self.shares > 0)[:, None],
            (wanted - upper)[self.columns],
            (wanted - lower)[self.columns],
        )
        found = np.zeros_like(points)
        found[self.members] = np.abs(self.shares)[:, None] * change
        return found
