"""A written plan of gaze as text, so that a scene remembers what its keys were made from."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..turns import spans
from .gaze_plan import GazePlan, Look
from .staging import HeadHabit

#: Of the text; 1 had no number.
VERSION = 2


@dataclass(frozen=True)
class WrittenGaze:
    """All that the keys of gaze and head depend on, beside where the characters are."""

    plan: GazePlan
    speaking: NDArray[np.bool_]  #: (2, n_frames) of the plan
    heads: tuple[HeadHabit, HeadHabit] = (HeadHabit(), HeadHabit())
    first_frame: float = 1.0  #: scene frame of the plan's frame 0
    seed: int = 0
    network: GazePlan | None = None  #: as the network had it, if one did; sliders start from it

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
            }
        )

    @staticmethod
    def from_text(text: str) -> "WrittenGaze":
        """Read what `to_text` wrote.

        Raises:
            InputError: it is something else.
        """
        try:
            read = json.loads(text)
            if read.get("version", 1) > VERSION:
                raise InputError(
                    "The scene's gaze was written by a newer DualTalk: update the add-on."
                )
            plan = plan_from_json(read["looks"], read["n_frames"], read["fps"])
            speaking = np.zeros((2, plan.n_frames), np.bool_)
            for row, runs in zip(speaking, read["speaking"], strict=True):
                for first, last in runs:
                    row[first:last] = True
            heads = [HeadHabit(**head) for head in read["heads"]]
            first = read.get("network")  # came with version 2
            network = plan_from_json(first, plan.n_frames, plan.fps) if first else None
            return WrittenGaze(
                plan, speaking, (heads[0], heads[1]), read["first_frame"], read["seed"], network
            )
        except (ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
            raise InputError(
                f"The scene's plan of gaze cannot be read ({error}); generate the scene again."
            ) from error


def looks_to_json(plan: GazePlan) -> list[list[list[Any]]]:
    """Return the looks of both as JSON values: a list per character of frame, aim, angles, name."""
    return [[list(asdict(look).values()) for look in row] for row in plan.looks]


def plan_from_json(looks: list[list[list[Any]]], n_frames: int, fps: float) -> GazePlan:
    """Read what `looks_to_json` gave; raises ValueError, TypeError or IndexError if it is else."""
    first, second = (tuple(Look(*look) for look in row) for row in looks)
    return GazePlan((first, second), n_frames, fps)
