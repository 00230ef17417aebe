"""Sliders change a network's plan of gaze as far as they ask, and no further."""

import numpy as np
import pytest
from dualtalk.core.directing.gaze_habits import with_habits
from dualtalk.core.directing.gaze_plan import Extra, GazeHabit, GazePlan, plan_gaze

N = 3000
SAME = GazeHabit()


@pytest.fixture
def plan() -> GazePlan:
    speaking = np.zeros((2, N), np.bool_)
    for start in range(0, N, 200):
        speaking[start // 200 % 2, start : start + 180] = True
    return plan_gaze(speaking, seed=7)


def test_default_sliders_leave_the_plan_alone(plan: GazePlan) -> None:
    assert with_habits(plan, (SAME, SAME), seed=3) is plan


@pytest.mark.parametrize("attention", [0.0, 0.3, 0.7, 1.0])
def test_attention_moves_one_persons_share_and_keeps_the_timing(
    plan: GazePlan, attention: float
) -> None:
    changed = with_habits(plan, (GazeHabit(attention), SAME), seed=3)
    before, after = plan.at_partner(), changed.at_partner()
    assert changed.looks[1] == plan.looks[1]
    assert (after[0].mean() > before[0].mean()) == (attention > 0.5)
    if 0 < attention < 1:  # what is shortened still begins where it began
        kept = before[0] if attention < 0.5 else ~before[0]
        now = after[0] if attention < 0.5 else ~after[0]
        begins = set((np.flatnonzero(np.diff(now.astype(int)) == 1) + 1).tolist())
        assert begins
        assert begins <= set((np.flatnonzero(np.diff(kept.astype(int)) == 1) + 1).tolist())
        assert not (now & ~kept).any()


def test_shyness_ends_mutual_gaze_sooner_and_looks_down(plan: GazePlan) -> None:
    changed = with_habits(plan, (GazeHabit(0.5, 1.0), SAME), seed=3)
    assert changed.at_partner().all(axis=0).mean() < 0.6 * plan.at_partner().all(axis=0).mean()
    assert max(look.pitch_rad for look in changed.looks[0] if look.aim == "away") <= -0.2499
    assert changed == with_habits(plan, (GazeHabit(0.5, 1.0), SAME), seed=3)


def test_an_extra_target_takes_its_share_of_the_looks_away(plan: GazePlan) -> None:
    changed = with_habits(plan, (SAME, SAME), seed=3, extras=[Extra("Cup", 0.5)])
    assert (changed.at_partner() == plan.at_partner()).all()
    to_cup = sum(look.extra == "Cup" for look in changed.looks[0])
    runs = np.count_nonzero(np.diff(plan.at_partner()[0]))
    assert 0.2 < to_cup / (runs / 2) < 0.8
