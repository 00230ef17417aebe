"""What covers hair: a headscarf that falls over the shoulders, and a knitted cap.

Both are grids of rows from the crown down, each as far out as the head is there. Cloth hangs: it
never comes in faster than it may, wherever the head does.
"""

import numpy as np
from dualtalk.modelling.body.skull import Skull, Surface
from dualtalk.modelling.part import grid_faces
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cover = tuple[Floats, list[list[int]], Floats]

#: The vertical axis of the grids, behind the eyes.
_AXIS_Z = -0.075
_N_AROUND = 64
#: From this height a headscarf falls freely, and in how many steps of what length, metres.
_OVER_SKIN_M = 0.006
_FALLS_FROM_M, _FALL_STEPS, _FALL_STEP_M = -0.118, 17, 0.0095


def covers(skull: Skull, dressed: Surface) -> dict[str, Cover]:
    """Return vertices, faces and tones of each cover by name; `dressed` are clothed shoulders."""
    points = skull.points - skull.eye
    return {"headscarf": _headscarf(skull, dressed, points), "beanie": _beanie(points, skull.eye)}


def _reach(points: Floats, heights: Floats, angles: Floats) -> Floats:
    """Return how far out the head is at heights and angles (rows, columns), from the axis."""
    x, z = points[:, 0], points[:, 2] - _AXIS_Z
    own_angle, own_radius = np.arctan2(x, z), np.hypot(x, z)
    found = np.zeros(angles.shape)
    for row, height in enumerate(heights):
        near_y = np.exp(-(((points[:, 1] - height) / 0.008) ** 2))
        away = np.abs((own_angle[:, None] - angles[row] + np.pi) % (2 * np.pi) - np.pi)
        weight = near_y[:, None] * np.exp(-((away / 0.13) ** 2)) + 1e-12
        # A mean of high power is near the largest, without its steps.
        found[row] = ((weight * own_radius[:, None] ** 6).sum(0) / weight.sum(0)) ** (1 / 6)
    return found


def _placed(radius: Floats, heights: Floats, angles: Floats, eye: Floats) -> Floats:
    rows = np.stack([radius * np.sin(angles), np.repeat(heights[:, None], angles.shape[1], 1),
                     _AXIS_Z + radius * np.cos(angles)], axis=-1)  # fmt: skip
    return rows.reshape(-1, 3) + eye


def _headscarf(skull: Skull, dressed: Surface, points: Floats) -> Cover:
    eye = skull.eye
    top = points[:, 1].max() + 0.011
    heights = np.concatenate([top - 0.118 * (1 - np.cos(np.linspace(0.12, np.pi / 2, 9))),
                              np.linspace(top - 0.128, _FALLS_FROM_M, 18)])  # fmt: skip
    # The face shows between the forehead and below the chin, as an oval.
    t = np.clip((heights + 0.118) / 0.170, 0, 1)
    opening = 0.80 * np.sqrt(np.clip(1 - (2 * t - 1) ** 2, 0, 1)) * (0.86 + 0.14 * t)
    u = np.linspace(0, 1, _N_AROUND)
    angles = opening[:, None] + u * (2 * np.pi - 2 * opening[:, None])
    radius = _reach(points, heights, angles) + 0.011
    for row in range(1, len(heights)):
        drop = heights[row - 1] - heights[row]
        slope = np.where(heights[row] < -0.10, 0.42, 0.55)
        if heights[row] < top - 0.09:
            radius[row] = np.maximum(radius[row], radius[row - 1] - slope * drop)
    radius = _dome(radius, heights, top)
    collar = np.interp(-heights, (0.11, -_FALLS_FROM_M), (0.100, 0.106))[:, None]
    radius = np.where(heights[:, None] < -0.11, np.minimum(radius, collar), radius)
    folds = np.clip((-0.07 - heights) / 0.08, 0, 1)[:, None]
    radius += folds * (0.0045 * np.sin(11 * angles + 14 * heights[:, None])
                       + 0.003 * np.sin(5 * angles - 30 * heights[:, None]))  # fmt: skip
    # Round the face the edge lies on the skin and is rolled.
    edge = np.exp(-np.minimum(u, 1 - u) / 0.02) * (opening[:, None] > 0.1)
    tones = 1 - 0.2 * edge - 0.10 * folds * (1 + np.sin(11 * angles + 14 * heights[:, None]))
    radius += (
        0.004 * np.exp(-(((np.minimum(u, 1 - u) - 0.02) / 0.012) ** 2)) * (opening[:, None] > 0.1)
    )
    radius -= 0.012 * np.exp(-np.minimum(u, 1 - u) / 0.008) * (opening[:, None] > 0.1)
    placed = _placed(radius, heights, angles, eye)
    fallen, shade = _fallen(skull, dressed, placed[-_N_AROUND:], angles[-1])
    rows = len(heights) + len(fallen)
    points = np.concatenate([placed, fallen.reshape(-1, 3)])
    return _closed(points, rows, np.concatenate([tones, shade]), top, eye)


def _fallen(skull: Skull, dressed: Surface, row: Floats, angles: Floats) -> tuple[Floats, Floats]:
    """Return how cloth falls from a row (n, 3) over the shoulders (rows, n, 3), and its tones."""
    here, rows, tones = row, [], []
    for at in range(_FALL_STEPS):
        t = (at + 1) / _FALL_STEPS
        place, facing = skull.nearest(here)
        is_near = np.clip(1.6 - ((here - place) * facing).sum(axis=1) / 0.012, 0, 1)
        out = np.stack([np.sin(angles), 0 * angles, np.cos(angles)], axis=1)
        way = np.array([0, -1.0, 0]) + 0.45 * out
        into = np.clip((way * facing).sum(axis=1), None, 0)
        way = way - (is_near * into)[:, None] * facing
        here = here + _FALL_STEP_M * way / (np.linalg.norm(way, axis=1, keepdims=True) + 1e-9)
        fold = np.sin(9 * angles + 2.5 * np.sin(3 * angles)) * 0.55 + np.sin(4 * angles + 1) * 0.45
        here = _evened_around(here, 2)
        place, facing = skull.nearest(here)
        off = ((here - place) * facing).sum(axis=1)
        here = here + np.clip(_OVER_SKIN_M - off, 0, None)[:, None] * facing
        place = dressed.nearest(here)[0]  # the body's normals: collars have an inside too
        least = 0.010 + 0.004 * (1 + fold) * (1 - 0.6 * t)
        off = ((here - place) * facing).sum(axis=1)
        push = np.clip(least - off, 0, None)
        if at == _FALL_STEPS - 1:
            push = np.where(off < 0.02, -0.003 - off, 0)  # the hem turns in
        here = here + push[:, None] * facing
        rows.append(here)
        tones.append(1 + 0.07 * fold)
    return np.stack(rows), np.stack(tones)


def _evened_around(points: Floats, times: int) -> Floats:
    """Return a ring of points (n, 3) smoothed, whose first and last are the same place."""
    for _ in range(times):
        ring = points[:-1]
        ring = 0.5 * ring + 0.25 * (np.roll(ring, 1, axis=0) + np.roll(ring, -1, axis=0))
        points = np.concatenate([ring, ring[:1]])
    return points


def _beanie(points: Floats, eye: Floats) -> Cover:
    top = points[:, 1].max() + 0.016
    end = 0.030
    heights = np.concatenate([top - (top - 0.062) * (1 - np.cos(np.linspace(0.12, np.pi / 2, 10))),
                              np.linspace(0.058, end, 5), [end - 0.002, end + 0.004]])  # fmt: skip
    angles = np.tile(np.linspace(np.pi, 3 * np.pi, _N_AROUND), (len(heights), 1))
    # It sits lower behind.
    tilt = -0.030 * (1 - np.cos(angles)) / 2 * (heights[:, None] < 0.07)
    radius = np.stack([
        _reach(points, heights + tilt[:, column], angles[:, [column]])[:, 0]
        for column in range(_N_AROUND)
    ], axis=1) + 0.010  # fmt: skip
    radius = _even(_dome(radius, heights, top), 8)
    brim = heights < 0.06
    radius[brim] += 0.004
    radius[-1] -= 0.012
    ribs = np.abs(np.sin(16 * angles)) * 0.0016
    placed = _placed(radius + ribs, heights, angles, eye).reshape(*angles.shape, 3)
    placed[..., 1] += tilt
    tones = 0.86 + 0.2 * np.abs(np.sin(16 * angles)) - 0.08 * brim[:, None]
    return _closed(placed.reshape(-1, 3), len(heights), tones, top, eye)


def _even(radius: Floats, times: int) -> Floats:
    """Return radii smoothed around."""
    for _ in range(times):
        inner = radius[:, :-1]
        around = 0.5 * inner + 0.25 * (np.roll(inner, 1, axis=1) + np.roll(inner, -1, axis=1))
        radius = np.concatenate([around, around[:, :1]], axis=1)
    return radius


def _dome(radius: Floats, heights: Floats, top: float) -> Floats:
    """Round off what is near the crown, where rays from the axis hit too far out."""
    rise = np.clip((top - heights) / 0.09, 0, 1)
    limit = 0.098 * np.sqrt(np.clip(1 - (1 - rise) ** 2, 0, 1))
    return np.where(
        rise[:, None] < 1, np.minimum(radius, limit[:, None] + 0.3 * radius * rise[:, None]), radius
    )


def _closed(points: Floats, n_rows: int, tones: Floats, top: float, eye: Floats) -> Cover:
    """Return a grid with its crown closed."""
    faces = [face[::-1] for face in grid_faces(n_rows, _N_AROUND, False)]
    crown = len(points)
    middle = np.array([[0, top + 0.001, _AXIS_Z]]) + eye
    faces += [[crown, i, i + 1] for i in range(_N_AROUND - 1)]
    return np.concatenate([points, middle]), faces, np.append(tones.ravel(), tones[0].mean())
