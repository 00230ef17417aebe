"""When a person breathes: quietly while listening, and quickly in before own words.

Sources of the numbers:
- At rest people breathe 12 to 18 times a minute and take some 40 % of the cycle to breathe in
  (Tobin et al. 1983, Chest 84, p. 202-205).
- Before speech the breath in is short, about half a second, and deeper; the breath out lasts as
  long as the utterance (McFarland 2001, J Speech Lang Hear Res 44, p. 128-143: in conversation).
"""

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from .gaze_curves import Keys

_CYCLE_S, _IN_SHARE = 3.9, 0.42
#: How much cycles at rest differ.
_UNEVEN = 0.12
_QUICK_IN_S, _BEFORE_WORDS_S = 0.55, 0.06
#: Shorter pauses are no place to breathe; shorter utterances ("mhm") need no breath.
_PAUSE_S, _LEAST_S = 0.35, 0.8
#: How deep the breath before words is, the more the longer they go on.
_DEEP, _DEEPER = 1.1, 0.5


def breaths(speaking: NDArray[np.bool_], fps: float, seed: int = 0) -> Keys:
    """Return keys of how full the chest is: 0 after a breath out, 1 after one in at rest.

    Args:
        speaking: (n_frames,) when the person speaks.
        fps: frames per second of `speaking`, and of the keys.
        seed: decides over the irregularity of breaths at rest.
    """
    rng = np.random.default_rng([seed, 23])
    keys = [(0.0, 0.3)]
    end_s = len(speaking) / fps
    now = float(rng.uniform(0.1, 0.5)) * _CYCLE_S
    keys.append((now, 0.0))
    for first, last in _utterances(speaking, fps):
        inhale = max(first - _BEFORE_WORDS_S - _QUICK_IN_S, now)
        now = _rest(keys, now, inhale, rng)
        full = _DEEP + _DEEPER * min((last - first) / 6.0, 1.0)
        top = max(first - _BEFORE_WORDS_S, inhale + 0.2)
        now = max(last, top + 0.8)
        keys += [(inhale, keys[-1][1]), (top, full), (now, 0.0)]
    _rest(keys, now, end_s, rng)
    times, values = (np.array(column) for column in zip(*keys, strict=True))
    kept = np.concatenate([[True], np.diff(times) > 1e-3])
    return Keys(times[kept] * fps, values[kept])


def _utterances(speaking: NDArray[np.bool_], fps: float) -> list[tuple[float, float]]:
    """Return first and last second of what is said in one breath."""
    found: list[list[float]] = []
    for first, last in spans(speaking):
        if found and first / fps - found[-1][1] < _PAUSE_S:
            found[-1][1] = last / fps
        else:
            found.append([first / fps, last / fps])
    return [(first, last) for first, last in found if last - first >= _LEAST_S]


def _rest(
    keys: list[tuple[float, float]], start: float, end: float, rng: np.random.Generator
) -> float:
    """Append quiet breaths from one second to another; return when the last of them is out."""
    now = start
    while True:
        cycle = _CYCLE_S * float(rng.uniform(1 - _UNEVEN, 1 + _UNEVEN))
        if now + cycle > end:
            return now
        deep = float(rng.uniform(0.85, 1.1))
        keys += [(now + _IN_SHARE * cycle, deep), (now + cycle, 0.0)]
        now += cycle
