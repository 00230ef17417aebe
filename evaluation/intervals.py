"""How sure a number is that was measured on little: the circular block bootstrap.

Neighbouring frames are alike, so that blocks of them are drawn, not frames (Politis & Romano 1992,
"A circular block-resampling procedure for stationary data"). Every draw is seeded: the same numbers
have the same interval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32] | NDArray[np.float64]

N_DRAWS = 1000
#: The share of the draws that lie inside the interval.
LEVEL = 0.95
#: Blocks of two seconds at 25 frames per second: longer than what is alike in speech.
BLOCK_FRAMES = 50


@dataclass(frozen=True)
class Interval:
    """A number and where it would lie in `LEVEL` of such recordings."""

    value: float
    low: float
    high: float

    def text(self, digits: int = 2, factor: float = 1.0) -> str:
        """Return the number and its interval as a table shows them."""
        value, low, high = (f"{factor * x:.{digits}f}" for x in (self.value, self.low, self.high))
        return f"{value} ({low} to {high})"

    def verdict(self, goal: float, *, at_least: bool = True) -> str:
        """Say whether a goal is met: only if all of the interval is on the right side of it."""
        sign = 1 if at_least else -1
        value, low = sign * self.value, sign * (self.low if at_least else self.high)
        if value < sign * goal:
            return "**missed**"
        return "met" if low >= sign * goal else "not shown, the interval covers it"


def drawn(n: int, block: int = BLOCK_FRAMES, n_draws: int = N_DRAWS, seed: int = 0) -> FloatArray:
    """Return how often each of `n` things in a row is drawn, (n_draws, n) float32.

    Args:
        n: frames, events or utterances.
        block: how many in a row are drawn together.
        n_draws: how many resamplings.
        seed: of the draws.
    """
    block = max(1, min(block, n))
    n_blocks = -(-n // block)
    starts = np.random.default_rng(seed).integers(n, size=(n_draws, n_blocks))
    frames = (starts[..., None] + np.arange(block)).reshape(n_draws, -1)[:, :n] % n
    counts = np.zeros((n_draws, n), np.float32)
    np.add.at(counts, (np.arange(n_draws)[:, None], frames), 1)
    return counts


def correlations(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Pearson's r of two curves (n,) or (n, k) under each row of weights (n_draws, n)."""
    total = np.maximum(weights.sum(axis=1), 1e-9)
    total = total.reshape(-1, *(1,) * (x.ndim - 1))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)  # or the sums lose digits
    mean_x, mean_y = weights @ x / total, weights @ y / total
    shared = weights @ (x * y) / total - mean_x * mean_y
    spread_x = weights @ np.square(x) / total - np.square(mean_x)
    spread_y = weights @ np.square(y) / total - np.square(mean_y)
    scale = np.sqrt(np.maximum(spread_x, 0) * np.maximum(spread_y, 0))
    found: FloatArray = np.where(scale > 1e-12, shared / np.maximum(scale, 1e-12), 0.0)
    return found


def around(value: float, draws: FloatArray) -> Interval:
    """Return a number with the interval that holds `LEVEL` of its draws."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(value), float(low), float(high))


def correlation(x: FloatArray, y: FloatArray, block: int = BLOCK_FRAMES, seed: int = 0) -> Interval:
    """Return Pearson's r of two curves (n,) with its interval."""
    weights = drawn(len(x), block, seed=seed)
    x, y = x.astype(np.float64), y.astype(np.float64)
    value = correlations(x, y, np.ones((1, len(x))))
    return around(float(value[0]), correlations(x, y, weights))


def mean(values: FloatArray, block: int = 5, seed: int = 0) -> Interval:
    """Return the mean of events in the order in which they happened, (n,), with its interval."""
    weights = drawn(len(values), block, seed=seed)
    draws = weights @ values.astype(np.float64) / weights.sum(axis=1)
    return around(float(values.mean()), draws)
