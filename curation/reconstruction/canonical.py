"""Landmarks as if every head were upright, straight and of one size.

What is left is the face: who it is (its usual form through a clip) and what it does.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

#: Landmarks that no expression moves much, MediaPipe's numbering: corners of the eyes, root and
#: bridge of the nose, temples and sides of the forehead.
STABLE = (33, 133, 263, 362, 168, 6, 197, 195, 127, 356, 54, 284, 10, 67, 297, 234, 454)
#: Centres of the irises, the person's right and left; 4 points of the rim follow each.
IRISES = (468, 473)
_ITERATIONS = 3


@dataclass(frozen=True)
class Canonical:
    """Landmarks (n_frames, 478, 3) in a clip's own head: x to the person's left, y up, z out.

    One unit is the root mean square distance of the stable points from their middle.
    """

    points: Floats
    usual: Floats  #: (478, 3) the median over the clip

    @property
    def moved(self) -> Floats:
        """What the face does, (n_frames, 478, 3)."""
        moved: Floats = self.points - self.usual
        return moved


def canonical(landmarks: Floats, rotations: Floats) -> Canonical:
    """Bring a clip's landmarks into its own head.

    First by the model's rotation, then each frame is laid over the clip's median by its stable
    points, which takes out what that rotation gets wrong.

    Args:
        landmarks: (n_frames, 478, 3) pixels, y down, z away from the camera.
        rotations: (n_frames, 3, 3) from the head to the camera, y up, z towards the camera.
    """
    upright = landmarks * np.array([1.0, -1.0, -1.0])
    points = np.einsum("tji,tnj->tni", rotations, upright)  # R^T p
    points = _unit(points)
    for _ in range(_ITERATIONS):
        usual = np.median(points, axis=0)
        points = np.stack([_laid_over(frame, usual) for frame in points])
    points = _unit(points)
    return Canonical(points, np.median(points, axis=0))


def _unit(points: Floats) -> Floats:
    stable = points[:, STABLE]
    centred: Floats = points - stable.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(centred[:, STABLE]).sum(axis=2).mean(axis=1))
    unit: Floats = centred / np.maximum(spread, 1e-9)[:, None, None]
    return unit


def _laid_over(points: Floats, onto: Floats) -> Floats:
    """Return points turned, scaled and moved so that the stable ones lie best (Umeyama 1991)."""
    rotation, scale, shift = fitted(points[list(STABLE)], onto[list(STABLE)])
    laid: Floats = scale * points @ rotation.T + shift
    return laid


def fitted(source: Floats, target: Floats) -> tuple[Floats, float, Floats]:
    """Return rotation (3, 3), scale and shift (3,) that bring points (n, 3) best onto others."""
    middles = source.mean(axis=0), target.mean(axis=0)
    centred = source - middles[0]
    u, s, vt = np.linalg.svd((target - middles[1]).T @ centred)
    sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ sign @ vt
    scale = float((s * np.diag(sign)).sum() / max(float(np.square(centred).sum()), 1e-12))
    shift: Floats = middles[1] - scale * rotation @ middles[0]
    return rotation, scale, shift
