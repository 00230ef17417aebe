"""Actions that the add-on makes, and may replace.

Keys are written in bulk (a key at a time costs 50 times as much), at every frame of the scene and
linear between: a closure that a curve smooths over would open the lips.
"""

import bpy
import numpy as np
from numpy.typing import NDArray

from . import property_names

_LINEAR = 1


def scene_fps(scene: bpy.types.Scene) -> float:
    """Return the scene's frames per second."""
    return scene.render.fps / scene.render.fps_base


def new(name: str) -> bpy.types.Action:
    """Return an empty action that counts as the add-on's."""
    action = bpy.data.actions.new(f"{name} DualTalk")
    action[property_names.ACTION] = True
    return action


def remove(owner: bpy.types.ID) -> None:
    """Take the action off a data-block if the add-on wrote it; delete it if nobody uses it."""
    data = owner.animation_data
    if data is None or data.action is None or property_names.ACTION not in data.action:
        return
    action = data.action
    data.action = None
    if action.users == 0:
        bpy.data.actions.remove(action)


def write_keys(
    curve: bpy.types.FCurve, frames: NDArray[np.float32], values: NDArray[np.float32]
) -> None:
    """Fill an empty F-curve with linear keys."""
    points = curve.keyframe_points
    points.add(len(frames))
    points.foreach_set("co", np.stack([frames, values], axis=1).astype(np.float32).ravel())
    points.foreach_set("interpolation", np.full(len(frames), _LINEAR, np.int32))
    curve.update()
