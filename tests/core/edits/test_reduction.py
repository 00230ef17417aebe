"""Curves with few keys stay within their tolerance at every frame."""

import numpy as np
from dualtalk.core.edits import reduction
from dualtalk.core.edits.reduction import reduced_keys


def speech(n_curves: int, n_frames: int, seed: int = 0) -> np.ndarray:
    """Curves that move as mouths do: syllables four a second, over slow drifts."""
    rng = np.random.default_rng(seed)
    t = np.arange(n_frames) / 25
    phase = rng.random((n_curves, 4, 1)) * 7
    rate = np.array([0.3, 1.1, 2.3, 4.0]).reshape(1, 4, 1)
    return 0.5 + (np.sin(2 * np.pi * rate * t + phase) * [[[0.2], [0.1], [0.1], [0.08]]]).sum(1)


def test_every_frame_is_within_the_tolerance() -> None:
    values = speech(6, 700)
    tolerance = np.array([0.1, 0.03, 0.01, 0.003, 0.001, 1e-6])
    frames = 11.0 + np.arange(700)
    curves = reduced_keys(11, values, tolerance)
    counts = [len(curve.frames) for curve in curves]
    for row, curve, most in zip(values, curves, tolerance, strict=True):
        assert np.abs(curve.at(frames) - row).max() <= most * 1.001 + 1e-7
        assert (np.diff(curve.frames) > 0).all()
        assert (curve.frames[0], curve.frames[-1]) == (11, 710)
    assert counts == sorted(counts)
    assert counts[0] < 100
    assert counts[2] < 0.5 * 700


def test_a_still_curve_and_a_straight_one_have_two_keys() -> None:
    values = np.stack([np.zeros(100), np.linspace(0, 1, 100), np.full(100, 0.7)])
    assert [len(c.frames) for c in reduced_keys(1, values, np.full(3, 1e-3))] == [2, 2, 2]


def test_a_cubic_has_two_keys_and_its_own_handles() -> None:
    t = np.linspace(0, 1, 50)
    values = (3 * (1 - t) ** 2 * t * 0.9 + 3 * (1 - t) * t**2 * -0.4 + t**3 * 0.2)[None]
    (curve,) = reduced_keys(0, values, np.array([1e-4]))
    assert len(curve.frames) == 2
    np.testing.assert_allclose(curve.handles, [[0, 0.9], [-0.4, 0.2]], atol=1e-4)


def test_kept_frames_have_their_exact_value() -> None:
    values = speech(2, 300)
    keep = np.zeros((2, 300), np.bool_)
    keep[0, [50, 51, 120]] = True
    curves = reduced_keys(0, values, np.full(2, 0.1), keep)
    assert {50, 51, 120} <= set(curves[0].frames.tolist())
    np.testing.assert_array_equal(
        curves[0].at(np.array([50.0, 51, 120])), values[0, [50, 51, 120]].astype(np.float32)
    )


def test_very_short_motions_keep_their_keys() -> None:
    for n in (1, 2, 3):
        (curve,) = reduced_keys(5, speech(1, n), np.array([1e-9]))
        np.testing.assert_allclose(curve.at(5.0 + np.arange(n)), speech(1, n)[0], atol=1e-6)


def test_long_curves_take_few_rounds_over_all_of_them(monkeypatch) -> None:
    rounds = []
    fitted = reduction._fitted

    def counted(*given):
        rounds.append(len(given[2]))
        return fitted(*given)

    monkeypatch.setattr(reduction, "_fitted", counted)
    reduced_keys(1, speech(4, 4000), np.full(4, 0.01))
    assert len(rounds) < 30
    assert sum(rounds) < 2 * 4 * 4000
