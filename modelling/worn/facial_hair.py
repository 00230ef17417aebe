"""Brows and lashes hair by hair, and the wet line where the lower lid meets the eyeball.

Each hair is a blade of two faces, bent at half its length, that keeps its shape when the skin
under it moves. Roots are so broad that they close up, and tips take on the skin's colour: from afar
a brow is a soft patch and a row of lashes a line, neither of them specks.
"""

import numpy as np
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.topology import normals
from dualtalk.modelling.part import Part
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The middle line of a brow from its inner end, before the middle of the eye, millimetres.
BROW_LINE_MM = ((-17.5, 13.0), (-11.0, 14.6), (-3.0, 16.6), (6.0, 18.0), (13.0, 17.2), (22.0, 13.2))
#: Half its height along that line, millimetres.
_BROW_HALF_MM = (2.9, 3.1, 2.9, 2.5, 1.9, 0.5)
#: Which way its hairs grow along that line, degrees from the line's own direction upwards.
_BROW_RISE_DEG = (52.0, 38.0, 24.0, 13.0, 4.0, -4.0)
_N_BROW = 140
_BROW_LENGTH_MM, _BROW_WIDTH_MM = 6.4, 1.15
_N_LASHES = {"upper": 30, "lower": 18}
_LASH_LENGTH_MM = {"upper": (4.2, 7.2), "lower": (2.0, 3.2)}
_LASH_WIDTH_MM = {"upper": 0.95, "lower": 0.70}
#: How far hairs are the skin's colour at root, middle and tip, 0 to 1; brows more at their rims.
_BROW_FADE, _BROW_RIM_FADE = (0.0, 0.06, 0.60), 0.20
_LASH_FADE = {"upper": (0.0, 0.15, 0.75), "lower": (0.55, 0.72, 1.0)}
_WET_WIDTH_MM = 0.55


def brow(figure: Figure, is_left: bool, seed: int) -> Part:
    """Return a brow, the left one or its mirror image."""
    draw = np.random.default_rng(seed)
    line, half = np.array(BROW_LINE_MM), np.array(_BROW_HALF_MM)
    t = np.sort(draw.uniform(0, 1, _N_BROW)) ** 0.93
    at = t * (len(line) - 1)
    knots = np.arange(len(line))
    middle = np.stack([np.interp(at, knots, line[:, axis]) for axis in (0, 1)], axis=1)
    ahead = np.stack([np.interp(at + 0.1, knots, line[:, axis]) for axis in (0, 1)], axis=1)
    along = np.arctan2(*(ahead - middle + [1e-6, 0]).T[::-1])
    across = draw.uniform(-1, 1, _N_BROW)
    half_here = np.interp(at, knots, half)
    middle[:, 1] += across * half_here
    # Hairs below the line rise, those above it fall a little, so that they meet in a ridge.
    rise = np.radians(np.interp(at, knots, _BROW_RISE_DEG)) * (1 - 0.55 * np.clip(across, -0.3, 1))
    way = along + rise + np.radians(draw.normal(0, 6, _N_BROW))
    length = (
        _BROW_LENGTH_MM
        * draw.uniform(0.75, 1.1, _N_BROW)
        * np.interp(t, (0, 0.15, 1), (0.8, 1, 0.85))
    )
    surface = _Surface(figure)
    hairs = [
        _lying(surface, figure.joints[3], root, angle, size, draw)
        for root, angle, size in zip(middle, way, length, strict=True)
    ]
    rim = _BROW_RIM_FADE * np.clip(np.abs(across) / 0.8, 0, 1) ** 2
    rim = np.maximum(rim, 0.5 * np.clip((0.10 - t) / 0.10, 0, 1))
    fade = np.clip(np.array(_BROW_FADE) + rim[:, None], 0, 1)
    return _blades("brow", hairs, is_left, _BROW_WIDTH_MM, 0.85, fade)


def lashes(figure: Figure, rim: Ints, is_upper: bool, is_left: bool, seed: int) -> Part:
    """Return the lashes of a lid.

    Args:
        figure: the body.
        rim: (n,) vertices of the front edge of the left eye's lid, from the inner corner on.
        is_upper: which lid.
        is_left: whether this is the left eye's or its mirror image.
        seed: of the lengths.
    """
    draw = np.random.default_rng(seed + is_upper)
    centre, line = figure.joints[3], figure.vertices[rim]
    lid, up = ("upper", 1) if is_upper else ("lower", -1)
    count = _N_LASHES[lid]
    t = np.clip((np.arange(count) + 0.5 + draw.uniform(-0.3, 0.3, count)) / count, 0.03, 0.97)
    at = t * (len(line) - 1)
    roots = np.stack([np.interp(at, np.arange(len(line)), line[:, i]) for i in range(3)], axis=1)
    short, long = _LASH_LENGTH_MM[lid]
    length = np.interp(t, (0, 0.25, 0.75, 1), (short, 0.85 * long, long, 0.9 * long)) / 1000
    length *= draw.uniform(0.85, 1.1, count)
    hairs = []
    for root, size, place in zip(roots, length, t, strict=True):
        out = (root - centre) / np.linalg.norm(root - centre)
        sideways = np.array([0.75 * (place - 0.42), 0, 0])
        first = out * 0.85 + sideways + [0, 0.05 * up, 0]
        second = out * 0.35 + sideways + [0, (0.95 if is_upper else 0.75) * up, 0.1]
        middle = root + 0.5 * size * first / np.linalg.norm(first)
        tip = middle + 0.55 * size * second / np.linalg.norm(second)
        hairs.append((np.stack([root, middle, tip]), np.array([1.0, 0, 0])))
    fade = np.tile(_LASH_FADE[lid], (count, 1))
    return _blades("lash", hairs, is_left, _LASH_WIDTH_MM[lid], 0.45, fade)


def wet_line(figure: Figure, margin: Ints, is_left: bool) -> Part:
    """Return a shining seam along the left eye's lower lid, or its mirror image."""
    points = figure.vertices[margin]
    inwards = figure.joints[3] + [0, 0, 0.002] - points
    inwards /= np.linalg.norm(inwards, axis=1, keepdims=True)
    up = np.array([0, 1, 0])
    width = _WET_WIDTH_MM / 1000 * np.sin(np.linspace(0.12, np.pi - 0.12, len(points)))[:, None]
    rows = [points + 0.1 * width * up, points + width * (0.6 * inwards + 0.45 * up),
            points + width * (1.9 * inwards + 0.5 * up)]  # fmt: skip
    n = len(points)
    vertices = np.concatenate(rows)
    faces = [
        [row * n + i, row * n + i + 1, (row + 1) * n + i + 1, (row + 1) * n + i]
        for row in range(2) for i in range(n - 1)
    ]  # fmt: skip
    if not is_left:
        vertices = vertices * [-1, 1, 1]
        faces = [face[::-1] for face in faces]
    pieces = np.tile(np.arange(n), 3)
    return Part("wet", vertices, faces, ["wet"] * len(faces), {}, pieces)


class _Surface:
    """The front of the face as a height over x and y."""

    def __init__(self, figure: Figure) -> None:
        facing = normals(figure.vertices, figure.body.quads)
        eye = figure.joints[3]
        near = np.unique(figure.skin_quads)
        points = figure.vertices[near]
        keep = (
            (facing[near, 2] > 0.15)
            & (points[:, 1] > eye[1] + 0.004)
            & (points[:, 2] > eye[2] - 0.03)
        )
        keep &= np.abs(points[:, 1] - eye[1]) < 0.05
        self._height = LinearNDInterpolator(points[keep, :2], points[keep, 2])
        self._normal = LinearNDInterpolator(points[keep, :2], facing[near][keep])

    def at(self, xy: Floats) -> tuple[Floats, Floats]:
        """Return the point (3,) and the normal (3,) there."""
        normal = np.asarray(self._normal(xy[None])[0])
        return np.append(xy, self._height(xy[None])[0]), normal / np.linalg.norm(normal)


def _lying(
    surface: _Surface, eye: Floats, root_mm: Floats, angle: float, length_mm: float,
    draw: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return a hair (3, 3) that lies on the skin, its tip a little off it, and its side."""
    way = np.array([np.cos(angle), np.sin(angle)]) * length_mm / 1000
    start = eye[:2] + root_mm / 1000
    points = []
    for t, lift_mm in ((0.0, 0.1), (0.5, 0.55), (1.0, draw.uniform(0.35, 0.7))):
        bend = np.array([0, -0.18 * t * t]) * length_mm / 1000
        point, normal = surface.at(start + t * way + bend)
        points.append(point + normal * lift_mm / 1000)
    side = np.cross(normal, np.append(way, 0))
    return np.array(points), side / np.linalg.norm(side)


def _blades(
    name: str, hairs: list[tuple[Floats, Floats]], is_left: bool, width_mm: float, taper: float,
    fade: Floats,
) -> Part:  # fmt: skip
    """Return hairs as blades of five vertices; mirrored for the right side.

    Args:
        name: of the part and its material.
        hairs: root, middle and tip (3, 3) of each, and its side (3,).
        is_left: whether they are as given or mirrored.
        width_mm: at the root.
        taper: how wide they are in the middle, as a share of that.
        fade: (n, 3) how far root, middle and tip are the skin's colour.
    """
    vertices, faces = [], []
    half = width_mm / 2000
    for index, (points, side) in enumerate(hairs):
        root, middle, tip = points
        vertices += [root - half * side, root + half * side, middle - taper * half * side,
                     middle + taper * half * side, tip]  # fmt: skip
        first = 5 * index
        faces += [[first, first + 1, first + 3, first + 2], [first + 2, first + 3, first + 4]]
    placed = np.array(vertices)
    if not is_left:
        placed = placed * [-1, 1, 1]
        faces = [face[::-1] for face in faces]
    pieces = np.repeat(np.arange(len(hairs)), 5)
    tips = np.tile([0.0, 0.0, 0.5, 0.5, 1.0], len(hairs))
    zones = {"hair_tip": tips, "hair_fade": fade[:, [0, 0, 1, 1, 2]].ravel()}
    return Part(name, placed, faces, [name] * len(faces), zones, pieces)
