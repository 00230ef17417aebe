"""Lips that close at p, b and m, and rest where the voice is silent (ARKit basis)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d

from ...core import stored
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX, JAW_OPEN_RAD
from .thresholds import CHOSEN, Thresholds

FloatArray = NDArray[np.float32]

#: The certainty of the phones is smoothed over some frames.
_CERTAINTY_FRAMES = 3.0
#: Mean jaw opening of the training labels over speech.
_ORDINARY_JAW_RAD = 0.085
#: Lips may part this long before a voice is heard and stay so after it, frames (0.12 s).
_BREATH_FRAMES = 3
#: Width of the transition from speech to rest, frames.
_TRANSITION_FRAMES = 1.5
#: Share of the motion that stays in silence, since mouths are never frozen.
_REMAINDER = 0.08
_PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
_SPEECH_SHAPES = (*_PARTING, "mouthFunnel", "mouthPucker", "mouthShrugLower", "mouthShrugUpper")


def limit_jaw_where_uncertain(
    motion: Motion, certainty: FloatArray, thresholds: Thresholds = CHOSEN
) -> Motion:
    """Limit the jaw where the phones are uncertain, as in laughs and shouts.

    Args:
        motion: in the ARKit basis.
        certainty: (n_frames,) of the phones, 0 to 1.
        thresholds: `certain` is used.
    """
    if thresholds.certain == 0:
        return motion
    share = np.minimum(gaussian_filter1d(certainty, _CERTAINTY_FRAMES) / thresholds.certain, 1)
    expression, jaw = stored.copied(motion.expression), motion.jaw.copy()
    wide = np.maximum(jaw[:, 0] - _ORDINARY_JAW_RAD, 0)
    jaw[:, 0] -= (1 - share) * wide
    # Lips that are closed over the jaw must not cross when it opens less.
    opening = np.maximum(jaw[:, 0] / JAW_OPEN_RAD, 0)
    close = ARKIT_INDEX["mouthClose"]
    for piece in stored.rows(expression):
        expression[piece, close] = np.minimum(expression[piece, close], opening[piece])
    return replace(motion, expression=expression, jaw=jaw)


def close_lips_at_bilabials(
    motion: Motion, closing: FloatArray, thresholds: Thresholds = CHOSEN
) -> Motion:
    """Close the lips where the own voice says p, b or m.

    Args:
        motion: in the ARKit basis.
        closing: (n_frames,) probability that the own voice closes the lips.
        thresholds: `closure_low` and `closure_high` are used.
    """
    expression = stored.copied(motion.expression)
    close = ARKIT_INDEX["mouthClose"]
    opening = np.maximum(motion.jaw[:, 0] / JAW_OPEN_RAD, 0)
    parting = [ARKIT_INDEX[name] for name in _PARTING]
    low, high = thresholds.closure_low, thresholds.closure_high
    met = np.clip((closing - low) / (high - low), 0, 1)
    met = met * met * (3 - 2 * met)
    for piece in stored.rows(expression):
        closed = met[piece] * opening[piece]
        expression[piece, close] = np.maximum(expression[piece, close], closed)
        expression[piece, parting] *= (1 - met[piece])[:, None]
    return replace(motion, expression=expression)


def rest_in_silence(motion: Motion, silence: FloatArray, thresholds: Thresholds = CHOSEN) -> Motion:
    """Bring jaw and lips to rest where the own voice is silent; smiles stay.

    Args:
        motion: in the ARKit basis.
        silence: (n_frames,) probability that the own voice is silent.
        thresholds: `silent` is used.
    """
    near = binary_dilation(silence < thresholds.silent, iterations=_BREATH_FRAMES)
    gate = gaussian_filter1d(near.astype(np.float32), _TRANSITION_FRAMES)
    gate = _REMAINDER + (1 - _REMAINDER) * gate
    expression, jaw = stored.copied(motion.expression), motion.jaw.copy()
    # Lips that are closed on an open jaw stay closed: both go to rest in step.
    shapes = [ARKIT_INDEX[name] for name in (*_SPEECH_SHAPES, "mouthClose")]
    for piece in stored.rows(expression):
        expression[piece, shapes] *= gate[piece, None]
    jaw *= gate[:, None]
    return replace(motion, expression=expression, jaw=jaw)
