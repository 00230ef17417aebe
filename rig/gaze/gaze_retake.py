"""A range of one person's looks planned anew: keys of eyes and head outside it stay as they are."""

import math
from dataclasses import dataclass, replace

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.directing.gaze_curves import GazeCurves, Keys, gaze_curves, nods
from ...core.directing.gaze_plan import GazePlan
from ...core.directing.gaze_splice import eased, spliced
from ...core.directing.gaze_text import WrittenGaze
from ...core.edits.retake import blended
from ...core.speakers import Pair
from .. import fcurves, timing
from ..characters.character import Character
from ..performance.editing import key_spans, written
from ..staging.placing import current_placements
from . import gaze_blinks, gaze_keys
from .gaze_rig import TURN, GazeParts, extra_name, find_parts

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Span:
    """Scene frames of a range, and how much of the new is taken at each frame of the sound."""

    first: int  #: scene frame
    last: int
    begin: int  #: scene frame of the first weight
    weight: Values  #: (n_frames,) 0 to 1


def looks(characters: Pair[Character], who: int, plan: GazePlan, span: Span, seed: int) -> bool:
    """Take one person's looks of a range from another plan; tell whether any changed.

    The edges of looks stay keys that an animator moves. What the head does for them is blended.
    Blinks that come with shifts of gaze go with them, if they lie whole in the range.

    Args:
        characters: both.
        who: 0 or 1.
        plan: another one for the same dialogue.
        span: the range.
        seed: decides which shifts come with a blink.
    """
    armatures = (characters[0].armature, characters[1].armature)
    parts, known = find_parts(armatures[who]), gaze_keys.written(armatures[0])
    if parts is None or known is None or plan.n_frames != known.plan.n_frames:
        return False
    step = timing.scene_fps(bpy.context.scene) / known.plan.fps
    now = known.plan
    if any(gaze_keys.are_edited(armature) for armature in armatures):
        now = gaze_keys.read_plan(armatures, now, known.first_frame)
    first = math.ceil((span.first - known.first_frame) / step)
    last = math.floor((span.last - known.first_frame) / step)
    made = spliced(now, plan, who, first, last)
    if made == now:
        return False
    share = max(0.05, parts.turn.constraints[TURN].influence)
    curves = gaze_curves(made, who, known.heads[who], share, seed)
    is_last = last >= known.plan.n_frames - 1
    _eyes(parts, curves, known, (span.first, None if is_last else span.last), step)
    _head(armatures, who, curves, known, span, step)
    starts = [known.first_frame + float(frame) * step for frame in curves.blinks]
    gaze_blinks.replace_between(characters[who], starts, span.first, span.last)
    noted = replace(known, plan=made, is_retaken=True)
    for armature in armatures:
        gaze_keys.note(armature, noted.to_text())
        gaze_keys.note_edges(armature)
    return True


def feedback(
    character: Character, who: int, speaking: NDArray[np.bool_], span: Span, seed: int
) -> bool:
    """Draw the nods anew that a description asks of a listener; tell whether any changed."""
    parts, known = find_parts(character.armature), gaze_keys.written(character.armature)
    if parts is None or known is None or known.heads[who].nodding <= 0:
        return False
    step = timing.scene_fps(bpy.context.scene) / known.plan.fps
    keys = nods(speaking, who, known.heads[who], known.plan.fps, seed)
    return _blend(parts.pose, "rotation_euler", 0, keys, (known.first_frame, step), span)


def _eyes(
    parts: GazeParts,
    curves: GazeCurves,
    known: WrittenGaze,
    ends: tuple[int, int | None],
    step: float,
) -> None:
    targets = gaze_keys.looked_at(parts, curves)
    rest = Keys(np.zeros(1), np.zeros(1))
    for constraint in parts.gaze.constraints:
        if constraint.name.startswith(extra_name("")):
            targets.setdefault(constraint.name, rest)
    for name, keys in targets.items():
        path = gaze_keys.influence_path(name)
        if fcurves.find_fcurve(parts.gaze, path) is None:
            made = fcurves.ensure_fcurve(parts.gaze, path)
            fcurves.set_keys(made, np.array([known.first_frame]), np.zeros(1))
        _splice(parts.gaze, path, 0, known.first_frame + keys.frames * step, keys.values, ends)
    yaw, pitch = curves.away
    points = gaze_keys.directions(yaw.values, pitch.values) * gaze_keys.away_m(parts)
    for axis in range(3):
        frames = known.first_frame + yaw.frames * step
        _splice(parts.gaze, "location", axis, frames, points[:, axis], ends)


def _head(
    armatures: Pair[bpy.types.Object],
    who: int,
    curves: GazeCurves,
    known: WrittenGaze,
    span: Span,
    step: float,
) -> None:
    parts, placements = find_parts(armatures[who]), current_placements(armatures)
    if parts is None:
        return
    apart = np.linalg.norm(placements[1].eyes_m - placements[0].eyes_m)
    yaw, pitch = curves.head
    points = gaze_keys.directions(yaw.values, pitch.values) * max(1.0, float(apart))
    for axis in range(3):
        keys = Keys(yaw.frames, points[:, axis])
        _blend(parts.aim, "location", axis, keys, (known.first_frame, step), span)


def _splice(
    obj: bpy.types.Object,
    path: str,
    index: int,
    frames: Values,
    values: Values,
    ends: tuple[int, int | None],
) -> None:
    curve = fcurves.find_fcurve(obj, path, index)
    if curve is not None:
        key_spans.splice(curve, frames, values, *ends)


def _blend(
    obj: bpy.types.Object,
    path: str,
    index: int,
    keys: Keys,
    clock: tuple[float, float],
    span: Span,
) -> bool:
    """Blend a curve into other keys, whose frames begin and step as the clock says."""
    curve = fcurves.find_fcurve(obj, path, index)
    if curve is None:
        return False
    frames = span.begin + np.arange(len(span.weight))
    there = written.sampled(curve, frames)
    new = eased(keys, (frames - clock[0]) / clock[1])
    result = np.where(span.weight > 0, blended(there, new, span.weight), there)
    result = np.where(np.abs(result - there) < 1e-6, there, result)
    key_spans.write(curve, span.begin, there, result)
    return bool((result != there).any())
