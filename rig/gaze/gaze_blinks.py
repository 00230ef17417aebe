"""Blinks that come with shifts of gaze, in the keys of the lids, and moved with the gaze.

The body's action remembers how the lids move without these blinks, so that they can be taken out
again; only the difference goes into the keys, so that what an animator did to the lids stays.
"""

from collections.abc import Sequence
from dataclasses import replace

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.directing.gaze_curves import BLINK_S, closed_lids
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX
from .. import fcurves, property_names, timing
from ..acting import shifts
from ..characters.builtin import LIDS
from ..characters.character import Character
from ..performance.editing import key_spans, written

_CHANGED = 1e-5


def remember(
    character: Character,
    motion: Motion,
    blinks: NDArray[np.intp],
    plan_fps: float,
    first_frame: float,
) -> None:
    """Note on the action that was just written how the lids move without the gaze's blinks.

    Args:
        character: whose action has the keys.
        motion: without the blinks; those of other bases than `arkit` have none.
        blinks: (n_blinks,) frames of the plan at which the lids begin to close.
        plan_fps: frame rate of the plan.
        first_frame: scene frame of the motion's frame 0.
    """
    action = _action_of(character.armature)
    if action is None or motion.basis != "arkit":
        return
    fps = timing.scene_fps(bpy.context.scene)
    own = motion.resampled(fps).expression[:, [ARKIT_INDEX[name] for name in LIDS]]
    action[property_names.OWN_LIDS] = [first_frame, *np.ravel(own.T).tolist()]
    action[property_names.BLINK_FRAMES] = _scene_frames(blinks, plan_fps, first_frame)


def follow(character: Character, blinks: NDArray[np.intp], plan_fps: float) -> None:
    """Move the gaze's blinks to where a changed plan has them; `remember` must have been called."""
    action = _action_of(character.armature)
    if action is None or property_names.OWN_LIDS not in action:
        return
    first = action[property_names.OWN_LIDS][0]
    _move(character, action, _scene_frames(blinks, plan_fps, first))


def replace_between(
    character: Character, blinks: Sequence[float], first: float, last: float
) -> None:
    """Let the gaze's blinks of a range be others; those that lie half in it stay.

    Args:
        character: whose blinks.
        blinks: scene frames at which lids begin to close; those outside the range do not count.
        first: first scene frame of the range.
        last: its last one.
    """
    action = _action_of(character.armature)
    if action is None or property_names.OWN_LIDS not in action:
        return
    last -= BLINK_S * timing.scene_fps(bpy.context.scene)
    kept = [f for f in action[property_names.BLINK_FRAMES] if not first <= f <= last]
    _move(character, action, sorted([*kept, *(f for f in blinks if first <= f <= last)]))


def _move(character: Character, action: bpy.types.Action, starts: Sequence[float]) -> None:
    """Let the gaze's blinks begin at these scene frames."""
    first, *flat = action[property_names.OWN_LIDS]
    own = np.array(flat).reshape(len(LIDS), -1)
    before, after = np.array(action[property_names.BLINK_FRAMES]), np.array(starts)
    if np.array_equal(before, after):
        return
    with shifts.taken_back(character), written.changing(character):
        for mesh in character.meshes:
            for curve, factors in _lid_curves(character, mesh):
                _change(curve, factors, own, first, (before, after))
    action[property_names.BLINK_FRAMES] = after.tolist()


def retaken(character: Character, motion: Motion, weight: NDArray[np.float64]) -> Motion:
    """Return a motion for a part of the present one with the present blinks of the gaze.

    How the lids move without them is noted anew where the new motion counts.

    Args:
        character: whose blinks.
        motion: of the whole performance, at the scene's rate, without the gaze's blinks.
        weight: (n_frames,) how much the new motion counts, 0 to 1.
    """
    action = _action_of(character.armature)
    if action is None or motion.basis != "arkit" or property_names.OWN_LIDS not in action:
        return motion
    first, *flat = action[property_names.OWN_LIDS]
    own = np.array(flat).reshape(len(LIDS), -1)
    lids = [ARKIT_INDEX[name] for name in LIDS]
    expression = motion.expression.copy()
    if own.shape[1] == motion.n_frames:
        own += weight * (expression[:, lids].T - own)
        action[property_names.OWN_LIDS] = [first, *np.ravel(own).tolist()]
    frames = first + np.arange(motion.n_frames)
    starts = np.array(action[property_names.BLINK_FRAMES])
    closed = closed_lids(frames / motion.fps, starts / motion.fps)
    expression[:, lids] = np.maximum(expression[:, lids], closed[:, None])
    return replace(motion, expression=expression.astype(np.float32))


def _change(
    curve: bpy.types.FCurve,
    factors: tuple[float, ...],
    own: NDArray[np.float64],
    first: float,
    blinks: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Add to a curve's keys what other blinks make of the lids."""
    made = written.keys_of(curve)
    # Keys that stand at every frame move; between fewer keys new ones are needed.
    is_dense = made.handles is None and len(made.frames) == len(curve.keyframe_points)
    scene_frames = first + np.arange(own.shape[1])
    frames = made.frames.astype(np.float64) if is_dense else scene_frames
    fps = timing.scene_fps(bpy.context.scene)
    old, new = (closed_lids(frames / fps, starts / fps) for starts in blinks)
    change = np.zeros(len(frames))
    for factor, lid in zip(factors, own, strict=True):
        open_ = np.interp(frames, scene_frames, lid)
        change += factor * (np.maximum(open_, new) - np.maximum(open_, old))
    if np.abs(change).max(initial=0.0) < _CHANGED:
        return
    change[np.abs(change) < _CHANGED] = 0.0
    if not is_dense:
        before = made.at(scene_frames)
        key_spans.write(curve, round(first), before, before + change)
        return
    points = np.empty(2 * len(frames), np.float32)
    curve.keyframe_points.foreach_get("co", points)
    points[1::2] += change.astype(np.float32)
    curve.keyframe_points.foreach_set("co", points)
    curve.update()


def _lid_curves(
    character: Character, mesh: bpy.types.Object
) -> list[tuple[bpy.types.FCurve, tuple[float, ...]]]:
    """Return the curves of the keys that close the lids, and how much each lid moves them."""
    by_path = {
        fcurves.key_path(key): tuple(factors.get(name, 0.0) for name in LIDS)
        for key, factors in character.lid_weights(mesh).items()
    }
    curves = fcurves.curves_of(mesh.data.shape_keys)
    found = [(curve, by_path.get(curve.data_path, (0.0, 0.0))) for curve in curves]
    return [(curve, factors) for curve, factors in found if any(factors)]


def _scene_frames(blinks: NDArray[np.intp], plan_fps: float, first_frame: float) -> list[float]:
    fps = timing.scene_fps(bpy.context.scene)
    return [first_frame + float(frame) * fps / plan_fps for frame in blinks]


def _action_of(armature: bpy.types.Object) -> bpy.types.Action | None:
    return armature.animation_data.action if armature.animation_data else None
