"""Writing a plan of gaze as keys on the objects of rig/gaze/gaze_rig.py, and reading it back.

The edges of the looks at the partner are keys of one curve, the influence of the `gaze` object's
constraint. An animator moves them in the timeline; `read_plan` gives the plan that they now make,
and `write_plan` lets head and blinks follow.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.directing.gaze_curves import GazeCurves, Keys, gaze_curves, nods, shown_share
from ...core.directing.gaze_plan import GazePlan, Look
from ...core.directing.gaze_text import WrittenGaze
from ...core.directing.staging import HeadHabit, Placement
from ...core.errors import InputError
from ...core.speakers import SPEAKERS, Pair
from .. import fcurves, property_names, timing
from ..characters import heads as rig_heads
from ..staging.placing import current_placements
from . import gaze_blinks
from .gaze_rig import EYE_BONES, PARTNER, TURN, GazeParts, add_extra, extra_name, find_parts

#: A target for looks away is this far from the eyes, metres: no eye crosses at it. Where eyes are
#: farther from each other than the second it is farther in proportion.
_AWAY_M, _APART_M = 1.5, 0.1
#: Looks of this kind take over where the partner's influence passes this value.
_AT_PARTNER = 0.5

#: Nothing is asked of the heads.
PLAIN: Pair[HeadHabit] = (HeadHabit(), HeadHabit())


def write_plan(
    armatures: Pair[bpy.types.Object],
    plan: GazePlan,
    heads: Pair[HeadHabit] = PLAIN,
    speaking: NDArray[np.bool_] | None = None,
    first_frame: float = 1.0,
    seed: int = 0,
    keeps_edges: bool = False,
    network: GazePlan | None = None,
    is_edited: bool = False,
    is_retaken: bool = False,
) -> Pair[GazeCurves]:
    """Write the plan for both characters, who need the parts of `gazerig.build`.

    Args:
        armatures: The two characters.
        plan: Where they look; its frames are mapped to the scene's frame rate.
        heads: What a description asks of the heads.
        speaking: (2, n_frames) of the plan; without it nobody nods beyond the network's nods.
        first_frame: Scene frame of the plan's frame 0.
        seed: Decides over blinks and nods.
        network: The plan as a network gave it, for the sliders to start from again.
        is_edited: An animator has moved looks of the plan.
        is_retaken: Looks of a range were planned on their own.
        keeps_edges: The plan was read from the keys at the partner, which stay as they are.

    Returns:
        The curves, whose blinks the caller adds to the motion (`gazecurves.with_blinks`).
    """
    scene = bpy.context.scene
    step = timing.scene_fps(scene) / plan.fps
    placements = current_placements(armatures)
    result = []
    for who in (0, 1):
        parts = _parts_of(armatures[who])
        share = shown_share(placements[who], placements[1 - who], heads[who])
        curves = gaze_curves(plan, who, heads[who], share, seed)
        parts.turn.constraints[TURN].influence = share
        _write_eyes(parts, curves, first_frame, step, keeps_edges)
        _write_head(parts, curves, placements[who], placements[1 - who], first_frame, step)
        pitch = nods(speaking, who, heads[who], plan.fps, seed) if speaking is not None else None
        _write_pose(parts, heads[who], pitch, first_frame, step)
        result.append(curves)
    silent = np.zeros((2, plan.n_frames), np.bool_)
    known = WrittenGaze(
        plan,
        silent if speaking is None else speaking,
        heads,
        first_frame,
        seed,
        network,
        is_edited,
        is_retaken,
    )
    for armature in armatures:
        armature[property_names.GAZE] = known.to_text()
        note_edges(armature)
    return result[0], result[1]


def written(armature: bpy.types.Object) -> WrittenGaze | None:
    """Return what the keys of a character's gaze were made from, None if it has none.

    Raises:
        InputError: the note on the character is damaged.
    """
    text = armature.get(property_names.GAZE)
    return None if text is None else WrittenGaze.from_text(text)


def note(armature: bpy.types.Object, text: str) -> None:
    """Note what the keys of a character's gaze were made from, as `WrittenGaze.to_text` says it."""
    armature[property_names.GAZE] = text


def edges(armature: bpy.types.Object) -> list[float]:
    """Return frames and values of the keys by which a character's gaze is edited, flat."""
    parts = _parts_of(armature)
    curve = fcurves.find_fcurve(parts.gaze, influence_path(PARTNER))
    if curve is None:
        return []
    points = np.empty(2 * len(curve.keyframe_points), np.float32)
    curve.keyframe_points.foreach_get("co", points)
    return [float(value) for value in points]


def targets_of(
    armatures: Pair[bpy.types.Object],
) -> Pair[bpy.types.Object]:
    """Return the objects whose keys are the edges of the looks, one per character."""
    return _parts_of(armatures[0]).gaze, _parts_of(armatures[1]).gaze


def are_edited(armature: bpy.types.Object) -> bool:
    """Tell whether edges were moved, added or deleted since head and lids last followed them."""
    parts = find_parts(armature)
    if parts is None or parts.gaze.animation_data is None:
        return False
    action = parts.gaze.animation_data.action
    followed = None if action is None else action.get(property_names.FOLLOWED_EDGES)
    return followed is not None and followed != _mark(armature)


def has_edited_looks(armatures: Sequence[bpy.types.Object]) -> bool:
    """Tell whether an animator has moved looks of the performance that plays."""
    for armature in armatures:
        known = written(armature)
        if are_edited(armature) or (known is not None and known.is_edited):
            return True
    return False


def follow_edits(armatures: Pair[bpy.types.Object]) -> GazePlan:
    """Let heads, nods, blinks and looks away follow the keys that an animator moved.

    Also after moving a character, which changes how much the heads must turn. The keys that were
    moved stay as they are.

    Raises:
        InputError: there is no gaze in the scene.
    """
    known = written(armatures[0])
    if known is None or any(find_parts(armature) is None for armature in armatures):
        raise InputError("The scene has no gaze to update; generate it first.")
    plan = read_plan(armatures, known.plan, known.first_frame)
    curves = write_plan(
        armatures, plan, known.heads, known.speaking, known.first_frame, known.seed,
        keeps_edges=True, network=known.network, is_edited=has_edited_looks(armatures),
        is_retaken=known.is_retaken,
    )  # fmt: skip
    move_blinks(armatures, curves, plan.fps)
    return plan


def move_blinks(
    armatures: Pair[bpy.types.Object],
    curves: Pair[GazeCurves],
    plan_fps: float,
) -> None:
    """Let the lids of characters that have a motion blink where a changed plan asks for it."""
    for speaker, armature, of_one in zip(SPEAKERS, armatures, curves, strict=True):
        character = rig_heads.find(bpy.context.scene, speaker)
        if character is not None and character.armature == armature:
            gaze_blinks.follow(character, of_one.blinks, plan_fps)


def read_plan(
    armatures: Pair[bpy.types.Object],
    plan: GazePlan,
    first_frame: float = 1.0,
) -> GazePlan:
    """Return the plan that the keys of the gaze now make, after an animator moved some.

    Looks away and at extra targets keep what they aim at; those that a longer look at the partner
    covers are dropped.
    """
    scene = bpy.context.scene
    step = timing.scene_fps(scene) / plan.fps
    looks = tuple(
        _read_looks(_parts_of(armatures[who]), plan, who, first_frame, step) for who in (0, 1)
    )
    return replace(plan, looks=(looks[0], looks[1]))


def _parts_of(armature: bpy.types.Object) -> GazeParts:
    parts = find_parts(armature)
    if parts is None:
        raise ValueError(f"{armature.name} has no gaze parts; call gazerig.build first")
    return parts


def _mark(armature: bpy.types.Object) -> str:
    """Return a short text that changes when an edge does (edges once stored are single floats)."""
    return hashlib.blake2b(np.array(edges(armature), "<f4").tobytes(), digest_size=8).hexdigest()


def note_edges(armature: bpy.types.Object) -> None:
    """Note that head and lids have followed the edges of looks as they are now."""
    data = _parts_of(armature).gaze.animation_data
    if data is not None and data.action is not None:
        data.action[property_names.FOLLOWED_EDGES] = _mark(armature)


def _write(
    obj: bpy.types.Object,
    path: str,
    index: int,
    frames: NDArray[np.float64],
    values: NDArray[np.float64],
    interpolation: str,
) -> None:
    curve = fcurves.ensure_fcurve(obj, path, index)
    fcurves.set_keys(curve, frames, values, interpolation)


def looked_at(parts: GazeParts, curves: GazeCurves) -> dict[str, Keys]:
    """Return how much each is looked at, by the constraint's name; what has none yet gets one."""
    targets = {PARTNER: curves.partner}
    for name, keys in curves.extras.items():
        target = bpy.data.objects.get(name)
        if target is not None:
            targets[add_extra(parts, target).name] = keys
    return targets


def _write_eyes(
    parts: GazeParts, curves: GazeCurves, first: float, step: float, keeps_edges: bool
) -> None:
    targets = looked_at(parts, curves)
    for constraint in list(parts.gaze.constraints):
        if constraint.name.startswith(extra_name("")) and constraint.name not in targets:
            fcurves.remove_fcurve(parts.gaze, influence_path(constraint.name))
            parts.gaze.constraints.remove(constraint)
    if keeps_edges:
        del targets[PARTNER]
    for name, keys in targets.items():
        _write(
            parts.gaze, influence_path(name), 0, first + keys.frames * step, keys.values, "LINEAR"
        )
    yaw, pitch = curves.away
    points = directions(yaw.values, pitch.values) * away_m(parts)
    for axis in range(3):
        _write(parts.gaze, "location", axis, first + yaw.frames * step, points[:, axis], "LINEAR")


def _write_head(
    parts: GazeParts,
    curves: GazeCurves,
    placement: Placement,
    partner: Placement,
    first: float,
    step: float,
) -> None:
    distance = max(1.0, float(np.linalg.norm(partner.eyes_m - placement.eyes_m)))
    yaw, pitch = curves.head
    points = directions(yaw.values, pitch.values) * distance
    for axis in range(3):
        _write(parts.aim, "location", axis, first + yaw.frames * step, points[:, axis], "BEZIER")


def _write_pose(
    parts: GazeParts, habit: HeadHabit, pitch: Keys | None, first: float, step: float
) -> None:
    # About the axis out of the face a positive turn brings the top to the own right.
    parts.pose.rotation_euler = (0.0, 0.0, -habit.tilt_rad)
    keys = pitch or Keys(np.zeros(1), np.zeros(1))
    _write(parts.pose, "rotation_euler", 0, first + keys.frames * step, keys.values, "BEZIER")


def away_m(parts: GazeParts) -> float:
    """Return how far from the eyes a target for looks away is, in the armature's units."""
    left, right = (parts.face.parent.data.bones[name] for name in EYE_BONES)
    apart = (left.head_local - right.head_local).length
    return _AWAY_M * max(1.0, float(apart) / _APART_M)


def directions(yaw: NDArray[np.float64], pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit vectors (n, 3) in the frame of `sight` (-y ahead, x own left, z up)."""
    level = np.cos(pitch)
    return np.stack([np.sin(yaw) * level, -np.cos(yaw) * level, np.sin(pitch)], axis=1)


def _read_looks(
    parts: GazeParts, plan: GazePlan, who: int, first: float, step: float
) -> tuple[Look, ...]:
    on = _crossings(parts, PARTNER, first, step, plan.n_frames)
    old = plan.looks[who]
    starts = {frame: Look(frame, "partner") for frame, rises in on if rises}
    ends = [frame for frame, rises in on if not rises]
    for frame in ends:
        starts[frame] = replace(_aim_at(old, frame), frame=frame)
    for look in old:
        if look.aim != "partner" and look.frame not in starts and not _inside(on, look.frame):
            starts[look.frame] = look
    return tuple(starts[frame] for frame in sorted(starts))


def influence_path(name: str) -> str:
    """Return the path of how much the eyes look at the target of a constraint."""
    return f'constraints["{bpy.utils.escape_identifier(name)}"].influence'


def _crossings(
    parts: GazeParts, name: str, first: float, step: float, n_frames: int
) -> list[tuple[int, bool]]:
    """Return the plan frames at which the influence begins to rise or fall, the first at 0."""
    curve = fcurves.find_fcurve(parts.gaze, influence_path(name))
    if curve is None:
        return [(0, parts.gaze.constraints[name].influence > _AT_PARTNER)]
    points = [(point.co.x, point.co.y) for point in curve.keyframe_points]
    result = [(0, points[0][1] > _AT_PARTNER)]
    for before, after in pairwise(points):
        if (before[1] > _AT_PARTNER) != (after[1] > _AT_PARTNER):
            frame = round((before[0] - first) / step)
            if result[-1][0] < frame < n_frames:
                result.append((frame, after[1] > _AT_PARTNER))
    return result


def _inside(on: Sequence[tuple[int, bool]], frame: int) -> bool:
    """Tell whether the gaze is at the partner in a plan frame."""
    return [rises for start, rises in on if start <= frame][-1]


def _aim_at(looks: tuple[Look, ...], frame: int) -> Look:
    """Return the look away that was planned nearest to a frame."""
    others = [look for look in looks if look.aim != "partner"]
    if not others:
        return Look(frame, "away", 0.0, -math.radians(15))
    return min(others, key=lambda look: abs(look.frame - frame))
