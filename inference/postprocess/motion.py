"""From the network's numbers to a motion that a rig can hold."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from ...core.motion import Motion
from ...core.names import Basis
from ..networks.config import DualTalkConfig
from .blinks import whole_blinks
from .lips import calm_where_unsure, closed_where_heard, resting_in_silence

#: DualTalk's viewer smooths the head so: window and order of a Savitzky-Golay filter.
_SMOOTHING = (7, 2)
#: What a head can do: radians about x, y, z.
_JAW_LIMITS = (np.array([-0.05, -0.15, -0.15]), np.array([0.6, 0.15, 0.15]))
_EYE_LIMIT_RAD = 0.7
#: A regression shortens looks away, to 0.91 of what training asks for on held-out readers; by this
#: much more, eyes are on the partner as often as people's are (docs/quality.md).
_LOOKS = 1.15


def motion_of(values: NDArray[np.float32], config: DualTalkConfig, basis: Basis) -> Motion:
    """Split the network's numbers (n_frames, n_outputs) into the parts of a motion."""
    e = config.n_expression
    eyes = values[:, e + 6 :].reshape(-1, 2, 3) if config.has_eyes else None
    return Motion.from_arrays(
        values[:, :e],
        jaw=values[:, e : e + 3],
        head=values[:, e + 3 : e + 6],
        eyes=eyes,
        basis=basis,
    )


def finished(motion: Motion, lips: NDArray[np.float32] | None = None) -> Motion:
    """Smooth the head, and keep shapes, jaw and eyes within what a face can do.

    Args:
        motion: as a network gives it.
        lips: (n_frames, 3) how likely the own voice closes the lips, is silent, and is heard right,
            if known.
    """
    window, order = _SMOOTHING
    head = motion.head
    if motion.n_frames >= window:
        head = savgol_filter(head, window, order, axis=0).astype(np.float32)
    if motion.basis == "arkit":
        motion = replace(motion, expression=np.clip(motion.expression, 0.0, 1.0))
        motion = whole_blinks(motion)
        if lips is not None:
            motion = replace(motion, eyes=_LOOKS * motion.eyes)
            motion = calm_where_unsure(motion, lips[:, 2])
            motion = closed_where_heard(motion, lips[:, 0])
            motion = resting_in_silence(motion, lips[:, 1])
    return replace(
        motion,
        head=head,
        jaw=np.clip(motion.jaw, *_JAW_LIMITS).astype(np.float32),
        eyes=np.clip(motion.eyes, -_EYE_LIMIT_RAD, _EYE_LIMIT_RAD),
    )
