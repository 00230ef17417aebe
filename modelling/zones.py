"""Where the skin has other colours: zones with soft edges, from MakeHuman's masks and by place."""

import numpy as np
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.worn.facial_hair import BROW_LINE_MM
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Depth and height, from the eyes, of the line where hair begins: from the nape behind the ear,
#: over it, down the sideburn and up the temple to the forehead, metres.
_HAIRLINE = (
    (-0.250, -0.074), (-0.165, -0.070), (-0.145, -0.062), (-0.125, -0.046), (-0.106, -0.030),
    (-0.096, -0.004), (-0.089, 0.012), (-0.062, 0.013), (-0.056, -0.012), (-0.051, -0.021),
    (-0.041, -0.021), (-0.037, 0.004), (-0.035, 0.022), (-0.028, 0.036), (-0.017, 0.048),
    (-0.008, 0.056), (0.0, 0.060), (0.050, 0.066),
)  # fmt: skip


def zones(figure: Figure) -> dict[str, Floats]:
    """Return how much each of MakeHuman's vertices is in each zone (V,), 0 to 1."""
    source, body = figure.source, figure.body
    eye = figure.joints[3]
    points = figure.vertices
    x, y, z = points.T
    side = np.abs(x)
    nose = points[np.argmax(np.where((side < 0.004) & is_skin(figure), z, -1))]

    def near(centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Floats:
        at = np.stack([side, y, z], axis=1) - centre
        return np.exp(-((at / radii) ** 2).sum(axis=1))

    # One average takes the steps out of a mask that was read at vertices.
    lips = body.smoothed(source.mask("lips"), 1)
    lids = body.smoothed(source.mask("eyelids"), 1)
    ears = body.smoothed(source.mask("ears"), 2)
    mouth = points[figure.lip_edge].mean(axis=0)
    ear_depth = np.clip((0.07 - z) / 0.05, 0, 1)
    jaw = near((0.0, mouth[1] - 0.012, mouth[2]), (0.062, 0.036, 0.07))
    moustache = near((0.0, mouth[1] + 0.012, mouth[2] + 0.004), (0.024, 0.008, 0.03))
    beard = np.clip(1.6 * (jaw + moustache) - 0.35, 0, 1) * (1 - lips) * (z > -0.01)
    above = np.clip((mouth[1] + 0.030 - y) / 0.018, 0, 1)  # it ends below the cheekbone
    return {
        "lips": lips,
        "lids": lids,
        "ears": ears * ear_depth,
        "cheeks": near((0.036, nose[1] + 0.002, 0.125), (0.019, 0.016, 0.03)),
        "nose": near((0.0, nose[1], nose[2]), (0.013, 0.011, 0.016)),
        "under_eyes": near((eye[0], eye[1] - 0.014, eye[2] + 0.01), (0.015, 0.006, 0.02)),
        "beard": beard * above,
        "brows": _brow(figure),
        "scalp": _scalp(figure),
        "inside": np.clip((mouth[2] - 0.004 - z) / 0.03, 0, 1) * figure.is_inside,
        "lining": figure.is_inside.astype(float),
    }


def is_skin(figure: Figure) -> NDArray[np.bool_]:
    """Tell which vertices are of the head's skin (V,)."""
    found = np.zeros(len(figure.vertices), bool)
    found[np.unique(figure.skin_quads)] = True
    return found


def hairline(eye: Floats, points: Floats) -> Floats:
    """Return how far points (n, 3) are above the line where hair begins, metres.

    Args:
        eye: (3,) of whose height and depth count.
        points: (n, 3).
    """
    side, y, z = np.abs(points[:, 0]), points[:, 1] - eye[1], points[:, 2] - eye[2]
    depth, height = np.array(_HAIRLINE).T
    temple = 0.010 * np.exp(-(((side - 0.045) / 0.016) ** 2)) * (z > -0.03)
    return y - np.interp(z, depth, height) - temple


def _scalp(figure: Figure) -> Floats:
    eye = figure.joints[3]
    found = np.clip(0.5 + hairline(eye, figure.vertices) / 0.014, 0, 1)
    found *= 0.25 + 0.75 * np.clip((figure.vertices[:, 1] - eye[1] + 0.02) / 0.055, 0, 1)
    found *= 1 - np.clip((figure.body.smoothed(figure.source.mask("ears"), 2) - 0.3) * 2, 0, 1)
    return found * is_skin(figure)


def _brow(figure: Figure) -> Floats:
    eye = figure.joints[3]
    line = np.array(BROW_LINE_MM) / 1000
    x = np.abs(figure.vertices[:, 0]) - eye[0]
    y = figure.vertices[:, 1] - eye[1]
    middle = np.interp(x, line[:, 0], line[:, 1])
    ends = np.clip((x - line[0, 0] + 0.003) / 0.004, 0, 1) * np.clip(
        (line[-1, 0] - x) / 0.008, 0, 1
    )
    found: Floats = np.exp(-(((y - middle) / 0.0036) ** 2)) * ends * (figure.vertices[:, 2] > 0.08)
    return found
