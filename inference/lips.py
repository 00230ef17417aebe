"""Lips that close where the voice closes them, and rest where it is silent (ARKit basis)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d

from ..core.motion import Motion
from ..core.names import ARKIT_INDEX, JAW_OPEN_RAD

FloatArray = NDArray[np.float32]

#: How far a certain p, b or m closes the lips beyond what the motion network does, in units of a
#: fully open jaw; chosen on held-out voices of LibriSpeech (docs/quality.md).
_CLOSING = 0.12
#: Silence that is this likely is missed in few pauses and found in 2 % of speech (docs/quality.md).
_SURELY_SILENT = 0.7
#: Lips may part this long before a voice is heard and stay so after it, frames (0.12 s).
_BREATH_FRAMES = 3
#: Width of the way from speech to rest, frames.
_SETTLING_FRAMES = 1.5
#: What is left of speech in silence: mouths are not frozen.
_REMAINDER = 0.08
_PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
_SPEECH_SHAPES = (*_PARTING, "mouthFunnel", "mouthPucker", "mouthShrugLower", "mouthShrugUpper")


def closed_where_heard(motion: Motion, closing: FloatArray) -> Motion:
    """Close the lips where the voice says p, b or m.

    Args:
        motion: in the ARKit basis.
        closing: (n_frames,) how likely the voice closes the lips, 0 to 1.
    """
    expression = motion.expression.copy()
    close = ARKIT_INDEX["mouthClose"]
    opening = np.maximum(motion.jaw[:, 0] / JAW_OPEN_RAD, 0)  # closing beyond it, lips would cross
    parting = [ARKIT_INDEX[name] for name in _PARTING]
    wanted = expression[:, close] + _CLOSING * closing
    expression[:, close] = np.maximum(expression[:, close], np.minimum(wanted, opening))
    expression[:, parting] *= (1 - 0.5 * closing)[:, None]
    return replace(motion, expression=expression)


def resting_in_silence(motion: Motion, silence: FloatArray) -> Motion:
    """Bring jaw and lips to rest where the own voice is silent; smiles stay.

    Args:
        motion: in the ARKit basis.
        silence: (n_frames,) how likely the own voice is silent, 0 to 1.
    """
    near = binary_dilation(silence < _SURELY_SILENT, iterations=_BREATH_FRAMES)
    gate = gaussian_filter1d(near.astype(np.float32), _SETTLING_FRAMES)
    gate = _REMAINDER + (1 - _REMAINDER) * gate
    expression, jaw = motion.expression.copy(), motion.jaw.copy()
    # Lips that are closed on an open jaw stay closed: both go to rest in step.
    for name in (*_SPEECH_SHAPES, "mouthClose"):
        expression[:, ARKIT_INDEX[name]] *= gate
    jaw *= gate[:, None]
    return replace(motion, expression=expression, jaw=jaw)
