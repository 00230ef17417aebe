"""Gaze and head motion as plain keys on the bones, for export, and back.

Baking gives the armature a copy of its action with the evaluated rotations of neck and eyes at
every frame, and mutes the constraints. The action from before is kept, so that unbaking restores it
exactly.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Euler, Quaternion
from numpy.typing import NDArray

from ...core.errors import InputError
from .. import compat, fcurves, property_names
from ..gaze.gaze_rig import EYE_BONES, LIMIT, POSE, TRACK, TURN

BAKED_BONES = ("neck", *EYE_BONES)
_BEFORE, _SLOT = property_names.ACTION_BEFORE_BAKING, property_names.SLOT_BEFORE_BAKING
_OURS = (LIMIT, POSE, TRACK, TURN)


def is_baked(armature: bpy.types.Object) -> bool:
    """Tell whether a character's gaze is plain keys now."""
    return _SLOT in armature


def bake(armatures: tuple[bpy.types.Object, ...], first_frame: int, last_frame: int) -> None:
    """Turn gaze and composed head motion into keys at every frame from first to last.

    Raises:
        InputError: a character is baked already, or there are no frames.
    """
    for armature in armatures:
        if is_baked(armature):
            raise InputError(f"{armature.name} is baked already; unbake it first.")
    if last_frame < first_frame:
        raise InputError(f"There are no frames from {first_frame} to {last_frame} to bake.")
    rotations = _evaluated(armatures, first_frame, last_frame)
    frames = np.arange(first_frame, last_frame + 1, dtype=np.float64)
    for armature in armatures:
        _keep_action(armature)
        for bone in BAKED_BONES:
            _write(armature, bone, frames, rotations[armature.name, bone])
        _mute(armature, True)


def unbake(armatures: tuple[bpy.types.Object, ...]) -> None:
    """Restore constraints and keys as they were before baking.

    Raises:
        InputError: a character is not baked.
    """
    for armature in armatures:
        if not is_baked(armature):
            raise InputError(f"{armature.name} is not baked.")
    for armature in armatures:
        _restore_action(armature)
        _mute(armature, False)


def _evaluated(
    armatures: tuple[bpy.types.Object, ...], first: int, last: int
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return quaternions (n_frames, 4) of each character's bones relative to their parents."""
    scene = bpy.context.scene
    before = scene.frame_current
    n = last - first + 1
    found = {(a.name, bone): np.zeros((n, 4)) for a in armatures for bone in BAKED_BONES}
    with meshes_hidden(scene):
        for i in range(n):
            scene.frame_set(first + i)
            depsgraph = bpy.context.evaluated_depsgraph_get()
            for armature in armatures:
                seen = armature.evaluated_get(depsgraph)
                for bone in BAKED_BONES:
                    found[armature.name, bone][i] = _local_rotation(seen, bone)
    scene.frame_set(before)
    return {key: _without_jumps(rows) for key, rows in found.items()}


@contextmanager
def meshes_hidden(scene: bpy.types.Scene) -> Iterator[None]:
    """Leave out what no bone needs: skinning both heads takes most of a frame's time.

    What something visible depends on, such as a target on a mesh, is evaluated all the same.
    """
    shown = [obj for obj in scene.objects if obj.type == "MESH" and not obj.hide_viewport]
    selected = [obj for obj in shown if obj.select_get()]
    for obj in shown:
        obj.hide_viewport = True
    try:
        yield
    finally:
        for obj in shown:
            obj.hide_viewport = False
        bpy.context.view_layer.update()
        for obj in selected:  # hiding deselects
            obj.select_set(True)


def _local_rotation(armature: bpy.types.Object, bone: str):  # type: ignore[no-untyped-def]
    pose = armature.pose.bones[bone]
    matrix = armature.convert_space(
        pose_bone=pose, matrix=pose.matrix, from_space="POSE", to_space="LOCAL"
    )
    return matrix.to_quaternion()


def _without_jumps(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep neighbours on the same side of the sphere, so that keys between never go around."""
    flips = np.where((rows[1:] * rows[:-1]).sum(axis=1) < 0, -1.0, 1.0)
    rows[1:] *= np.cumprod(flips)[:, None]
    return rows


def _keep_action(armature: bpy.types.Object) -> None:
    data = armature.animation_data or armature.animation_data_create()
    armature[_SLOT] = compat.slot_name(data)
    if data.action is None:
        return
    armature[_BEFORE] = data.action
    data.action.use_fake_user = True
    compat.play(armature, data.action.copy(), armature[_SLOT])


def _restore_action(armature: bpy.types.Object) -> None:
    data = armature.animation_data
    baked, before = data.action, armature.get(_BEFORE)
    if before is None:
        data.action = None
    else:
        compat.play(armature, before, armature[_SLOT])
        before.use_fake_user = False
        del armature[_BEFORE]
    del armature[_SLOT]
    if baked is not None and baked.users == 0:
        bpy.data.actions.remove(baked)
    if before is None:
        for bone in BAKED_BONES:
            armature.pose.bones[bone].matrix_basis.identity()


def _write(
    armature: bpy.types.Object,
    bone: str,
    frames: NDArray[np.float64],
    rotations: NDArray[np.float64],
) -> None:
    pose = armature.pose.bones[bone]
    path = f'pose.bones["{bone}"].'
    if pose.rotation_mode == "QUATERNION":
        columns, path = rotations.T, path + "rotation_quaternion"
    else:
        columns, path = _eulers(rotations, pose.rotation_mode).T, path + "rotation_euler"
    for index, values in enumerate(columns):
        curve = fcurves.ensure_fcurve(armature, path, index)
        for modifier in list(curve.modifiers):  # what they do is in the values already
            curve.modifiers.remove(modifier)
        fcurves.set_keys(curve, frames, values)


def _eulers(rotations: NDArray[np.float64], mode: str) -> NDArray[np.float64]:
    rows, previous = [], Euler((0.0, 0.0, 0.0), mode)
    for row in rotations:
        previous = Quaternion(row).to_euler(mode, previous)
        rows.append(tuple(previous))
    return np.array(rows)


def _mute(armature: bpy.types.Object, is_muted: bool) -> None:
    for bone in BAKED_BONES:
        for constraint in armature.pose.bones[bone].constraints:
            if constraint.name in _OURS:
                constraint.mute = is_muted
