"""Cameras for a staging, and cuts to whoever speaks."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from .gaze_curves import shown_share
from .staging import Placement, Staging, Vector

ShotName = Literal["two_shot", "over_a", "over_b", "close_a", "close_b"]
SHOT_LABELS: dict[ShotName, str] = {
    "two_shot": "Two-shot",
    "over_a": "Over A's shoulder",
    "over_b": "Over B's shoulder",
    "close_a": "Close-up of A",
    "close_b": "Close-up of B",
}

#: Width of the picture on the sensor; Blender's sensor fit is horizontal.
SENSOR_MM = 36.0
WIDESCREEN = 16 / 9
#: Height of a face from chin to hairline, and from the middle of a head to its ear, metres.
_FACE_M, _EAR_M = 0.19, 0.085
#: Eyes are this far ahead of the axis about which a head turns, metres.
_EYES_AHEAD_M = 0.10
#: What is seen beside the eyes of the outer person of a two-shot, the head whole and an arm cut by
#: the picture's edge, less in narrow pictures (aspect, metres); and above the eyes of the higher
#: one, metres.
_BESIDE_M = ((9 / 16, 0.13), (1.0, 0.15), (WIDESCREEN, 0.20))
_ABOVE_M = 0.27
#: Eyes stand this far up the picture: on the upper third, a little lower where two share it.
_EYES_ALONE, _EYES_TOGETHER = 0.63, 0.62
#: Height that a close-up shows: head room above, and no more than the chest below, metres.
_CLOSE_HEIGHT_M = 0.44
#: From how far a close-up is taken, metres: through 85 mm in a wide picture.
_CLOSE_BACK_M = 1.85
#: Over the shoulder, the far face takes this share of the height and stands on a third; the near
#: head's ear reaches this far into the picture.
_FACE_SHARE, _THIRD, _NEAR_SHARE = 0.33, 1 / 6, 0.21
#: How much of the way a camera goes down to look up past the ear of who sits at who stands.
_PASSES = 0.7
#: A close-up looks at a face from this far off the line between the two: further where the partner
#: stands so near that their head would come into the picture (metres, radians).
_THREE_QUARTER = ((0.6, math.radians(64)), (1.2, math.radians(40)))
#: A two-shot stands this far off the middle line, so that one face opens to the camera, and further
#: until both move together so much that faces take their share of the height (aspect, share); but
#: not behind the nearer one (radians).
_OBLIQUE, _MOST_OBLIQUE = math.radians(10), math.radians(55)
_SHARE_TOGETHER = ((9 / 16, 0.14), (1.0, 0.16), (WIDESCREEN, 0.17))
#: Lens of a two-shot: a near camera sees more of two faces that are turned to each other, a far one
#: makes them alike where one stands behind the other (aspect, millimetres).
_TOGETHER_MM = ((9 / 16, 100.0), (1.0, 85.0), (WIDESCREEN, 40.0))
#: A turn this long lets the listener be seen, for so long, frames at 25 per second.
_LONG_TURN_FRAMES, _REACTION_FRAMES = 200, 45
#: Pictures that are narrower than this for their height show one person at a time.
_UPRIGHT = 0.8
#: Nobody speaks for this long: a place to cut, frames. Cuts wait this long for one.
_PAUSE_FRAMES, _PATIENCE_FRAMES = 4, 50


@dataclass(frozen=True)
class Camera:
    """One camera: where it is, at what it looks, through which lens."""

    name: ShotName
    position_m: Vector  #: (3,) in the scene
    target_m: Vector  #: (3,) the point in the middle of the picture
    focal_mm: float  #: for a sensor `SENSOR_MM` wide
    focus_m: float  #: distance to what is sharp
    f_stop: float  #: aperture: how soft everything else is


@dataclass(frozen=True)
class Cut:
    """From this frame on the scene is seen through this camera."""

    frame: int
    shot: ShotName


def cameras(staging: Staging, aspect: float = WIDESCREEN) -> tuple[Camera, ...]:
    """Return the camera set of a staging, all on the same side of the line between the two.

    Args:
        staging: where both are.
        aspect: width of the picture by its height.
    """
    first, second = faces(staging)
    return (
        _two_shot(first, second, aspect),
        _over("over_a", first, second, aspect),
        _over("over_b", second, first, aspect),
        _close("close_a", first, second, aspect),
        _close("close_b", second, first, aspect),
    )


def faces(staging: Staging) -> tuple[Placement, Placement]:
    """Return where both faces are once gaze has turned the heads to each other."""
    first, second = staging.placements()
    return _turned(first, second), _turned(second, first)


def cuts(
    speaking: NDArray[np.bool_],
    style: Literal["over", "close"] = "over",
    min_shot_frames: int = 38,
    lead_frames: int = 0,
    aspect: float = WIDESCREEN,
) -> list[Cut]:
    """Cut to whoever speaks, beginning with the two-shot, and to the listener in long turns.

    Upright pictures, in which two people are small, begin with who speaks first. Cuts fall where
    nobody speaks, if there is such a place near: never into a word.

    Args:
        speaking: (2, n_frames), who speaks in which frame.
        style: Shows the speaker over the partner's shoulder or in a close-up.
        min_shot_frames: A shot lasts at least this long; shorter turns (feedback such as "mhm",
            which Yngve 1970 does not count as turns) do not cause a cut.
        lead_frames: Frames by which a cut comes before the first word.
        aspect: Width of the picture by its height.
    """
    shot_of: tuple[ShotName, ShotName] = (
        ("over_b", "over_a") if style == "over" else ("close_a", "close_b")
    )
    pauses = [(a, b) for a, b in spans(~speaking.any(axis=0)) if b - a >= _PAUSE_FRAMES]
    turns = sorted(
        (first, last, who)
        for who in (0, 1)
        for first, last in spans(_holds_turn(speaking, who))
        if last - first >= min_shot_frames
    )
    result = [Cut(0, "two_shot")]
    for first, last, who in turns:
        frame = _quiet_frame(pauses, first, lead_frames)
        _add_cut(result, Cut(frame, shot_of[who]), min_shot_frames)
        for cut in _reactions(pauses, frame, last, who, shot_of[who], min_shot_frames):
            _add_cut(result, cut, min_shot_frames)
    if aspect < _UPRIGHT and len(result) > 1 and result[0].shot == "two_shot":
        result[:2] = [replace(result[1], frame=0)]
    return result


def _add_cut(result: list[Cut], cut: Cut, min_shot_frames: int) -> None:
    """Append a cut, unless it changes nothing or the shot before is too young."""
    if result[-1].shot == cut.shot:
        return
    if len(result) > 1 and cut.frame - result[-1].frame < min_shot_frames:
        return  # the next turn cuts
    if cut.frame == result[-1].frame:
        result.pop()
    result.append(cut)


def _quiet_frame(pauses: list[tuple[int, int]], first: int, lead_frames: int) -> int:
    """Return where to cut to a turn that begins at `first`: before its first word, in a pause."""
    for start, end in pauses:
        if start <= first <= end:  # the turn follows a pause
            return max(first - lead_frames, start, 0)
        if first < start < first + _PATIENCE_FRAMES:  # it began over the other's last words
            return start
    return max(first - lead_frames, 0)


def _reactions(
    pauses: list[tuple[int, int]],
    first: int,
    last: int,
    who: int,
    back_to: ShotName,
    min_shot_frames: int,
) -> list[Cut]:
    """Return cuts to the listener's face and back, in pauses within a long turn."""
    listener: ShotName = "close_b" if who == 0 else "close_a"
    result: list[Cut] = []
    shown_since = first
    while last - shown_since >= _LONG_TURN_FRAMES:
        earliest = shown_since + max(_LONG_TURN_FRAMES // 2, min_shot_frames)
        starts = [start for start, _ in pauses if start >= earliest]
        if not starts or last - starts[0] < _REACTION_FRAMES + min_shot_frames:
            break
        ends = [start for start, _ in pauses if start >= starts[0] + _REACTION_FRAMES]
        if not ends or last - ends[0] < min_shot_frames or ends[0] - starts[0] > 100:
            shown_since = starts[0] + 1
            continue
        result += [Cut(starts[0], listener), Cut(ends[0], back_to)]
        shown_since = ends[0]
    return result


def _holds_turn(speaking: NDArray[np.bool_], who: int) -> NDArray[np.bool_]:
    """Return when the floor is theirs: they alone spoke last, (n_frames,)."""
    alone = np.where(speaking[0] ^ speaking[1], np.where(speaking[0], 0, 1), -1)
    last = np.maximum.accumulate(np.where(alone >= 0, np.arange(len(alone)), -1))
    holds: NDArray[np.bool_] = np.where(last >= 0, alone[np.maximum(last, 0)], -1) == who
    return holds


def _turned(placement: Placement, partner: Placement) -> Placement:
    """Return where the eyes are once gaze has turned the head to the partner."""
    to_partner = _unit((partner.eyes_m - placement.eyes_m) * np.array([1.0, 1.0, 0.0]))
    facing = _unit(placement.facing * np.array([1.0, 1.0, 0.0]))
    angle = math.remainder(_bearing(to_partner) - _bearing(facing), 2 * math.pi)
    angle *= shown_share(placement, partner)
    c, s = math.cos(angle), math.sin(angle)
    turned = np.array([c * facing[0] - s * facing[1], s * facing[0] + c * facing[1], 0.0])
    return replace(placement, eyes_m=placement.eyes_m + _EYES_AHEAD_M * (turned - facing))


def _two_shot(first: Placement, second: Placement, aspect: float) -> Camera:
    """Show both from the side, off the middle line so that one face opens to the camera.

    The least turn is taken at which the smaller face is large enough: what is narrow shows people
    one behind the other, as a film set does.
    """
    wanted = _between(_SHARE_TOGETHER, aspect)
    turns = np.linspace(_OBLIQUE, _MOST_OBLIQUE, 19)
    for turn in turns:
        camera, share = _both(first, second, aspect, float(turn))
        if share >= wanted:
            break
    return camera


def _both(
    first: Placement, second: Placement, aspect: float, oblique: float
) -> tuple[Camera, float]:
    """Show both, as large as they fit, from so far off the middle line.

    Returns:
        The camera, and the share of the picture's height that the smaller face takes.
    """
    middle = (first.eyes_m + second.eyes_m) / 2
    direction = np.array([math.sin(oblique), -math.cos(oblique), 0.0])  # level with the eyes
    right = _unit(np.cross(-direction, [0.0, 0.0, 1.0]))
    up = np.cross(right, -direction)
    focal_mm, beside = _between(_TOGETHER_MM, aspect), _between(_BESIDE_M, aspect)
    low, high = 0.5, 40.0
    for _ in range(40):  # as near as both fit, with some room on either side
        back = (low + high) / 2
        offsets = [person.eyes_m - middle + back * -direction for person in (first, second)]
        depths = [float(offset @ -direction) for offset in offsets]
        edges = [
            (float(offset @ right) + side * beside) / max(depth, 1e-3)
            for offset, depth in zip(offsets, depths, strict=True)
            for side in (-1, 1)
        ]
        heights = [
            (float(offset @ up) + side * _ABOVE_M) / max(depth, 1e-3)
            for offset, depth in zip(offsets, depths, strict=True)
            for side in (-1, 1)
        ]
        wide = max(max(edges) - min(edges), aspect * (max(heights) - min(heights)))
        fits = min(depths) > beside and wide <= SENSOR_MM / focal_mm
        low, high = (low, back) if fits else (back, high)
    across = (max(edges) + min(edges)) / 2
    raised = (max(heights) + min(heights)) / 2
    below = (_EYES_TOGETHER - 0.5) * SENSOR_MM / focal_mm / aspect
    position = middle + back * direction
    target = middle + back * (across * right + (raised - below) * up)
    share = _FACE_M / max(depths) * focal_mm / SENSOR_MM * aspect
    return Camera("two_shot", position, target, focal_mm, back, 5.6), share


def _over(name: ShotName, near: Placement, far: Placement, aspect: float) -> Camera:
    """Look past the ear of `near` at the face of `far`.

    How far the camera stands aside follows from the picture: the far face on a third, the near ear
    a little way into the other side.
    """
    along = _unit((far.eyes_m - near.eyes_m) * np.array([1.0, 1.0, 0.0]))
    side = np.array([along[1], -along[0], 0.0])
    side = side if side[1] < 0 else -side  # towards the cameras' side
    near_side = math.copysign(1.0, float(along[1] * side[0] - along[0] * side[1]))  # left: 1
    near_share = min(_NEAR_SHARE * WIDESCREEN / aspect, 0.34)  # heads are wider in narrow pictures
    back = 0.65
    # From who sits to who stands the line of sight goes up, and still passes the near ear.
    rise = (far.eyes_m[2] - near.eyes_m[2]) / float(np.linalg.norm((far.eyes_m - near.eyes_m)[:2]))
    over = np.array([0.0, 0.0, 0.08 - _PASSES * max(rise, 0.0) * back])
    low, high = 0.0, 1.2
    for _ in range(40):  # the further aside, the wider the angle between the two
        aside = (low + high) / 2
        position = near.eyes_m - back * along + aside * side + over
        sight = far.eyes_m - position
        distance = float(np.linalg.norm(sight))
        width = aspect * _FACE_M / _FACE_SHARE
        ear = near.eyes_m + _EAR_M * side - 0.08 * along
        between = _bearing(ear - position) - _bearing(sight)
        between = near_side * math.remainder(between, 2 * math.pi)
        wanted = math.atan(_THIRD * width / distance)
        wanted += math.atan((0.5 - near_share) * width / distance)
        low, high = (aside, high) if between < wanted else (low, aside)
    turned = near_side * math.atan(_THIRD * width / distance)
    c, s = math.cos(turned), math.sin(turned)
    ahead = np.array([c * sight[0] - s * sight[1], s * sight[0] + c * sight[1], sight[2]])
    below = (_EYES_ALONE - 0.5) * width / aspect
    target = position + ahead - np.array([0.0, 0.0, below])
    return Camera(name, position, target, distance * SENSOR_MM / width, distance, 2.8)


def _close(name: ShotName, shown: Placement, partner: Placement, aspect: float) -> Camera:
    """Show one face at three-quarter, with room in the direction in which it looks."""
    level = (partner.eyes_m - shown.eyes_m) * np.array([1.0, 1.0, 0.0])
    to_partner = _unit(level)
    angle = _between(_THREE_QUARTER, float(np.linalg.norm(level)))
    c, s = math.cos(angle), math.sin(angle)
    direction = _unit(c * to_partner + s * np.array([0.0, -1.0, 0.0]))
    height = _CLOSE_HEIGHT_M if aspect >= 1 else _CLOSE_HEIGHT_M * 1.25
    width, back = height * aspect, _CLOSE_BACK_M  # from nearer, faces bulge
    focal_mm = back * SENSOR_MM / width
    right = np.cross(-direction, [0.0, 0.0, 1.0])
    ahead = math.copysign(0.10 * width, float(right @ to_partner)) * right
    below = (_EYES_ALONE - 0.5) * height
    target = shown.eyes_m + ahead - np.array([0.0, 0.0, below])
    return Camera(name, target + back * direction, target, focal_mm, back, 2.8)


def _between(points: tuple[tuple[float, float], ...], at: float) -> float:
    """Interpolate linearly between (x, y) points, constant beyond their ends."""
    return float(np.interp(at, [x for x, _ in points], [y for _, y in points]))


def _bearing(vector: Vector) -> float:
    return math.atan2(float(vector[1]), float(vector[0]))


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(float(vector @ vector))
    result: Vector = vector / length
    return result
