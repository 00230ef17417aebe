"""From the raw skin to a face: lids on the eyeballs, lips, a mouth to open, ears, brows, teeth."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from . import skin as sk
from .surface import outermost

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MATERIALS = (
    *("skin", "lips", "hair", "hair_low", "brow", "eye_white", "iris", "pupil"),
    *("mouth", "teeth", "tongue", "cloth"),
)
#: Elevation of lid edges on the eyeball in the middle of the eye, radians: open and closed.
UPPER_LID_RAD, LOWER_LID_RAD, CLOSED_RAD = np.radians(21), np.radians(-23), np.radians(-12)
_CREASE_RAD = (np.radians(66), np.radians(-62))
#: Lids lie on a body that is this much wider than the eyeball, so that the corners reach far.
_LID_WIDTH = 1.16
_EYE_HALF_WIDTH = 0.0160
_UPPER_LID_ROWS, _LOWER_LID_ROWS = 5, 6
#: Columns at which the hairline turns down before the ear, and down to the nape behind it.
TEMPLE_DEG, BEHIND_EAR_DEG = 72.0, 108.0
#: Height of the hairline at the nape, between two rows of the skin.
NAPE_Y = -0.0715
#: How far the lips stand out at each row from the slit, metres.
_LIP_PROFILE = np.array([-0.0016, 0.0016, 0.0030, 0.0026, 0.0012, 0.0004, 0.0])


@dataclass
class Part:
    """Some of the mesh: vertices, faces (triangles end in -1) and one material per face."""

    name: str
    vertices: FloatArray
    faces: IntArray
    materials: list[str]
    #: Per vertex: how much belongs to the lower lip's side, for parts inside the mouth.
    lower: FloatArray = field(default_factory=lambda: np.zeros(0))


def lid_points(dx: FloatArray, elevation: FloatArray, radius: float = sk.LID_RADIUS) -> FloatArray:
    """Return points over the left eyeball at `dx` from its middle and an elevation, (..., 3)."""
    rho = radius * np.sqrt(np.maximum(1 - (dx / (_LID_WIDTH * radius)) ** 2, 0))
    x, y, z = sk.EYE_CENTRE
    return np.stack([x + dx, y + rho * np.sin(elevation), z + rho * np.cos(elevation)], axis=-1)


def lid_elevation(a: FloatArray, s: FloatArray, edge: float, is_upper: bool) -> FloatArray:
    """Return the elevation at `a` across the eye (-1 to 1) and `s` from edge (0) to crease (1)."""
    almond = np.maximum(1 - np.abs(a) ** 2.2, 0) ** 0.75
    crease = _CREASE_RAD[0 if is_upper else 1] * (0.25 + 0.75 * almond)
    return edge * almond * (1 - s) + crease * s


def lid_coordinates(
    skin: sk.Skin, eye_row: int, is_left: bool
) -> tuple[IntArray, FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return the lids' vertices, their place across (a) and down (s), and which are upper."""
    inner, outer = sk.EYE_COLUMNS
    column = skin.column if is_left else -skin.column
    k = skin.row - eye_row
    inside = (column >= inner) & (column <= outer)
    inside &= (k <= _UPPER_LID_ROWS) & (k >= -_LOWER_LID_ROWS)
    found = np.flatnonzero(inside)
    a = (column[found] - (inner + outer) / 2) / ((outer - inner) / 2)
    is_upper = (k[found] > 0) | (skin.eye_side[found] > 0)
    s = np.where(is_upper, k[found] / _UPPER_LID_ROWS, -k[found] / _LOWER_LID_ROWS)
    return found, a, s, is_upper


def place_lids(skin: sk.Skin, eye_row: int) -> None:
    """Move the rows around the eyes onto the lids, open."""
    for is_left in (True, False):
        found, a, s, is_upper = lid_coordinates(skin, eye_row, is_left)
        on_lid = lid_surface(a, s, is_upper, UPPER_LID_RAD, LOWER_LID_RAD)
        if not is_left:
            on_lid[:, 0] *= -1
        keep = (s * s * (3 - 2 * s))[:, None]
        across = np.clip((np.abs(a) - 0.9) / 0.1, 0, 1)[:, None] * 0.5 * (s[:, None] > 0)
        keep = np.maximum(keep, across)
        skin.vertices[found] = on_lid * (1 - keep) + skin.vertices[found] * keep


def lid_surface(
    a: FloatArray, s: FloatArray, is_upper: NDArray[np.bool_], upper: float, lower: float
) -> FloatArray:
    """Return where lid vertices lie for edges at the elevations `upper` and `lower`."""
    elevation = np.where(
        is_upper, lid_elevation(a, s, upper, True), lid_elevation(a, s, lower, False)
    )
    return lid_points(a * _EYE_HALF_WIDTH, elevation)


def shape_lips(skin: sk.Skin, mouth_row: int) -> None:
    """Give the lips volume, and let them taper to the corners."""
    k = skin.row - mouth_row
    x, y, z = skin.vertices.T
    a = np.clip(np.abs(x) / sk.MOUTH_HALF_WIDTH, 0, 1.3)
    envelope = np.maximum(1 - a**2, 0) ** 0.6
    near = np.abs(k) < len(_LIP_PROFILE)
    near &= (z > -0.02) & (np.abs(x) < 1.3 * sk.MOUTH_HALF_WIDTH)
    bump = _LIP_PROFILE[np.minimum(np.abs(k), len(_LIP_PROFILE) - 1)] * envelope
    bump *= np.where(k < 0, 1.15, 1.0)
    taper = np.where(np.abs(k) <= 3, 0.45 + 0.55 * envelope, 1.0)
    bow = 0.0011 * np.exp(-((np.abs(x) - 0.006) ** 2) / 0.004**2) * (k >= 2) * (k <= 4)
    line = -0.0007 * np.cos(np.pi * np.clip(x / sk.MOUTH_HALF_WIDTH, -1, 1))
    skin.vertices[near, 2] += bump[near]
    skin.vertices[near, 1] = (
        sk.MOUTH_Y + ((y - sk.MOUTH_Y) * taper + bow + line * (np.abs(k) <= 4))[near]
    )


def grow_hair(skin: sk.Skin, normals: FloatArray) -> None:
    """Lift the scalp so that hair has volume."""
    depth = np.clip((skin.vertices[:, 1] - hairline(skin.vertices)) / 0.02, 0, 1)
    skin.vertices += normals * (0.010 * depth * (2 - depth))[:, None]


def hairline(points: FloatArray) -> FloatArray:
    """Return the height of the hairline for points (N, 3): brow, temple, sideburn, nape.

    It follows rows and columns of the skin's grid, so that its edge is clean.
    """
    azimuth = np.degrees(np.abs(np.arctan2(points[:, 0], points[:, 2] - sk.AXIS_Z)))
    places = [0, TEMPLE_DEG, TEMPLE_DEG + 0.01, BEHIND_EAR_DEG, BEHIND_EAR_DEG + 0.01, 180]
    return np.interp(azimuth, places, [0.0535, 0.0475, -0.010, -0.010, NAPE_Y, NAPE_Y])


def mouth_pocket(skin: sk.Skin) -> Part:
    """Return the inside of the mouth: rings from the lips' edge to the throat."""
    upper, lower = skin.upper_lip, skin.lower_lip
    loop = np.concatenate([upper, lower[1:-1][::-1]])
    edge = skin.vertices[loop]
    n_upper = len(upper)
    side = np.concatenate([np.ones(n_upper), -np.ones(len(lower) - 2)])
    side[[0, n_upper - 1]] = 0
    a = np.clip(np.abs(edge[:, 0]) / sk.MOUTH_HALF_WIDTH, 0, 1)
    lift = side * np.sqrt(np.maximum(1 - a**2, 0))
    rings, lowers = [edge], [(1 - side) / 2]
    for scale, height, depth in (
        (0.98, 0.0010, 0.004),
        (0.97, 0.0080, 0.007),
        (1.05, 0.0150, 0.014),
        (0.95, 0.0170, 0.030),
        (0.60, 0.0100, 0.050),
    ):
        ring = edge * [scale, 1, 1] + np.stack([0 * a, height * lift, 0 * a - depth], axis=1)
        rings.append(ring)
        lowers.append((1 - side) / 2)
    n = len(loop)
    faces = []
    for level in range(len(rings) - 1):
        for i in range(n):
            j = (i + 1) % n
            base, inner = level * n, (level + 1) * n
            faces.append([base + i, inner + i, inner + j, base + j])
    centre = rings[-1].mean(axis=0) - [0, 0, 0.004]
    last = (len(rings) - 1) * n
    faces += [[last + i, len(rings) * n, last + (i + 1) % n, -1] for i in range(n)]
    vertices = np.concatenate([*rings, centre[None]])
    lower_share = np.concatenate([*lowers, [0.5]])
    return Part("mouth", vertices, np.array(faces), ["mouth"] * len(faces), lower_share)


def eyeball(is_left: bool) -> Part:
    """Return an eyeball with iris and pupil; rings around the line of sight."""
    polar = np.radians([8, 13, 20, 27, 33, 36, 45, 60, 80, 105, 130, 155])
    n = 28
    azimuth = 2 * np.pi * np.arange(n) / n
    rings = [
        np.stack(
            [np.sin(t) * np.cos(azimuth), np.sin(t) * np.sin(azimuth), np.cos(t) + 0 * azimuth], 1
        )
        for t in polar
    ]
    vertices = np.concatenate([[[0, 0, 1.0]], *rings, [[0, 0, -1.0]]])
    # The cornea stands out a little.
    angle = np.arccos(np.clip(vertices[:, 2], -1, 1))
    bulge = 1 + 0.05 * np.clip(1 - angle / np.radians(36), 0, 1)
    vertices = vertices * bulge[:, None] * sk.EYE_RADIUS
    colours = ["pupil", "pupil", "iris", "iris", "iris", *["eye_white"] * 8]
    faces, materials = [], []
    for i in range(n):
        faces.append([0, 1 + i, 1 + (i + 1) % n, -1])
        materials.append(colours[0])
    for level in range(len(polar) - 1):
        for i in range(n):
            j = (i + 1) % n
            a, b = 1 + level * n, 1 + (level + 1) * n
            faces.append([a + i, b + i, b + j, a + j])
            materials.append(colours[level + 1])
    last = 1 + (len(polar) - 1) * n
    for i in range(n):
        faces.append([last + i, len(vertices) - 1, last + (i + 1) % n, -1])
        materials.append("eye_white")
    centre = sk.EYE_CENTRE * [1 if is_left else -1, 1, 1]
    name = "eye_left" if is_left else "eye_right"
    return Part(name, vertices + centre, np.array(faces), materials)


def brow(is_left: bool) -> Part:
    """Return an eyebrow: a tapering arch a little above the skin."""
    n, rows = 12, 4
    t = np.linspace(0, 1, n)
    x = 0.0125 + 0.0385 * t
    y = 0.0205 + 0.0062 * np.sin(np.pi * (0.15 + 0.72 * t)) - 0.0035 * t
    half = 0.0036 * np.sin(np.pi * (0.22 + 0.74 * t)) ** 0.8 + 0.0004
    points = []
    for row in np.linspace(-1, 1, rows):
        height = y + row * half
        azimuth = np.arctan2(x, -sk.AXIS_Z - 0.0)
        directions = np.stack([np.sin(azimuth), 0 * x, np.cos(azimuth)], axis=1)
        origins = np.stack([0 * x, height, 0 * x + sk.AXIS_Z], axis=1)
        hit = outermost(origins, directions)
        points.append(hit + directions * (0.0018 if abs(row) < 0.9 else 0.0002))
    vertices = np.concatenate(points)
    faces = [
        [r * n + i, r * n + i + 1, (r + 1) * n + i + 1, (r + 1) * n + i]
        for r in range(rows - 1)
        for i in range(n - 1)
    ]
    quads = np.array(faces)
    if not is_left:
        vertices = vertices * [-1, 1, 1]
        quads = quads[:, ::-1]
    return Part("brow", vertices, quads, ["brow"] * len(quads))


def teeth(is_upper: bool) -> Part:
    """Return a row of teeth: a thin arch with a notch between neighbours."""
    n = 40
    angle = np.linspace(-1.15, 1.15, n)
    notch = 0.0007 * np.abs(np.sin(6.0 * angle)) ** 0.3
    sign = 1 if is_upper else -1
    edge_y = sk.MOUTH_Y + (0.0002 if is_upper else -0.0012)
    levels = ((0.0, 0.0), (0.004, 0.0006), (0.0085, 0.0), (0.0085, -0.006), (0.0, -0.0035))
    points = []
    for height, out in levels:
        radius = 0.0205 + out + notch - 0.0007
        points.append(
            np.stack(
                [radius * np.sin(angle), 0 * angle + edge_y + sign * height,
                 -0.0088 + radius * np.cos(angle) * 1.02],
                axis=1,
            )
        )  # fmt: skip
    behind = np.array([0, 0, 0.0 if is_upper else -0.0016])
    vertices = np.concatenate(points) + behind
    n_levels = len(levels)
    faces = []
    for level in range(n_levels):
        for i in range(n - 1):
            a, b = level * n, (level + 1) % n_levels * n
            quad = [a + i, a + i + 1, b + i + 1, b + i]
            faces.append(quad if is_upper else quad[::-1])
    name = "teeth_upper" if is_upper else "teeth_lower"
    return Part(name, vertices, np.array(faces), ["teeth"] * len(faces))


def tongue() -> Part:
    """Return the tongue: a flattened body that lies behind the lower teeth."""
    rings, n = 10, 14
    azimuth = 2 * np.pi * np.arange(n) / n
    points = []
    for t in np.linspace(0.06, 0.94, rings):
        size = np.sin(np.pi * t**0.8) ** 0.6
        z = -0.0525 + 0.048 * t
        points.append(
            np.stack(
                [0.0155 * size * np.cos(azimuth), -0.0755 + 0.0052 * size * np.sin(azimuth)
                 + 0.003 * np.sin(np.pi * t), np.full(n, z)], axis=1,
            )
        )  # fmt: skip
    step = np.array([0, 0, 0.002])
    ends = [points[0].mean(axis=0) - step, points[-1].mean(axis=0) + step]
    vertices = np.concatenate([*points, ends])
    faces = []
    for level in range(rings - 1):
        for i in range(n):
            a, b, j = level * n, (level + 1) * n, (i + 1) % n
            faces.append([a + i, a + j, b + j, b + i])
    last, back, tip = (rings - 1) * n, rings * n, rings * n + 1
    faces += [[(i + 1) % n, i, back, -1] for i in range(n)]
    faces += [[last + i, last + (i + 1) % n, tip, -1] for i in range(n)]
    return Part("tongue", vertices, np.array(faces), ["tongue"] * len(faces))


def ear(is_left: bool) -> Part:
    """Return an ear: a bowl with a rolled rim, leaning back and out."""
    n = 22
    azimuth = 2 * np.pi * np.arange(n) / n
    # (size, height out of the head) of rings from the root outside, over the rim, to the bowl.
    rings = ((0.80, -0.006), (0.96, 0.004), (1.0, 0.0075), (0.91, 0.0088), (0.78, 0.005),
             (0.55, 0.0015), (0.25, 0.0005))  # fmt: skip
    points = []
    for size, out in rings:
        lobe = 1 - 0.25 * np.clip(-np.sin(azimuth), 0, 1) ** 2
        depth = 0.0155 * size * np.cos(azimuth) * lobe
        height = 0.0290 * size * np.sin(azimuth)
        back = 0.006 * np.clip(-np.cos(azimuth), -0.3, 1) * (out > 0)
        points.append(np.stack([0 * azimuth + out + back, height, depth], axis=1))
    vertices = np.concatenate([*points, [[0.002, 0, 0]]])
    c, s = np.cos(0.18), np.sin(0.18)
    y, z = vertices[:, 1].copy(), vertices[:, 2].copy()
    vertices[:, 1], vertices[:, 2] = c * y + s * z, c * z - s * y
    vertices += [0.0715, -0.014, -0.082]
    faces = []
    for level in range(len(rings) - 1):
        for i in range(n):
            a, b, j = level * n, (level + 1) * n, (i + 1) % n
            faces.append([a + i, b + i, b + j, a + j])
    last = (len(rings) - 1) * n
    faces += [[last + i, len(vertices) - 1, last + (i + 1) % n, -1] for i in range(n)]
    quads = np.array(faces)
    if not is_left:
        vertices = vertices * [-1, 1, 1]
    else:
        quads = flipped(quads)
    return Part("ear", vertices, quads, ["skin"] * len(quads))


def flipped(faces: IntArray) -> IntArray:
    """Turn faces (F, 4) around; triangles keep their -1 last."""
    result = faces[:, ::-1].copy()
    triangles = faces[:, 3] < 0
    result[triangles] = np.column_stack([faces[triangles, 2::-1], faces[triangles, 3]])
    return result


def normals_of(vertices: FloatArray, faces: IntArray) -> FloatArray:
    """Return unit vertex normals, (V, 3)."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    face_normals = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for i in range(4):
        used = faces[:, i] >= 0
        np.add.at(total, faces[used, i], face_normals[used])
    return total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-12)
