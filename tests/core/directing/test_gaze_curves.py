"""Keys that follow from a plan of gaze."""

import math

import numpy as np
import pytest
from dualtalk.core.directing.gaze_curves import (
    gaze_curves,
    head_share,
    nods,
    shift_frames,
    with_blinks,
)
from dualtalk.core.directing.gaze_plan import GazePlan, Look, plan_gaze
from dualtalk.core.directing.staging import PRESETS, HeadHabit
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX

PARTNER = (Look(0, "partner"),)


def plan_of(*looks: Look, n_frames: int = 200) -> GazePlan:
    return GazePlan((looks, PARTNER), n_frames)


def test_influence_changes_only_at_the_edges_and_as_fast_as_a_saccade() -> None:
    plan = plan_of(Look(0, "partner"), Look(50, "away", 0.3), Look(90, "partner"))
    keys = gaze_curves(plan, 0).partner
    assert keys.frames.tolist()[:2] == [0, 50]
    assert keys.values.tolist() == [1, 1, 0, 0, 1]
    assert 1 <= keys.frames[2] - keys.frames[1] <= 0.1 * plan.fps
    assert shift_frames(100, math.radians(30)) > shift_frames(100, math.radians(15)) > 4


def test_the_head_joins_large_shifts_only_and_after_the_eyes() -> None:
    small = gaze_curves(plan_of(Look(0, "partner"), Look(50, "away", math.radians(12))), 0)
    assert np.ptp(small.head[0].values) == 0
    large = gaze_curves(plan_of(Look(0, "partner"), Look(50, "away", math.radians(27))), 0)
    yaw = large.head[0]
    assert yaw.frames[1] > 50
    assert math.radians(5) < yaw.values[-1] < math.radians(20)


def test_key_frames_increase_over_a_long_plan() -> None:
    speaking = np.repeat(np.random.default_rng(0).random((2, 400)) < 0.5, 25, axis=1)
    plan = plan_gaze(speaking, seed=1)
    for who in (0, 1):
        curves = gaze_curves(plan, who, HeadHabit(turn=-0.5, turn_end=1.0))
        for keys in (curves.partner, *curves.away, *curves.head):
            assert np.diff(keys.frames).min() > 0
            assert np.isfinite(keys.values).all()


def test_turning_away_over_time_ends_turned_away() -> None:
    looks = [Look(i * 40, "partner" if i % 2 else "away", 0.2) for i in range(20)]
    curves = gaze_curves(plan_of(*looks, n_frames=800), 0, HeadHabit(turn=0.0, turn_end=-1.0))
    assert curves.head[0].values[0] == pytest.approx(0, abs=0.01)
    assert math.degrees(curves.head[0].values[-1]) == pytest.approx(-21, abs=2)


def test_a_turn_over_time_needs_no_shift_of_gaze() -> None:
    curves = gaze_curves(plan_of(Look(0, "away"), n_frames=800), 1, HeadHabit(turn_end=-1.0))
    assert math.degrees(curves.head[0].values[-1]) == pytest.approx(21, abs=2)


def test_the_eyes_keep_little_of_the_angle_to_the_partner() -> None:
    for preset in PRESETS.values():
        first, second = preset.staging.placements()
        share = head_share(first, second)
        to_partner = second.eyes_m - first.eyes_m
        angle = math.acos(first.facing @ to_partner / np.linalg.norm(to_partner))
        assert math.degrees(angle * (1 - share)) < 16, preset.label
        assert 0.5 <= share <= 1


def test_two_in_one_place_are_no_error() -> None:
    placement = PRESETS["table"].staging.placements()[0]
    assert head_share(placement, placement) == 0.5


def test_blinks_come_with_large_shifts_mostly() -> None:
    def count(size_deg: float) -> int:
        looks = [Look(i * 50, "partner" if i % 2 else "away", 0.0) for i in range(200)]
        looks = [Look(k.frame, k.aim, math.radians(size_deg) * (k.aim == "away")) for k in looks]
        return len(gaze_curves(plan_of(*looks, n_frames=10_000), 0).blinks)

    assert count(10) < 0.1 * 199
    assert count(33) > 0.9 * 199


def test_blinks_close_and_open_both_lids() -> None:
    motion = with_blinks(Motion.at_rest(100, fps=50), np.array([10, 40]), 25)
    lids = motion.expression[:, [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]]
    assert lids[25] == pytest.approx(1.0)
    assert lids[20] == pytest.approx(0.0)
    assert lids[40] == pytest.approx(0.0)
    assert motion.expression.sum() == lids.sum()
    flame = Motion.at_rest(100, "flame")
    assert with_blinks(flame, np.array([10]), 25) is flame


def test_nods_happen_while_the_partner_talks() -> None:
    speaking = np.zeros((2, 1000), np.bool_)
    speaking[1, 300:800] = True
    keys = nods(speaking, 0, HeadHabit(nodding=1.0), 25)
    moving = keys.frames[keys.values > 0]
    assert len(moving) > 8
    assert moving.min() > 300
    assert moving.max() < 825
    assert nods(speaking, 1, HeadHabit(nodding=1.0), 25).values.max() == 0
    assert len(nods(speaking, 0, HeadHabit(), 25).frames) == 1
