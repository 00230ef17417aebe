"""F-curves of any Blender version, written in bulk: a key at a time costs 50 times as much."""

from typing import Literal

import bpy
import numpy as np
from numpy.typing import NDArray

from . import actions, compat, nla_tracks

Interpolation = Literal["CONSTANT", "LINEAR", "BEZIER"]
_INTERPOLATION: dict[Interpolation, int] = {"CONSTANT": 0, "LINEAR": 1, "BEZIER": 2}
_AUTO_CLAMPED = 4  # handles that do not overshoot
#: What a key consists of: the property, how many numbers it has, their type.
_KEY_PARTS = (
    ("co", 2, np.float32), ("interpolation", 1, np.int32), ("easing", 1, np.int32),
    ("handle_left_type", 1, np.int32), ("handle_right_type", 1, np.int32),
    ("handle_left", 2, np.float32), ("handle_right", 2, np.float32), ("type", 1, np.int32),
    ("amplitude", 1, np.float32), ("back", 1, np.float32), ("period", 1, np.float32),
    ("select_control_point", 1, np.bool_), ("select_left_handle", 1, np.bool_),
    ("select_right_handle", 1, np.bool_),
)  # fmt: skip


def key_path(key: str) -> str:
    """Return the path of a shape key's value, from the `Key` that holds it."""
    return f'key_blocks["{bpy.utils.escape_identifier(key)}"].value'


def ensure_fcurve(owner: bpy.types.ID, path: str, index: int = 0) -> bpy.types.FCurve:
    """Return the curve of a property, made with the owner's action if there is none."""
    if actions.playing(owner) is None:
        data = owner.animation_data or owner.animation_data_create()
        data.action = actions.mark(bpy.data.actions.new(owner.name))
    curves = compat.curves_for_keys(owner)
    curve = curves.find(path, index=index)
    return curve if curve is not None else curves.new(path, index=index)


def find_fcurve(owner: bpy.types.ID, path: str, index: int = 0) -> bpy.types.FCurve | None:
    """Return the curve of a property or None."""
    curves = compat.curves_there(owner)
    return None if curves is None else curves.find(path, index=index)


def remove_fcurve(owner: bpy.types.ID, path: str, index: int = 0) -> None:
    """Remove the curve of a property if there is one."""
    curves = compat.curves_there(owner)
    curve = None if curves is None else curves.find(path, index=index)
    if curve is not None:
        curves.remove(curve)


def curves_of(owner: bpy.types.ID) -> list[bpy.types.FCurve]:
    """Return the F-curves that animate a data-block, those of the add-on's NLA tracks too."""
    curves = compat.curves_there(owner)
    return [*(curves or ()), *nla_tracks.curves(owner)]


def copy_curve(source: bpy.types.FCurve, channels: compat.Channels) -> bpy.types.FCurve:
    """Copy a curve with its keys, handles and modifiers into another action."""
    group = source.group.name if source.group is not None else ""
    made = channels.new(source.data_path, source.array_index, group)
    made.extrapolation, made.mute = source.extrapolation, source.mute
    n_keys = len(source.keyframe_points)
    made.keyframe_points.add(n_keys)
    for name, width, kind in _KEY_PARTS:
        values = np.empty(n_keys * width, kind)
        source.keyframe_points.foreach_get(name, values)
        made.keyframe_points.foreach_set(name, values)
    for modifier in source.modifiers:
        _copy_modifier(modifier, made.modifiers.new(modifier.type))
    made.update()
    return made


def _copy_modifier(source: bpy.types.FModifier, made: bpy.types.FModifier) -> None:
    _copy_plain(source, made)
    if source.type != "ENVELOPE":
        return
    points, n = source.control_points, len(source.control_points)
    for point in points:
        made.control_points.add(point.frame)
    for name in ("min", "max"):  # in bulk: one at a time crashes Blender 5.0
        row = np.empty(n, np.float32)
        points.foreach_get(name, row)
        made.control_points.foreach_set(name, row)


def _copy_plain(source: bpy.types.bpy_struct, made: bpy.types.bpy_struct) -> None:
    for prop in source.bl_rna.properties:
        if not prop.is_readonly and prop.type not in ("POINTER", "COLLECTION"):
            setattr(made, prop.identifier, getattr(source, prop.identifier))


def set_keys(
    curve: bpy.types.FCurve,
    frames: NDArray[np.floating],
    values: NDArray[np.floating],
    interpolation: Interpolation = "LINEAR",
) -> None:
    """Replace all keys of a curve.

    Linear is right for what is written at every frame: a closure that a curve smooths over would
    open the lips.
    """
    points = curve.keyframe_points
    points.clear()
    points.add(len(frames))
    points.foreach_set("co", np.stack([frames, values], axis=1).astype(np.float32).ravel())
    kinds = np.full(len(frames), _INTERPOLATION[interpolation], np.int32)
    points.foreach_set("interpolation", kinds)
    if interpolation == "BEZIER":
        automatic = np.full(len(frames), _AUTO_CLAMPED, np.int32)
        points.foreach_set("handle_left_type", automatic)
        points.foreach_set("handle_right_type", automatic)
    curve.update()
