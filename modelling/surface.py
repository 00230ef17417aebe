"""The shape of the head as a smooth union of simple bodies, and rays that find its surface.

Everything in modelling/ is in metres, FLAME axes, with the origin midway between the eyes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Body:
    """An ellipsoid; a pair of them, mirrored, if `centre` is off the middle."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    blend: float = 0.012  #: how softly it joins the others, metres
    tilt: float = 0.0  #: about the x axis, radians

    def distance(self, points: FloatArray) -> FloatArray:
        """Return the (approximate) signed distance of points (..., 3)."""
        x, y, z = np.moveaxis(points, -1, 0)
        x = np.abs(x) if self.centre[0] else x
        y, z = y - self.centre[1], z - self.centre[2]
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        local = np.stack([x - self.centre[0], c * y + s * z, c * z - s * y], axis=-1)
        radii = np.array(self.radii)
        k0 = np.linalg.norm(local / radii, axis=-1)
        k1 = np.linalg.norm(local / radii**2, axis=-1) + 1e-12
        return k0 * (k0 - 1) / k1


#: Skull, face, jaw, chin, cheeks, brows, nose, mouth, neck and shoulders.
BODIES = (
    Body((0, 0.032, -0.078), (0.077, 0.088, 0.094)),
    Body((0, -0.020, -0.048), (0.064, 0.082, 0.062), 0.02),
    Body((0, -0.070, -0.040), (0.052, 0.046, 0.054), 0.02),
    Body((0, -0.103, -0.004), (0.017, 0.014, 0.015), 0.022),
    Body((0.035, -0.036, -0.017), (0.024, 0.026, 0.023), 0.022),
    Body((0.026, 0.0185, -0.004), (0.027, 0.009, 0.0145), 0.012),
    Body((0, 0.006, 0.002), (0.0085, 0.022, 0.0115), 0.012),
    Body((0, -0.014, 0.011), (0.0078, 0.026, 0.0095), 0.010, -0.42),
    Body((0, -0.0335, 0.0235), (0.0105, 0.0090, 0.0115), 0.008),
    Body((0.0115, -0.0365, 0.0125), (0.0075, 0.0070, 0.0095), 0.006),
    Body((0, -0.066, -0.006), (0.031, 0.026, 0.0235), 0.016),
    Body((0, -0.130, -0.088), (0.050, 0.110, 0.053), 0.035, 0.10),
    Body((0, -0.236, -0.095), (0.150, 0.052, 0.072), 0.05),
)


def distance(points: FloatArray) -> FloatArray:
    """Return the signed distance of points (..., 3) to the head."""
    total = BODIES[0].distance(points)
    for body in BODIES[1:]:
        other = body.distance(points)
        # Polynomial smooth minimum.
        h = np.clip(0.5 + 0.5 * (total - other) / body.blend, 0, 1)
        total = total * (1 - h) + other * h - body.blend * h * (1 - h)
    return total


def outermost(origins: FloatArray, directions: FloatArray, reach: float = 0.3) -> FloatArray:
    """Return where rays (N, 3) leave the head for good, (N, 3): march inwards, then bisect."""
    steps = np.linspace(reach, 0, 300)
    outside = np.full(len(origins), reach)
    inside = np.zeros(len(origins))
    is_found = np.zeros(len(origins), bool)
    for t in steps:
        is_in = distance(origins + t * directions) < 0
        newly = is_in & ~is_found
        inside[newly] = t
        is_found |= is_in
        outside[~is_found] = t
    for _ in range(24):
        middle = (inside + outside) / 2
        is_in = distance(origins + middle[:, None] * directions) < 0
        inside, outside = np.where(is_in, middle, inside), np.where(is_in, outside, middle)
    return origins + inside[:, None] * directions
