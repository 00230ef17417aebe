"""Questions to a mesh of quads: edge loops, neighbours, smooth values, nearest points."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Edge = tuple[int, int]


@dataclass(frozen=True)
class Mesh:
    """Quads over vertices that are numbered elsewhere."""

    n_vertices: int
    quads: Ints  #: (F, 4)

    @cached_property
    def faces_at(self) -> dict[Edge, list[int]]:
        """The faces at each edge; an edge is a pair of vertices, the smaller one first."""
        found = defaultdict(list)
        for index, quad in enumerate(self.quads.tolist()):
            for a, b in zip(quad, (*quad[1:], quad[0]), strict=True):
                found[(min(a, b), max(a, b))].append(index)
        return dict(found)

    @cached_property
    def beside(self) -> dict[int, set[int]]:
        """The vertices that share an edge with each vertex."""
        found = defaultdict(set)
        for a, b in self.faces_at:
            found[a].add(b)
            found[b].add(a)
        return dict(found)

    @cached_property
    def averaging(self) -> csr_matrix:
        """The matrix (V, V) that takes values to the mean of each vertex and its neighbours."""
        edges = np.array(list(self.faces_at))
        rows = np.concatenate([edges[:, 0], edges[:, 1], np.arange(self.n_vertices)])
        columns = np.concatenate([edges[:, 1], edges[:, 0], np.arange(self.n_vertices)])
        ones = coo_matrix((np.ones(len(rows)), (rows, columns))).tocsr()
        return diags(1 / np.asarray(ones.sum(axis=1)).ravel()) @ ones

    def smoothed(self, values: Floats, times: int) -> Floats:
        """Return values (V, ...) averaged with their neighbours a number of times."""
        for _ in range(times):
            values = self.averaging @ values
        return values

    def loop(self, first: int, second: int) -> Ints:
        """Return the closed edge loop through two neighbours (n,), straight on at each vertex."""
        found, last, here = [first], first, second
        while here != first:
            found.append(here)
            behind = self._faces(last, here)
            ahead = [n for n in self.beside[here] if not self._faces(n, here) & behind]
            if len(ahead) != 1 or len(found) > self.n_vertices:
                raise ValueError(f"The edge loop through {first} and {second} does not close.")
            last, here = here, ahead[0]
        return np.array(found)

    def rings(self, loop: Ints, away_from: Ints, count: int) -> list[Ints]:
        """Return the loops beside one (count of them), away from its other neighbour.

        Vertex i of each lies beside vertex i of the one before.
        """
        found, before, here = [], away_from, loop
        for _ in range(count):
            known = {*before.tolist(), *here.tolist()}
            ring = np.array([
                next(v for v in self.beside[vertex] if v not in known) for vertex in here.tolist()
            ])  # fmt: skip
            found.append(ring)
            before, here = here, ring
        return found

    def flooded(self, start: int, walls: Ints) -> NDArray[np.bool_]:
        """Tell which vertices are reached from one without stepping over walls; walls included."""
        is_in = np.zeros(self.n_vertices, bool)
        is_wall = np.zeros(self.n_vertices, bool)
        is_wall[walls] = True
        waiting = [start]
        while waiting:
            here = waiting.pop()
            if is_in[here]:
                continue
            is_in[here] = True
            if not is_wall[here]:
                waiting.extend(self.beside.get(here, ()))
        return is_in

    def _faces(self, a: int, b: int) -> set[int]:
        return set(self.faces_at.get((min(a, b), max(a, b)), ()))


def normals(vertices: Floats, quads: Ints) -> Floats:
    """Return unit normals (V, 3) of a mesh of quads."""
    a, b, c, d = (vertices[quads[:, i]] for i in range(4))
    across = np.cross(c - a, d - b)
    found = np.zeros_like(vertices)
    for corner in range(4):
        np.add.at(found, quads[:, corner], across)
    return found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-12)


def followed(points: Floats, carrier: Floats, n_nearest: int = 4) -> tuple[Ints, Floats]:
    """Return the carrier's nearest vertices and their weights for each point, (n, k) each."""
    distance, index = cKDTree(carrier).query(points, n_nearest)
    closeness = 1 / (distance + 1e-5) ** 2
    return index, closeness / closeness.sum(axis=1, keepdims=True)


def carried(values: Floats, index: Ints, weights: Floats) -> Floats:
    """Return values (..., C, 3) of the carrier at followers (..., n, 3)."""
    found: Floats = np.einsum("nk,...nkc->...nc", weights, values[..., index, :])
    return found


def step(t: Floats) -> Floats:
    """Return a smooth step from 0 to 1."""
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)
