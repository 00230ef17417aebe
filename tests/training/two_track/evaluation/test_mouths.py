"""Filmed mouths: posture and lags do not count, movement does."""

import numpy as np
import pytest
from dualtalk.training.two_track.evaluation import mouths


def course(seed: int, n: int = 400) -> np.ndarray:
    white = np.random.default_rng(seed).standard_normal(n)
    return np.convolve(white, np.hanning(7), "same").astype(np.float32)


def test_posture_and_lag_do_not_count() -> None:
    seen = course(1)
    drifting = seen + 5 * np.sin(np.arange(400) / 60).astype(np.float32)
    late = np.roll(seen, 5)
    assert mouths.followed(drifting, seen) > 0.98
    assert mouths.followed(late, seen) > 0.95
    assert mouths.followed(np.roll(seen, 40), seen) < 0.4


def test_only_active_frames_count() -> None:
    seen = course(2)
    ours = seen.copy()
    ours[200:] = course(3)[200:]
    active = np.arange(400) < 190
    assert mouths.followed(ours, seen, active) > 0.98
    assert mouths.followed(ours, seen) < 0.9


def test_people_count_alike() -> None:
    scores = [("a", 0.2), ("a", 0.4), ("b", 0.6)]
    assert mouths.by_person(scores) == pytest.approx({"a": 0.3, "b": 0.6})
