"""Lips that close at p, b and m, and rest where the voice is silent (ARKit basis)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d

from ...core.motion import Motion
from ...core.names import ARKIT_INDEX, JAW_OPEN_RAD

FloatArray = NDArray[np.float32]

#: Probability of p, b or m: below the first the lips are unchanged; above the second they close.
#: Chosen on held-out voices of LibriSpeech (docs/quality.md).
_CLOSURE_LOW, _CLOSURE_HIGH = 0.2, 0.6
#: Where the certainty of the phones, smoothed over some frames, is below this, jaw opening beyond
#: the ordinary is scaled down in proportion. It has no measurable effect on reading, fast and noisy
#: reading included; it acts on what is neither speech nor silence (docs/quality.md).
_CERTAIN, _CERTAINTY_FRAMES = 0.5, 3.0
#: Mean jaw opening of the training labels over speech.
_ORDINARY_JAW_RAD = 0.085
#: At this probability few pauses are missed, and 2 % of speech is taken for silence
#: (docs/quality.md).
_SILENT = 0.7
#: Lips may part this long before a voice is heard and stay so after it, frames (0.12 s).
_BREATH_FRAMES = 3
#: Width of the transition from speech to rest, frames.
_TRANSITION_FRAMES = 1.5
#: Share of the motion that stays in silence, since mouths are never frozen.
_REMAINDER = 0.08
_PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
_SPEECH_SHAPES = (*_PARTING, "mouthFunnel", "mouthPucker", "mouthShrugLower", "mouthShrugUpper")


def limit_jaw_where_uncertain(motion: Motion, certainty: FloatArray) -> Motion:
    """Limit the jaw where the phones are uncertain, as in laughs and shouts.

    Args:
        motion: in the ARKit basis.
        certainty: (n_frames,) of the phones, 0 to 1.
    """
    share = np.minimum(gaussian_filter1d(certainty, _CERTAINTY_FRAMES) / _CERTAIN, 1)
    expression, jaw = motion.expression.copy(), motion.jaw.copy()
    wide = np.maximum(jaw[:, 0] - _ORDINARY_JAW_RAD, 0)
    jaw[:, 0] -= (1 - share) * wide
    # Lips that are closed over the jaw must not cross when it opens less.
    opening = np.maximum(jaw[:, 0] / JAW_OPEN_RAD, 0)
    close = ARKIT_INDEX["mouthClose"]
    expression[:, close] = np.minimum(expression[:, close], opening)
    return replace(motion, expression=expression, jaw=jaw)


def close_lips_at_bilabials(motion: Motion, closing: FloatArray) -> Motion:
    """Close the lips where the own voice says p, b or m.

    Args:
        motion: in the ARKit basis.
        closing: (n_frames,) probability that the own voice closes the lips.
    """
    expression = motion.expression.copy()
    close = ARKIT_INDEX["mouthClose"]
    opening = np.maximum(motion.jaw[:, 0] / JAW_OPEN_RAD, 0)
    parting = [ARKIT_INDEX[name] for name in _PARTING]
    met = np.clip((closing - _CLOSURE_LOW) / (_CLOSURE_HIGH - _CLOSURE_LOW), 0, 1)
    met = met * met * (3 - 2 * met)
    expression[:, close] = np.maximum(expression[:, close], met * opening)
    expression[:, parting] *= (1 - met)[:, None]
    return replace(motion, expression=expression)


def rest_in_silence(motion: Motion, silence: FloatArray) -> Motion:
    """Bring jaw and lips to rest where the own voice is silent; smiles stay.

    Args:
        motion: in the ARKit basis.
        silence: (n_frames,) probability that the own voice is silent.
    """
    near = binary_dilation(silence < _SILENT, iterations=_BREATH_FRAMES)
    gate = gaussian_filter1d(near.astype(np.float32), _TRANSITION_FRAMES)
    gate = _REMAINDER + (1 - _REMAINDER) * gate
    expression, jaw = motion.expression.copy(), motion.jaw.copy()
    # Lips that are closed on an open jaw stay closed: both go to rest in step.
    for name in (*_SPEECH_SHAPES, "mouthClose"):
        expression[:, ARKIT_INDEX[name]] *= gate
    jaw *= gate[:, None]
    return replace(motion, expression=expression, jaw=jaw)
