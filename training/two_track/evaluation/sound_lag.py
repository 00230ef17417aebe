"""When lips move against the sound itself: the onset of a voice, the burst of p and b."""

from dataclasses import dataclass

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.training.speech import bursts
from dualtalk.training.speech.phones import BILABIALS, PHONE_INDEX, SILENCE, VOWELS, Utterance
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

#: A shorter pause has no onset after it, seconds.
_SILENCE_S = 0.25
#: How far from a moment in the sound lips are looked at, seconds.
_REACH_S = 0.3
_STOPS = [PHONE_INDEX[phone] for phone in ("P", "B")]
_BILABIALS = [PHONE_INDEX[phone] for phone in BILABIALS]
_VOWELS = [PHONE_INDEX[phone] for phone in VOWELS]


@dataclass(frozen=True)
class SoundLags:
    """By how many seconds lips come after the sound; below zero before it."""

    partings: tuple[float, ...]  #: lips leave each other, against the onset of the voice
    openings: tuple[float, ...]  #: lips are half as far apart as they get first, against the same
    releases: tuple[float, ...]  #: lips part after p or b, against the burst


def sound_lags(aperture: FloatArray, utterance: Utterance, closed: float) -> SoundLags:
    """Find the onsets and the bursts before vowels in an utterance, and when lips part there.

    Args:
        aperture: (n_frames,) of the lips at 25 per second.
        utterance: what is said.
        closed: the aperture below which lips are closed.
    """
    levels = bursts.levels_db(utterance.sound)
    starts, ends = utterance.starts / SAMPLE_RATE, utterance.ends / SAMPLE_RATE
    partings: list[float] = []
    openings: list[float] = []
    releases: list[float] = []
    for i, (phone, after) in enumerate(zip(utterance.phones, utterance.phones[1:], strict=False)):
        if phone == PHONE_INDEX[SILENCE] and after not in _BILABIALS:
            if ends[i] - starts[i] >= _SILENCE_S:
                onset = bursts.onset_s(levels, ends[i] - 0.5 * _SILENCE_S, ends[i] + 0.5)
                partings += _lag(aperture, closed, onset)
                openings += _lag(aperture, _half_of_first_peak(aperture, onset, closed), onset)
        elif phone in _STOPS and after in _VOWELS:
            releases += _lag(aperture, closed, bursts.burst_s(levels, starts[i], ends[i]))
    return SoundLags(tuple(partings), tuple(openings), tuple(releases))


def _half_of_first_peak(aperture: FloatArray, onset_s: float | None, closed: float) -> float:
    """Return half of how far the lips first get apart after an onset, seconds."""
    first = 0 if onset_s is None else max(int((onset_s - _REACH_S) * NETWORK_FPS), 1)
    inner = aperture[first:-1]
    is_peak = (inner >= aperture[first - 1 : -2]) & (inner > aperture[first + 1 :])
    peaks = np.flatnonzero(is_peak & (inner > 3 * closed))
    return 0.5 * float(inner[peaks[0]]) if len(peaks) else closed


def _lag(aperture: FloatArray, limit: float, moment_s: float | None) -> list[float]:
    """Return how long after a moment the lips part, in a list, which is empty if they do not.

    They part where the aperture rises through `limit` between two frames; of several such places
    within `_REACH_S` the nearest counts.
    """
    if moment_s is None:
        return []
    first = max(int((moment_s - _REACH_S) * NETWORK_FPS), 0)
    near = aperture[first : int((moment_s + _REACH_S) * NETWORK_FPS) + 1]
    rises = np.flatnonzero((near[:-1] < limit) & (near[1:] >= limit))
    if len(rises) == 0:
        return []
    parted = first + rises + (limit - near[rises]) / (near[rises + 1] - near[rises])
    lags = parted / NETWORK_FPS - moment_s
    return [float(lags[np.abs(lags).argmin()])]
