"""One shared space: where both stand, how they face, and how their heads move from there."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.faces.builtin_head import HeadModel
from ...core.names import BONES
from .pose import Pose, axis_angle

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Place:
    """Where somebody usually is, in the camera's space: x right, y up, z towards the camera."""

    eyes_m: Floats  #: (3,)
    rotation: Floats  #: (3, 3) the head's usual turn, from its own axes

    @property
    def facing(self) -> Floats:
        """Unit vector out of the face along the ground, (3,)."""
        way = self.rotation[:, 2] * np.array([1.0, 0.0, 1.0])
        found: Floats = way / max(float(np.linalg.norm(way)), 1e-9)
        return found


@dataclass(frozen=True)
class Space:
    """Both people in one space, and how each moves in it."""

    places: tuple[Place, Place]
    heads: Floats  #: (2, n_frames, 3) axis-angle from the usual turn
    translations: Floats  #: (2, n_frames, 3) metres from the usual place, the person's own axes

    @property
    def distance_m(self) -> float:
        """Between the eyes of the two, along the ground."""
        return float(np.linalg.norm(self._apart * np.array([1.0, 0.0, 1.0])))

    @property
    def _apart(self) -> Floats:
        found: Floats = self.places[1].eyes_m - self.places[0].eyes_m
        return found

    def turns_rad(self) -> tuple[float, float]:
        """Return by how much each faces off the partner, positive to the own left."""
        found = []
        for place, to_partner in zip(self.places, (self._apart, -self._apart), strict=True):
            facing = math.atan2(place.facing[0], place.facing[2])
            partner = math.atan2(to_partner[0], to_partner[2])
            found.append(math.remainder(facing - partner, 2 * math.pi))
        return found[0], found[1]

    def as_json(self) -> dict[str, object]:
        """Return what is written beside the motions: metres, radians."""
        first, second = self.turns_rad()
        return {
            "distance_m": round(self.distance_m, 4),
            "height_difference_m": round(float(self._apart[1]), 4),
            "turn_rad": [round(first, 4), round(second, 4)],
            "eyes_m": [place.eyes_m.round(4).tolist() for place in self.places],
            "facing": [place.facing.round(4).tolist() for place in self.places],
        }


@cache
def _lever_m() -> Floats:
    """Return the way from the neck's joint to the point between the eyes, mean person, (3,)."""
    joints = HeadModel.bundled().joints
    eyes = joints[[BONES.index("eye_left"), BONES.index("eye_right")]].mean(axis=0)
    way: Floats = (eyes - joints[BONES.index("neck")]).astype(np.float64)
    return way


def shared_space(poses: tuple[Pose, Pose]) -> Space:
    """Bring two heads, seen by one camera, into one space."""
    places, heads, translations = [], [], []
    for pose in poses:
        place = Place(np.median(pose.eyes_m, axis=0), _mean(pose.rotation))
        turned = np.einsum("ji,tjk->tik", place.rotation, pose.rotation)
        moved = (pose.eyes_m - place.eyes_m) @ place.rotation
        lever = _lever_m()
        moved = moved - (turned @ lever - lever)  # what the neck's turn does not explain
        places.append(place)
        heads.append(axis_angle(turned))
        translations.append(moved - np.median(moved, axis=0))
    return Space((places[0], places[1]), np.stack(heads), np.stack(translations))


def _mean(rotations: Floats) -> Floats:
    u, _, vt = np.linalg.svd(rotations.mean(axis=0))
    mean: Floats = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
    return mean
