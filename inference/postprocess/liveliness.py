"""What a regression leaves out of a face: two unlike halves, cheeks that lift, and every blink.

A regression gives the mean face: left and right alike, a smile of the mouth alone, and now and then
a quarter of a minute without a blink. Sources:

- Posed and spontaneous expressions are stronger on one side, by about a tenth (Borod, Haywood &
  Koff 1997, "Neuropsychological aspects of facial asymmetry during emotional expression").
- Smiles that are felt raise the cheeks and narrow the lids (Ekman, Davidson & Friesen 1990, "The
  Duchenne smile").
- People in conversation blink 26 times a minute, and a pause of ten seconds is rare (Bentivoglio et
  al. 1997, "Analysis of blink rate patterns in normal subjects").
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from ...core import stored
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX
from .blinks import BLINK_COURSE, BLINK_LEAD_FRAMES, LIDS

#: Difference between the halves as a share of both: of the person, and drifting over time.
_LASTING, _DRIFTING = 0.10, 0.07
_DRIFT_FRAMES = 40.0
#: Shapes of both halves that are expression, not speech.
_EXPRESSIVE = (
    *("mouthSmile", "mouthFrown", "mouthDimple", "browDown", "browOuterUp"),
    *("cheekSquint", "eyeSquint"),
)
#: What a full smile adds to the cheeks and takes from the opening of the lids.
_CHEEK, _SQUINT = 0.55, 0.35
#: Lids that stay open for longer than this blink, frames (9 s at 25 fps).
_LONGEST_OPEN_FRAMES = 225
#: Lids above this are closed.
_CLOSED = 0.6


def enlivened(motion: Motion, seed: int, person: int) -> Motion:
    """Return a motion in the ARKit basis with unlike halves, felt smiles and no stare.

    Args:
        motion: in the ARKit basis, 25 frames per second.
        seed: of the performance.
        person: row of the person, so that the two differ.
    """
    if motion.n_frames == 0:
        return motion
    rng = np.random.default_rng([seed, person, 17])
    expression = stored.copied(motion.expression)
    left = _stronger_left(len(expression), rng)
    for piece in stored.rows(expression):
        _raise_cheeks(expression[piece])
        _unlike_halves(expression[piece], left[piece])
    _blink_in_long_gaps(expression, rng)
    for piece in stored.rows(expression):
        np.clip(expression[piece], 0.0, 1.0, out=expression[piece])
    return replace(motion, expression=expression)


def _raise_cheeks(expression: NDArray[np.float32]) -> None:
    for side in ("Left", "Right"):
        smile = expression[:, ARKIT_INDEX[f"mouthSmile{side}"]]
        for shape, share in (("cheekSquint", _CHEEK), ("eyeSquint", _SQUINT)):
            column = ARKIT_INDEX[f"{shape}{side}"]
            expression[:, column] = np.maximum(expression[:, column], share * smile)


def _stronger_left(n_frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return how strong the left half is, (n_frames,): 1 as the mean face."""
    lasting = _LASTING * rng.choice([-1.0, 1.0])
    drift = gaussian_filter1d(rng.standard_normal(n_frames), _DRIFT_FRAMES, mode="wrap")
    drift *= _DRIFTING / max(float(drift.std()), 1e-9)
    left = 1 + lasting + np.clip(drift, -2 * _DRIFTING, 2 * _DRIFTING)
    return np.asarray(left, np.float32)


def _unlike_halves(expression: NDArray[np.float32], left: NDArray[np.float32]) -> None:
    for shape in _EXPRESSIVE:
        expression[:, ARKIT_INDEX[f"{shape}Left"]] *= left
        expression[:, ARKIT_INDEX[f"{shape}Right"]] *= 2 - left


def _blink_in_long_gaps(expression: NDArray[np.float32], rng: np.random.Generator) -> None:
    columns = [ARKIT_INDEX[name] for name in LIDS]
    closed = maximum_filter1d(stored.columns(expression, columns).max(axis=1), 3) > _CLOSED
    edges = np.concatenate([[-1], np.flatnonzero(closed), [len(expression)]])
    for before, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        at = before
        while after - at > _LONGEST_OPEN_FRAMES:
            # Some way before the limit, so that the blinks that are added keep no time.
            at += int(rng.integers(_LONGEST_OPEN_FRAMES // 2, _LONGEST_OPEN_FRAMES))
            first = at - BLINK_LEAD_FRAMES
            span = slice(max(first, 0), first + len(BLINK_COURSE))
            course = BLINK_COURSE[max(-first, 0) :][: len(expression[span])]
            for column in columns:
                lid = expression[span, column]
                expression[span, column] = np.maximum(lid, course)
