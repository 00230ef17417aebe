"""Garments that cover the body below the neck: its own surface, a little further out, arms down.

Each vertex is a mixture of MakeHuman's vertices and an offset, so that a garment fits everybody.
"""

from dataclasses import dataclass

import numpy as np
from dualtalk.core.faces.worn import Worn
from dualtalk.core.names import BONES
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.topology import Mesh, followed, normals, step
from dualtalk.modelling.worn import cloth
from dualtalk.modelling.worn.fastening import Fastening, sewn
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, lil_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: How far MakeHuman's arms, held away from the body, are turned down, degrees.
_ARMS_DOWN_DEG = 47.0
#: The garment ends this far below the base of the neck, metres.
_END_M = 0.55
_ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
_SLIDERS = ("masculine", "age", "african", "asian", "caucasian", "weight", "muscle", "neck_width")
_OFFSET_M = 0.008
_SMOOTHED, _CHEST_M = 6, 0.055
#: The left armpit, from the base of the neck, metres; how much darker the bottom of a fold is.
_ARMPIT_M = (0.155, -0.155, 0.0)
_FOLD_SHADE = 0.10


@dataclass(frozen=True)
class Neckline:
    """Where a garment ends at the neck, and what it has there."""

    front_m: float  #: height in front, from the cube at the base of the neck
    back_m: float
    vee: float  #: how much it comes down to a point in front, 0 to 1
    #: Rows of the collar from the line on: how far up along the neck and out of it, metres.
    rows: tuple[tuple[float, float], ...]
    opening: float = 0.0  #: how far a collar gapes in front, as a share of its length
    fastening: Fastening | None = None  #: what closes it in front


#: A rib of knitted cloth: up, over and down inside.
_RIB = ((0.004, 0.0035), (0.010, 0.003), (0.013, 0.0015), (0.011, -0.002), (0.0, -0.004))
#: A collar that stands and folds over.
_FOLDED = ((0.010, 0.001), (0.024, 0.002), (0.030, 0.005), (0.026, 0.010), (0.010, 0.013),
           (-0.006, 0.014), (-0.007, 0.0125), (0.010, 0.0105))  # fmt: skip
_ROLLED = ((0.012, 0.004), (0.030, 0.005), (0.046, 0.0055), (0.050, 0.004), (0.047, 0.001),
           (0.030, -0.001))  # fmt: skip
NECKLINES = {
    "tee": Neckline(-0.044, 0.006, 0.0, _RIB),
    "vneck": Neckline(-0.088, 0.006, 1.0, _RIB),
    "turtleneck": Neckline(-0.030, 0.014, 0.0, _ROLLED),
    "shirt": Neckline(-0.050, 0.012, 0.35, _FOLDED, 0.06, Fastening(0.44, 0.078, True)),
    "henley": Neckline(-0.046, 0.008, 0.0, _RIB, fastening=Fastening(0.115, 0.036)),
}


def garments(figure: Figure, people: dict[str, Floats]) -> dict[str, Worn]:
    """Return all garments by name; `people` are the sliders' displacements (V, 3)."""
    return {name: _garment(name, line, figure, people) for name, line in NECKLINES.items()}


def _garment(name: str, line: Neckline, figure: Figure, people: dict[str, Floats]) -> Worn:
    lowered = _Arms(figure)
    body = lowered.points(figure.vertices)
    neck = figure.source.base.middle("joint-neck", figure.vertices)
    above = _height_over_line(figure.vertices, neck, line)
    mixture, faces = _cut(figure, body, above, neck[1] - _END_M)
    lies_on = mixture @ body
    mesh = Mesh(len(lies_on), faces)
    chest = _Chest.of(mesh, lies_on, mixture @ figure.source.mask("aureolae"))
    edges = _edges(mesh, lies_on)
    edge = edges[0]
    near_edge = np.zeros(len(lies_on))
    near_edge[edge] = 1
    near_edge = np.clip(3 * mesh.smoothed(near_edge, 4), 0, 1)
    smooth = chest.spanned(mesh, lies_on)
    smooth = near_edge[:, None] * lies_on + (1 - near_edge[:, None]) * smooth
    points = cloth.draped(mesh, smooth, _OFFSET_M, 1 - near_edge)
    facing = cloth.smooth_normals(mesh, points, 3)
    points -= 0.55 * _OFFSET_M * near_edge[:, None] * facing
    for hem in edges[1:]:
        points[hem, 1] = neck[1] - _END_M
    points[edge] = _evened(points[edge], 6)
    out = cloth.folds(points, neck, _ARMPIT_M) * (1 - near_edge)
    points += out[:, None] * facing
    hollow = ((mesh.smoothed(points, 3) - points) * facing).sum(axis=1)
    shade = 1 + _FOLD_SHADE * out / 0.003 - np.clip(hollow / 0.016, -0.08, 0.15)

    collar, collar_faces, source = _collar(points, facing, edge, line, neck)
    skin = _NearSkin.of(figure, collar, line, len(edge))
    collar = skin.outside(collar)
    rows = np.concatenate([np.arange(len(points)), source])
    mixture = mixture[rows]
    share = 0.5 * (mixture @ figure.neck_share)
    weights = np.zeros((len(rows), len(BONES)))
    weights[:, 0], weights[:, 1] = 1 - share, share
    deltas = []
    for slider in _SLIDERS:  # what cloth spans moves with what is around it
        moved = mixture[: len(points)] @ lowered.displacements(people[slider])
        flat = chest.spanned(mesh, moved)
        deltas.append(np.concatenate([flat, skin.followed(people[slider], flat[source])]))
    every = [*faces.tolist(), *collar_faces]
    tones = np.concatenate([shade, np.full(len(collar), 0.80)])
    vertices = np.concatenate([points, collar])
    if line.fastening is not None:
        top = points[edge[np.argmax(points[edge, 2] - 10 * np.abs(points[edge, 0]))]]
        added = sewn(points, facing, top, line.fastening)
        every += [[corner + len(vertices) for corner in face] for face in added.faces]
        vertices = np.concatenate([vertices, added.points])
        tones = np.concatenate([tones, added.tones])
        weights = np.concatenate([weights, added.mixed(weights)])
        deltas = [np.concatenate([delta, added.mixed(delta)]) for delta in deltas]
    return Worn(
        name=name,
        vertices=vertices.astype(np.float32),
        face_sizes=np.array([len(face) for face in every], np.int32),
        face_corners=np.concatenate(every).astype(np.int32),
        weights=weights.astype(np.float32),
        tones=tones.astype(np.float32),
        carriers=np.zeros((len(vertices), 0), np.int32),
        closeness=np.zeros((len(vertices), 0), np.float32),
        slider_names=_SLIDERS,
        deltas=np.stack(deltas).astype(np.float32),
    )


@dataclass(frozen=True)
class _NearSkin:
    """The neck inside a collar: it stays inside, whoever wears it."""

    index: Ints  #: (n, k) vertices of the skin near each vertex of the collar
    closeness: Floats  #: (n, k) sums to 1
    places: Floats  #: (n, 3) where the skin is there
    facing: Floats  #: (n, 3)
    least_m: Floats  #: (n,) how far out the collar must be; its ends lie inside the skin
    amount: Floats  #: (n, 1) how much it moves with the skin there and not with its own edge

    @staticmethod
    def of(figure: Figure, collar: Floats, line: Neckline, n_around: int) -> "_NearSkin":
        """Return the skin near a collar of rows of so many vertices."""
        skin = np.unique(figure.skin_quads)
        near, closeness = followed(collar, figure.vertices[skin], 6)
        index = skin[near]
        facing = normals(figure.vertices, figure.skin_quads)[index]
        facing = np.einsum("nk,nkc->nc", closeness, facing)
        facing /= np.linalg.norm(facing, axis=1, keepdims=True)
        places = np.einsum("nk,nkc->nc", closeness, figure.vertices[index])
        high, far = np.repeat(np.array(line.rows), n_around, axis=0).T
        least = np.where(far > 0, np.minimum(far, 0.003), far)
        amount = np.clip(high / 0.025, 0, 1) * (far < 0.009)
        return _NearSkin(index, closeness, places, facing, least, amount[:, None])

    def outside(self, collar: Floats) -> Floats:
        """Return the collar (n, 3) pushed out of the skin."""
        off = ((collar - self.places) * self.facing).sum(axis=1)
        pushed = np.clip(self.least_m - off, 0, None)
        pushed[self.least_m <= 0] = 0
        found: Floats = collar + pushed[:, None] * self.facing
        return found

    def followed(self, displaced: Floats, own: Floats) -> Floats:
        """Return how the collar moves (n, 3) where the body moves (V, 3) and its edge (n, 3)."""
        there = np.einsum("nk,nkc->nc", self.closeness, displaced[self.index])
        return self.amount * there + (1 - self.amount) * own


@dataclass(frozen=True)
class _Chest:
    """Cloth spans the chest: it takes what is around a place on average, however fine the mesh."""

    rows: Ints  #: (k,) vertices of the chest
    means: Floats  #: (k, n) shares that each vertex has in the mean there
    amount: Floats  #: (k, 1) how much the mean counts, 0 at the rim to 1

    @staticmethod
    def of(mesh: Mesh, points: Floats, is_middle: Floats) -> "_Chest":
        """Return the chest of a garment of points (n, 3), around its middles (n,) 0 or 1."""
        middles = points[is_middle > 0.5]
        away = np.linalg.norm(points[:, None] - middles[None, ::4], axis=2).min(axis=1)
        rows = np.flatnonzero(away < _CHEST_M)
        area = np.zeros(len(points))
        corners = points[mesh.quads]
        across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
        np.add.at(area, mesh.quads, np.linalg.norm(across, axis=1)[:, None])
        distance = np.linalg.norm(points[rows][:, None] - points[None], axis=2)
        share = area * np.exp(-0.5 * (distance / (0.5 * _CHEST_M)) ** 2)
        share /= share.sum(axis=1, keepdims=True)
        return _Chest(rows, share, step((_CHEST_M - away[rows]) / (0.5 * _CHEST_M))[:, None])

    def spanned(self, mesh: Mesh, values: Floats) -> Floats:
        """Return values (n, 3) evened everywhere, and spanned over the chest."""
        flat = mesh.smoothed(values, _SMOOTHED)
        flat[self.rows] += self.amount * (self.means @ flat - flat[self.rows])
        return flat


class _Arms:
    """Arms that hang down: linear skinning about both shoulders."""

    def __init__(self, figure: Figure) -> None:
        self._sides = []
        for letter, sign in (("l", 1), ("r", -1)):
            share = np.zeros(len(figure.vertices))
            for bone, weights in figure.source.weights.items():
                if bone.startswith(_ARM_BONES) and bone.endswith(letter.upper()):
                    share += weights
                if bone == f"shoulder01.{letter.upper()}":
                    share += 0.35 * weights
            angle = -sign * np.radians(_ARMS_DOWN_DEG)
            c, s = np.cos(angle), np.sin(angle)
            turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
            joint = figure.source.base.middle(f"joint-{letter}-shoulder", figure.vertices)
            self._sides.append(
                (figure.body.smoothed(np.minimum(share, 1), 2)[:, None], turn, joint)
            )

    def points(self, points: Floats) -> Floats:
        """Return points (V, 3) with the arms down."""
        found = points.copy()
        for share, turn, joint in self._sides:
            found += share * ((points - joint) @ (turn - np.eye(3)).T)
        return found

    def displacements(self, displaced: Floats) -> Floats:
        """Return displacements (V, 3) with the arms down."""
        found = displaced.copy()
        for share, turn, _ in self._sides:
            found += share * (displaced @ (turn - np.eye(3)).T)
        return found


def _height_over_line(points: Floats, neck: Floats, line: Neckline) -> Floats:
    """Return how far points (V, 3) are above a neckline, metres."""
    x, y, z = (points - neck).T
    ahead = step((z + 0.055) / 0.13)
    height = line.back_m + (line.front_m - line.back_m) * ahead
    height += 0.010 * np.exp(-(((z - 0.01) / 0.05) ** 2)) * (1 - line.vee)  # up over the shoulders
    height += line.vee * ahead * 1.05 * np.abs(x) * (z > 0)
    return y - height


def _cut(figure: Figure, body: Floats, above: Floats, bottom: float) -> tuple[csr_matrix, Ints]:
    """Return what is kept as a mixture (n, V) of the body's vertices, and its faces.

    Where an edge crosses the neckline, its upper end slides down to it.
    """
    quads = figure.body.quads
    is_low = (above < 0) & (body[:, 1] > bottom - 0.03)
    kept = quads[is_low[quads].any(axis=1) & (body[quads, 1] > bottom - 0.03).all(axis=1)]
    kept = kept[(above[kept] < 0).any(axis=1)]
    used, faces = np.unique(kept, return_inverse=True)
    mixture = lil_matrix((len(used), len(body)))
    for row, vertex in enumerate(used.tolist()):
        if above[vertex] <= 0:
            mixture[row, vertex] = 1
            continue
        below = [n for n in figure.body.beside[vertex] if above[n] < 0]
        if not below:  # a corner: its neighbours on the line slide, it goes between them
            below = [
                m for n in figure.body.beside[vertex] for m in figure.body.beside[n] if above[m] < 0
            ]
        for n in below:
            t = above[vertex] / (above[vertex] - above[n])
            mixture[row, vertex] += (1 - t) / len(below)
            mixture[row, n] += t / len(below)
    return mixture.tocsr(), faces.reshape(kept.shape)


def _edges(mesh: Mesh, points: Floats) -> list[Ints]:
    """Return the open edges, each in order, the one at the neck first."""
    following = {}
    for quad in mesh.quads.tolist():
        for a, b in zip(quad, (*quad[1:], quad[0]), strict=True):
            if len(mesh.faces_at[min(a, b), max(a, b)]) == 1:
                following[b] = a
    loops = []
    while following:
        start = next(iter(following))
        loop, here = [start], following.pop(start)
        while here != start:
            loop.append(here)
            here = following.pop(here)
        loops.append(loop)
    return [np.array(loop) for loop in sorted(loops, key=lambda way: -points[way, 1].mean())]


def _collar(
    points: Floats, facing: Floats, edge: Ints, line: Neckline, neck: Floats
) -> tuple[Floats, list[list[int]], Ints]:
    """Return the collar's vertices, faces, and which vertex of the edge each goes with."""
    ring, n = points[edge], len(edge)
    tangent = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    out = _evened(facing[edge], 6)
    up = np.cross(out, tangent)
    up *= np.sign((up * (neck + np.array([0, 0.09, 0]) - ring)).sum(axis=1))[:, None]
    up = _evened(0.6 * up + 0.4 * np.array([0, 1, 0]), 8)
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    gape = np.ones(n)
    if line.opening:
        middle = int(np.argmax(ring[:, 2] - 10 * np.abs(ring[:, 0])))
        distance = np.abs((np.arange(n) - middle + n // 2) % n - n // 2) / n
        gape = step(distance / line.opening)
    still = np.ones(n)
    rows = []
    for high, far in line.rows:
        opens = gape if high > 0.012 or far > 0.008 else still
        rows.append(ring + (high * up + far * out) * opens[:, None])
    vertices = np.concatenate(rows)
    first = len(points)
    faces = []
    below = edge.tolist()
    for row in range(len(rows)):
        here = [first + row * n + i for i in range(n)]
        faces += [[below[i], below[(i + 1) % n], here[(i + 1) % n], here[i]] for i in range(n)]
        below = here
    # The edge runs the way that makes faces look outwards.
    a, b, c = (np.concatenate([points, vertices])[i] for i in faces[0][:3])
    if np.cross(b - a, c - a) @ out[0] < 0:
        faces = [face[::-1] for face in faces]
    return vertices, faces, np.tile(edge, len(rows))


def _evened(ring: Floats, times: int = 4) -> Floats:
    """Return a closed line of values smoothed a little."""
    for _ in range(times):
        ring = 0.5 * ring + 0.25 * (np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0))
    return ring
