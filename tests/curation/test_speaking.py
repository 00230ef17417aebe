"""A voice is given to the face whose lips move as it asks."""

import numpy as np
from dualtalk.curation.speaking import evidence


def _mouth(seed: int, n_frames: int = 100) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    rough = np.random.default_rng(seed).normal(size=n_frames)
    return np.asarray(gaussian_filter1d(rough, 1.5)) * 0.3


def test_the_mouth_that_moves_as_expected_speaks() -> None:
    expected = _mouth(1)
    late = np.roll(expected, 2) + 0.02 * np.random.default_rng(3).normal(size=100)
    heard = np.ones(100, bool)
    first, second = evidence(expected, np.stack([late, _mouth(2)]), heard)
    assert first > second + 0.5


def test_a_still_mouth_does_not_speak() -> None:
    expected = _mouth(1)
    still = 0.01 * np.random.default_rng(4).normal(size=100)
    moving = expected + 0.5 * _mouth(5)
    first, second = evidence(expected, np.stack([moving, still]), np.ones(100, bool))
    assert first > second


def test_what_is_too_short_is_not_judged() -> None:
    heard = np.zeros(100, bool)
    heard[:5] = True
    assert not evidence(_mouth(1), np.stack([_mouth(1), _mouth(2)]), heard).any()
