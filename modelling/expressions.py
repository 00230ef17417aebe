"""The Face Units as our shapes: 40 keys, twelve correctives, and what closes lips and lids.

Displacements are in the numbering of MakeHuman's vertices.
"""

from dataclasses import dataclass, replace

import numpy as np
from dualtalk.core.faces.seals import Seal
from dualtalk.core.faces.shape_names import EYE_CONTROLS, JAW_CONTROLS
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.topology import Edge
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Turn of the jaw about y that is jawLeft = 1, radians (as `rig` has it for own characters).
JAW_SIDE_RAD = 0.12
#: Vertices in the middle of the lower and of the upper lip where they touch.
LIP_MIDDLE = (493, 474)

#: Two neighbours of each of two rings: the edge of the left lids, and the ring behind it.
_LID_EDGE, _LID_BEHIND = (13359, 13352), (7748, 7747)
#: The same of the ring in which the lips touch.
_LIP_EDGE, _LIP_BEHIND = (493, 7242), (523, 7264)
#: How much of what closes an edge each ring does, from the edge outwards, and inwards.
_LID_SHARES = ((1.0, 1.0, 0.95, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1), (1.0, 0.9, 0.7, 0.45, 0.2))
_N_LIP_COLUMNS = 41
_LIP_SHARES = ((1.0, 0.75, 0.4, 0.15), (1.0, 0.8, 0.4))
#: Where closed lids meet: 0 at the upper lid's edge, 1 at the lower one's. Lips meet half way.
_LID_MEETING, _LIP_MEETING = 0.92, 0.5
#: Face Units of looks are for eyes that turn by 10 to 15 degrees, ours for the limits of gaze.
_LOOK_GAIN = {"Down": 1.35, "Up": 1.4, "In": 1.0, "Out": 1.0}


def face_units(figure: Figure) -> dict[str, Floats]:
    """Return all Face Units (V, 3), the right ones mirror images of the left ones."""
    source, twins = figure.source, figure.source.twins
    found = {}
    for name in (*ARKIT_SHAPES, *JAW_CONTROLS, *EYE_CONTROLS):
        found[name] = source.face_unit(name)
    for name in list(found):
        if not name.endswith("Left"):
            continue
        right = f"{name.removesuffix('Left')}Right"
        left = (found[name] + mirrored(found[right], twins)) / 2
        found[name], found[right] = left, mirrored(left, twins)
    for name, displaced in found.items():
        if not name.endswith(("Left", "Right")):
            found[name] = (displaced + mirrored(displaced, twins)) / 2
    return found


def jaw_aside(figure: Figure, units: dict[str, Floats], name: str) -> Floats:
    """Return what a Face Unit that moves the jaw aside does (V, 3) besides the turn of the bone."""
    angle = JAW_SIDE_RAD if name == "jawLeft" else -JAW_SIDE_RAD
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    moved = (figure.vertices - figure.jaw_joint) @ (turn - np.eye(3)).T
    found: Floats = units[name] - figure.jaw_share[:, None] * moved
    return found


def mirrored(displaced: Floats, twins: Ints) -> Floats:
    """Return displacements (V, 3) of the other side."""
    return displaced[twins] * [-1, 1, 1]


def looks(units: dict[str, Floats]) -> dict[str, Floats]:
    """Return what the lids do (V, 3) at each limit of gaze; the eyeball itself is turned."""
    found = {}
    for name in EYE_CONTROLS:
        way = name.removeprefix("eyeLook").removesuffix("Left").removesuffix("Right")
        found[name] = _LOOK_GAIN[way] * units[name]
    return found


def seals(figure: Figure) -> list[Seal]:
    """Return what closes both eyes and the mouth."""
    twins = figure.source.twins
    found = [_lips(figure)]
    left = _lids(figure)
    # Upper and lower edges stay what they are across the middle.
    right = replace(
        left, name="eyeBlinkRight", between=twins[left.between], members=twins[left.members]
    )
    return [*found, left, right]


def _rings(
    figure: Figure, edge: Edge, behind: Edge, shares: tuple[tuple[float, ...], ...]
) -> list[tuple[Ints, float]]:
    """Return an edge, the rings before it and those behind it, each with its share.

    Vertex i of each lies beside vertex i of the edge.
    """
    body = figure.body
    first, second = body.loop(*edge), body.loop(*behind)
    before = body.rings(first, second, len(shares[0]) - 1)
    inwards = body.rings(first, before[0], len(shares[1]))
    return list(zip([first, *before, *inwards], (*shares[0], *shares[1]), strict=True))


@dataclass(frozen=True)
class LidRings:
    """The rings of the left lids' margin."""

    inner: Ints  #: (n,) next to the eyeball
    front: Ints  #: (n,) where lashes grow
    outer: list[Ints]  #: rings of the lids' skin, from the margin outwards
    ways: tuple[Ints, Ints]  #: places in each ring of the upper and of the lower lid


def lid_rings(figure: Figure) -> LidRings:
    """Return the rings of the left lids' margin; vertex i of each lies beside vertex i of all."""
    rings = [ring for ring, _ in _rings(figure, _LID_EDGE, _LID_BEHIND, _LID_SHARES)]
    n_outer = len(_LID_SHARES[0])
    return LidRings(rings[n_outer], rings[1], rings[:4], _lid_ways(figure, rings[0]))


def _lid_ways(figure: Figure, ring: Ints) -> tuple[Ints, Ints]:
    corner = int(figure.vertices[ring, 0].argmin())
    n = len(ring) // 2 - 1
    ways = [(corner + np.arange(1, n + 1)) % len(ring), (corner - np.arange(1, n + 1)) % len(ring)]
    ways.sort(key=lambda way: -figure.vertices[ring[way], 1].mean())
    return ways[0], ways[1]


def _lids(figure: Figure) -> Seal:
    """Return the left eye's seal; its corners are vertices that do not move."""
    rings = _rings(figure, _LID_EDGE, _LID_BEHIND, _LID_SHARES)
    ring = rings[0][0]
    ways = _lid_ways(figure, ring)
    n = len(ways[0])
    pairs = np.stack([ring[way] for way in ways], axis=1)
    places = [(way, np.arange(n), sign) for way, sign in zip(ways, (1, -1), strict=True)]
    return _seal("eyeBlinkLeft", np.stack([pairs, pairs], -1), np.zeros((n, 2)), _LID_MEETING,
                 rings, places)  # fmt: skip


def _lips(figure: Figure) -> Seal:
    """Return the mouth's seal; its columns are at equal distances along x."""
    rings = _rings(figure, _LIP_EDGE, _LIP_BEHIND, _LIP_SHARES)
    ring = rings[0][0]
    x = figure.vertices[ring, 0]
    left, right = int(x.argmax()), int(x.argmin())
    n = len(ring)
    ways = [
        (right + np.arange((left - right) % n + 1)) % n,
        (right - np.arange((right - left) % n + 1)) % n,
    ]
    ways.sort(key=lambda way: -figure.vertices[ring[way], 1].mean())
    columns = np.linspace(x[right], x[left], _N_LIP_COLUMNS)
    between, along = [], []
    for way in ways:
        at = np.clip(np.searchsorted(x[way], columns) - 1, 0, len(way) - 2)
        between.append(np.stack([ring[way[at]], ring[way[at + 1]]], -1))
        along.append((columns - x[way[at]]) / (x[way[at + 1]] - x[way[at]]))
    places = [
        (way[1:-1], np.abs(x[way[1:-1], None] - columns).argmin(axis=1), sign)
        for way, sign in zip(ways, (1, -1), strict=True)
    ]
    return _seal(
        "mouthClose", np.stack(between, 1), np.stack(along, 1), _LIP_MEETING, rings, places
    )


def _seal(
    name: str, between: Ints, along: Floats, meeting: float, rings: list[tuple[Ints, float]],
    places: list[tuple[Ints, Ints, int]],
) -> Seal:  # fmt: skip
    members = [ring[way] for ring, _ in rings for way, _, _ in places]
    columns = [column for _ in rings for _, column, _ in places]
    shares = [np.full(len(way), sign * share) for _, share in rings for way, _, sign in places]
    return Seal(
        name, between, along, meeting, np.concatenate(members), np.concatenate(columns),
        np.concatenate(shares),
    )  # fmt: skip
