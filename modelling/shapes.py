"""The 40 ARKit shapes and the identities as smooth fields of displacement over the head.

A field is written once for the left side of the face; `mirrored` gives the right side's. Numbers
are metres in the frame of `surface` (origin between the eyes).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import skin as sk

FloatArray = NDArray[np.float64]

#: Landmarks of the left side: (x, y, z).
_CORNER = (0.0245, sk.MOUTH_Y, 0.0130)
_CHEEK = (0.036, -0.034, 0.004)
_NOSE_WING = (0.0130, -0.0360, 0.0210)


@dataclass(frozen=True)
class Face:
    """What fields need to know of every vertex."""

    points: FloatArray  #: (V, 3)
    #: (V,) how much a vertex goes with the upper and with the lower lip, 0 to 1.
    upper: FloatArray
    lower: FloatArray
    #: (V,) skin and brows, which all fields move; teeth, tongue and eyes stay.
    soft: FloatArray

    def near(
        self, centre: tuple[float, float, float], radii: tuple[float, float, float]
    ) -> FloatArray:
        """Return a bell around a centre, (V,)."""
        away = (self.points - np.array(centre)) / np.array(radii)
        return np.exp(-np.square(away).sum(axis=1)) * self.soft

    def left(self) -> FloatArray:
        """Return 1 on the left half, easing to 0 across the middle."""
        t = np.clip(self.points[:, 0] / 0.016 + 0.5, 0, 1)
        return t * t * (3 - 2 * t)

    def lip(self, is_upper: bool, reach: float = 0.013) -> FloatArray:
        """Return a lip with the skin around it, fading over `reach` and to the corners."""
        y, x, z = self.points[:, 1], self.points[:, 0], self.points[:, 2]
        side = self.upper if is_upper else self.lower
        across = np.exp(-(np.clip(np.abs(x) / 0.0235, 0, 3) ** 4))
        height = np.exp(-(((y - sk.MOUTH_Y) / reach) ** 2))
        depth = np.clip((z + 0.045) / 0.04, 0, 1)
        return side * across * height * depth * self.soft


def move(weight: FloatArray, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> FloatArray:
    """Return a displacement (V, 3) of millimetres x, y, z where the weight is 1."""
    return weight[:, None] * (np.array([x, y, z]) / 1000)


def one_sided(face: Face) -> dict[str, FloatArray]:
    """Return the left side's shapes, by their name without the side."""
    left = face.left()
    corner = face.near(_CORNER, (0.013, 0.014, 0.02))
    cheek = face.near(_CHEEK, (0.020, 0.018, 0.025))
    crease = face.near((0.033, -0.052, 0.008), (0.013, 0.018, 0.02))
    upper, lower = face.lip(True) * left, face.lip(False) * left
    wing = face.near(_NOSE_WING, (0.009, 0.011, 0.014)) * left
    brow = face.near((0.029, 0.022, 0.010), (0.024, 0.012, 0.03)) * left
    outer = face.near((0.043, 0.021, 0.004), (0.015, 0.016, 0.03)) * left
    inner = face.near((0.010, 0.021, 0.018), (0.012, 0.013, 0.03)) * left
    below_eye = face.near((0.032, -0.019, 0.010), (0.019, 0.009, 0.02)) * left
    return {
        "mouthSmile": move(corner, 7.5, 8.5, -5) + move(cheek, 1, 3.5, 3.5)
        + move(crease, 2, 1.5, 1.5) + move(upper, 1.5, 1.2, -1.5) + move(lower, 1.5, 0.8, -1.5),
        "mouthFrown": move(corner, 1.5, -8, -1) + move(lower, 0, 1.2, 0.5) + move(crease, 0, -2.5),
        "mouthDimple": move(corner, 5, 1.0, -6.5) + move(crease, 1.5, 0, -1),
        "mouthStretch": move(corner, 8, -3.5, -4.5) + move(lower, 1.5, -1.5, -1)
        + move(face.near((0.030, -0.095, 0.0), (0.016, 0.02, 0.03)), 2, -2),
        "mouthPress": move(upper, 0, -1.3, -1.8) + move(lower, 0, 1.3, -1.8)
        + move(corner, 1, 0, -2),
        "mouthLowerDown": move(lower, 0.8, -8.0, 0.3)
        + move(face.near((0.014, -0.085, 0.015), (0.016, 0.012, 0.02)) * face.lower, 0, -2.5),
        "mouthUpperUp": move(upper, 0.6, 6.0, 0.8) + move(wing, 0, 1.5, 0.5)
        + move(face.near((0.016, -0.050, 0.02), (0.012, 0.010, 0.02)), 0.5, 2),
        "browDown": move(brow, -1.8, -7, 1.8) + move(inner, -2, -2.5, 1.5),
        "browOuterUp": move(outer, 0, 9, -0.5) + move(brow, 0, 2.5),
        "cheekSquint": move(face.near((0.036, -0.022, 0.006), (0.019, 0.014, 0.02)), 0, 5.5, 3.5)
        + move(below_eye, 0, 2.5, 1.5),
        "noseSneer": move(wing, 1.5, 5, 0.5) + move(upper, 0, 2.2, 0.5)
        + move(face.near((0.009, -0.012, 0.02), (0.008, 0.012, 0.015)), 0, 2.5, 1)
        + move(inner, -1, -2.2, 0.5),
    }  # fmt: skip


def whole_face(face: Face) -> dict[str, FloatArray]:
    """Return the shapes that have no side, but for mouthClose and tongueOut."""
    x = face.points[:, 0]
    upper, lower = face.lip(True), face.lip(False)
    mouth = face.near((0, sk.MOUTH_Y, 0.012), (0.034, 0.023, 0.035))
    corners = face.near(_CORNER, (0.015, 0.014, 0.02)) + face.near(
        (-_CORNER[0], *_CORNER[1:]), (0.015, 0.014, 0.02)
    )
    inward = -np.sign(x) * np.clip(np.abs(x) / 0.012, 0, 1)
    tight_u, tight_l = face.lip(True, 0.0075), face.lip(False, 0.0085)
    chin = face.near((0, -0.088, 0.012), (0.022, 0.014, 0.03)) * face.lower
    puff = face.near((0.043, -0.060, -0.005), (0.018, 0.022, 0.03))
    puff_right = face.near((-0.043, -0.060, -0.005), (0.018, 0.022, 0.03))
    inner = face.near((0.009, 0.022, 0.018), (0.013, 0.013, 0.03))
    inner += face.near((-0.009, 0.022, 0.018), (0.013, 0.013, 0.03))

    def narrowed(amount: float, forward: float) -> FloatArray:
        return np.stack([inward * corners * amount / 1000, 0 * x, corners * forward / 1000], axis=1)

    return {
        "mouthFunnel": narrowed(7, 4.5) + move(upper, 0, 4.5, 6.5) + move(lower, 0, -5.5, 6.5)
        + move(mouth, 0, 0, 1.5),
        "mouthPucker": narrowed(12, 6) + move(upper, 0, 0.5, 8) + move(lower, 0, -0.3, 8)
        + move(mouth, 0, 0, 2),
        "mouthLeft": move(mouth, 10) + move(corners * (x > 0), 1, 1, -3),
        "mouthRight": move(mouth, -10) + move(corners * (x < 0), -1, 1, -3),
        "mouthRollLower": move(tight_l, 0, 2.4, -6) + move(lower, 0, 0.8, -1),
        "mouthRollUpper": move(tight_u, 0, -2.0, -5) + move(upper, 0, -0.6, -1),
        "mouthShrugLower": move(lower, 0, 4.5, 3.0) + move(chin, 0, 4.5, 2.5),
        "mouthShrugUpper": move(upper, 0, 4.0, 2.5),
        "browInnerUp": move(np.minimum(inner, 1.0), 0, 9, 0),
        "cheekPuff": move(puff, 9, 0, 6) + move(puff_right, -9, 0, 6) + move(mouth, 0, 0, 1.5),
    }  # fmt: skip


def identities(face: Face, hair: FloatArray) -> dict[str, FloatArray]:
    """Return what makes one person another; the whole head moves, eyes and teeth too.

    Args:
        face: the head.
        hair: (V, 3), how vertices move as hair grows long.
    """
    p = face.points
    above_neck = np.clip((p[:, 1] + 0.15) / 0.05, 0, 1)
    jaw = np.exp(-(((p[:, 1] + 0.095) / 0.045) ** 2)) * np.clip((p[:, 2] + 0.09) / 0.05, 0, 1)
    nose = face.near((0, -0.020, 0.026), (0.016, 0.026, 0.022))
    jowl = face.near((0.040, -0.085, -0.01), (0.02, 0.02, 0.03))
    jowl += face.near((-0.040, -0.085, -0.01), (0.02, 0.02, 0.03))
    cheeks = face.near((0.036, -0.040, 0), (0.018, 0.016, 0.02))
    cheeks += face.near((-0.036, -0.040, 0), (0.018, 0.016, 0.02))
    brows = face.near((0, 0.022, 0.012), (0.055, 0.012, 0.03))
    off_edge = 1 - np.exp(-(((p[:, 1] - sk.MOUTH_Y) / 0.0028) ** 2))
    lips = (face.lip(True, 0.007) - face.lip(False, 0.007)) * off_edge
    wide = np.zeros_like(p)
    wide[:, 0] = 0.10 * p[:, 0] * above_neck
    jaw_wide = np.zeros_like(p)
    jaw_wide[:, 0] = 0.16 * p[:, 0] * jaw
    nose_wide = np.zeros_like(p)
    nose_wide[:, 0] = 0.18 * p[:, 0] * nose
    return {
        "age": move(jowl, 0, -4, 2) + move(cheeks, 0, -4, -3) + move(brows, 0, -2.5),
        "width": wide,
        "nose": move(nose, 0, -1.5, 5) + nose_wide,
        "jaw": jaw_wide + move(jaw * face.soft, 0, -3, 1),
        "brow": move(brows, 0, -1.5, 3.5),
        "lips": move(lips, 0, 1.4, 0)
        + move(face.lip(True, 0.008) + face.lip(False, 0.008), 0, 0, 1.8),
        "hair": hair,
    }


def mirrored(deltas: FloatArray, twin: NDArray[np.int64]) -> FloatArray:
    """Return the other side's deltas; `twin` is each vertex's counterpart across the middle."""
    return deltas[twin] * np.array([-1, 1, 1])
