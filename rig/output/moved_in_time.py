"""Animation moved to frame 0 for an export, as files of sound and of other scenes begin there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bpy
import numpy as np

from .. import actions, compat, fcurves


@contextmanager
def to_zero(scene: bpy.types.Scene, owners: Sequence[bpy.types.ID]) -> Iterator[None]:
    """Have the scene begin at frame 0, with copies of the owners' actions moved there."""
    first, last, current = scene.frame_start, scene.frame_end, scene.frame_current
    before = [
        (owner, actions.playing(owner), compat.slot_name(owner.animation_data)) for owner in owners
    ]
    copies = {action: action.copy() for _, action, _ in before if action is not None}
    try:
        for owner, action, slot in before:
            if action is not None:
                compat.play(owner, copies[action], slot)
                for curve in fcurves.curves_of(owner):
                    _move(curve, -first)
        scene.frame_start, scene.frame_end = 0, last - first
        scene.frame_set(0)
        yield
    finally:
        for owner, action, slot in before:
            if action is not None:
                compat.play(owner, action, slot)
        for copy in copies.values():
            bpy.data.actions.remove(copy)
        scene.frame_end = last
        scene.frame_start = first
        scene.frame_set(current)


def _move(curve: bpy.types.FCurve, frames: float) -> None:
    for name in ("co", "handle_left", "handle_right"):
        values = np.empty(2 * len(curve.keyframe_points), np.float32)
        curve.keyframe_points.foreach_get(name, values)
        values[::2] += frames
        curve.keyframe_points.foreach_set(name, values)
    curve.update()
