"""The windows of a track in which a voice is most likely heard."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..core import stored

FloatArray = NDArray[np.float32]


def loudest(track: FloatArray, n_samples: int, count: int) -> Iterator[FloatArray]:
    """Yield the loudest windows of a track (n_samples of it each, the last may be shorter).

    Args:
        track: (n,) at 16 kHz, read window by window, so that hours need no memory.
        n_samples: length of a window.
        count: how many at most.
    """
    starts = np.arange(0, max(len(track) - n_samples // 2, 1), n_samples)
    loudness = []
    for start in starts:
        loudness.append(float(np.linalg.norm(track[start : start + n_samples])))
        stored.let_go()
    for start in starts[np.argsort(loudness)[::-1]][:count]:
        yield track[start : start + n_samples]
