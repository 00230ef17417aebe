"""Long dialogues in pieces: overlapping windows whose results are blended."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core import stored


@dataclass(frozen=True)
class Window:
    """Frames `first` to `last` (exclusive) of a dialogue."""

    first: int
    last: int

    @property
    def n_frames(self) -> int:
        """Count of frames."""
        return self.last - self.first


def plan(n_frames: int, window_frames: int, overlap_frames: int) -> list[Window]:
    """Cut a dialogue into the fewest windows of one length, at most `window_frames`.

    Neighbours overlap by at least `overlap_frames`. A length of 0, or one that is not below the
    dialogue's, gives one window over the whole.
    """
    if window_frames <= 0 or window_frames >= n_frames:
        return [Window(0, n_frames)]
    step = max(1, window_frames - overlap_frames)
    count = math.ceil((n_frames - overlap_frames) / step)
    length = min(window_frames, math.ceil((n_frames + (count - 1) * overlap_frames) / count))
    firsts = [round(index * (n_frames - length) / (count - 1)) for index in range(count)]
    return [Window(first, first + length) for first in firsts]


def batches(windows: list[Window], size: int) -> Iterator[list[Window]]:
    """Yield the windows in groups of at most `size`."""
    for start in range(0, len(windows), size):
        yield windows[start : start + size]


class Blend:
    """Collect the motion of overlapping windows into one, weighted towards their middles."""

    def __init__(self, n_rows: int, n_frames: int, n_values: int, overlap_frames: int) -> None:
        self._sum = stored.zeros((n_rows, n_frames, n_values))
        self._weight = np.zeros(n_frames, np.float32)
        self._overlap = overlap_frames

    def add(self, window: Window, values: NDArray[np.float32]) -> None:
        """Add the (n_rows, window frames, n_values) of one window."""
        weight = self._weights(window)
        self._sum[:, window.first : window.last] += weight[:, None] * values
        self._weight[window.first : window.last] += weight

    def result(self) -> NDArray[np.float32]:
        """Return the blended motion, (n_rows, n_frames, n_values)."""
        blended: NDArray[np.float32] = self._sum
        for row in blended:
            for piece in stored.rows(row):
                row[piece] /= self._weight[piece, None]
        return blended

    def _weights(self, window: Window) -> NDArray[np.float32]:
        """Return weights that rise from the window's edges, but not at the dialogue's own ends.

        The outer quarter of an overlap counts (almost) nothing: at the edge of a window the
        network hears only one side.
        """
        n, total = window.n_frames, len(self._weight)
        weight = np.ones(n, np.float32)
        ramp = self._ramp(min(self._overlap, n // 2))
        if window.first > 0:
            weight[: len(ramp)] = np.minimum(weight[: len(ramp)], ramp)
        if window.last < total:
            weight[n - len(ramp) :] = np.minimum(weight[n - len(ramp) :], ramp[::-1])
        return weight

    @staticmethod
    def _ramp(n: int) -> NDArray[np.float32]:
        position = (np.arange(n) + 0.5) / max(n, 1)
        inner = np.clip((position - 0.25) / 0.5, 0, 1)
        smooth = np.maximum(0.5 - 0.5 * np.cos(np.pi * inner), 1e-6)
        result: NDArray[np.float32] = smooth.astype(np.float32)
        return result
