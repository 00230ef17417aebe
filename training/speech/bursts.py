"""Where the sound itself shows what lips did: the burst of a stop, the onset of a voice.

Phones say where to look. Their times are rough: an aligner's `P` holds closure, burst and breath.
"""

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

#: Resolution of a level, seconds.
STEP_S = 0.0025
_STEP_SAMPLES = round(STEP_S * SAMPLE_RATE)
#: Steps over which a burst rises, and how far past a phone's end it may lie.
_RISE_STEPS, _PAST_STEPS = 4, 8
#: A smaller rise is no burst, dB.
_LEAST_RISE_DB = 6.0
#: A voice begins where its level first comes this close to its loud parts, dB.
_ONSET_DB = -30.0


def levels_db(sound: FloatArray) -> FloatArray:
    """Return the level of each `STEP_S` in dB below the loud parts of a sound (n_samples,)."""
    n = len(sound) // _STEP_SAMPLES
    if n == 0:
        return np.zeros(0, np.float32)
    power = np.square(sound[: n * _STEP_SAMPLES].reshape(n, -1)).mean(axis=1)
    result: FloatArray = 10 * np.log10(power / (np.quantile(power, 0.95) + 1e-12) + 1e-7)
    return result


def burst_s(levels: FloatArray, start_s: float, end_s: float) -> float | None:
    """Return where the level rises most within 10 ms in a stop, seconds, or None without a rise.

    Args:
        levels: of `levels_db`.
        start_s: of the phone.
        end_s: of the phone; a burst may follow by 20 ms.
    """
    first = int(start_s / STEP_S)
    cut = levels[first : int(end_s / STEP_S) + _PAST_STEPS]
    rise = cut[_RISE_STEPS:] - cut[:-_RISE_STEPS]
    if len(rise) == 0 or rise.max() < _LEAST_RISE_DB:
        return None
    return (first + _RISE_STEPS / 2 + int(np.argmax(rise))) * STEP_S


def onset_s(levels: FloatArray, first_s: float, last_s: float) -> float | None:
    """Return where a voice begins between two times, seconds, or None in silence."""
    first = int(first_s / STEP_S)
    loud = np.flatnonzero(levels[first : int(last_s / STEP_S)] > _ONSET_DB)
    return None if len(loud) == 0 else (first + int(loud[0])) * STEP_S
