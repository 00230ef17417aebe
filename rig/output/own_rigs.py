"""An animator's own rig as plain keys for an export: exporters do not evaluate its constraints."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from .. import compat, fcurves
from .baking import meshes_hidden

_BASIS = ("location", "rotation_quaternion", "rotation_euler", "rotation_axis_angle", "scale")
_BAKED = (("location", 3), ("rotation_quaternion", 4), ("scale", 3))

Posed = bpy.types.Object | bpy.types.PoseBone


@dataclass
class _Kept:
    """An object as it was before it was baked."""

    obj: bpy.types.Object
    action: bpy.types.Action | None
    slot: str
    values: list[tuple[Posed, str, dict[str, Any]]] = field(default_factory=list)
    muted: list[Any] = field(default_factory=list)
    uses_nla: bool = True
    baked: bpy.types.Action | None = None


@contextmanager
def baked(objects: Sequence[bpy.types.Object], scene: bpy.types.Scene) -> Iterator[None]:
    """Have objects and their bones move by keys alone over the scene's range, as they do now."""
    if not objects:
        yield
        return
    tracks = _evaluated(objects, scene)
    kept = [_keep(obj) for obj in objects]
    try:
        for one in kept:
            _write(one, tracks, scene)
        yield
    finally:
        for one in kept:
            _put_back(one)
        bpy.context.view_layer.update()


def _parts(obj: bpy.types.Object) -> list[Posed]:
    return [obj, *(obj.pose.bones if obj.type == "ARMATURE" else ())]


def _key(obj: bpy.types.Object, part: Posed) -> tuple[str, str]:
    return obj.name, "" if part == obj else part.name


def _evaluated(
    objects: Sequence[bpy.types.Object], scene: bpy.types.Scene
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return location, rotation and scale without constraints, (n_frames, 10), by object and bone.

    Parents of the objects are taken to move as they do without the constraints.
    """
    before, first = scene.frame_current, scene.frame_start
    n_frames = scene.frame_end - first + 1
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    moves_meshes = any(obj.type == "MESH" for obj in objects)
    with nullcontext() if moves_meshes else meshes_hidden(scene):
        for frame in range(first, first + n_frames):
            scene.frame_set(frame)
            graph = bpy.context.evaluated_depsgraph_get()
            for obj in objects:
                seen = obj.evaluated_get(graph)
                for part in _parts(seen):
                    place, turn, scale = _local(seen, part).decompose()
                    name = (obj.name, "" if part == seen else part.name)
                    rows.setdefault(name, []).append((*place, *turn, *scale))
    scene.frame_set(before)
    return {name: _without_jumps(np.array(values)) for name, values in rows.items()}


def _local(obj: bpy.types.Object, part: Posed) -> Matrix:
    if part != obj:
        return obj.convert_space(
            pose_bone=part, matrix=part.matrix, from_space="POSE", to_space="LOCAL"
        )
    if obj.parent is None:
        return obj.matrix_world
    return obj.convert_space(matrix=obj.matrix_world, from_space="WORLD", to_space="LOCAL")


def _without_jumps(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep neighbouring rotations on the same side of the sphere."""
    turns = rows[:, 3:7]
    flips = np.where((turns[1:] * turns[:-1]).sum(axis=1) < 0, -1.0, 1.0)
    turns[1:] *= np.cumprod(flips)[:, None]
    return rows


def _keep(obj: bpy.types.Object) -> _Kept:
    data = obj.animation_data or obj.animation_data_create()
    kept = _Kept(obj, data.action, compat.slot_name(data), uses_nla=data.use_nla)
    for part in _parts(obj):
        values = {name: tuple(getattr(part, name)) for name in _BASIS}
        kept.values.append((part, part.rotation_mode, values))
        kept.muted += [c for c in part.constraints if not c.mute]
    kept.muted += [driver for driver in data.drivers if not driver.mute]
    return kept


def _write(
    kept: _Kept, tracks: dict[tuple[str, str], NDArray[np.float64]], scene: bpy.types.Scene
) -> None:
    """Give an object an action of its own with a key per frame; nothing else moves it then."""
    obj = kept.obj
    for constraint in kept.muted:
        constraint.mute = True
    obj.animation_data.use_nla = False
    kept.baked = bpy.data.actions.new(f"{obj.name} baked")
    channels = compat.animate(obj, kept.baked)
    frames = np.arange(scene.frame_start, scene.frame_end + 1, dtype=np.float64)
    for part in _parts(obj):
        rows = tracks[_key(obj, part)]
        is_still = np.ptp(rows, axis=0).max() < 1e-6
        used = slice(0, 1) if is_still else slice(None)
        part.rotation_mode = "QUATERNION"
        prefix = "" if part == obj else f'pose.bones["{bpy.utils.escape_identifier(part.name)}"].'
        column = 0
        for name, width in _BAKED:
            for index in range(width):
                curve = channels.new(prefix + name, index, part.name)
                fcurves.set_keys(curve, frames[used], rows[used, column])
                column += 1


def _put_back(kept: _Kept) -> None:
    for constraint in kept.muted:
        constraint.mute = False
    data = kept.obj.animation_data
    data.use_nla = kept.uses_nla
    data.action = None
    if kept.action is not None:
        compat.play(kept.obj, kept.action, kept.slot)
    if kept.baked is not None:
        bpy.data.actions.remove(kept.baked)
    for part, mode, values in kept.values:
        part.rotation_mode = mode
        for name, value in values.items():
            setattr(part, name, value)
