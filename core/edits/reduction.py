"""Few keys in place of one per frame: cubic pieces that stay within an error.

Curves are cut where a piece misses the most until every piece fits, and pieces are joined again
where one fits as well. Each piece is the cubic through both its keys whose handles, a third of the
way from either, fit the frames between in the least-squares sense (Schneider 1990, An Algorithm for
Automatically Fitting Digitized Curves, with the parameter known: it is time). All curves are done
at once, array by array.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .curve import Curve

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
#: Pulls handles towards the straight line where too few frames tell where they belong.
_RIDGE = 1e-6
#: Pieces are this long at first.
_SHORT_FRAMES = 8


@dataclass
class _Pieces:
    """Cubic pieces over curves laid end to end."""

    begin: NDArray[np.intp]  # (n_pieces,) index of the key at which each begins
    end: NDArray[np.intp]  # of the key at which it ends
    handles: Values  # (n_pieces, 2) values of right and left handle
    error: Values  # (n_pieces,) the largest miss, in tolerances
    worst: NDArray[np.intp]  # (n_pieces,) where


def reduced_keys(
    first_frame: int, values: NDArray[np.floating[Any]], tolerance: Values, keep: Mask | None = None
) -> list[Curve]:
    """Return curves with few keys for values at every frame.

    Args:
        first_frame: of the first value.
        values: (n_curves, n_frames).
        tolerance: (n_curves,) by how much a curve may miss a frame, in its own unit.
        keep: (n_curves, n_frames) where there must be a key, which has the exact value.
    """
    n_curves, n_frames = values.shape
    if n_frames < 3:
        frames = first_frame + np.arange(n_frames, dtype=np.float32)
        return [Curve(frames, row.astype(np.float32)) for row in values]
    flat = np.ascontiguousarray(values, np.float64).ravel()
    scale = np.repeat(1.0 / np.maximum(tolerance, 1e-12), n_frames)
    fixed = np.zeros((n_curves, n_frames), np.bool_) if keep is None else keep.copy()
    fixed[:, [0, -1]] = True
    is_key = _cut(flat, scale, fixed.ravel(), n_frames)
    is_key = _join(flat, scale, is_key, fixed.ravel(), n_frames)
    return _curves(first_frame, flat, scale, is_key.reshape(n_curves, n_frames))


def _cut(flat: Values, scale: Values, fixed: Mask, n_frames: int) -> Mask:
    """Add keys near where pieces miss the most until all fit.

    Speech leaves few long pieces: it begins with short ones, which `_join` joins. A cut stays away
    from the ends of a piece, so that few rounds are enough.
    """
    is_key = fixed.copy()
    is_key.reshape(-1, n_frames)[:, ::_SHORT_FRAMES] = True
    begin, end = _spans(is_key, n_frames)
    while len(begin):
        pieces = _fitted(flat, scale, begin, end)
        misses = pieces.error > 1.0
        margin = (pieces.end - pieces.begin)[misses] // 4
        cut = np.clip(
            pieces.worst[misses],
            np.maximum(begin[misses] + margin, begin[misses] + 1),
            np.minimum(end[misses] - margin, end[misses] - 1),
        )
        is_key[cut] = True
        begin = np.concatenate([begin[misses], cut])
        end = np.concatenate([cut, end[misses]])
    return is_key


def _join(flat: Values, scale: Values, is_key: Mask, fixed: Mask, n_frames: int) -> Mask:
    """Take out keys without which the piece across still fits; neighbours in different rounds."""
    is_key = is_key.copy()
    tried: Mask = np.zeros(len(flat), np.bool_)
    while True:
        keys = np.flatnonzero(is_key)
        inner = np.flatnonzero(~fixed[keys[1:-1]] & ~tried[keys[1:-1]]) + 1
        if not len(inner):
            return is_key
        # No two neighbours at once: of each run of candidates, every other one.
        starts = np.concatenate([[True], np.diff(inner) > 1])
        run = np.arange(len(inner)) - np.maximum.accumulate(
            np.where(starts, np.arange(len(inner)), 0)
        )
        inner = inner[run % 2 == 0]
        pieces = _fitted(flat, scale, keys[inner - 1], keys[inner + 1])
        fits = pieces.error <= 1.0
        gone = keys[inner[fits]]
        is_key[gone] = False
        tried[keys[inner[~fits]]] = True
        tried[keys[inner[fits] - 1]] = tried[keys[inner[fits] + 1]] = False


def _spans(is_key: Mask, n_frames: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where pieces begin and end; none goes from one curve to the next."""
    keys = np.flatnonzero(is_key)
    same = keys[1:] // n_frames == keys[:-1] // n_frames
    return keys[:-1][same], keys[1:][same]


def _fitted(flat: Values, scale: Values, begin: NDArray[np.intp], end: NDArray[np.intp]) -> _Pieces:
    """Fit a cubic to each piece and measure by how much it misses."""
    n_inner = end - begin - 1
    y0, y1 = flat[begin], flat[end]
    straight = np.stack([y0 + (y1 - y0) / 3, y1 - (y1 - y0) / 3], axis=1)
    has = np.flatnonzero(n_inner > 0)
    error, worst = np.zeros(len(begin)), begin.copy()
    if not len(has):
        return _Pieces(begin, end, straight, error, worst)
    counts = n_inner[has]
    offsets = np.concatenate([[0], np.cumsum(counts)[:-1]])
    piece = np.repeat(np.arange(len(has)), counts)
    step = np.arange(len(piece)) - offsets[piece] + 1
    at = begin[has][piece] + step
    t = step / (end - begin)[has][piece]
    s = 1 - t
    b1, b2 = 3 * s * s * t, 3 * s * t * t
    # What is left beside the straight line, which the handles' distance from it must make up.
    line = y0[has][piece] + (y1 - y0)[has][piece] * t
    rest = flat[at] - line

    def total(row: Values) -> Values:
        return np.add.reduceat(row, offsets)

    a11, a22, a12 = total(b1 * b1) + _RIDGE, total(b2 * b2) + _RIDGE, total(b1 * b2)
    r1, r2 = total(b1 * rest), total(b2 * rest)
    det = a11 * a22 - a12 * a12
    h1, h2 = (a22 * r1 - a12 * r2) / det, (a11 * r2 - a12 * r1) / det
    miss = np.abs(rest - b1 * h1[piece] - b2 * h2[piece]) * scale[at]
    most = np.maximum.reduceat(miss, offsets)
    first = np.flatnonzero(miss == most[piece])
    where = np.zeros(len(has), np.intp)
    where[piece[first][::-1]] = at[first][::-1]  # the first of equals
    handles = straight.copy()
    handles[has] += np.stack([h1, h2], axis=1)
    error[has], worst[has] = most, where
    return _Pieces(begin, end, handles, error, worst)


def _curves(first_frame: int, flat: Values, scale: Values, is_key: Mask) -> list[Curve]:
    n_frames = is_key.shape[1]
    pieces = _fitted(flat, scale, *_spans(is_key.ravel(), n_frames))
    counts = is_key.sum(axis=1)
    ends = np.cumsum(counts - 1)
    curves = []
    for row, (first, last) in enumerate(zip(ends - counts + 1, ends, strict=True)):
        keys = np.flatnonzero(is_key[row])
        values = flat[row * n_frames + keys]
        handles = np.stack([values, values], axis=1)
        handles[:-1, 1] = pieces.handles[first:last, 0]
        handles[1:, 0] = pieces.handles[first:last, 1]
        handles[0, 0], handles[-1, 1] = values[0], values[-1]
        frames = (first_frame + keys).astype(np.float32)
        curves.append(Curve(frames, values.astype(np.float32), handles.astype(np.float32)))
    return curves
