"""Frames at which the lips are closed for a p, b or m, which fewer keys must not open."""

import numpy as np
from numpy.typing import NDArray

from ..names import ARKIT_INDEX

#: Shapes that bring the lips together or press them, and from where on they count.
_CLOSING = ("mouthClose", "mouthPressLeft", "mouthRollLower", "mouthRollUpper")
_LEAST = 0.05


def closures(expression: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return where a shape that closes the lips is at a peak, (n_frames,).

    Args:
        expression: (n_frames, 40) ARKit coefficients; other bases have no such shapes.
    """
    found = np.zeros(len(expression), np.bool_)
    if expression.shape[1] != len(ARKIT_INDEX) or len(expression) < 3:
        return found
    for name in _CLOSING:
        row = expression[:, ARKIT_INDEX[name]]
        before, here, after = row[:-2], row[1:-1], row[2:]
        found[1:-1] |= (here >= before) & (here > after) & (here > _LEAST)
    return found
