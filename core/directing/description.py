"""What a sentence can direct: the parameters, their values, and the sliders these set.

A sentence leaves most parameters unsaid; those keep what the sliders have. The values are few on
purpose: a sentence gives the kind ("leans in"), the slider then the amount.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import InputError
from .feelings import Feeling
from .gaze_plan import GazeHabit
from .staging import (
    DISTANCE_RANGE_M,
    SEATED_EYE_HEIGHT_M,
    STANDING_EYE_HEIGHT_M,
    HeadHabit,
    Seat,
    Staging,
)

UNSAID = "unsaid"

#: Parameters of the scene and of each person, with their values beside `UNSAID`.
SCENE_VALUES: dict[str, tuple[str, ...]] = {
    "arrangement": ("face_to_face", "side_by_side", "angled"),
    "distance": ("intimate", "close", "social", "far"),
    "higher": ("a", "b"),
}
PERSON_VALUES: dict[str, tuple[str, ...]] = {
    "posture": ("sitting", "standing"),
    "lean": ("in", "back", "in_later", "back_later"),
    "turn": ("towards", "away", "towards_later", "away_later"),
    "tilt": ("tilted",),
    "nod": ("rarely", "often"),
    "gaze": ("rarely", "often", "always"),
    "mood": ("shy", "bold"),
}
PARAMETERS: dict[str, tuple[str, ...]] = {
    name: (UNSAID, *values)
    for name, values in (
        *SCENE_VALUES.items(),
        *((f"a.{name}", values) for name, values in PERSON_VALUES.items()),
        *((f"b.{name}", values) for name, values in PERSON_VALUES.items()),
    )
}

#: Distances of Hall 1966's zones, metres: intimate, personal, social, and the near public one.
DISTANCES_M = {"intimate": 0.45, "close": 0.75, "social": 1.6, "far": 4.0}
_ANGLES_RAD = {"face_to_face": math.pi, "side_by_side": math.radians(40), "angled": math.pi / 2}
_HIGHER_M = 0.15
_LEAN_IN_RAD, _LEAN_BACK_RAD = math.radians(18), math.radians(-12)
_TILT_RAD = math.radians(10)
_ATTENTION = {"rarely": 0.1, "often": 0.75, "always": 1.0}
_SHYNESS = {"shy": 0.8, "bold": 0.0}
_NODDING = {"rarely": 0.0, "often": 0.7}


@dataclass(frozen=True)
class Scene:
    """All sliders of the staging and of both characters' habits."""

    staging: Staging = field(default_factory=Staging)
    heads: tuple[HeadHabit, HeadHabit] = field(default_factory=lambda: (HeadHabit(), HeadHabit()))
    gaze: tuple[GazeHabit, GazeHabit] = field(default_factory=lambda: (GazeHabit(), GazeHabit()))


@dataclass(frozen=True)
class Direction:
    """What was understood of a description."""

    values: dict[str, str]  #: of `PARAMETERS`; what is missing was not said
    confidence: dict[str, float] = field(default_factory=dict)  #: probability of each of `values`
    not_understood: tuple[str, ...] = ()  #: parts of the text that changed nothing
    distance_m: float | None = None  #: where the text gives a number
    feelings: tuple[Feeling, ...] = ()  #: moods that persons are said to have

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if value not in PARAMETERS.get(name, ()):
                raise InputError(f"A description cannot set {name!r} to {value!r}.")

    @staticmethod
    def from_json(read: Mapping[str, Any]) -> "Direction":
        """Read what `dataclasses.asdict` made and JSON kept; raises one of `damage.DAMAGE`."""
        courses = [
            replace(Feeling(**said), course=tuple((float(t), float(v)) for t, v in said["course"]))
            for said in read.get("feelings", ())
        ]
        not_understood = tuple(str(part) for part in read["not_understood"])
        return Direction(
            read["values"], read["confidence"], not_understood, read["distance_m"], tuple(courses)
        )

    def apply(self, scene: Scene | None = None) -> Scene:
        """Return the sliders with what was said changed and all else as it was."""
        scene = scene or Scene()
        said = {name: value for name, value in self.values.items() if value != UNSAID}
        persons = [_of_person(said, letter) for letter in "ab"]
        seats = [_seat(scene.staging.seats[i], persons[i]) for i in (0, 1)]
        staging = _arranged(replace(scene.staging, seats=(seats[0], seats[1])), said)
        if self.distance_m is not None:
            low, high = DISTANCE_RANGE_M
            staging = replace(staging, distance_m=min(max(self.distance_m, low), high))
        heads = [_head(scene.heads[i], persons[i]) for i in (0, 1)]
        gaze = [_gaze(scene.gaze[i], persons[i]) for i in (0, 1)]
        return Scene(staging, (heads[0], heads[1]), (gaze[0], gaze[1]))


def _of_person(said: dict[str, str], letter: str) -> dict[str, str]:
    return {name[2:]: value for name, value in said.items() if name.startswith(f"{letter}.")}


def _arranged(staging: Staging, said: dict[str, str]) -> Staging:
    if "arrangement" in said:
        staging = staging.with_angle(_ANGLES_RAD[said["arrangement"]])
    if "distance" in said:
        staging = replace(staging, distance_m=DISTANCES_M[said["distance"]])
    if "higher" in said:
        difference = staging.height_difference_m
        wanted = max(abs(difference), _HIGHER_M) * (1 if said["higher"] == "b" else -1)
        staging = staging.with_height_difference(wanted)
    return staging


def _seat(seat: Seat, said: dict[str, str]) -> Seat:
    heights = {"sitting": SEATED_EYE_HEIGHT_M, "standing": STANDING_EYE_HEIGHT_M}
    leans = {"in": _LEAN_IN_RAD, "back": _LEAN_BACK_RAD}
    if "posture" in said:
        seat = replace(seat, eye_height_m=heights[said["posture"]])
    if said.get("lean") in leans:
        seat = replace(seat, lean_rad=leans[said["lean"]])
    return seat


def _head(head: HeadHabit, said: dict[str, str]) -> HeadHabit:
    if said.get("lean") in ("in", "back"):
        head = replace(head, lean_end_rad=None)
    elif "lean" in said:
        end = _LEAN_IN_RAD if said["lean"] == "in_later" else _LEAN_BACK_RAD
        head = replace(head, lean_end_rad=end)
    if "turn" in said:
        sign = 1.0 if said["turn"].startswith("towards") else -1.0
        later = said["turn"].endswith("_later")
        head = replace(head, turn=-0.5 * sign if later else sign, turn_end=sign if later else None)
    if "tilt" in said:
        head = replace(head, tilt_rad=_TILT_RAD)
    if "nod" in said:
        head = replace(head, nodding=_NODDING[said["nod"]])
    return head


def _gaze(gaze: GazeHabit, said: dict[str, str]) -> GazeHabit:
    return GazeHabit(
        _ATTENTION.get(said.get("gaze", ""), gaze.attention),
        _SHYNESS.get(said.get("mood", ""), gaze.shyness),
    )
