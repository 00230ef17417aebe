"""Breaths: quiet at rest, quick before words, out while speaking."""

import numpy as np
from dualtalk.core.directing.breathing import breaths

FPS = 25.0


def _full(keys, n_frames: int) -> np.ndarray:
    return np.interp(np.arange(n_frames), keys.frames, keys.values)


def test_at_rest_people_breathe_12_to_18_times_a_minute() -> None:
    keys = breaths(np.zeros(1500, bool), FPS, 3)
    peaks = (keys.values > 0.5).sum()
    assert 12 <= peaks <= 18
    assert (np.diff(keys.frames) > 0).all()
    assert 0 <= keys.values.min() <= keys.values.max() <= 1.2


def test_a_quick_deep_breath_comes_before_words_and_goes_out_with_them() -> None:
    speaking = np.zeros(1000, bool)
    speaking[400:600] = True
    full = _full(breaths(speaking, FPS, 1), 1000)
    assert full[395:400].max() > 1.1
    assert full[398] - full[383] > 0.8
    assert (np.diff(full[400:599]) < 0).all()


def test_mhm_needs_no_breath() -> None:
    speaking = np.zeros(1000, bool)
    speaking[500:510] = True
    quiet = breaths(np.zeros(1000, bool), FPS, 1)
    np.testing.assert_array_equal(breaths(speaking, FPS, 1).values, quiet.values)


def test_the_same_seed_breathes_the_same_and_two_people_do_not() -> None:
    silent = np.zeros(1000, bool)
    first, again, other = (breaths(silent, FPS, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.frames, again.frames)
    assert len(first.frames) != len(other.frames) or (first.frames != other.frames).any()


def test_no_frames_are_no_error() -> None:
    assert len(breaths(np.zeros(0, bool), FPS).frames) >= 1
