"""Where the two characters stand or sit: numbers, presets and the transforms that follow.

Axes are the scene's: metres, z up. The line from A to B runs along +x through the origin and
every camera stays on its -y side (the 180 degree rule), so A is on the left of the picture.
A character faces -y at rest; its own left is then +x.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Vector = NDArray[np.float64]

#: Height of the eyes above the ground of seated and standing adults, mean of women and men
#: (Pheasant & Haslegrave 2006, Bodyspace, table 2.5: 0.43 m seat + 0.77 m; 1.57 m), metres.
SEATED_EYE_HEIGHT_M = 1.20
STANDING_EYE_HEIGHT_M = 1.57
#: From the hip, about which a trunk leans, to the eyes, metres (same source).
TRUNK_M = 0.77
#: A leaning person keeps the face up: this share of the lean stays in the head.
_LEAN_IN_HEAD = 0.4

#: Limits of the sliders; `Staging` refuses what is outside.
DISTANCE_RANGE_M = (0.3, 10.0)
LEAN_RANGE_RAD = (-math.radians(35), math.radians(45))


@dataclass(frozen=True)
class Seat:
    """How one of the two is placed, relative to the partner."""

    eye_height_m: float = SEATED_EYE_HEIGHT_M  #: above the ground, sitting or standing upright
    turn_rad: float = 0.0  #: of the body, from facing the partner; positive to the own left
    lean_rad: float = 0.0  #: of the trunk; positive towards the partner, negative back

    def __post_init__(self) -> None:
        low, high = LEAN_RANGE_RAD
        if not low <= self.lean_rad <= high:
            raise InputError(
                f"A lean is {math.degrees(self.lean_rad):.0f} degrees; choose one between "
                f"{math.degrees(low):.0f} and {math.degrees(high):.0f}."
            )
        if not 0.2 <= self.eye_height_m <= 3.0:
            raise InputError(
                f"The eyes are {self.eye_height_m:g} m above the ground; choose 0.2 to 3 m."
            )
        if not abs(self.turn_rad) <= math.pi:
            raise InputError(
                f"A body is turned by {math.degrees(self.turn_rad):.0f} degrees; "
                "choose -180 to 180."
            )


@dataclass(frozen=True)
class HeadHabit:
    """What a description asks of one head over the whole scene, on top of network and gaze."""

    turn: float = 0.0  #: -1 turned away from the partner .. 0 as gaze wants .. 1 fully towards
    turn_end: float | None = None  #: at the end of the scene, None = as at its start
    tilt_rad: float = 0.0  #: of the head towards the own left shoulder
    nodding: float = 0.0  #: 0 only what the network nods .. 1 nods all the time when listening
    lean_end_rad: float | None = None  #: lean at the end of the scene, None = as at its start


@dataclass(frozen=True)
class Placement:
    """The rest transform of one character in the scene."""

    eyes_m: Vector  #: (3,) the point midway between the eyes
    rotation: Vector  #: (3, 3) from the character's axes (facing -y, z up) to the scene's

    @property
    def facing(self) -> Vector:
        """Unit vector out of the face, (3,)."""
        return -self.rotation[:, 1]


@dataclass(frozen=True)
class Staging:
    """Both characters in one space."""

    distance_m: float = 1.2  #: between the eyes of the two upright, along the ground
    seats: tuple[Seat, Seat] = field(default_factory=lambda: (Seat(), Seat()))

    def __post_init__(self) -> None:
        low, high = DISTANCE_RANGE_M
        if not low <= self.distance_m <= high:
            raise InputError(
                f"The distance is {self.distance_m:g} m; choose one between {low:g} and {high:g} m."
            )

    @property
    def angle_rad(self) -> float:
        """Angle between the directions the bodies face: pi face to face, 0 side by side."""
        bearing = math.pi + self.seats[1].turn_rad - self.seats[0].turn_rad
        return abs(math.remainder(bearing, 2 * math.pi))

    @property
    def height_difference_m(self) -> float:
        """How much higher the eyes of the second are than those of the first."""
        return self.seats[1].eye_height_m - self.seats[0].eye_height_m

    def with_angle(self, angle_rad: float) -> "Staging":
        """Turn both bodies by the same amount towards the cameras, to this angle between them."""
        turn = (math.pi - min(max(angle_rad, 0.0), math.pi)) / 2
        first, second = self.seats
        return replace(self, seats=(replace(first, turn_rad=-turn), replace(second, turn_rad=turn)))

    def with_height_difference(self, difference_m: float) -> "Staging":
        """Move the eyes of the second to this much above those of the first."""
        first, second = self.seats
        raised = replace(second, eye_height_m=first.eye_height_m + difference_m)
        return replace(self, seats=(first, raised))

    def placements(self) -> tuple[Placement, Placement]:
        """Return the rest transforms of both."""
        return self._placement(0), self._placement(1)

    def _placement(self, which: int) -> Placement:
        seat = self.seats[which]
        side = -1.0 if which == 0 else 1.0  # A is at -x and its partner in the direction +x
        yaw = -side * math.pi / 2 + seat.turn_rad
        lean = -side * seat.lean_rad  # about y: positive tips the top towards +x
        hip = np.array([side * self.distance_m / 2, 0.0, seat.eye_height_m - TRUNK_M])
        eyes = hip + rotation_y(lean) @ np.array([0.0, 0.0, TRUNK_M])
        return Placement(eyes, rotation_y(lean * _LEAN_IN_HEAD) @ rotation_z(yaw))


def rotation_y(angle_rad: float) -> Vector:
    """Return the (3, 3) rotation about y, right-handed."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_z(angle_rad: float) -> Vector:
    """Return the (3, 3) rotation about z, right-handed."""
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class Preset:
    """A staging with a name for menus."""

    label: str
    hint: str
    staging: Staging


def _preset(
    label: str,
    hint: str,
    distance_m: float,
    turned_deg: float,
    heights_m: tuple[float, float] = (SEATED_EYE_HEIGHT_M, SEATED_EYE_HEIGHT_M),
) -> Preset:
    turn = math.radians(turned_deg)  # of both, towards the cameras
    seats = (Seat(heights_m[0], -turn), Seat(heights_m[1], turn))
    return Preset(label, hint, Staging(distance_m, seats))


_STANDING = (STANDING_EYE_HEIGHT_M, STANDING_EYE_HEIGHT_M)

#: Distances follow Hall 1966, The Hidden Dimension: intimate below 0.45 m, personal to 1.2 m,
#: social to 3.6 m, public beyond; angles follow Sommer 1969, Personal Space (conversation takes
#: the corner or the opposite side of a table, co-operation the same side). Bodies are open to the
#: cameras by some degrees more than they would be by themselves, as actors cheat out on a stage, so
#: that both faces are seen while the eyes still meet.
PRESETS: dict[str, Preset] = {
    "table": _preset("Across a table", "Seated face to face, a table between", 0.9, 32),
    "bench": _preset("On a bench", "Seated side by side, turned a little inwards", 0.65, 70),
    "interview": _preset("Interview", "Seated at three-quarter angle to each other", 1.0, 48),
    "close": _preset("Standing close", "Standing within reach of an arm", 0.6, 40, _STANDING),
    "seated_standing": _preset(
        "One stands",
        "The first sits, the second stands before them",
        0.9,
        42,
        (SEATED_EYE_HEIGHT_M, STANDING_EYE_HEIGHT_M),
    ),
    "apart": _preset("Steps apart", "Standing some steps away from each other", 1.5, 40, _STANDING),
}

#: Which of them everything begins with: sliders, command line, networks.
DEFAULT_PRESET = "interview"


def default_staging() -> Staging:
    """Return where the two are if nobody says it."""
    return PRESETS[DEFAULT_PRESET].staging
