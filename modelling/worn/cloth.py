"""What makes a surface look like cloth: it spans hollows, and it folds."""

import numpy as np
from dualtalk.modelling.body.topology import Mesh, normals, step
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: How often cloth is pulled taut over a body and pushed out of it again.
_PULLS = 45


def draped(mesh: Mesh, body: Floats, offset_m: float, is_free: Floats) -> Floats:
    """Return a surface (n, 3) that lies on what stands out of a body and spans what does not.

    Args:
        mesh: of both.
        body: (n, 3) what the cloth lies on.
        offset_m: how far out at least.
        is_free: (n,) 0 where it stays on the body, as at a neckline, to 1.
    """
    facing = smooth_normals(mesh, body, 2)
    least = body + offset_m * facing
    cloth = least.copy()
    for _ in range(_PULLS):
        pulled = mesh.averaging @ cloth
        inside = np.clip(((least - pulled) * facing).sum(axis=1), 0, None)
        pulled = pulled + inside[:, None] * facing
        cloth = is_free[:, None] * pulled + (1 - is_free[:, None]) * cloth
    return cloth


def smooth_normals(mesh: Mesh, points: Floats, times: int) -> Floats:
    """Return unit normals (n, 3), averaged with their neighbours'."""
    facing = mesh.smoothed(normals(points, mesh.quads), times)
    found: Floats = facing / np.linalg.norm(facing, axis=1, keepdims=True)
    return found


def folds(points: Floats, neck: Floats, armpit_m: tuple[float, float, float]) -> Floats:
    """Return how far out folds carry cloth at points (n, 3), metres, between -1 and 1 times 3 mm.

    They run from the armpits over chest and back, round the elbows, and fall down the sides.

    Args:
        points: (n, 3).
        neck: (3,) the base of the neck.
        armpit_m: (3,) the left one, from the neck.
    """
    x, y, z = (points - neck).T
    side = np.abs(x)
    wave = _noise(points)
    aside, low, ahead = armpit_m
    # From the armpit: rays, as many as are pulled by an arm that hangs.
    dx, dy = aside - side, y - low
    away = np.hypot(dx, dy) + 1e-6
    angle = np.arctan2(dy, np.maximum(dx, -0.02))
    on_trunk = step((aside + 0.015 - side) / 0.03)
    rays = np.cos(9.0 * angle + 1.6 * wave[0] + 2.0 * np.sign(z - ahead))
    rays *= np.exp(-away / 0.075) * step(away / 0.03) * on_trunk
    # Down the trunk: broad and slanting.
    lower = step((-0.20 - y) / 0.12) * on_trunk
    falls = np.sin(52 * side + 24 * y + 2.6 * wave[1]) * lower * 0.55
    # Round the sleeve: rings, closest at the elbow.
    sleeve = 1 - on_trunk
    elbow = np.exp(-(((y + 0.30) / 0.085) ** 2)) + 0.35
    rings = np.sin(165 * y + 9 * z + 70 * (side - aside) * np.sign(z) + 2.4 * wave[0])
    rings *= sleeve * elbow * step((-0.10 - y) / 0.08) * 0.8
    found: Floats = 0.003 * np.clip(1.1 * rays + falls + rings + 0.25 * wave[2], -1.2, 1.2)
    return found


def _noise(points: Floats) -> Floats:
    """Return three smooth fields (3, n), between about -1 and 1."""
    draw = np.random.default_rng(17)
    fields = []
    for scale in (22.0, 14.0, 34.0):
        ways = draw.normal(0, scale, (5, 3))
        phases = draw.uniform(0, 2 * np.pi, 5)
        fields.append(np.sin(points @ ways.T + phases).mean(axis=1) * 1.6)
    return np.stack(fields)
