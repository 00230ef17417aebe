"""The noise from which a listener is drawn: half of it white, half of it slow.

The network learns from behaviour whose chance came from this very noise
(training.two_track.behaviour), so
plain regression learns a distribution: another seed gives another, equally likely listener.
"""

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter

from ..core import stored
from ..core.motion import NETWORK_FPS

#: The slow channels hold what is below this, the pace of heads and moods, Hz.
_SLOW_HZ = 0.7
_WARM_UP_FRAMES = 100
#: Drawn at once: six minutes.
_PIECE_FRAMES = 9_000


def draw(n_frames: int, n_channels: int, seed: int, n_people: int = 2) -> NDArray[np.float32]:
    """Return (n_people, n_frames, n_channels) of zero mean and unit variance.

    The first half of the channels (rounded down) is white, the rest slow. A frame's noise depends
    on the seed and on the frames before it, never on the length.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    n_white = n_channels // 2
    b, a, unit = _low_pass()
    memory = np.zeros((2, n_people, n_channels - n_white))
    kept: NDArray[np.float32] = stored.zeros((n_people, n_frames, n_channels))
    done = -_WARM_UP_FRAMES
    while done < n_frames:
        n = min(n_frames - done, _PIECE_FRAMES)
        noise = generator.standard_normal((n, n_people, n_channels))
        slow, memory = lfilter(b, a, noise[..., n_white:], axis=0, zi=memory)
        noise[..., n_white:] = slow / unit
        first = max(-done, 0)
        kept[:, done + first : done + n] = noise[first:].swapaxes(0, 1)
        done += n
        stored.let_go()
    return kept


@functools.cache
def _low_pass() -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the filter of the slow channels, and the deviation that white noise has behind it."""
    b, a = butter(2, _SLOW_HZ, fs=NETWORK_FPS)
    return b, a, float(np.sqrt(np.square(lfilter(b, a, np.eye(1, 500)[0])).sum()))
