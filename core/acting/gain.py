"""How much of a layer is shown over time: a factor, or a line through few points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

#: By how much a line through few points may miss a factor.
_MISS = 0.005


@dataclass(frozen=True)
class Gain:
    """A factor by scene frame, linear between the points; before and after them it holds."""

    frames: tuple[float, ...]
    values: tuple[float, ...]

    @staticmethod
    def constant(value: float) -> "Gain":
        """Return the same factor all the time."""
        return Gain((0.0,), (value,))

    @staticmethod
    def through(frames: Floats, values: Floats) -> "Gain":
        """Return a line through as few of the points (n,) as a factor needs."""
        kept = _needed(np.asarray(frames, np.float64), np.asarray(values, np.float64))
        return Gain(tuple(frames[kept].tolist()), tuple(values[kept].tolist()))

    @property
    def is_plain(self) -> bool:
        """Whether it changes nothing."""
        return all(value == 1.0 for value in self.values)

    def at(self, frames: Floats) -> Floats:
        """Return the factors at frames (n,)."""
        return np.interp(frames, self.frames, self.values)


def product(gains: Sequence[Gain]) -> Gain:
    """Return factors multiplied."""
    frames = sorted({frame for gain in gains if len(gain.frames) > 1 for frame in gain.frames})
    if not frames:
        return Gain.constant(float(np.prod([gain.values[0] for gain in gains])))
    every = np.arange(np.floor(frames[0]), np.ceil(frames[-1]) + 1)
    return Gain.through(every, np.prod([gain.at(every) for gain in gains], axis=0))


def _needed(frames: Floats, values: Floats) -> list[int]:
    """Return which points a line needs (Douglas & Peucker 1973), in order."""
    kept, parts = {0, len(frames) - 1}, [(0, len(frames) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        line = np.interp(frames[inside], frames[[first, last]], values[[first, last]])
        miss = np.abs(values[inside] - line)
        if miss.max() > _MISS:
            middle = first + 1 + int(miss.argmax())
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    if len(kept) == 2 and values[0] == values[-1]:
        return [0]
    return sorted(kept)
