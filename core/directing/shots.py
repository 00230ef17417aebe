"""Cameras for a staging, and cuts to whoever speaks."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..turns import spans
from .staging import Placement, Staging, Vector

ShotName = Literal["two_shot", "over_a", "over_b", "close_a", "close_b"]
SHOT_LABELS: dict[ShotName, str] = {
    "two_shot": "Two-shot",
    "over_a": "Over A's shoulder",
    "over_b": "Over B's shoulder",
    "close_a": "Close-up of A",
    "close_b": "Close-up of B",
}

#: Width of the picture on the sensor and picture height / width that the framing counts on.
SENSOR_MM = 36.0
_ASPECT = 9 / 16
#: Room beside each head of the two-shot, and height that a close-up shows, metres.
_SIDE_ROOM_M = 0.36
_CLOSE_HEIGHT_M = 0.48


@dataclass(frozen=True)
class Camera:
    """One camera: where it is, at what it looks, through which lens."""

    name: ShotName
    position_m: Vector  #: (3,) in the scene
    target_m: Vector  #: (3,) the point in the middle of the picture
    focal_mm: float  #: for a sensor `SENSOR_MM` wide


@dataclass(frozen=True)
class Cut:
    """From this frame on the scene is seen through this camera."""

    frame: int
    shot: ShotName


def cameras(staging: Staging) -> tuple[Camera, ...]:
    """Return the camera set of a staging, all on the same side of the line between the two."""
    first, second = staging.placements()
    return (
        _two_shot(first, second),
        _over("over_a", first, second),
        _over("over_b", second, first),
        _close("close_a", first, second),
        _close("close_b", second, first),
    )


def cuts(
    speaking: NDArray[np.bool_],
    style: Literal["over", "close"] = "over",
    min_shot_frames: int = 38,
    lead_frames: int = 0,
) -> list[Cut]:
    """Cut to whoever speaks, beginning with the two-shot.

    Args:
        speaking: (2, n_frames), who speaks in which frame.
        style: Shows the speaker over the partner's shoulder or in a close-up.
        min_shot_frames: A shot lasts at least this long; shorter turns (feedback such as "mhm",
            which Yngve 1970 does not count as turns) do not cause a cut.
        lead_frames: Frames by which a cut comes before the first word.
    """
    shot_of: tuple[ShotName, ShotName] = (
        ("over_b", "over_a") if style == "over" else ("close_a", "close_b")
    )
    turns = sorted(
        (first, last, who)
        for who in (0, 1)
        for first, last in spans(_holds_turn(speaking, who))
        if last - first >= min_shot_frames
    )
    result = [Cut(0, "two_shot")]
    for first, _, who in turns:
        frame = max(first - lead_frames, 0)
        if result[-1].shot == shot_of[who]:
            continue
        if len(result) > 1 and frame - result[-1].frame < min_shot_frames:
            continue  # the shot before is too young; the next turn cuts
        if frame == result[-1].frame:
            result.pop()
        result.append(Cut(frame, shot_of[who]))
    return result


def _holds_turn(speaking: NDArray[np.bool_], who: int) -> NDArray[np.bool_]:
    """Return when the floor is theirs: they alone spoke last, (n_frames,)."""
    alone = np.where(speaking[0] ^ speaking[1], np.where(speaking[0], 0, 1), -1)
    last = np.maximum.accumulate(np.where(alone >= 0, np.arange(len(alone)), -1))
    holds: NDArray[np.bool_] = np.where(last >= 0, alone[np.maximum(last, 0)], -1) == who
    return holds


def _two_shot(first: Placement, second: Placement) -> Camera:
    middle = (first.eyes_m + second.eyes_m) / 2
    width = float(np.linalg.norm(second.eyes_m - first.eyes_m)) + 2 * _SIDE_ROOM_M
    focal_mm = 50.0
    height = abs(second.eyes_m[2] - first.eyes_m[2]) + 2 * _SIDE_ROOM_M
    back = max(width, height / _ASPECT) * focal_mm / SENSOR_MM
    position = middle + np.array([0.0, -back, 0.03 * back])
    return Camera("two_shot", position, middle - np.array([0.0, 0.0, 0.06]), focal_mm)


def _over(name: ShotName, near: Placement, far: Placement) -> Camera:
    """Look past the shoulder of `near` at `far`."""
    along = _unit(far.eyes_m - near.eyes_m)
    distance = float(np.linalg.norm(far.eyes_m - near.eyes_m))
    back, aside = 0.75, 0.32
    position = near.eyes_m - back * along + np.array([0.0, -aside, 0.10])
    # Off the middle, so that the shoulder takes one third of the picture.
    target = far.eyes_m - 0.12 * np.array([along[0], 0.0, 0.0]) - np.array([0.0, 0.0, 0.05])
    wanted_m = 1.15  # width of the picture at the far head
    focal = float(np.clip((distance + back) * SENSOR_MM / wanted_m, 35.0, 135.0))
    return Camera(name, position, target, focal)


def _close(name: ShotName, shown: Placement, partner: Placement) -> Camera:
    """Show one face from between the partner's direction and the side of the cameras."""
    to_partner = _unit(partner.eyes_m - shown.eyes_m)
    direction = _unit(
        0.6 * to_partner + 0.5 * shown.facing + np.array([0.0, -0.9, 0.0]),
    )
    direction = _unit(direction * np.array([1.0, 1.0, 0.2]))
    focal_mm = 85.0
    back = _CLOSE_HEIGHT_M / _ASPECT * focal_mm / SENSOR_MM
    target = shown.eyes_m - np.array([0.0, 0.0, 0.05])
    return Camera(name, target + back * direction, target, focal_mm)


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(float(vector @ vector))
    result: Vector = vector / length
    return result
