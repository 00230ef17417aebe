"""A part of a curve generated anew, which begins and ends as the old one goes on."""

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import Turns, spans
from ..motion import NETWORK_FPS
from .comparison import Values

#: Frames a second's share over which the old curve becomes the new one.
BLEND_S = 0.2
#: In less time nobody nods or smiles at what is said.
_SHORTEST_S = 0.4


def weights(n_frames: int, first: int, last: int, fps: float) -> Values:
    """Return how much of the new curve each frame takes, (n_frames,) 0 to 1.

    0 outside the range, 1 inside but for both ends, over which it rises as 10 t^3 - 15 t^4 + 6 t^5:
    value, velocity and acceleration of the old curve are met where the range begins and ends. A
    range that touches the beginning or the end of the performance is new there from the start.

    Args:
        n_frames: of the performance.
        first: first frame of the range, counted from the performance's.
        last: its last frame.
        fps: frames per second.
    """
    frames = np.arange(n_frames, dtype=np.float64)
    blend = max(1.0, min(BLEND_S * fps, (last - first) / 2))
    rise = np.ones(n_frames) if first <= 0 else np.clip((frames - first + 1) / (blend + 1), 0, 1)
    if last >= n_frames - 1:
        fall = np.ones(n_frames)
    else:
        fall = np.clip((last + 1 - frames) / (blend + 1), 0, 1)
    t = np.minimum(rise, fall).astype(np.float64)
    t[(frames < first) | (frames > last)] = 0.0
    result: Values = t**3 * (10 - 15 * t + 6 * t**2)
    return result


def listening(
    speaking: NDArray[np.bool_], who: int, n_frames: int, first: int, last: int, fps: float
) -> Values:
    """Return how much a listener's feedback counts in a range, (n_frames,) 0 to 1.

    It counts where the other one has the floor and the person says nothing, and begins and ends
    there as `weights` does.

    Args:
        speaking: (2, m_frames) at 25 frames per second, from the beginning of the performance.
        who: 0 or 1.
        n_frames: of the performance.
        first: first frame of the range, counted from the performance's.
        last: its last frame.
        fps: frames per second of the performance.
    """
    active = Turns(speaking.astype(np.float32)).active
    step = fps / NETWORK_FPS
    result = np.zeros(n_frames)
    for begin, end in spans(active[1 - who] & ~active[who]):
        start = max(first, int(np.ceil(begin * step)))
        stop = min(last, n_frames - 1, int(np.floor(end * step)) - 1)
        if stop - start >= _SHORTEST_S * fps:
            result = np.maximum(result, weights(n_frames, start, stop, fps))
    return result


def blended(old: Values, new: Values, weight: Values) -> Values:
    """Return a curve that goes from the old to the new one by weight; (n_frames, ...) each."""
    w = weight.reshape(-1, *[1] * (old.ndim - 1))
    return np.asarray(old + w * (new - old))
