"""Lips that close where the voice closes them, and rest where it is silent (ARKit basis)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter1d

from ...core.motion import Motion
from ...core.names import ARKIT_INDEX, JAW_OPEN_RAD

FloatArray = NDArray[np.float32]

#: A p, b or m that is less likely than this leaves the lips as they are; one that is likelier than
#: the second closes them. Chosen on held-out voices of LibriSpeech (docs/quality.md).
_UNLIKELY, _LIKELY = 0.2, 0.6
#: Where phones are less sure than this over some frames, the jaw opens beyond the ordinary only by
#: the share that they are sure. It changes nothing that can be measured on reading, fast and noisy
#: reading included, and leaves out what is neither speech nor silence (docs/quality.md).
_SURE, _SURE_FRAMES = 0.5, 3.0
#: An ordinary opening of the jaw: the mean of the labels over speech.
_ORDINARY_JAW_RAD = 0.085
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


def calm_where_unsure(motion: Motion, sure: FloatArray) -> Motion:
    """Open the jaw less wide where what is heard is unclear, as in laughs and shouts.

    Args:
        motion: in the ARKit basis.
        sure: (n_frames,) how sure the phones are, 0 to 1.
    """
    share = np.minimum(gaussian_filter1d(sure, _SURE_FRAMES) / _SURE, 1)
    expression, jaw = motion.expression.copy(), motion.jaw.copy()
    wide = np.maximum(jaw[:, 0] - _ORDINARY_JAW_RAD, 0)
    jaw[:, 0] -= (1 - share) * wide
    # Lips that are closed over the jaw must not cross when it opens less.
    opening = np.maximum(jaw[:, 0] / JAW_OPEN_RAD, 0)
    close = ARKIT_INDEX["mouthClose"]
    expression[:, close] = np.minimum(expression[:, close], opening)
    return replace(motion, expression=expression, jaw=jaw)


def closed_where_heard(motion: Motion, closing: FloatArray) -> Motion:
    """Close the lips where the voice says p, b or m.

    Args:
        motion: in the ARKit basis.
        closing: (n_frames,) how likely the voice closes the lips, 0 to 1.
    """
    expression = motion.expression.copy()
    close = ARKIT_INDEX["mouthClose"]
    opening = np.maximum(motion.jaw[:, 0] / JAW_OPEN_RAD, 0)
    parting = [ARKIT_INDEX[name] for name in _PARTING]
    met = np.clip((closing - _UNLIKELY) / (_LIKELY - _UNLIKELY), 0, 1)
    met = met * met * (3 - 2 * met)
    expression[:, close] = np.maximum(expression[:, close], met * opening)
    expression[:, parting] *= (1 - met)[:, None]
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
