"""What is made of a network's numbers: whole blinks, lips that close and rest, nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.inference.postprocess.blinks import complete_blinks
from dualtalk.inference.postprocess.lips import (
    close_lips_at_bilabials,
    limit_jaw_where_uncertain,
    rest_in_silence,
)
from dualtalk.inference.postprocess.motion import postprocessed
from dualtalk.inference.postprocess.thresholds import CHOSEN

N = 200
LIDS = ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]


@pytest.fixture
def talking() -> Motion:
    """Return a jaw that is half open, with a smile."""
    expression = np.zeros((N, 40), np.float32)
    expression[:, ARKIT_INDEX["mouthSmileLeft"]] = 0.6
    expression[:, ARKIT_INDEX["mouthLowerDownLeft"]] = 0.2
    jaw = np.zeros((N, 3), np.float32)
    jaw[:, 0] = 0.5 * JAW_OPEN_RAD
    return Motion.from_arrays(expression, jaw=jaw)


def lids_of(curve: np.ndarray) -> np.ndarray:
    expression = np.zeros((len(curve), 40), np.float32)
    expression[:, LIDS] = curve[:, None]
    result = complete_blinks(Motion.from_arrays(expression)).expression[:, LIDS]
    np.testing.assert_array_equal(result[:, 0], result[:, 1])
    return result[:, 0]


@pytest.mark.parametrize("height", [0.2, 0.5, 0.9])
def test_a_blink_becomes_whole(height: float) -> None:
    curve = np.zeros(N, np.float32)
    curve[99:102] = 0.5 * height, height, 0.6 * height
    lids = lids_of(curve)
    assert lids[100] == 1
    assert (lids > 0.05).sum() == 5


def test_a_twitch_is_no_blink() -> None:
    curve = np.zeros(N, np.float32)
    curve[100] = 0.05
    assert lids_of(curve).max() == 0


@pytest.mark.parametrize("frame", [0, 1, N - 2, N - 1])
def test_blinks_at_the_ends_stay_inside(frame: int) -> None:
    curve = np.zeros(N, np.float32)
    curve[frame] = 0.8
    assert len(lids_of(curve)) == N


def test_eyes_that_stay_shut_are_left_so() -> None:
    curve = np.zeros(N, np.float32)
    curve[50:120] = 0.7
    np.testing.assert_allclose(lids_of(curve)[60:110], 0.7)


def test_lips_close_where_they_are_heard_to(talking: Motion) -> None:
    closing = np.zeros(N, np.float32)
    closing[80] = 1
    lips = close_lips_at_bilabials(talking, closing).expression
    close, down = ARKIT_INDEX["mouthClose"], ARKIT_INDEX["mouthLowerDownLeft"]
    assert lips[80, close] == pytest.approx(talking.jaw[80, 0] / JAW_OPEN_RAD)
    assert lips[80, down] == 0
    others = np.arange(N) != 80
    np.testing.assert_array_equal(lips[others], talking.expression[others])


def test_lips_close_little_by_little(talking: Motion) -> None:
    closing = np.linspace(0, 1, N, dtype=np.float32)
    closed = close_lips_at_bilabials(talking, closing).expression[:, ARKIT_INDEX["mouthClose"]]
    assert (np.diff(closed) >= 0).all()
    assert np.diff(closed).max() < 0.05  # no snap at a threshold
    assert closed[closing < CHOSEN.closure_low].max() == 0


def test_a_jaw_opens_wide_only_for_what_is_clear(talking: Motion) -> None:
    sure = np.ones(N, np.float32)
    sure[60:140] = 0.2
    calm = limit_jaw_where_uncertain(talking, sure)
    np.testing.assert_allclose(calm.jaw[:40], talking.jaw[:40])
    assert 0.085 < calm.jaw[100, 0] < 0.8 * talking.jaw[100, 0]
    assert np.abs(np.diff(calm.jaw[:, 0])).max() < 0.2 * talking.jaw[0, 0]  # no snap
    small = replace(talking, jaw=0.3 * talking.jaw)
    np.testing.assert_array_equal(limit_jaw_where_uncertain(small, sure).jaw, small.jaw)


def test_lips_stay_together_over_a_calmed_jaw(talking: Motion) -> None:
    closed = close_lips_at_bilabials(talking, np.ones(N, np.float32))
    calm = limit_jaw_where_uncertain(closed, np.full(N, 0.1, np.float32))
    np.testing.assert_allclose(
        calm.expression[:, ARKIT_INDEX["mouthClose"]], calm.jaw[:, 0] / JAW_OPEN_RAD, rtol=1e-5
    )


def test_lips_never_cross(talking: Motion) -> None:
    shut = Motion.from_arrays(talking.expression)  # the jaw is closed
    lips = close_lips_at_bilabials(shut, np.ones(N, np.float32)).expression
    assert lips[:, ARKIT_INDEX["mouthClose"]].max() == 0


def test_silence_rests_and_smiles_stay(talking: Motion) -> None:
    silence = np.zeros(N, np.float32)
    silence[100:] = 1
    rested = rest_in_silence(talking, silence)
    assert rested.jaw[130, 0] < 0.1 * talking.jaw[130, 0]
    np.testing.assert_allclose(rested.jaw[:90], talking.jaw[:90], rtol=1e-4)
    smile = ARKIT_INDEX["mouthSmileLeft"]
    np.testing.assert_array_equal(rested.expression[:, smile], talking.expression[:, smile])
    assert np.abs(np.diff(rested.jaw[:, 0])).max() < 0.35 * talking.jaw[0, 0]  # no snap


def test_flame_coefficients_pass_untouched() -> None:
    values = np.random.default_rng(0).normal(size=(N, 50)).astype(np.float32)
    motion = Motion.from_arrays(values, basis="flame")
    np.testing.assert_array_equal(postprocessed(motion).expression, values)
