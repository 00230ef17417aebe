"""From a plan of gaze to sparse keys for eyes and head, and to blinks.

Sources of the numbers:
- A saccade of A degrees lasts 25 ms + 2.4 ms * A (Lee, Badler & Badler 2002, section 4.1, after
  Becker 1989).
- The eyes reach small targets alone; beyond about 15 degrees the head takes part (Bahill, Adler &
  Stark 1975: natural saccades are rarely larger), starts about 40 ms after the eyes (Warabi 1977;
  Guitton & Volle 1987: 20-60 ms) and moves for 0.25-0.6 s, longer for larger turns.
- Eyes turn 55 degrees at most, but are seldom held beyond 20-25 (Stahl 1999).
- Blinks come with large shifts of gaze: with few below 17 degrees, with 97 % beyond 33 (Evinger
  et al. 1994, Exp Brain Res 100, p. 337-344). A lid closes in 0.1 s and opens in 0.2 s
  (VanderWerf et al. 2003).
- Nods of a listener: 2 to 3 swings at about 2.5 Hz of some degrees (Hadar, Steiner & Rose 1985).
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from ..motion import FloatArray, Motion
from ..names import ARKIT_INDEX
from .gaze_plan import GazePlan, Look
from .staging import HeadHabit, Placement

#: Limits of the eye in the head that constraints keep, radians: sideways, up, down.
EYE_LIMITS_RAD = (math.radians(38), math.radians(28), math.radians(35))
#: How far the head turns at most against the body, radians.
HEAD_LIMIT_RAD = math.radians(65)
_EYES_ALONE_RAD = math.radians(15)
_HEAD_GAIN = 0.65
_HEAD_DELAY_S = 0.04
_TURN_AWAY_RAD = math.radians(22)
#: A turn over the whole scene goes on in steps, as people shift their posture.
_TURN_STEP_S = 4.0
_NOD_RAD = math.radians(6)
_NOD_HZ = 2.5
_BLINK_CLOSE_S, _BLINK_OPEN_S = 0.1, 0.2
#: How long a blink lasts, seconds.
BLINK_S = _BLINK_CLOSE_S + _BLINK_OPEN_S
#: What the eyes keep where bodies are open to the cameras: what is still held at ease (Stahl 1999).
_EYES_OPEN_RAD = math.radians(24)
#: Below this share the head would lag behind what its aim asks of it.
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Keys:
    """Keys of one curve, linear or eased between them as the curve's use says."""

    frames: NDArray[np.float64]  #: (n_keys,) strictly increasing, in the plan's frames
    values: NDArray[np.float64]  #: (n_keys,)


@dataclass(frozen=True)
class GazeCurves:
    """What one character's eyes and head do."""

    partner: Keys  #: 0 to 1, how much the gaze target is at the partner's face
    extras: dict[str, Keys]  #: 0 to 1 for each additional target
    away: tuple[Keys, Keys]  #: yaw and pitch of the gaze target when at neither, radians
    head: tuple[Keys, Keys]  #: yaw and pitch of the head's aim off the partner, radians
    blinks: NDArray[np.intp]  #: (n_blinks,) plan frames at which the lids begin to close


def shift_frames(fps: float, size_rad: float = math.radians(20)) -> float:
    """Return how long a shift of gaze of this size lasts, in frames, at least one."""
    return max(1.0, (0.025 + 0.0024 * math.degrees(size_rad)) * fps)


def head_share(placement: Placement, partner: Placement, habit: HeadHabit | None = None) -> float:
    """Return which share of the angle to the partner the head takes over from the eyes.

    The eyes keep what they do alone, and the share is never less than half, so that the aim of
    the head (`GazeCurves.head`) can be corrected for it.
    """
    to_partner = partner.eyes_m - placement.eyes_m
    distance = float(np.linalg.norm(to_partner))
    if distance < 1e-6:  # both in one place, not staged yet
        return _LEAST_SHARE
    cosine = float(placement.facing @ to_partner) / distance
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    share = 1 - 0.8 * _EYES_ALONE_RAD / angle if angle > 1e-6 else _LEAST_SHARE
    if habit is not None and habit.turn > 0:
        share += (1 - share) * habit.turn
    limit = HEAD_LIMIT_RAD / angle if angle > HEAD_LIMIT_RAD else 1.0
    return min(max(share, _LEAST_SHARE), limit, 1.0)


def shown_share(placement: Placement, partner: Placement, habit: HeadHabit | None = None) -> float:
    """Return `head_share` as actors do it before cameras: the face stays open, the eyes go further.

    A head that turns to the partner as it would by itself is seen in profile from where both are
    seen; so the eyes take what they can hold.
    """
    share = head_share(placement, partner, habit)
    to_partner = partner.eyes_m - placement.eyes_m
    distance = float(np.linalg.norm(to_partner))
    if distance < 1e-6 or (habit is not None and habit.turn > 0):
        return share
    cosine = float(placement.facing @ to_partner) / distance
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    return min(share, max(1 - _EYES_OPEN_RAD / max(angle, 1e-6), _LEAST_SHARE))


def gaze_curves(
    plan: GazePlan,
    who: int,
    habit: HeadHabit | None = None,
    share: float = 1.0,
    seed: int = 0,
) -> GazeCurves:
    """Return the keys of one character.

    Args:
        plan: Looks of both.
        who: 0 or 1.
        habit: What the description asks of the head.
        share: `head_share` of the character; the head's aim is stretched by its inverse.
        seed: Decides which large shifts of gaze come with a blink.
    """
    looks = plan.looks[who]
    names = sorted({look.extra for look in looks if look.aim == "extra"})
    return GazeCurves(
        _influence(looks, plan.fps, lambda look: look.aim == "partner"),
        {name: _influence(looks, plan.fps, lambda look, n=name: look.extra == n) for name in names},
        _away(looks, plan.fps),
        _head(plan, who, habit or HeadHabit(), share),
        np.zeros(0, np.intp)
        if plan.own_lids[who]
        else _blinks(looks, plan, np.random.default_rng([seed, who, 7])),
    )


def nods(
    speaking: NDArray[np.bool_], who: int, habit: HeadHabit, fps: float, seed: int = 0
) -> Keys:
    """Return the pitch of the nods that a description asks for, radians, down positive.

    A habit of 1 nods every 2 s while the partner talks; pauses inside the partner's speech, where
    listeners nod most (Dittmann & Llewellyn 1968), attract them.
    """
    rng = np.random.default_rng([seed, who, 11])
    frames, values = [0.0], [0.0]
    for first, last in spans(speaking[1 - who] & ~speaking[who]):
        frame = first + rng.gamma(2.0, 0.5) * fps
        while habit.nodding > 0 and frame + 1.3 * fps < last + 0.8 * fps:
            size = _NOD_RAD * rng.uniform(0.6, 1.2)
            for i in range(int(rng.integers(2, 4))):
                start = frame + i * fps / _NOD_HZ
                frames += [start, start + 0.5 * fps / _NOD_HZ]
                values += [0.0, size * 0.7**i]
            frame = frames[-1] + 0.5 * fps / _NOD_HZ
            frames.append(frame)
            values.append(0.0)
            frame += rng.gamma(2.0, 1.0) * fps / habit.nodding
    return _keys(frames, values)


def with_blinks(motion: Motion, blink_frames: NDArray[np.intp], plan_fps: float) -> Motion:
    """Return the motion with the lids closed at these frames too (`arkit` basis only)."""
    if motion.basis != "arkit" or len(blink_frames) == 0 or motion.n_frames == 0:
        return motion
    time_s = np.arange(motion.n_frames) / motion.fps
    closed = closed_lids(time_s, np.asarray(blink_frames) / plan_fps).astype(np.float32)
    expression: FloatArray = motion.expression.copy()
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        column = ARKIT_INDEX[name]
        expression[:, column] = np.maximum(expression[:, column], closed)
    return replace(motion, expression=expression)


def closed_lids(time_s: NDArray[np.float64], starts_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far blinks close the lids, (n_times,), 0 to 1.

    Args:
        time_s: (n_times,) seconds.
        starts_s: (n_blinks,) increasing, when the lids begin to close, on the same clock.
    """
    if len(starts_s) == 0:
        return np.zeros(len(time_s))
    nearest = np.searchsorted(starts_s, time_s, side="right") - 1
    since = time_s - starts_s[np.maximum(nearest, 0)]
    since[nearest < 0] = np.inf
    closing = np.clip(since / _BLINK_CLOSE_S, 0, 1)
    opening = np.clip(1 - (since - _BLINK_CLOSE_S) / _BLINK_OPEN_S, 0, 1)
    closed: NDArray[np.float64] = np.minimum(closing, opening)
    return closed


def _influence(looks: tuple[Look, ...], fps: float, is_on) -> Keys:  # type: ignore[no-untyped-def]
    value = float(is_on(looks[0]))
    frames, values = [float(looks[0].frame)], [value]
    for before, look in pairwise(looks):
        wanted = float(is_on(look))
        if wanted != value:
            frames += [float(look.frame), look.frame + shift_frames(fps, _size(before, look))]
            values += [value, wanted]
            value = wanted
    return _keys(frames, values)


def _size(before: Look, after: Look) -> float:
    return math.hypot(after.yaw_rad - before.yaw_rad, after.pitch_rad - before.pitch_rad)


def _away(looks: tuple[Look, ...], fps: float) -> tuple[Keys, Keys]:
    """Place the gaze target for looks away; while it is elsewhere it waits for the next one."""
    frames: list[float] = []
    directions: list[tuple[float, float]] = []
    for i, look in enumerate(looks):
        if look.aim != "away":
            continue
        direction = (look.yaw_rad, look.pitch_rad)
        if frames and looks[i - 1].aim == "away":
            frames.append(float(look.frame))  # a jump from place to place
            directions.append(directions[-1])
            frames.append(look.frame + shift_frames(fps, _size(looks[i - 1], look)))
        else:
            if frames:  # hold the old place until the eyes have left for the new one
                frames.append(look.frame - 1.0)
                directions.append(directions[-1])
            frames.append(float(look.frame))
        directions.append(direction)
    if not frames:
        frames, directions = [0.0], [(0.0, 0.0)]
    yaw, pitch = zip(*directions, strict=True)
    return _keys(frames, list(yaw)), _keys(frames, list(pitch))


def _head(plan: GazePlan, who: int, habit: HeadHabit, share: float) -> tuple[Keys, Keys]:
    """Let the head follow large shifts: later, slower and not all the way."""
    frames = [0.0]
    aims = [_turned_away(habit, 0.0, who)]
    for look in _moments(plan, who, habit):
        base = _turned_away(habit, look.frame / max(plan.n_frames, 1), who)
        wanted = base + _head_part(look)
        if np.allclose(wanted, aims[-1], atol=1e-3):
            continue
        start = look.frame + _HEAD_DELAY_S * plan.fps
        size = float(np.hypot(*(wanted - aims[-1])))
        _stop_at(start, frames, aims)
        frames += [start, start + (0.25 + 0.35 * min(1.0, size / 0.7)) * plan.fps]
        aims += [aims[-1], wanted]
    stretched = np.array(aims) / share
    return _keys(frames, stretched[:, 0]), _keys(frames, stretched[:, 1])


def _moments(plan: GazePlan, who: int, habit: HeadHabit) -> list[Look]:
    """Return the looks, and between them steps for a turn that changes over the scene."""
    looks = list(plan.looks[who])
    if habit.turn_end is None:
        return looks[1:]
    step = max(1, round(_TURN_STEP_S * plan.fps))
    ends = [look.frame for look in looks[1:]] + [plan.n_frames]
    return [
        replace(look, frame=frame)
        for look, end in zip(looks, ends, strict=True)
        for frame in range(look.frame, end, step)
        if frame > 0
    ]


def _stop_at(frame: float, frames: list[float], aims: list[NDArray[np.float64]]) -> None:
    """End a movement of the head where a new one begins before the old one is done."""
    if len(frames) < 2 or frames[-1] < frame - 1e-6:
        return
    span = frames[-1] - frames[-2]
    done = (frame - frames[-2]) / span if span > 0 else 1.0
    aims[-1] = aims[-2] + (aims[-1] - aims[-2]) * min(max(done, 0.0), 1.0)
    frames[-1] = max(frame - 1e-3, frames[-2] + 1e-4)


def _turned_away(habit: HeadHabit, progress: float, who: int) -> NDArray[np.float64]:
    end = habit.turn if habit.turn_end is None else habit.turn_end
    turn = habit.turn + (end - habit.turn) * progress
    side = -1.0 if who == 0 else 1.0  # away from the partner is towards the cameras
    return np.array([side * max(-turn, 0.0) * _TURN_AWAY_RAD, 0.0])


def _head_part(look: Look) -> NDArray[np.float64]:
    """Return yaw and pitch that the head contributes to a look."""
    direction = np.array([look.yaw_rad, look.pitch_rad])
    size = float(np.hypot(*direction))
    if look.aim != "away" or size <= _EYES_ALONE_RAD:
        return np.zeros(2)
    result: NDArray[np.float64] = direction / size * (size - _EYES_ALONE_RAD / 2) * _HEAD_GAIN
    return result


def _blinks(looks: tuple[Look, ...], plan: GazePlan, rng: np.random.Generator) -> NDArray[np.intp]:
    frames: list[int] = []
    for before, look in pairwise(looks):
        # Evinger et al.: from few at 17 degrees to nearly all at 33.
        probability = 0.1 + 0.87 * (math.degrees(_size(before, look)) - 12) / 21
        far_enough = not frames or look.frame - frames[-1] > 0.8 * plan.fps
        if far_enough and rng.random() < probability:
            frames.append(look.frame)
    return np.array(frames, np.intp)


def _keys(frames: list[float], values: list[float] | NDArray[np.float64]) -> Keys:
    """Drop keys that do not come after the one before."""
    at = np.array(frames)
    kept = np.concatenate([[True], np.diff(np.maximum.accumulate(at)) > 1e-6])
    return Keys(at[kept], np.asarray(values, dtype=np.float64)[kept])
