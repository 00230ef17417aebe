"""Where turns that an animator changed touch a performance."""

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans

#: Shorter differences come of strips that begin at whole frames, frames at 25 per second.
_LEAST_FRAMES = 3
#: Listeners react for so long to a turn that ends, and draw breath before one begins.
_MARGIN_FRAMES = 15


def ranges(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the stretches (first, end) that changed turns touch, with room for reactions.

    Args:
        before: (2, n_frames) who speaks in the performance.
        after: (2, m_frames) who speaks by the strips; silence where it is shorter.
    """
    n_frames = before.shape[1]
    now = np.zeros_like(before)
    n_known = min(n_frames, after.shape[1])
    now[:, :n_known] = after[:, :n_known]
    touched = np.zeros(n_frames, np.bool_)
    for was, is_now in zip(before, now, strict=True):
        for first, end in spans(was != is_now):
            if end - first >= _LEAST_FRAMES:
                touched[max(0, first - _MARGIN_FRAMES) : end + _MARGIN_FRAMES] = True
    return spans(touched)
