"""A written plan of gaze as text, so that a scene remembers what its keys were made from."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from ..damage import DAMAGE, json_object, short
from ..errors import InputError
from .gaze_plan import Aim, GazePlan, Look
from .staging import HeadHabit

#: Of the text; 1 had no number.
VERSION = 2
#: A plan of a week, numbers of any scene, and the rate of any camera.
_MOST_FRAMES, _MOST_NUMBER, _MOST_FPS = 1 << 24, 1 << 32, 10_000.0


@dataclass(frozen=True)
class WrittenGaze:
    """All that the keys of gaze and head depend on, beside where the characters are."""

    plan: GazePlan
    speaking: NDArray[np.bool_]  #: (2, n_frames) of the plan
    heads: tuple[HeadHabit, HeadHabit] = (HeadHabit(), HeadHabit())
    first_frame: float = 1.0  #: scene frame of the plan's frame 0
    seed: int = 0
    network: GazePlan | None = None  #: as the network had it, if one did; sliders start from it
    is_edited: bool = False  #: an animator has moved looks since
    is_retaken: bool = False  #: looks of a range were planned on their own

    def to_text(self) -> str:
        """Return JSON."""
        looks = looks_to_json(self.plan)
        return json.dumps(
            {
                "looks": looks,
                "n_frames": self.plan.n_frames,
                "fps": self.plan.fps,
                "speaking": [spans(row) for row in self.speaking],
                "heads": [asdict(head) for head in self.heads],
                "first_frame": self.first_frame,
                "seed": self.seed,
                "version": VERSION,
                "network": looks_to_json(self.network) if self.network else None,
                "own_lids": self.plan.own_lids,
                "is_edited": self.is_edited,
                "is_retaken": self.is_retaken,
            }
        )

    @staticmethod
    def from_text(text: str) -> "WrittenGaze":
        """Read what `to_text` wrote.

        Raises:
            InputError: it is something else.
        """
        try:
            read = json_object(text)
            if read.get("version", 1) > VERSION:
                raise InputError(
                    "The scene's gaze was written by a newer DualTalk: update the add-on."
                )
            own_lids = read.get("own_lids", ())  # came with captured faces
            plan = plan_from_json(read["looks"], read["n_frames"], read["fps"], own_lids)
            speaking = np.zeros((2, plan.n_frames), np.bool_)
            for row, runs in zip(speaking, read["speaking"], strict=True):
                for start, end in runs:
                    row[int(_number(start)) : int(_number(end))] = True
            heads = [_head(head) for head in read["heads"]]
            first = read.get("network")  # came with version 2
            network = plan_from_json(first, plan.n_frames, plan.fps, own_lids) if first else None
            return WrittenGaze(
                plan,
                speaking,
                (heads[0], heads[1]),
                _number(read["first_frame"]),
                int(_number(read["seed"])),
                network,
                bool(read.get("is_edited", False)),
                bool(read.get("is_retaken", False)),
            )
        except (InputError, *DAMAGE) as error:
            raise InputError(
                f"The scene's plan of gaze cannot be read ({short(error)}): generate it again."
            ) from error


def looks_to_json(plan: GazePlan) -> list[list[list[Any]]]:
    """Return the looks of both as JSON values: a list per character of frame, aim, angles, name."""
    return [[list(asdict(look).values()) for look in row] for row in plan.looks]


def plan_from_json(
    looks: list[list[list[Any]]], n_frames: int, fps: float, own_lids: Sequence[Any] = ()
) -> GazePlan:
    """Read what `looks_to_json` gave; raises one of `damage.DAMAGE` if it is something else."""
    if not 0 <= _number(n_frames) <= _MOST_FRAMES or not 0 < _number(fps) <= _MOST_FPS:
        raise ValueError(f"it is of {n_frames} frames at {fps} per second")
    first, second = (tuple(_look(look) for look in row) for row in looks)
    lids_a, lids_b = (bool(one) for one in own_lids or (False, False))
    return GazePlan((first, second), int(n_frames), fps, (lids_a, lids_b))


def _look(values: list[Any]) -> Look:
    look = Look(*values)
    if look.aim not in get_args(Aim) or type(look.extra) is not str:
        raise ValueError("it looks at what nobody can look at")
    for number in (look.frame, look.yaw_rad, look.pitch_rad):
        _number(number)
    return replace(look, frame=int(look.frame))


def _head(values: dict[str, Any]) -> HeadHabit:
    for value in values.values():
        if value is not None:
            _number(value)
    return HeadHabit(**values)


def _number(value: Any) -> float:
    """Return a number as it is; raises ValueError if it is none, or is beyond any in a scene."""
    if type(value) not in (int, float) or not -_MOST_NUMBER <= value <= _MOST_NUMBER:
        raise ValueError(f"it holds {short(repr(value)[:40])} in place of a number")
    number: float = value
    return number
