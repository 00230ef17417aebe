"""From a network's output to a motion that a rig can hold."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from ...core import stored
from ...core.motion import Motion
from ...core.names import Basis
from .blinks import complete_blinks
from .lips import close_lips_at_bilabials, limit_jaw_where_uncertain, rest_in_silence
from .thresholds import CHOSEN, Thresholds

#: DualTalk's viewer smooths the head so: window and order of a Savitzky-Golay filter.
_SMOOTHING = (7, 2)
#: What a head can do: radians about x, y, z.
_JAW_LIMITS = (np.array([-0.05, -0.15, -0.15]), np.array([0.6, 0.15, 0.15]))
_EYE_LIMIT_RAD = 0.7


def motion_of(values: NDArray[np.float32], basis: Basis, n_expression: int) -> Motion:
    """Split a network's output into the parts of a motion.

    Args:
        values: (n_frames, n_outputs): expression | jaw (3) | head (3), then the eyes (6) and the
            translation (3) of networks that give them.
        basis: of the expression.
        n_expression: numbers of expression.
    """
    e = n_expression
    has_eyes, has_translation = values.shape[1] > e + 6, values.shape[1] > e + 12
    return Motion.from_arrays(
        values[:, :e],
        jaw=values[:, e : e + 3],
        head=values[:, e + 3 : e + 6],
        eyes=values[:, e + 6 : e + 12].reshape(-1, 2, 3) if has_eyes else None,
        translation=values[:, e + 12 :] if has_translation else None,
        basis=basis,
    )


def values_of(motion: Motion) -> NDArray[np.float32]:
    """Return a motion as networks with eyes and translation give it: what `motion_of` splits.

    Returns:
        (n_frames, n_expression + 15).
    """
    parts = [motion.expression, motion.jaw, motion.head, motion.eyes.reshape(-1, 6)]
    joined = np.concatenate([*parts, motion.translation], axis=1)
    values: NDArray[np.float32] = joined.astype(np.float32)
    return values


def postprocessed(
    motion: Motion, lips: NDArray[np.float32] | None = None, thresholds: Thresholds = CHOSEN
) -> Motion:
    """Smooth the head, and keep shapes, jaw and eyes within what a face can do.

    Args:
        motion: raw output of a network.
        lips: (n_frames, 3) lip cues from the sound, if known: the probability that the own voice
            closes the lips, the probability that it is silent, and how certain the phones are.
        thresholds: of the rules that use them.
    """
    window, order = _SMOOTHING
    head = motion.head
    if motion.n_frames >= window:
        head = savgol_filter(head, window, order, axis=0).astype(np.float32)
    if motion.basis == "arkit":
        motion = replace(motion, expression=stored.clipped(motion.expression, 0.0, 1.0))
        motion = complete_blinks(motion)
        if lips is not None:
            motion = replace(motion, eyes=thresholds.eye_gain * motion.eyes)
            motion = limit_jaw_where_uncertain(motion, lips[:, 2], thresholds)
            motion = close_lips_at_bilabials(motion, lips[:, 0], thresholds)
            motion = rest_in_silence(motion, lips[:, 1], thresholds)
    return replace(
        motion,
        head=head,
        jaw=np.clip(motion.jaw, *_JAW_LIMITS).astype(np.float32),
        eyes=np.clip(motion.eyes, -_EYE_LIMIT_RAD, _EYE_LIMIT_RAD),
    )
