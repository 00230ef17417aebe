"""Blinks as lids make them: whole, or not at all (ARKit basis)."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import find_peaks

from ...core import stored
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX

#: A regression halves blinks that it is not sure of. Bumps of the lids from this height on become
#: whole ones and smaller ones none: some 18 a minute (docs/quality.md).
_LEAST_BUMP = 0.08
#: Lids over a blink, frame by frame at 25 fps: down in 80 ms, up in 160 ms.
BLINK_COURSE = np.array([0.45, 1.0, 0.85, 0.4, 0.12], np.float32)
BLINK_LEAD_FRAMES = 1
#: Longer closings than this are meant, not blinks, frames (0.6 s).
_LEVEL_FRAMES = 15
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")


def complete_blinks(motion: Motion) -> Motion:
    """Return the motion with every blink complete; lids that stay low for longer are left so."""
    columns = [ARKIT_INDEX[name] for name in LIDS]
    lids = stored.columns(motion.expression, columns)  # (n_frames, 2)
    level = median_filter(lids, (_LEVEL_FRAMES, 1), mode="nearest")
    bump = (lids - level).mean(axis=1)
    blinks = _course(find_peaks(bump, height=_LEAST_BUMP, distance=len(BLINK_COURSE))[0], len(bump))
    expression = stored.copied(motion.expression)
    for piece in stored.rows(expression):
        expression[piece, columns] = np.maximum(level[piece], blinks[piece, None])
    return replace(motion, expression=expression)


def _course(peaks: NDArray[np.intp], n_frames: int) -> NDArray[np.float32]:
    """Return how far blinks with these lowest frames close the lids, (n_frames,)."""
    padded = np.zeros(n_frames + BLINK_LEAD_FRAMES + len(BLINK_COURSE), np.float32)
    for peak in peaks:
        span = slice(peak, peak + len(BLINK_COURSE))
        padded[span] = np.maximum(padded[span], BLINK_COURSE)
    return padded[BLINK_LEAD_FRAMES : BLINK_LEAD_FRAMES + n_frames]
