"""Looks of a range from another plan: inside it they are the other's, outside all is as it was."""

import numpy as np
import pytest
from dualtalk.core.directing.gaze_curves import Keys, gaze_curves
from dualtalk.core.directing.gaze_plan import GazePlan, Look, plan_gaze
from dualtalk.core.directing.gaze_splice import eased, spliced

N = 1000


def speaking() -> np.ndarray:
    active = np.zeros((2, N), bool)
    for start in range(0, N, 200):
        active[0, start : start + 90] = True
        active[1, start + 100 : start + 190] = True
    return active


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("who", [0, 1])
def test_only_the_range_of_one_person_changes(seed: int, who: int) -> None:
    old, new = plan_gaze(speaking(), seed=seed), plan_gaze(speaking(), seed=seed + 50)
    first, last = 300 + 7 * seed, 520 + 7 * seed
    made = spliced(old, new, who, first, last)
    assert made.looks[1 - who] == old.looks[1 - who]
    assert made.looks[who] != old.looks[who]
    outside = [look for look in made.looks[who] if look.frame < first or look.frame > last]
    assert outside == [look for look in old.looks[who] if look.frame < first or look.frame > last]
    frames = np.r_[0:first, last + 1 : N]
    np.testing.assert_array_equal(made.at_partner()[:, frames], old.at_partner()[:, frames])


@pytest.mark.parametrize("seed", range(8))
def test_eyes_are_where_they_were_at_both_ends(seed: int) -> None:
    old, new = plan_gaze(speaking(), seed=seed), plan_gaze(speaking(), seed=seed + 50)
    first, last = 305 + seed, 520 + 3 * seed
    made = spliced(old, new, 0, first, last)
    frames = np.r_[0:first, last + 1 : N]
    curves = [gaze_curves(plan, 0).partner for plan in (old, made)]
    values = [np.interp(frames, keys.frames, keys.values) for keys in curves]
    np.testing.assert_allclose(*values, atol=1e-9)


def test_what_is_too_short_for_a_look_stays() -> None:
    old, new = plan_gaze(speaking(), seed=1), plan_gaze(speaking(), seed=2)
    assert spliced(old, new, 0, 400, 412) is old


def test_a_range_over_all_is_the_new_plan() -> None:
    old, new = plan_gaze(speaking(), seed=1), plan_gaze(speaking(), seed=2)
    made = spliced(old, new, 0, 0, N - 1)
    assert made.looks == (new.looks[0], old.looks[1])


def test_no_look_is_shorter_than_a_fixation() -> None:
    old = GazePlan(((Look(0, "partner"), Look(40, "away", 0.3)), (Look(0, "partner"),)), 200)
    new = GazePlan(((Look(0, "away", -0.3), Look(62, "partner")), (Look(0, "partner"),)), 200)
    frames = [look.frame for look in spliced(old, new, 0, 60, 120).looks[0]]
    assert np.diff(frames).min() >= 6


def test_eased_keys_rest_at_keys_and_go_half_way_between() -> None:
    keys = Keys(np.array([0.0, 10.0, 20.0]), np.array([0.0, 1.0, 1.0]))
    values = eased(keys, np.array([-5.0, 0.0, 5.0, 10.0, 15.0, 30.0]))
    assert values == pytest.approx([0, 0, 0.5, 1, 1, 1])
