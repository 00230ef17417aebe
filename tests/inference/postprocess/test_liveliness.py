"""Faces that a regression left too even: halves, cheeks, blinks."""

import numpy as np
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.inference.postprocess.liveliness import enlivened

N = 1000
LEFT, RIGHT = (ARKIT_INDEX[f"mouthSmile{side}"] for side in ("Left", "Right"))


def smiling(amount: float = 0.5) -> Motion:
    expression = np.zeros((N, 40), np.float32)
    expression[:, [LEFT, RIGHT]] = amount
    expression[:, ARKIT_INDEX["mouthPressLeft"]] = 0.3
    return Motion.from_arrays(expression)


def test_halves_differ_by_some_tenth_and_keep_their_mean() -> None:
    lively = enlivened(smiling(), seed=1, person=0).expression
    left, right = lively[:, LEFT], lively[:, RIGHT]
    difference = np.abs(left - right) / (left + right)
    assert 0.05 < difference.mean() < 0.2
    np.testing.assert_allclose(left + right, 1.0, atol=1e-6)
    assert np.abs(np.diff(left)).max() < 0.02  # it drifts and does not tremble


def test_speech_shapes_stay_as_they_are() -> None:
    press = ARKIT_INDEX["mouthPressLeft"]
    np.testing.assert_array_equal(
        enlivened(smiling(), 1, 0).expression[:, press], smiling().expression[:, press]
    )


def test_a_smile_narrows_the_lids_and_no_smile_does_not() -> None:
    squint = ARKIT_INDEX["eyeSquintLeft"]
    assert enlivened(smiling(0.8), 1, 0).expression[:, squint].min() > 0.2
    assert enlivened(smiling(0.0), 1, 0).expression[:, squint].max() == 0


def test_nobody_stares() -> None:
    lids = enlivened(smiling(), 3, 1).expression[:, ARKIT_INDEX["eyeBlinkLeft"]]
    closed = np.flatnonzero(lids > 0.9)
    gaps = np.diff(np.concatenate([[0], closed, [N]]))
    assert gaps.max() <= 226
    assert 4 <= len(closed) <= 9


def test_own_blinks_are_enough_where_they_come() -> None:
    motion = smiling()
    motion.expression[100::100, [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]] = 1.0
    before = motion.expression[:, ARKIT_INDEX["eyeBlinkLeft"]].copy()
    after = enlivened(motion, 1, 0).expression[:, ARKIT_INDEX["eyeBlinkLeft"]]
    np.testing.assert_array_equal(after, before)


def test_the_two_differ_and_the_same_seed_gives_the_same() -> None:
    first, second = (enlivened(smiling(), 1, who).expression for who in (0, 1))
    assert np.abs(first - second).max() > 0.01
    np.testing.assert_array_equal(first, enlivened(smiling(), 1, 0).expression)


def test_nothing_is_lost_on_short_motions() -> None:
    for n in (0, 1, 3):
        short = Motion.from_arrays(np.zeros((n, 40)))
        assert enlivened(short, 0, 0).n_frames == n
