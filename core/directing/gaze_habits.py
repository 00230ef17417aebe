"""A plan of gaze that a network gave, changed as far as the sliders ask and no further."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from .gaze_plan import (
    SHORTEST_LOOK_S,
    BoolArray,
    Extra,
    GazeHabit,
    GazePlan,
    Look,
    break_mutual,
    share_at_partner,
)

_DEFAULT = GazeHabit()
#: A shy person's looks away go at least this far down, radians (about the partner's chest at 1 m).
_SHY_PITCH_RAD = -0.25
#: Where a look away goes if the plan has none to copy: a little down.
_DOWN = Look(0, "away", 0.0, -0.26)


def with_habits(
    plan: GazePlan,
    habits: tuple[GazeHabit, GazeHabit],
    seed: int = 0,
    extras: Sequence[Extra] = (),
) -> GazePlan:
    """Return a plan that keeps its own looks as far as habits and extra targets leave them.

    Attention lengthens the looks at the partner or those away, which keep where they begin;
    shyness ends mutual gaze sooner and turns looks away downwards. With habits as they are by
    default and without extras the plan is returned as it is.

    Args:
        plan: as the network gave it.
        habits: sliders of the two characters.
        seed: decides which mutual looks end, and which looks away go to the extras.
        extras: things beside the partner that both may look at.
    """
    if habits == (_DEFAULT, _DEFAULT) and not extras:
        return plan
    rows = plan.at_partner()
    for who, habit in enumerate(habits):
        if habit.attention != _DEFAULT.attention:
            rows[who] = _attentive(rows[who], habit, plan.fps)
    break_mutual(rows, habits, plan.fps, np.random.default_rng([seed, 2]))
    looks = [
        _looks(row, old, habit, extras, np.random.default_rng([seed, who]))
        for who, (row, old, habit) in enumerate(zip(rows, plan.looks, habits, strict=True))
    ]
    return replace(plan, looks=(looks[0], looks[1]))


def _attentive(row: BoolArray, habit: GazeHabit, fps: float) -> BoolArray:
    """Shorten looks away, or looks at the partner, to the share that the slider asks for."""
    share = float(np.clip(row.mean(), 0.02, 0.98))
    wanted = share_at_partner(habit, share)
    result = row.copy()
    shortest = max(2, round(SHORTEST_LOOK_S * fps))
    shortened = ~row if wanted > share else row
    keep = (1 - wanted) / (1 - share) if wanted > share else wanted / share
    for first, end in spans(shortened):
        kept = round(keep * (end - first))
        result[first + (kept if kept >= shortest else 0) : end] = wanted > share
    return result


def _looks(
    row: BoolArray,
    old: tuple[Look, ...],
    habit: GazeHabit,
    extras: Sequence[Extra],
    rng: np.random.Generator,
) -> tuple[Look, ...]:
    """Return looks for frames at the partner; looks away aim where the old plan's did."""
    away = [look for look in old if look.aim != "partner"] or [_DOWN]
    starts: NDArray[np.intp] = np.flatnonzero(np.diff(row)) + 1
    edges = [0, *starts.tolist(), len(row)]
    looks: list[Look] = []
    for first, end in pairwise(edges):
        if row[first]:
            looks.append(Look(first, "partner"))
            continue
        extra = _drawn(extras, rng)
        if extra:
            looks.append(Look(first, "extra", extra=extra))
            continue
        inside = [look for look in away if first < look.frame < end]
        nearest = min(away, key=lambda look: abs(look.frame - first))
        looks += [_lowered(look, habit) for look in (replace(nearest, frame=first), *inside)]
    return tuple(looks)


def _drawn(extras: Sequence[Extra], rng: np.random.Generator) -> str:
    draw = rng.random()
    for extra in extras:
        if draw < extra.share:
            return extra.name
        draw -= extra.share
    return ""


def _lowered(look: Look, habit: GazeHabit) -> Look:
    if look.aim != "away" or not habit.shyness:
        return look
    low = min(look.pitch_rad, _SHY_PITCH_RAD)
    return replace(look, pitch_rad=look.pitch_rad + habit.shyness * (low - look.pitch_rad))
