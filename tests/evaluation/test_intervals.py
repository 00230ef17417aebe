"""Intervals hold the truth about as often as they say, and a goal inside one is not met."""

import numpy as np
import pytest
from dualtalk.evaluation import intervals
from dualtalk.evaluation.intervals import Interval
from scipy.ndimage import gaussian_filter1d


def smooth_pair(seed: int, n: int = 750, share: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Return two curves that are alike over a fifth of a second, whose r is `share` on average."""
    white = np.random.default_rng(seed).standard_normal((2, n))
    first, second = gaussian_filter1d(white, 3.0, axis=1)
    return first, share * first + np.sqrt(1 - share**2) * second


def test_the_interval_holds_the_true_correlation_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        found = intervals.correlation(*smooth_pair(seed), seed=seed)
        held += found.low <= 0.5 <= found.high
        assert found.low < found.value < found.high
    assert 48 <= held  # 57 of 60 at 95 %; blocks of a short recording give a little less


def test_drawing_single_frames_would_be_too_sure() -> None:
    first, second = smooth_pair(1)
    blocks = intervals.correlation(first, second)
    single = intervals.correlation(first, second, block=1)
    assert blocks.high - blocks.low > 1.5 * (single.high - single.low)


def test_the_same_numbers_have_the_same_interval() -> None:
    pair = smooth_pair(2)
    assert intervals.correlation(*pair) == intervals.correlation(*pair)
    assert intervals.correlation(*pair) != intervals.correlation(*pair, seed=1)


def test_weighted_correlations_are_those_of_the_repeated_frames() -> None:
    first, second = smooth_pair(3, 60)
    weights = intervals.drawn(60, 10, n_draws=4)
    assert weights.sum(axis=1) == pytest.approx(60)
    for row, found in zip(weights, intervals.correlations(first, second, weights), strict=True):
        frames = np.repeat(np.arange(60), row.astype(int))
        assert found == pytest.approx(np.corrcoef(first[frames], second[frames])[0, 1])
    both = np.stack([first, second], axis=1)
    columns = intervals.correlations(both, both[:, ::-1], weights)
    np.testing.assert_allclose(columns[:, 0], intervals.correlations(first, second, weights))


def test_the_mean_of_events_has_an_interval() -> None:
    found = intervals.mean(np.array([True, False] * 40))
    assert found.value == 0.5
    assert 0.35 < found.low < 0.5 < found.high < 0.65


@pytest.mark.parametrize(
    ("found", "at_least", "said"),
    [
        (Interval(0.5, 0.46, 0.6), True, "met"),
        (Interval(0.5, 0.4, 0.6), True, "not shown, the interval covers it"),
        (Interval(0.43, 0.3, 0.6), True, "**missed**"),
        (Interval(0.3, 0.2, 0.4), False, "met"),
        (Interval(0.3, 0.2, 0.5), False, "not shown, the interval covers it"),
        (Interval(0.5, 0.2, 0.6), False, "**missed**"),
    ],
)
def test_a_goal_is_met_only_where_all_of_the_interval_is(
    found: Interval, at_least: bool, said: str
) -> None:
    assert found.verdict(0.45, at_least=at_least) == said


def test_a_table_shows_the_number_with_its_interval() -> None:
    assert Interval(0.4321, 0.29, 0.556).text() == "0.43 (0.29 to 0.56)"
    assert Interval(0.4321, 0.29, 0.556).text(0, 100) == "43 (29 to 56)"
