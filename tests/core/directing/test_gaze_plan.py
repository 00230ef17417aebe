"""The gaze planner against the shares and durations of the literature."""

import numpy as np
import pytest
from dualtalk.core.conversation.turns import spans
from dualtalk.core.directing.gaze_plan import Extra, GazeHabit, GazePlan, GazeState, Look, plan_gaze
from dualtalk.core.errors import InputError

FPS = 25


def conversation(duration_s: float, seed: int = 1) -> np.ndarray:
    """Return (2, n_frames) turns of about 5 s with short pauses between."""
    rng = np.random.default_rng(seed)
    n = int(duration_s * FPS)
    speaking = np.zeros((2, n), np.bool_)
    frame, who = 0, 0
    while frame < n:
        length = int(rng.gamma(2, 2.5) * FPS) + 10
        speaking[who, frame : frame + length] = True
        frame += length + int(rng.gamma(2, 0.25) * FPS)
        who = 1 - who
    return speaking


@pytest.fixture(scope="module")
def speaking() -> np.ndarray:
    return conversation(3000)


def test_shares_are_those_of_argyle_and_ingham(speaking: np.ndarray) -> None:
    plan = plan_gaze(speaking, seed=3)
    at_partner = plan.at_partner()
    for who in (0, 1):
        alone = speaking[1 - who] & ~speaking[who]
        assert at_partner[who][alone].mean() == pytest.approx(0.75, abs=0.06)
        assert at_partner[who][speaking[who]].mean() == pytest.approx(0.41, abs=0.06)
        looks = [last - first for first, last in spans(at_partner[who])]
        assert np.mean(looks) / FPS == pytest.approx(2.95, abs=0.6)
    mutual = at_partner.all(axis=0)
    assert mutual.mean() == pytest.approx(0.31, abs=0.06)
    assert np.mean([b - a for a, b in spans(mutual)]) / FPS == pytest.approx(1.18, abs=0.3)


def test_speakers_look_away_at_the_start_and_back_at_the_end(speaking: np.ndarray) -> None:
    at_partner = plan_gaze(speaking, seed=5).at_partner()
    long = [(a, b) for a, b in spans(speaking[0]) if b - a > 100 and 50 < a < b < 74000]
    away_at_start = np.mean([not at_partner[0, a + 12] for a, _ in long])
    back_at_end = np.mean([at_partner[0, b - 1] for _, b in long])
    assert away_at_start > 0.7
    assert back_at_end > 0.7


def test_sliders_move_the_shares(speaking: np.ndarray) -> None:
    def share(habit: GazeHabit) -> float:
        return plan_gaze(speaking, (habit, GazeHabit()), seed=2).at_partner()[0].mean()

    shares = [share(GazeHabit(attention)) for attention in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert np.diff(shares).min() > 0.08
    mutual = [
        (plan_gaze(speaking, (GazeHabit(shyness=s), GazeHabit())).states() == 2)[0].mean()
        for s in (0.0, 0.5, 1.0)
    ]
    assert np.diff(mutual).max() < -0.02


def test_the_shy_look_down(speaking: np.ndarray) -> None:
    def pitch(shyness: float) -> float:
        looks = plan_gaze(speaking, (GazeHabit(shyness=shyness), GazeHabit())).looks[0]
        return float(np.mean([look.pitch_rad for look in looks if look.aim == "away"]))

    assert pitch(1.0) < pitch(0.0) - 0.05


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    speaking = conversation(60)
    assert plan_gaze(speaking, seed=1) == plan_gaze(speaking, seed=1)
    assert plan_gaze(speaking, seed=1) != plan_gaze(speaking, seed=2)


def test_mutual_is_when_both_have_arrived() -> None:
    looks = (
        (Look(0, "partner"),),
        (Look(0, "away", 0.3), Look(10, "partner"), Look(20, "extra", extra="cup")),
    )
    states = GazePlan(looks, 30).states(shift_frames=3)
    assert (states[0, :13] == GazeState.AT_PARTNER).all()
    assert (states[:, 13:20] == GazeState.MUTUAL).all()
    assert (states[1, 10:13] == GazeState.SHIFTING).all()
    assert (states[1, 23:] == GazeState.AT_EXTRA).all()


def test_every_look_is_long_enough_to_be_a_fixation() -> None:
    for looks in plan_gaze(conversation(600), seed=7).looks:
        assert np.diff([look.frame for look in looks]).min() >= 5


def test_extras_take_their_share_of_the_looks_away() -> None:
    plan = plan_gaze(conversation(1200), extras=[Extra("cup", 0.4)])
    states = plan.states()
    away = ((states == GazeState.AT_EXTRA) | (states == GazeState.AVERTED)).sum()
    assert (states == GazeState.AT_EXTRA).sum() / away == pytest.approx(0.4, abs=0.08)
    with pytest.raises(InputError, match="extra targets"):
        plan_gaze(conversation(10), extras=[Extra("a", 0.6), Extra("b", 0.6)])


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="attention"):
        GazeHabit(attention=1.5)
    with pytest.raises(InputError, match="speaking"):
        plan_gaze(np.zeros((2, 0), np.bool_))
    with pytest.raises(InputError, match="frame 0"):
        GazePlan(((Look(3, "partner"),), (Look(0, "partner"),)), 10)
