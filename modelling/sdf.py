"""Signed distances of simple bodies, and how to blend them; all in centimetres.

Formulas after Inigo Quilez, "Distance functions" and "Smooth minimum".
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Field = Callable[[Array], Array]  #: (..., 3) positions to (...) distances


def ellipsoid(p: Array, center: Sequence[float], radii: Sequence[float]) -> Array:
    """Distance (approximate away from the surface) to an ellipsoid along the axes."""
    scaled = (p - np.asarray(center)) / np.asarray(radii)
    k0 = np.linalg.norm(scaled, axis=-1)
    k1 = np.linalg.norm(scaled / np.asarray(radii), axis=-1)
    return np.asarray(k0 * (k0 - 1.0) / np.maximum(k1, 1e-9))


def sphere(p: Array, center: Sequence[float], radius: float) -> Array:
    """Distance to a sphere."""
    return np.asarray(np.linalg.norm(p - np.asarray(center), axis=-1) - radius)


def capsule(p: Array, a: Sequence[float], b: Sequence[float], r_a: float, r_b: float) -> Array:
    """Distance to a capsule from `a` to `b` whose radius runs from `r_a` to `r_b`."""
    start, along = np.asarray(a), np.asarray(b) - np.asarray(a)
    t = np.clip((p - start) @ along / (along @ along), 0.0, 1.0)
    nearest = start + t[..., None] * along
    return np.asarray(np.linalg.norm(p - nearest, axis=-1) - (r_a + t * (r_b - r_a)))


def union(a: Array, b: Array, k: float) -> Array:
    """Join two bodies; the seam is filled over about `k` centimetres."""
    h = np.maximum(k - np.abs(a - b), 0.0) / k
    return np.minimum(a, b) - h * h * k / 4.0


def carve(a: Array, b: Array, k: float) -> Array:
    """Take body `b` away from body `a`, with an edge rounded over about `k` centimetres."""
    return -union(-a, b, k)


def mirrored(p: Array) -> Array:
    """The positions on the other side of the head."""
    return p * np.array([-1.0, 1.0, 1.0])


def both_sides(p: Array, body: Field, k: float) -> Array:
    """Join a body on the left with its mirror image."""
    return union(body(p), body(mirrored(p)), k)


def gradient(field: Field, p: Array, step: float = 0.01) -> Array:
    """Gradient of a field by central differences, (n, 3)."""
    axes = np.eye(3) * step
    return np.stack([field(p + axis) - field(p - axis) for axis in axes], axis=-1) / (2 * step)


def project(field: Field, p: Array, n_steps: int = 12) -> Array:
    """Move positions (n, 3) onto the surface of the field along its gradient."""
    for _ in range(n_steps):
        g = gradient(field, p)
        length2 = np.maximum((g * g).sum(axis=-1), 0.05)
        step = np.clip(field(p), -0.7, 0.7) / length2
        p = p - 0.9 * step[:, None] * g
    return p
