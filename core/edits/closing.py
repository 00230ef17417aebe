"""Lips closed at a moment where the network left them open, as an animator would key it."""

import numpy as np

from .comparison import Values

#: Shapes that part the lips; they go while the lips are closed.
PARTING = (
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "mouthFunnel", "mouthShrugUpper", "mouthStretchLeft", "mouthStretchRight",
)  # fmt: skip
#: How long lips stay closed for a p, b or m, and how long they take to close and to open, seconds
#: (Löfqvist & Gracco 1997, "Lip and jaw kinematics in bilabial stop consonant production").
_HELD_S, _MOVING_S = 0.06, 0.08
#: The jaw comes up by so much of its opening.
_JAW_SHARE = 0.7


def weights(n_frames: int, middle: float, fps: float) -> Values:
    """Return how closed the lips are by the closure, (n_frames,) 0 to 1.

    Args:
        n_frames: of the performance.
        middle: its frame in which they are closed, counted from the performance's.
        fps: frames per second.
    """
    away_s = np.abs(np.arange(n_frames) - middle) / fps
    t = np.clip(1 - (away_s - _HELD_S / 2) / _MOVING_S, 0, 1)
    result: Values = t * t * (3 - 2 * t)
    return result


def closed_jaw(jaw: Values, weight: Values) -> Values:
    """Return the jaw's opening, radians, raised while the lips are closed."""
    result: Values = jaw * (1 - _JAW_SHARE * weight)
    return result


def sealed(close: Values, jaw: Values, weight: Values, open_rad: float) -> Values:
    """Return `mouthClose` that seals the lips over a jaw (n_frames,) where weight is 1."""
    wanted = np.clip(jaw / open_rad, 0, 1)
    result: Values = close + weight * (np.maximum(wanted, close) - close)
    return result
