"""Who looks where and when, planned from who speaks when.

The plan is a list of looks per character; all else (states, curves, blinks) follows from it, so
that an animator who moves the edge of a look changes the whole animation
(core/directing/gaze_curves.py).

Shares and durations, all for two people 2 m apart who talk in private:

- A person looks at the other 75 % of the time while listening and 41 % while talking, both look
  31 % of the time; a look lasts 2.95 s, a mutual one 1.18 s (Argyle & Ingham 1972, Semiotica 6,
  table 1; the same in Argyle & Cook 1976, Gaze and Mutual Gaze, p. 99).
- A speaker looks away as a long utterance begins, to think of what to say, and looks at the
  listener as it ends: about 70 % of utterances each (Kendon 1967, Acta Psychologica 26, p. 33-35).
- While looking away the eyes jump on after 0.93 s (27.8 frames at 30 Hz) when talking and 0.43 s
  (13 frames) when listening; sizes and directions of the jumps as in Lee, Badler & Badler 2002
  (Eyes Alive, SIGGRAPH, sections 4.2-4.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from ..errors import InputError
from ..motion import NETWORK_FPS

BoolArray = NDArray[np.bool_]
Aim = Literal["partner", "away", "extra"]

SHARE_LISTENING, SHARE_TALKING = 0.75, 0.41
MEAN_LOOK_S = 2.95
_SHARE_PAUSE = 0.55  # nobody speaks: between the two
_EDGE_PROBABILITY = 0.7  # away at the start, back at the end of an utterance
_LONG_UTTERANCE_S = 1.5
_BEFORE_START_S, _AFTER_START_S = 0.25, 1.0
_BEFORE_END_S, _AFTER_END_S = 0.6, 0.5
_JUMP_S = {True: 0.93, False: 0.43}  # by "is talking"
SHORTEST_LOOK_S = 0.24  # less is no fixation
#: Probability of jumps to the right, up-right, up, ... (counter-clockwise, Lee et al. table 1).
_DIRECTIONS = np.array([15.54, 6.46, 17.69, 7.44, 16.80, 7.89, 20.38, 7.79])
_LARGEST_JUMP_DEG = {True: 27.5, False: 22.7}
#: The eyes leave the face: less than this still looks like looking at it.
_SMALLEST_AVERSION_DEG = 9.0
#: How strongly the slider of attention moves the log-odds of looking at the partner.
_ATTENTION_LOG_ODDS = 5.0


class GazeState(IntEnum):
    """What a character's gaze does in one frame."""

    AVERTED = 0
    AT_PARTNER = 1  #: the partner does not look back
    MUTUAL = 2
    AT_EXTRA = 3
    SHIFTING = 4  #: on the way from one to the other


@dataclass(frozen=True)
class GazeHabit:
    """The two sliders of a character, 0 to 1."""

    attention: float = 0.5  #: how much they look at the partner; 0.5 is the literature's mean
    shyness: float = 0.0  #: how soon they break mutual gaze, and that they look down then

    def __post_init__(self) -> None:
        for name in ("attention", "shyness"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InputError(f"The {name} is {value:g}; choose a number from 0 to 1.")


@dataclass(frozen=True)
class Look:
    """From this frame until the next look the eyes rest on one thing."""

    frame: int
    aim: Aim
    yaw_rad: float = 0.0  #: of an aversion: to the own left of the partner's face
    pitch_rad: float = 0.0  #: of an aversion: above the partner's face
    extra: str = ""  #: name of the target of an "extra"


@dataclass(frozen=True)
class Extra:
    """An additional thing to look at."""

    name: str
    share: float = 0.15  #: of the looks away from the partner that go there instead


@dataclass(frozen=True)
class GazePlan:
    """The looks of both characters over a dialogue."""

    looks: tuple[tuple[Look, ...], tuple[Look, ...]]  #: ordered, the first at frame 0
    n_frames: int
    fps: float = NETWORK_FPS
    #: Whose lids close as they were captured, so that no blinks are added to shifts of gaze.
    own_lids: tuple[bool, bool] = (False, False)

    def __post_init__(self) -> None:
        for looks in self.looks:
            frames = [look.frame for look in looks]
            if not frames or frames[0] != 0 or frames != sorted(set(frames)):
                raise InputError(
                    "A plan of gaze needs a look at frame 0 for each character and one start per "
                    "look; plan the gaze again."
                )

    def at_partner(self) -> BoolArray:
        """Return who is to look at the partner in which frame, (2, n_frames)."""
        return np.stack([self._rows(looks, "partner") for looks in self.looks])

    def states(self, shift_frames: int = 0) -> NDArray[np.int8]:
        """Return the `GazeState` of each frame, (2, n_frames).

        Args:
            shift_frames: Frames that a shift of gaze takes; those after the start of each look
                are `SHIFTING`, and gaze is mutual only when both have arrived.
        """
        partner = self.at_partner()
        shifting = np.zeros_like(partner)
        for who, looks in enumerate(self.looks):
            for look in looks[1:]:
                shifting[who, look.frame : look.frame + shift_frames] = True
        arrived = partner & ~shifting
        states = np.full(partner.shape, GazeState.AVERTED, np.int8)
        for who, looks in enumerate(self.looks):
            states[who, self._rows(looks, "extra")] = GazeState.AT_EXTRA
        states[arrived] = GazeState.AT_PARTNER
        states[:, arrived.all(axis=0)] = GazeState.MUTUAL
        states[shifting] = GazeState.SHIFTING
        return states

    def _rows(self, looks: tuple[Look, ...], aim: Aim) -> BoolArray:
        active = np.zeros(self.n_frames, np.bool_)
        ends = [look.frame for look in looks[1:]] + [self.n_frames]
        for look, end in zip(looks, ends, strict=True):
            active[look.frame : end] = look.aim == aim
        return active


@dataclass
class _Person:
    """What the planner knows of one character."""

    habit: GazeHabit
    talking: BoolArray  # (n_frames,)
    listening: BoolArray  # (n_frames,) the partner talks and they do not
    rng: np.random.Generator
    fps: float
    at_partner: BoolArray = field(init=False)  # (n_frames,)


def plan_gaze(
    speaking: BoolArray,
    habits: tuple[GazeHabit, GazeHabit] = (GazeHabit(), GazeHabit()),
    seed: int = 0,
    extras: Sequence[Extra] = (),
    fps: float = NETWORK_FPS,
) -> GazePlan:
    """Plan where both look; the same arguments always give the same plan.

    Args:
        speaking: (2, n_frames), who speaks in which frame (core/conversation/turns.py).
        habits: Sliders of the two characters.
        seed: Another seed gives another plan with the same shares.
        extras: Things beside the partner that both may look at.
        fps: Frames per second of `speaking` and of the plan.

    Raises:
        InputError: there are no frames, or more extras than looks away.
    """
    if speaking.ndim != 2 or speaking.shape[0] != 2 or speaking.shape[1] == 0:
        raise InputError(f"Gaze is planned from (2, n_frames) speaking, not {speaking.shape}.")
    if sum(extra.share for extra in extras) > 1:
        raise InputError("The extra targets take more than all looks away; lower their shares.")
    people = []
    for who in (0, 1):
        rng = np.random.default_rng([seed, who])
        talking, other = speaking[who], speaking[1 - who]
        person = _Person(habits[who], talking, other & ~talking, rng, fps)
        person.at_partner = _alternate(person)
        _keep_edges(person)
        people.append(person)
    rows = np.stack([person.at_partner for person in people])
    break_mutual(rows, habits, fps, np.random.default_rng([seed, 2]))
    for person, row in zip(people, rows, strict=True):
        person.at_partner = row
    looks = tuple(_looks(person, extras) for person in people)
    return GazePlan((looks[0], looks[1]), speaking.shape[1], fps)


def share_at_partner(habit: GazeHabit, mean_share: float) -> float:
    """Return the share of time that the slider of attention makes of the literature's share."""
    log_odds = np.log(mean_share / (1 - mean_share))
    shifted = log_odds + _ATTENTION_LOG_ODDS * (habit.attention - 0.5)
    return float(1 / (1 + np.exp(-shifted)))


def _alternate(person: _Person) -> BoolArray:
    """Look at the partner and away by turns, with the durations of the current role."""
    n = len(person.talking)
    shares = np.full(n, share_at_partner(person.habit, _SHARE_PAUSE))
    shares[person.listening] = share_at_partner(person.habit, SHARE_LISTENING)
    shares[person.talking] = share_at_partner(person.habit, SHARE_TALKING)
    result = np.zeros(n, np.bool_)
    looks_there = bool(person.rng.random() < shares[0])
    frame = 0
    while frame < n:
        share = shares[frame]
        # A look and an aversion together last as long at any share; at 58 %, the mean of
        # talking and listening, a look lasts `MEAN_LOOK_S`.
        mean_s = MEAN_LOOK_S / 0.58 * (share if looks_there else 1 - share)
        duration_s = max(person.rng.gamma(2.0, mean_s / 2.0), SHORTEST_LOOK_S)
        end = min(frame + max(1, round(duration_s * person.fps)), n)
        changed = np.flatnonzero(shares[frame:end] != share)
        if len(changed):  # the role changes: draw anew for the new role
            end = frame + int(changed[0])
        result[frame:end] = looks_there
        keeps = len(changed) and end < n
        looks_there = bool(person.rng.random() < shares[end]) if keeps else not looks_there
        frame = end
    return result


def _keep_edges(person: _Person) -> None:
    """Look away as a long utterance begins and at the partner as it ends (Kendon 1967)."""
    n, fps = len(person.talking), person.fps
    # A shy or inattentive speaker checks the partner less, an attentive one plans aloud.
    back = np.clip(_EDGE_PROBABILITY + person.habit.attention - 0.5, 0, 1)
    away = np.clip(_EDGE_PROBABILITY - person.habit.attention + 0.5, 0, 1)
    for first, last in spans(person.talking):
        if last - first < _LONG_UTTERANCE_S * fps:
            continue
        if person.rng.random() < away:
            start = max(0, first - round(_BEFORE_START_S * fps))
            person.at_partner[start : first + round(_AFTER_START_S * fps)] = False
        if last < n and person.rng.random() < back:
            start = last - round(_BEFORE_END_S * fps)
            person.at_partner[start : last + round(_AFTER_END_S * fps)] = True


def break_mutual(
    at_partner: BoolArray,
    habits: tuple[GazeHabit, GazeHabit],
    fps: float,
    rng: np.random.Generator,
) -> None:
    """Let the shy look away from a mutual gaze sooner than chance would end it.

    Args:
        at_partner: (2, n_frames), who looks at the partner; changed in place.
        habits: whose shyness counts.
        fps: frames per second.
        rng: draws when, who and how long.
    """
    both = at_partner[0] & at_partner[1]
    weights = np.array([habit.shyness for habit in habits])
    if weights.sum() == 0:
        return
    mean_s = 0.5 + 2.5 * (1 - float(weights.max())) ** 2
    for first, last in spans(both):
        start = first + max(round(rng.gamma(3.0, mean_s / 3.0) * fps), 8)
        while start < last:
            who = int(rng.random() < weights[1] / weights.sum())
            away_s = rng.gamma(2.0, 0.6 + 0.6 * weights[who])
            end = min(start + max(round(away_s * fps), 6), last)
            at_partner[who, start:end] = False
            start = end + max(round(rng.gamma(3.0, mean_s / 3.0) * fps), 8)


def _looks(person: _Person, extras: Sequence[Extra]) -> tuple[Look, ...]:
    """Turn frames into looks; what is shorter than a fixation joins the look before it."""
    shortest = max(2, round(SHORTEST_LOOK_S * person.fps))
    edges = np.flatnonzero(np.diff(person.at_partner)) + 1
    starts = [0]
    for edge in (*edges.tolist(), len(person.at_partner)):
        if edge - starts[-1] >= shortest or edge == len(person.at_partner):
            starts.append(edge)
    looks: list[Look] = []
    for first, end in pairwise(starts):
        if person.at_partner[first]:
            if not looks or looks[-1].aim != "partner":
                looks.append(Look(first, "partner"))
        else:
            looks += _aversion(person, first, end, extras)
    return tuple(looks)


def _aversion(person: _Person, first: int, end: int, extras: Sequence[Extra]) -> list[Look]:
    """Fill a look away with fixations of one place after the other."""
    draw = person.rng.random()
    for extra in extras:
        if draw < extra.share:
            return [Look(first, "extra", extra=extra.name)]
        draw -= extra.share
    looks = []
    frame = first
    shortest = max(2, round(SHORTEST_LOOK_S * person.fps))
    while frame < end:
        looks.append(_away(person, frame))
        mean_s = _JUMP_S[bool(person.talking[frame])]
        frame += max(shortest, round(person.rng.gamma(2.0, mean_s / 2.0) * person.fps))
        if end - frame < shortest:
            break
    return looks


def _away(person: _Person, frame: int) -> Look:
    """Draw where to: Lee et al.'s directions and sizes, downwards for the shy."""
    talking = bool(person.talking[frame])
    # Their equation 1, A = -6.9 ln(P / 15.7) with P uniform in (0, 15], cut at the largest jump.
    size = -6.9 * np.log(person.rng.uniform(0.01, 15.0) / 15.7)
    size = float(np.clip(size, _SMALLEST_AVERSION_DEG, _LARGEST_JUMP_DEG[talking]))
    weights = _DIRECTIONS / _DIRECTIONS.sum()
    weights[5:8] *= 1 + 5 * person.habit.shyness  # the three downward ones
    weights[1:4] *= 1 - 0.8 * person.habit.shyness
    angle = person.rng.choice(8, p=weights / weights.sum()) * np.pi / 4
    angle += person.rng.uniform(-np.pi / 8, np.pi / 8)
    size_rad = np.radians(size)
    # Seen from outside; the own left is +yaw, and left and right are about equally likely.
    return Look(frame, "away", float(size_rad * np.cos(angle)), float(size_rad * np.sin(angle)))
