"""What is in the mouth besides MakeHuman's tongue: teeth, each by itself, and gums."""

import numpy as np
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.part import Part, grid_faces, joined
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Widths of the teeth from the middle outwards, and how high each stands, millimetres.
_WIDTHS_MM = {
    "upper": (8.4, 6.6, 7.6, 6.8, 6.6, 9.6, 9.2),
    "lower": (5.4, 5.9, 6.8, 7.0, 7.0, 10.4, 10.0),
}
_HEIGHTS_MM = {
    "upper": (9.6, 8.6, 9.4, 7.8, 7.2, 6.6, 6.2),
    "lower": (8.0, 8.2, 9.0, 7.8, 7.2, 6.6, 6.4),
}
#: Depth from front to back; front teeth are blades, back teeth blocks.
_DEPTHS_MM = (3.2, 3.2, 4.4, 7.0, 7.4, 9.0, 9.0)
_N_AROUND = 8
#: Heights of the rings of a tooth from the gum to its edge, and how wide and deep it is there.
_LEVELS = ((0.0, 0.84, 1.0), (0.45, 0.98, 0.92), (0.85, 1.0, 0.55), (1.0, 0.86, 0.30))
#: Edges of the front teeth: the upper ones overlap the lower ones, millimetres.
_EDGE_BELOW_LIP_MM = {"upper": 2.2, "lower": 0.0}
_FRONT_MM = {"upper": -5.6, "lower": -7.8}  #: from where the lips touch
_ARCH_MM = {"upper": (27.5, 47.0), "lower": (26.0, 44.0)}  #: half width at the back, depth
_GUM_MM = 5.5


def tongue_rest(figure: Figure) -> Floats:
    """Return how far down MakeHuman's tongue lies (V, 3), off the palate, so that teeth show."""
    index = figure.source.base.vertices_of("helper-tongue")
    z = figure.vertices[index, 2]
    ahead = (z - z.min()) / np.ptp(z)
    low = np.zeros_like(figure.vertices)
    low[index, 1] = 0.0045 + 0.0025 * ahead
    low[index, 2] = 0.003 * ahead
    return low


def rows(figure: Figure, lips: Floats) -> list[Part]:
    """Return the teeth and gums of both jaws.

    Args:
        figure: the body.
        lips: (3,) where the lips touch, in the middle.
    """
    found = []
    for jaw in ("upper", "lower"):
        teeth = _teeth(jaw, lips)
        found += [joined(f"teeth_{jaw}", teeth), _gum(jaw, lips)]
    return found


def _arch(jaw: str, lips: Floats, along_mm: Floats) -> tuple[Floats, Floats]:
    """Return points (n, 3) of the row's edge and its outward directions, at lengths from x = 0."""
    half_width, depth = (size / 1000 for size in _ARCH_MM[jaw])
    t = np.linspace(0, 1, 400)
    x = half_width * np.sin(0.5 * np.pi * t) ** 0.92
    z = -depth * (1 - np.cos(0.5 * np.pi * t)) ** 1.05
    length = 1000 * np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(z))))
    sign, size = np.sign(along_mm), np.abs(along_mm)
    y = lips[1] - _EDGE_BELOW_LIP_MM[jaw] / 1000 + 0.0015 * (size / 45) ** 2
    z0 = lips[2] + _FRONT_MM[jaw] / 1000
    points = np.stack(
        [sign * np.interp(size, length, x), y + 0 * size, z0 + np.interp(size, length, z)], axis=1
    )
    tangent = np.stack(
        [np.interp(size + 0.5, length, x) - np.interp(size - 0.5, length, x), 0 * size,
         sign * (np.interp(size + 0.5, length, z) - np.interp(size - 0.5, length, z))], axis=1,
    )  # fmt: skip
    tangent[size < 0.5] = [1, 0, 0]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outwards = np.cross(tangent, [0, 1, 0])
    return points, outwards


def _teeth(jaw: str, lips: Floats) -> list[Part]:
    up = 1 if jaw == "upper" else -1
    found = []
    for side in (1, -1):
        start = 0.0
        sizes = zip(_WIDTHS_MM[jaw], _HEIGHTS_MM[jaw], _DEPTHS_MM, strict=True)
        for index, (width, height, depth) in enumerate(sizes):
            middle = np.array([side * (start + width / 2)])
            start += width
            (point,), (outwards,) = _arch(jaw, lips, middle)
            is_blade = index < 3
            tooth = _tooth(point, outwards, up, (width, height, depth), is_blade)
            # Further back no light falls on them.
            tooth.zones["tooth_back"] = np.full(len(tooth.vertices), np.clip((index - 2) / 3, 0, 1))
            found.append(tooth)
    return found


def _tooth(
    edge: Floats, outwards: Floats, up: int, size_mm: tuple[float, ...], is_blade: bool
) -> Part:
    width, height, depth = (size / 1000 for size in size_mm)
    sideways = np.cross([0, 1, 0], outwards)
    around = 2 * np.pi * (np.arange(_N_AROUND) + 0.5) / _N_AROUND
    c, s = np.cos(around), np.sin(around)
    # A square with round corners.
    square = np.stack([np.sign(c) * np.abs(c) ** 0.45, np.sign(s) * np.abs(s) ** 0.45], axis=1)
    rings = []
    for level, wide, deep in _LEVELS:
        thick = deep if is_blade else 0.9 + 0.1 * deep
        across = square * [0.5 * wide * width * 0.985, 0.5 * thick * depth]
        middle = edge + up * (1 - level) * height * np.array([0, 1, 0])
        # The front stays in line; what gets thinner towards the edge is the back.
        middle = middle - outwards * 0.5 * depth * (thick if is_blade else 1.0)
        rings.append(middle + across[:, :1] * sideways + across[:, 1:] * outwards)
    top = rings[-1].mean(axis=0)
    vertices = np.concatenate([*rings, [top]])
    faces = grid_faces(len(rings), _N_AROUND, True)
    last = (len(rings) - 1) * _N_AROUND
    faces += [[last + i, last + (i + 1) % _N_AROUND, len(vertices) - 1] for i in range(_N_AROUND)]
    if up > 0:
        faces = [face[::-1] for face in faces]
    levels = np.append(np.repeat([level for level, *_ in _LEVELS], _N_AROUND), 1.0)
    return Part(
        "teeth", vertices, faces, ["teeth"] * len(faces), {"tooth_root": 1 - levels},
        np.zeros(len(vertices), np.int64),
    )  # fmt: skip


def _gum(jaw: str, lips: Floats) -> Part:
    """Return a ridge over the roots of the teeth, scalloped around them."""
    up = 1 if jaw == "upper" else -1
    total = sum(_WIDTHS_MM[jaw])
    along = np.linspace(-total, total, 43)
    edge, outwards = _arch(jaw, lips, along)
    ends = np.append(0, np.cumsum(_WIDTHS_MM[jaw]))
    index = np.clip(np.searchsorted(ends, np.abs(along)) - 1, 0, 6)
    height = np.array(_HEIGHTS_MM[jaw])[index]
    within = (np.abs(along) - ends[index]) / np.array(_WIDTHS_MM[jaw])[index]
    line = height - 0.6 - 1.6 * (np.abs(2 * within - 1) ** 2)  # it reaches down between the teeth
    depth = np.interp(np.abs(along), ends[:-1] + 3, _DEPTHS_MM)
    rows = [  # height above the gum's line and place before the teeth's front, millimetres
        (0.0, 0.0 * depth), (0.5, 0.55 + 0 * depth), (2.2, 0.9 + 0 * depth),
        (_GUM_MM + 2, -0.4 + 0 * depth), (_GUM_MM + 2, -depth), (2.2, -depth - 1.0),
        (0.4, -depth - 0.4), (-0.4, -depth + 0.3),
    ]  # fmt: skip
    vertices = np.concatenate([
        edge + np.stack([0 * along, up * (line + over) / 1000, 0 * along], axis=1)
        + outwards * (front / 1000)[:, None]
        for over, front in rows
    ])  # fmt: skip
    faces = grid_faces(len(rows), len(along), False)
    if up < 0:
        faces = [face[::-1] for face in faces]
    return Part(
        f"gum_{jaw}", vertices, faces, ["gum"] * len(faces), {},
        np.zeros(len(vertices), np.int64),
    )  # fmt: skip
