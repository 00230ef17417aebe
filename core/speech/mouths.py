"""What corrections of words do to the curves of a mouth; times in seconds from their first frame.

Curves are rows (n_rows, n_frames). An edge that is moved bends time, so that the network's own
mouth is kept; a phone that is said otherwise adds what the rules (`visemes`) say is different.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..edits.closing import weights as closing_weights
from ..names import ARKIT_SHAPES
from .phones import BILABIALS, PHONE_INDEX, SILENCE
from .visemes import ARTICULATOR_FPS, articulators, mouth
from .words import SHORTEST_S, Phone, Words, phones_of

Values = NDArray[np.float64]
#: Over which a change comes and goes beside its span, seconds.
_BLEND_S = 0.08
#: Time is bent no farther than this beside the phones that moved.
_REACH_S = 0.3
#: Phones farther away have no say in a mouth (their dominance is below a thousandth).
_SAY_S = 1.0


@dataclass(frozen=True)
class Difference:
    """How another word changes a mouth."""

    jaw: Values  #: (n_frames,) radians to add
    shapes: Values  #: (n_frames, 40) ARKit coefficients to add
    closing: Values  #: (n_frames,) 0 to 1 where lips are closed now and were not
    opening: Values  #: (n_frames,) 0 to 1 where they were closed and are not any more


def weight(n_frames: int, start_s: float, end_s: float, fps: float) -> Values:
    """Return 1 inside a span and 0 beside it, with smooth edges, (n_frames,)."""
    times = np.arange(n_frames) / fps
    away = np.maximum(start_s - times, times - end_s)
    t = np.clip(1 - away / _BLEND_S, 0, 1)
    result: Values = t * t * (3 - 2 * t)
    return result


def bent(rows: Values, before: Words, after: Words, fps: float) -> Values:
    """Return curves whose time follows edges that were moved."""
    old, new = _knots(phones_of(before), phones_of(after))
    times = np.arange(rows.shape[1]) / fps
    source = np.interp(times, new, old)
    frames = np.where(np.abs(source - times) < 1e-6, np.arange(rows.shape[1]), source * fps)
    positions = np.arange(rows.shape[1])
    return np.stack([np.interp(frames, positions, row) for row in rows])


def held(rows: Values, at_s: float, start_s: float, end_s: float, fps: float) -> Values:
    """Return curves that keep what they have at a moment for a span."""
    w = weight(rows.shape[1], start_s, end_s, fps)
    frame = np.clip(at_s * fps, 0, rows.shape[1] - 1)
    positions = np.arange(rows.shape[1])
    kept = np.array([np.interp(frame, positions, row) for row in rows])
    return rows + w * (kept[:, None] - rows)


def smoothed(rows: Values, seconds: float, w: Values, fps: float) -> Values:
    """Return curves that are smoother where the weight (n_frames,) is 1: a Gaussian's mean."""
    sigma = max(seconds * fps, 1e-3)
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(rows, ((0, 0), (reach, reach)), mode="edge")
    soft = np.stack([np.convolve(row, kernel, mode="valid") for row in padded])
    return rows + w * (soft - rows)


def closures(words: Words, n_frames: int, fps: float) -> Values:
    """Return where lips are closed for a p, b or m of words, (n_frames,) 0 to 1."""
    result = np.zeros(n_frames)
    for phone in phones_of(words):
        if phone.name in BILABIALS:
            middle = (phone.start_s + phone.end_s) / 2 * fps
            result = np.maximum(result, closing_weights(n_frames, middle, fps))
    return result


def difference(before: Words, after: Words, n_frames: int, fps: float) -> Difference:
    """Return how the mouth of some words differs from that of others, by the rules."""
    changed = set(phones_of(before)) ^ set(phones_of(after))
    found = Difference(
        np.zeros(n_frames),
        np.zeros((n_frames, len(ARKIT_SHAPES))),
        np.zeros(n_frames),
        np.zeros(n_frames),
    )
    if not changed:
        return found
    # Hours of talk differ near the word alone: farther away phones have no say.
    start = min(phone.start_s for phone in changed) - _SAY_S
    end = max(phone.end_s for phone in changed) + _SAY_S
    here = slice(max(0, int(start * fps)), max(0, min(n_frames, int(end * fps) + 1)))
    n, begin_s = here.stop - here.start, here.start / fps
    if n <= 0:
        return found
    old, new = (
        _by_rules([p for p in phones_of(words) if p.end_s > start and p.start_s < end], begin_s, n,
                  fps)
        for words in (before, after)
    )  # fmt: skip
    (old_shapes, old_jaw), (new_shapes, new_jaw) = mouth(old), mouth(new)
    found.jaw[here] = new_jaw[:, 0] - old_jaw[:, 0]
    found.shapes[here] = new_shapes - old_shapes
    found.closing[here] = np.clip(new[:, 1] - old[:, 1], 0, 1)
    found.opening[here] = np.clip(old[:, 1] - new[:, 1], 0, 1)
    return found


def _by_rules(
    phones: Sequence[Phone], begin_s: float, n_frames: int, fps: float
) -> NDArray[np.float32]:
    """Return the articulators of phones at the frames from a moment on, (n_frames, 7)."""
    phones = _with_silence(phones, begin_s, begin_s + n_frames / fps)
    indices = np.array([PHONE_INDEX[phone.name] for phone in phones], np.int64)
    starts, ends = (np.array(row, np.float32) - np.float32(begin_s) for row in _times(phones))
    n_ticks = int(np.ceil(n_frames / fps * ARTICULATOR_FPS)) + 1
    found = articulators(indices, starts, ends, ends, n_ticks)
    ticks = np.arange(n_frames) / fps * ARTICULATOR_FPS
    positions = np.arange(n_ticks)
    rows = [np.interp(ticks, positions, column) for column in found.T]
    return np.stack(rows, axis=1).astype(np.float32)


def _with_silence(phones: Sequence[Phone], start_s: float, end_s: float) -> list[Phone]:
    """Return phones with silence in their gaps and on both sides, in which a mouth rests."""
    found, at = [], start_s - _SAY_S
    for phone in (*phones, Phone(SILENCE, end_s + _SAY_S, end_s + _SAY_S)):
        if phone.start_s - at > SHORTEST_S:
            found.append(Phone(SILENCE, at, phone.start_s))
        found.append(phone)
        at = max(at, phone.end_s)
    return found[:-1]


def _times(phones: Sequence[Phone]) -> tuple[list[float], list[float]]:
    return [phone.start_s for phone in phones], [phone.end_s for phone in phones]


def _knots(before: Sequence[Phone], after: Sequence[Phone]) -> tuple[Values, Values]:
    """Return moments and what they become, rising; pauses are bent no farther than `_REACH_S`."""
    old, new = (np.stack(_times(one), axis=1) for one in (before, after))  # (n, 2) start, end
    starts, ends = (np.stack([old[:, i], new[:, i]]) for i in (0, 1))
    low = np.concatenate([[-1e6], ends.max(axis=0) + _REACH_S])
    high = np.concatenate([starts.min(axis=0) - _REACH_S, [1e6]])
    still = np.concatenate([low[low < high], high[low < high]])
    pairs = np.concatenate([np.stack([old.ravel(), new.ravel()]), [still, still]], axis=1)
    order = np.lexsort((pairs[1], pairs[0]))
    rising = np.maximum.accumulate(pairs[:, order], axis=1) + 1e-9 * np.arange(pairs.shape[1])
    return rising[0], rising[1]
