"""The built-in head's ARKit shapes on a mesh of another topology, such as FLAME's.

Both heads are registered at what they have in common: the joints of neck and jaw, the centres of
the eyes, and the edge of the mouth, where a mesh is open. A thin-plate spline through these points
(in space its kernel is the distance itself: Bookstein 1989, Duchon 1977) takes the mesh to the
built-in head, each of its vertices moves as the skin there does, and the displacements are brought
back.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..names import ARKIT_INDEX, BONES
from .builtin_head import CORRECTIVES, HeadModel
from .flame_model import FlameModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NECK, _JAW, _EYES = BONES.index("neck"), BONES.index("jaw"), slice(3, 5)
#: Points of each lip's edge between the corners that are landmarks.
_N_LIP = 5
_N_NEAREST = 6
_CLOSE, _OPEN = ARKIT_INDEX["mouthClose"], CORRECTIVES.index("jawOpen")
#: Within this distance of the mouth's edge a lip takes nothing from the other lip, metres.
_LIP_ZONE_M = 0.015
#: Skin that is further from the built-in head's than this does not move (the inside of a head).
_REACH_M = 0.03
_CHUNK = 500


def transferred(head: HeadModel, model: FlameModel, basis: Floats) -> Floats:
    """Return the displacements (40, V, 3) that each ARKit shape at 1 makes of a FLAME head.

    Args:
        head: the built-in head.
        model: its topology, joints and weights.
        basis: (V, 3) the head's vertices without expression; metres.
    """
    is_own_skin = head.parts == head.part_names.index("skin")
    skin = np.flatnonzero(is_own_skin)
    source = head.vertices.astype(np.float64)
    source_faces = [face for face in head.faces if is_own_skin[face[0]]]
    own = _landmarks(source, source_faces, head.joints.astype(np.float64))
    theirs = _landmarks(
        basis, list(map(tuple, model.faces.tolist())), model.joint_regressor @ basis
    )
    n = min(len(own), len(theirs))  # a mesh whose mouth is closed is registered without it
    moved, linear = _warped(basis, theirs[:n], own[:n])
    factors = _nearest(
        moved, source[skin], _side(model.weights), _side(head.weights[skin]), own[4:]
    )
    shapes = head.shapes[:, skin].astype(np.float64)  # (40, S, 3)
    # A head of another make has no corrective of the jaw: mouthClose does its part too.
    shapes[_CLOSE] += head.correctives[_OPEN][skin]
    result = np.zeros((len(shapes), *basis.shape))
    index, weight = factors
    is_skin = model.weights[:, _EYES].max(axis=1) < 0.95
    for neighbour in range(_N_NEAREST):
        result += weight[:, neighbour, None] * shapes[:, index[:, neighbour]]
    displaced: Floats = (result * is_skin[:, None]) @ np.linalg.inv(linear)
    return displaced


def mouth_edge(vertices: Floats, faces: list[tuple[int, ...]], joints: Floats) -> Ints | None:
    """Return the vertices around the open mouth (n,), in order, or None if the mesh has none."""
    eyes, jaw = joints[_EYES], joints[_JAW]
    width = np.linalg.norm(eyes[0] - eyes[1])
    best, least = None, 0.5 * width
    for loop in _open_edges(faces):
        middle = vertices[loop].mean(axis=0)
        is_in_face = jaw[2] < middle[2] and middle[1] < eyes[:, 1].mean() - 0.3 * width
        aside = abs(middle[0] - eyes[:, 0].mean())
        is_small = np.ptp(vertices[loop][:, 0]) < 1.5 * width
        if is_in_face and is_small and aside < least:
            best, least = np.array(loop), aside
    return best


def _open_edges(faces: list[tuple[int, ...]]) -> list[list[int]]:
    """Return the loops of edges that only one face has."""
    directed = {(a, b) for face in faces for a, b in zip(face, (*face[1:], face[0]), strict=True)}
    following: dict[int, list[int]] = defaultdict(list)
    for a, b in sorted(directed):
        if (b, a) not in directed:
            following[a].append(b)
    loops = []
    while following:
        start = next(iter(following))
        loop, here = [], start
        while here in following:
            loop.append(here)
            ahead = following[here]
            after = ahead.pop()
            if not ahead:
                del following[here]
            here = after
        loops.append(loop)
    return loops


def _landmarks(vertices: Floats, faces: list[tuple[int, ...]], joints: Floats) -> Floats:
    """Return neck, jaw, both eyes, and the mouth's corners and lips if it is open, (4 or 16, 3)."""
    fixed = joints[[_NECK, _JAW, 3, 4]]
    loop = mouth_edge(vertices, faces, joints)
    if loop is None:
        return fixed
    points = vertices[loop]
    left, right = int(points[:, 0].argmax()), int(points[:, 0].argmin())
    ways = [_between(points, left, right), _between(points, right, left)[::-1]]
    upper, lower = sorted(ways, key=lambda way: -way[:, 1].mean())
    corners = points[[left, right]]
    return np.concatenate([fixed, corners, _spread(upper), _spread(lower)])


def _between(points: Floats, first: int, last: int) -> Floats:
    """Return the points of a loop from one to another, both included."""
    n = len(points)
    way: Floats = points[[(first + i) % n for i in range((last - first) % n + 1)]]
    return way


def _spread(way: Floats) -> Floats:
    """Return `_N_LIP` points at equal distances along a way, without its ends."""
    length = np.append(0, np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1)))
    at = np.linspace(0, length[-1], _N_LIP + 2)[1:-1]
    return np.stack([np.interp(at, length, way[:, axis]) for axis in range(3)], axis=1)


def _warped(points: Floats, theirs: Floats, own: Floats) -> tuple[Floats, Floats]:
    """Return points (V, 3) taken to the built-in head, and the linear part (3, 3) of the way.

    Four landmarks alone fix no spline with a free linear part: then a similarity is used.
    """
    scale = np.linalg.norm(own[2] - own[3]) / np.linalg.norm(theirs[2] - theirs[3])
    middle, target = theirs.mean(axis=0), own.mean(axis=0)
    start = (theirs - middle) * scale + target
    placed = (points - middle) * scale + target
    # What the similarity leaves is bent away; a little stiffness keeps noise out.
    stiff = 1e-6 * np.eye(len(start))
    bend = np.linalg.solve(_distances(start, start) + stiff, own - start)
    return placed + _distances(placed, start) @ bend, scale * np.eye(3)


def _side(weights: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Tell what follows the jaw, (V,)."""
    return np.asarray(weights[:, _JAW] > 0.5)


def _nearest(
    points: Floats,
    skin: Floats,
    is_lower: NDArray[np.bool_],
    skin_is_lower: NDArray[np.bool_],
    mouth: Floats,
) -> tuple[Ints, Floats]:
    """Return the nearest vertices of the skin and their weights, (V, 6) each."""
    index = np.empty((len(points), _N_NEAREST), np.int64)
    squared = np.empty((len(points), _N_NEAREST))
    from_below = np.argsort(points[:, 1])  # so that a chunk is near a part of the skin only
    for first in range(0, len(points), _CHUNK):
        part = from_below[first : first + _CHUNK]
        low, high = points[part[[0, -1]], 1] + (-_REACH_M, _REACH_M)
        there = np.flatnonzero((skin[:, 1] > low) & (skin[:, 1] < high))
        if len(there) <= _N_NEAREST:
            there = np.arange(len(skin))
        far = _squared(points[part].astype(np.float32), skin[there].astype(np.float32))
        if len(mouth):
            at_lips = _distances(points[part], mouth).min(axis=1) < _LIP_ZONE_M
            rows = np.flatnonzero(at_lips)
            far[rows] += is_lower[part][rows, None] != skin_is_lower[there]
        chosen = np.argpartition(far, _N_NEAREST, axis=1)[:, :_N_NEAREST]
        index[part], squared[part] = there[chosen], np.take_along_axis(far, chosen, axis=1)
    distance = np.sqrt(squared)
    closeness = 1 / (distance + 1e-4) ** 2
    reach = np.clip(2 - distance.min(axis=1) / (_REACH_M / 2), 0, 1)
    return index, closeness / closeness.sum(axis=1, keepdims=True) * reach[:, None]


def _distances(a: Floats, b: Floats) -> Floats:
    """Return the distance of each of (n, 3) from each of (m, 3), (n, m)."""
    distance: Floats = np.sqrt(_squared(a, b))
    return distance


def _squared(
    a: NDArray[np.floating[Any]], b: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    result = a @ (-2 * b.T)
    result += (b**2).sum(axis=1)
    result += (a**2).sum(axis=1)[:, None]
    return np.maximum(result, 0, out=result)
