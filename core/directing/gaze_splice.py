"""A range of one person's looks taken from another plan; all other looks stay."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .gaze_curves import Keys, shift_frames
from .gaze_plan import SHORTEST_LOOK_S, GazePlan, Look

#: No shift of gaze is larger, radians: it says how long one may last.
_LARGEST_SHIFT_RAD = math.radians(45)


def spliced(old: GazePlan, new: GazePlan, who: int, first: int, last: int) -> GazePlan:
    """Return the old plan with one person's looks of a range taken from a new one.

    At the end of the range the eyes are back where the old plan has them, so that what follows is
    as it was; a shift of the old plan that an end of the range would cut stays whole. The old plan
    comes back as it is where the range is too short for a look.

    Args:
        old: the plan that plays.
        new: of the same length.
        who: 0 or 1.
        first: first plan frame of the range.
        last: its last one.
    """
    shift, shortest = _shift(old.fps), max(2, round(SHORTEST_LOOK_S * old.fps))
    mine, other = old.looks[who], new.looks[who]
    at_start, at_end = first <= 0, last >= old.n_frames - 1
    for look in mine[1:]:
        first = look.frame + shift if look.frame <= first < look.frame + shift else first
    for look in reversed(mine[1:]):
        last = look.frame - 1 if look.frame <= last < look.frame + shift else last
    begin = 0 if at_start else max(first + 1, _active(mine, first).frame + shortest)
    later = [] if at_end else [look for look in mine if look.frame > last]
    end = old.n_frames if at_end else last - shift
    if later:
        end = min(end, later[0].frame - shortest)
    is_same = _between(mine, first, last) == _between(other, first, last)
    if is_same or end - begin < 2 * shortest:
        return old
    inner = [replace(_active(other, begin), frame=begin)]
    inner += [look for look in other if begin < look.frame < end]
    while len(inner) > 1 and inner[1].frame - begin < shortest:
        inner = [replace(inner[1], frame=begin), *inner[2:]]
    while len(inner) > 1 and end - inner[-1].frame < shortest:
        inner.pop()
    before = [look for look in mine if look.frame < begin]
    back = [] if at_end else [replace(_active(mine, last), frame=end)]
    looks = _distinct([*before, *inner, *back, *later])
    both = (looks, old.looks[1]) if who == 0 else (old.looks[0], looks)
    return replace(old, looks=both)


def eased(keys: Keys, frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of keys, with an ease in and out between each and the next.

    It is what Blender makes of handles that do not overshoot wherever a movement follows a rest.
    """
    index = np.clip(np.searchsorted(keys.frames, frames, side="right") - 1, 0, None)
    after = np.minimum(index + 1, len(keys.frames) - 1)
    span = np.maximum(keys.frames[after] - keys.frames[index], 1e-9)
    t = np.clip((frames - keys.frames[index]) / span, 0, 1)
    share = t * t * (3 - 2 * t)
    values: NDArray[np.float64] = keys.values[index] * (1 - share) + keys.values[after] * share
    return values


def _shift(fps: float) -> int:
    return math.ceil(shift_frames(fps, _LARGEST_SHIFT_RAD))


def _active(looks: Sequence[Look], frame: int) -> Look:
    return [look for look in looks if look.frame <= max(0, frame)][-1]


def _between(looks: Sequence[Look], first: int, last: int) -> list[Look]:
    """Return what the eyes rest on in a range, without when a first look began."""
    inside = [look for look in looks if first < look.frame <= last]
    return [replace(_active(looks, first), frame=0), *inside]


def _distinct(looks: Sequence[Look]) -> tuple[Look, ...]:
    """Return looks without those that only go on with the one before."""
    kept = [looks[0]]
    for look in looks[1:]:
        if replace(look, frame=0) != replace(kept[-1], frame=0):
            kept.append(look)
    return tuple(kept)
