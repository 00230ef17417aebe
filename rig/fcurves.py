"""F-curves of any Blender version, written in bulk.

Up to Blender 4.3 an action holds its curves itself; from 4.4 they are in the channel bag of the
object's slot, in the one strip of the one layer. `Action.fcurves` is gone from 5.0 on.
"""

import bpy
import numpy as np
from numpy.typing import NDArray

from . import compat

_INTERPOLATION = {"CONSTANT": 0, "LINEAR": 1, "BEZIER": 2}


def ensure_fcurve(obj: bpy.types.Object, path: str, index: int = 0) -> bpy.types.FCurve:
    """Return the curve of a property, made with the object's action if there is none."""
    curves = _curves(obj, create=True)
    curve = curves.find(path, index=index)
    return curve if curve is not None else curves.new(path, index=index)


def find_fcurve(obj: bpy.types.Object, path: str, index: int = 0) -> bpy.types.FCurve | None:
    """Return the curve of a property or None."""
    curves = _curves(obj, create=False)
    return None if curves is None else curves.find(path, index=index)


def remove_fcurve(obj: bpy.types.Object, path: str, index: int = 0) -> None:
    """Remove the curve of a property if there is one."""
    curve = find_fcurve(obj, path, index)
    if curve is not None:
        _curves(obj, create=False).remove(curve)


def set_keys(
    curve: bpy.types.FCurve,
    frames: NDArray[np.float64],
    values: NDArray[np.float64],
    interpolation: str = "LINEAR",
) -> None:
    """Replace all keys of a curve, in bulk (keyframe_insert takes 25-50 us a key)."""
    points = curve.keyframe_points
    points.clear()
    points.add(len(frames))
    points.foreach_set("co", np.stack([frames, values], axis=1).astype(np.float32).ravel())
    kind = np.full(len(frames), _INTERPOLATION[interpolation], np.int32)
    points.foreach_set("interpolation", kind)
    if interpolation == "BEZIER":
        automatic = np.full(len(frames), 4, np.int32)  # AUTO_CLAMPED: no overshoot
        points.foreach_set("handle_left_type", automatic)
        points.foreach_set("handle_right_type", automatic)
    curve.update()


def _curves(obj: bpy.types.Object, create: bool):  # type: ignore[no-untyped-def]
    data = obj.animation_data
    if not create and (data is None or data.action is None):
        return None
    data = data or obj.animation_data_create()
    if data.action is None:
        data.action = bpy.data.actions.new(obj.name)
    if not compat.IS_LAYERED:
        return data.action.fcurves
    return _channel_bag(data, obj).fcurves


def _channel_bag(data: bpy.types.AnimData, obj: bpy.types.Object):  # type: ignore[no-untyped-def]
    action = data.action
    if data.action_slot is None:
        data.action_slot = action.slots.new(id_type="OBJECT", name=obj.name)
    layer = action.layers[0] if action.layers else action.layers.new("Layer")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(data.action_slot, ensure=True)
