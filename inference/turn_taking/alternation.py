"""Who of the people found speaks in which frame: the likeliest sequence, and where both do."""

import numpy as np
from numpy.typing import NDArray

from ...core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE
from ...core.conversation.turns import frame_levels_db, spans
from .people import People
from .voice_features import VoiceFeatures

#: How much the voice of one stretch counts: they overlap fivefold.
_EVIDENCE = 0.2
#: What it costs that another person goes on, while somebody speaks and in a pause.
_CHANGE, _CHANGE_IN_PAUSE = 6.0, 2.0
#: Somebody speaks, and both do, where that is likelier than this; both: by
#: `python -m training.turns.choose`.
_SPEAKS, BOTH = 0.65, 0.4
#: A stretch that is this far below the speech around it, dB, for so many frames (0.8 s) is a pause.
_PAUSE_DB, _PAUSE_FRAMES = 26.0, 20
_SURE_SPEECH = 0.9

FloatArray = NDArray[np.float32]


def speech(features: VoiceFeatures, sound: FloatArray) -> FloatArray:
    """Return how likely anybody speaks in each frame, (n_frames,).

    The network was taught by people who leave pauses inside an utterance in it: what is plainly
    silent is taken out again.
    """
    likely = _shifted(1 - features.counts[:, 0], _SPEAKS)
    level_db = frame_levels_db(sound)
    is_sure = likely > _SURE_SPEECH
    if is_sure.sum() <= _PAUSE_FRAMES:
        return likely
    is_low = level_db < np.percentile(level_db[is_sure], 80) - _PAUSE_DB
    for first, last in spans(is_low):
        if last - first >= _PAUSE_FRAMES:
            likely[first + 1 : last - 1] = 0
    return likely


def alternated(
    features: VoiceFeatures, people: People, likely: FloatArray, both_from: float = BOTH
) -> FloatArray:
    """Return how likely each of the people speaks, (K, n_frames).

    Args:
        features: of the recording.
        people: its K people.
        likely: (n_frames,) that anybody speaks.
        both_from: from which probability on everybody speaks.
    """
    n_frames = len(likely)
    path = _path(features, people, likely)
    middles_s = (np.arange(n_frames) + 0.5) * FRAME_SAMPLES / SAMPLE_RATE
    times = features.short.times_s
    after = np.searchsorted(times, middles_s).clip(1, max(len(times) - 1, 1))
    is_before = middles_s - times[after - 1] < times[after.clip(max=len(times) - 1)] - middles_s
    who = path[np.where(is_before, after - 1, after).clip(0, len(times) - 1)]
    both = together(features, likely, both_from)
    speaks = np.arange(len(people.means))[:, None] == who  # (K, n_frames)
    probability: FloatArray = np.where(speaks, likely, both).astype(np.float32)
    return probability


def together(features: VoiceFeatures, likely: FloatArray, both_from: float = BOTH) -> FloatArray:
    """Return how likely several people speak at once in each frame, (n_frames,)."""
    both: FloatArray = np.minimum(_shifted(features.counts[:, 2], both_from), likely)
    return both


def _shifted(probability: FloatArray, even: float) -> FloatArray:
    """Return probabilities that are 0.5 where they were `even`, and stay within 0 and 1."""
    odds = probability * (1 - even)
    shifted: FloatArray = (odds / (odds + (1 - probability) * even)).astype(np.float32)
    return shifted


def _path(features: VoiceFeatures, people: People, likely: FloatArray) -> NDArray[np.int64]:
    """Return the person of each short stretch, (N,), by Viterbi."""
    voices = features.short
    places = voices.places.astype(np.float64)
    fits = places @ people.means.T - 0.5 * (people.spreads + np.square(people.means)).sum(axis=1)
    fits *= _EVIDENCE * voices.clean[:, None]
    frame = (voices.times_s * SAMPLE_RATE / FRAME_SAMPLES).astype(int).clip(0, len(likely) - 1)
    costs = _CHANGE_IN_PAUSE + (_CHANGE - _CHANGE_IN_PAUSE) * likely[frame]
    n, n_people = fits.shape
    before = np.zeros((n, n_people), np.int64)
    best = fits[0].copy()
    for index in range(1, n):
        favourite = int(best.argmax())
        changed = best[favourite] - costs[index]
        goes_on = best >= changed
        before[index] = np.where(goes_on, np.arange(n_people), favourite)
        best = np.where(goes_on, best, changed) + fits[index]
    path = np.empty(n, np.int64)
    path[-1] = best.argmax()
    for index in range(n - 1, 0, -1):
        path[index - 1] = before[index, path[index]]
    return path
