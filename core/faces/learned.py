"""Poses that a rig was shown, one per control, and what a motion makes of them.

A rig without shape keys is moved by its own controls: bones and custom properties. It is posed once
for each control of a face; a motion is the sum of what the poses change, by how far each control
goes. Rotations add up as rotation vectors, which for a face's small turns is what a rig does.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..damage import DAMAGE, json_object, short, text_of
from ..errors import InputError
from ..files import atomic
from ..formats import live_link
from ..motion import FloatArray, Motion
from .shape_names import CONTROLS

#: A head that is shown one of these is turned by so much, radians.
HEAD_RAD = math.radians(30.0)
HEAD_CONTROLS = (
    *("headTurnLeft", "headTurnRight", "headUp", "headDown"),
    *("headTiltLeft", "headTiltRight"),
)
LEARNED: tuple[str, ...] = (*CONTROLS, *HEAD_CONTROLS)
VERSION = 1
_MOST_BYTES, _MOST_NUMBER = 16 << 20, 1e6
#: Less is no change: metres, radians, shares, or a property's unit.
EPSILON = 1e-5

#: What a pose changes: the path of a channel -> its numbers. Paths of rotations end in "rotation"
#: and have a rotation vector, whatever mode the bone is in.
Pose: TypeAlias = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Learned:
    """What a rig was shown."""

    poses: Mapping[str, Pose] = field(default_factory=dict)  #: control -> what it changes

    def with_pose(self, control: str, pose: Pose) -> "Learned":
        """Return it with another pose for a control; an empty one forgets it."""
        kept = {name: each for name, each in self.poses.items() if name != control}
        return Learned({**kept, control: pose} if pose else kept)

    def channels(self) -> dict[str, int]:
        """Return the paths of all channels that poses change, and how many numbers each has."""
        return {path: len(row) for pose in self.poses.values() for path, row in pose.items()}

    def changes(self, controls: Mapping[str, FloatArray]) -> dict[str, NDArray[np.float64]]:
        """Return what a motion changes: path -> (n_frames, n_numbers).

        Args:
            controls: (n_frames,) each, as `controls_of` gives them.
        """
        n_frames = len(next(iter(controls.values())))
        found = {path: np.zeros((n_frames, n)) for path, n in self.channels().items()}
        for control, pose in self.poses.items():
            for path, row in pose.items():
                found[path] += np.outer(controls[control], row)
        return found

    def to_text(self) -> str:
        """Return JSON."""
        poses = {name: {k: list(v) for k, v in pose.items()} for name, pose in self.poses.items()}
        return json.dumps({"version": VERSION, "poses": poses}, ensure_ascii=False)

    @staticmethod
    def from_text(text: str) -> "Learned":
        """Read what `to_text` wrote.

        Raises:
            InputError: it is something else.
        """
        try:
            read = json_object(text)
            if read.get("version") != VERSION:
                raise ValueError(f"it is of version {read.get('version')!r}, not {VERSION}")
            return Learned({_known(name): _pose(pose) for name, pose in read["poses"].items()})
        except DAMAGE as error:
            raise InputError(f"The learned poses cannot be read ({short(error)}).") from error

    def save(self, path: Path) -> None:
        """Write the poses as JSON, whole or not at all."""
        with atomic(path) as temporary:
            temporary.write_text(self.to_text() + "\n", encoding="utf-8", newline="\n")

    @staticmethod
    def load(path: Path) -> "Learned":
        """Read what `save` wrote.

        Raises:
            InputError: the file cannot be read, or is something else.
        """
        try:
            return Learned.from_text(text_of(path, _MOST_BYTES))
        except DAMAGE as error:
            raise InputError(f"{path} cannot be read ({short(error)}).") from error


def controls_of(motion: Motion) -> dict[str, FloatArray]:
    """Return how far a motion in the ARKit basis moves each control, (n_frames,).

    Raises:
        InputError: the motion is of another basis.
    """
    if motion.basis != "arkit":
        raise InputError("Learned poses take ARKit's shapes: use a head that has them.")
    columns = dict(zip(live_link.COLUMNS, live_link.columns_of(motion).T, strict=True))
    found = {name: columns[name[0].upper() + name[1:]] for name in CONTROLS}
    ways = {"headTurn": ("HeadYaw", "Left", "Right"), "head": ("HeadPitch", "Down", "Up"),
            "headTilt": ("HeadRoll", "Left", "Right")}  # fmt: skip
    for name, (column, positive, negative) in ways.items():
        share = columns[column] / HEAD_RAD
        found[f"{name}{positive}"] = np.maximum(share, 0)
        found[f"{name}{negative}"] = np.maximum(-share, 0)
    return found


def _known(name: str) -> str:
    if name not in LEARNED:
        raise ValueError(f"there is no control {name[:40]!r}")
    return name


def _pose(values: Mapping[str, list[float]]) -> Pose:
    pose = {str(path): tuple(float(v) for v in row) for path, row in values.items()}
    for row in pose.values():
        if len(row) not in (1, 3) or not all(abs(v) <= _MOST_NUMBER for v in row):
            raise ValueError("it holds what is no pose")
    return pose
