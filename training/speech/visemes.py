"""The mouth of an utterance by the rules of `core.speech.visemes`; closures end at the burst."""

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.core.speech import visemes as rules
from dualtalk.core.speech.visemes import ARTICULATOR_FPS
from dualtalk.core.speech.visemes import ARTICULATORS as ARTICULATORS
from dualtalk.core.speech.visemes import at_motion_rate as at_motion_rate
from dualtalk.core.speech.visemes import mouth as mouth
from dualtalk.training.speech import bursts
from dualtalk.training.speech.phones import PHONE_INDEX, Utterance
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

#: No closure is shorter, seconds.
_SHORTEST_S = 0.03
_STOPS = [PHONE_INDEX[phone] for phone in ("P", "B")]


def articulators(utterance: Utterance) -> FloatArray:
    """Return the articulators of an utterance, (n_frames, 7) at `ARTICULATOR_FPS`."""
    n_frames = int(np.ceil(len(utterance.sound) / SAMPLE_RATE * ARTICULATOR_FPS))
    starts = (utterance.starts / SAMPLE_RATE).astype(np.float32)
    ends = (utterance.ends / SAMPLE_RATE).astype(np.float32)
    releases = _releases(utterance, starts, ends)
    return rules.articulators(utterance.phones, starts, ends, releases, n_frames)


def _releases(utterance: Utterance, starts: FloatArray, ends: FloatArray) -> FloatArray:
    """Return when closures end, seconds: those of stops at the burst, not after the breath."""
    levels = bursts.levels_db(utterance.sound)
    releases = ends.copy()
    for i in np.flatnonzero(np.isin(utterance.phones, _STOPS)):
        burst = bursts.burst_s(levels, float(starts[i]), float(ends[i]))
        releases[i] = ends[i] if burst is None else burst
    return np.maximum(releases, starts + _SHORTEST_S)


def lip_aperture(shapes: FloatArray, jaw: FloatArray) -> FloatArray:
    """Return how far the lips are apart, (n_frames,), in units of a fully open jaw.

    The jaw's opening less `mouthClose`, plus what lifts the upper and lowers the lower lip, less
    what rolls the lower lip up to the teeth. Every measurement of lips in DualTalk uses this.

    Args:
        shapes: (n_frames, 40) ARKit coefficients.
        jaw: (n_frames, 3) radians.
    """

    def mean(name: str) -> FloatArray:
        return shapes[:, [ARKIT_INDEX[f"{name}Left"], ARKIT_INDEX[f"{name}Right"]]].mean(axis=1)

    opening = jaw[:, 0] / JAW_OPEN_RAD - shapes[:, ARKIT_INDEX["mouthClose"]]
    parted = 0.25 * mean("mouthLowerDown") + 0.15 * mean("mouthUpperUp")
    result: FloatArray = opening + parted - 0.1 * mean("mouthPress")
    return result
