"""From the network's numbers to a motion that a rig can hold."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from ..core.motion import Motion
from ..core.names import Basis
from .networks.config import DualTalkConfig

#: DualTalk's viewer smooths the head so: window and order of a Savitzky-Golay filter.
_SMOOTHING = (7, 2)
#: What a head can do: radians about x, y, z.
_JAW_LIMITS = (np.array([-0.05, -0.15, -0.15]), np.array([0.6, 0.15, 0.15]))
_EYE_LIMIT_RAD = 0.7


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


def finished(motion: Motion) -> Motion:
    """Smooth the head, and keep shapes, jaw and eyes within what a face can do."""
    window, order = _SMOOTHING
    head = motion.head
    if motion.n_frames >= window:
        head = savgol_filter(head, window, order, axis=0).astype(np.float32)
    expression = motion.expression
    if motion.basis == "arkit":
        expression = np.clip(expression, 0.0, 1.0)
    return replace(
        motion,
        head=head,
        expression=expression,
        jaw=np.clip(motion.jaw, *_JAW_LIMITS).astype(np.float32),
        eyes=np.clip(motion.eyes, -_EYE_LIMIT_RAD, _EYE_LIMIT_RAD),
    )
