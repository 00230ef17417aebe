"""The noise from which a listener is drawn: half of it white, half of it slow.

The network learns from behaviour whose chance came from this very noise
(training.two_track.behaviour), so
plain regression learns a distribution: another seed gives another, equally likely listener.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter

from ..core.motion import NETWORK_FPS

#: The slow channels hold what is below this, the pace of heads and moods, Hz.
_SLOW_HZ = 0.7
_WARM_UP_FRAMES = 100


def draw(n_frames: int, n_channels: int, seed: int, n_people: int = 2) -> NDArray[np.float32]:
    """Return (n_people, n_frames, n_channels) of zero mean and unit variance.

    The first half of the channels (rounded down) is white, the rest slow. A frame's noise depends
    on the seed and on the frames before it, never on the length.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    shape = (n_frames + _WARM_UP_FRAMES, n_people, n_channels)
    noise = generator.standard_normal(shape)
    n_white = n_channels // 2
    b, a = butter(2, _SLOW_HZ, fs=NETWORK_FPS)
    response = lfilter(b, a, np.eye(1, 500)[0])
    slow = lfilter(b, a, noise[..., n_white:], axis=0) / np.sqrt(np.square(response).sum())
    noise[..., n_white:] = slow
    kept: NDArray[np.float32] = noise[_WARM_UP_FRAMES:].swapaxes(0, 1).astype(np.float32)
    return np.ascontiguousarray(kept)
