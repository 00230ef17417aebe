"""Writing a performance whole or not at all.

What is replaced is deleted only at the end, so that it can be put back; what was made is deleted if
anything raises. Nothing of this uses Blender's undo, which would invalidate what callers hold.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy
from idprop.types import IDPropertyArray, IDPropertyGroup

from .. import actions, compat
from ..characters import heads
from ..characters.character import Character
from ..gaze import gaze_rig
from ..staging import cameras as rig_cameras

#: Collections of `bpy.data` in which a performance makes something.
_MADE = (
    "objects", "meshes", "armatures", "cameras", "lights", "actions", "materials", "collections",
    "sounds", "worlds", "curves",
)  # fmt: skip
_Undo = Callable[[], None]
_SCENE_SETTINGS = ("frame_start", "frame_end", "camera", "sync_mode", "world")


@contextmanager
def whole_or_not(scene: bpy.types.Scene) -> Iterator[list[str]]:
    """Undo what is written into a scene within, if anything raises.

    Yields:
        The names of the user's actions that play no more and are kept; filled at the end.
    """
    before = {kind: _ids(kind) for kind in _MADE}
    undo = [_undo_scene(scene)]
    for character in heads.find_pair(scene):
        if character is not None:
            undo += _undo_character(character)
    try:
        with actions.kept_until_done() as kept:
            yield kept
    except BaseException:
        for step in undo:
            step()
        _delete_new(before)
        raise


def _undo_scene(scene: bpy.types.Scene) -> _Undo:
    settings = {name: getattr(scene, name) for name in _SCENE_SETTINGS}
    notes = _properties(scene)
    markers = [(marker.name, marker.frame, marker.camera) for marker in rig_cameras.cuts_of(scene)]

    def undo() -> None:
        scene.frame_end = max(scene.frame_end, settings["frame_end"])
        for name, value in settings.items():
            setattr(scene, name, value)
        _put_properties(scene, notes)
        rig_cameras.remove_cuts(scene)
        for name, frame, camera in markers:
            made = scene.timeline_markers.new(name, frame=frame)
            made.camera = camera

    return undo


def _undo_character(character: Character) -> list[_Undo]:
    armature, parts = character.armature, gaze_rig.find_parts(character.armature)
    owners = [armature, *(mesh.data.shape_keys for mesh in character.meshes)]
    owners += list(armature.children_recursive)
    steps = [_undo_animation(owner) for owner in owners]
    steps += [_undo_values(mesh.data.shape_keys) for mesh in character.meshes]
    notes = _properties(armature)
    modes = {bone.name: bone.rotation_mode for bone in armature.pose.bones}
    share = parts.turn.constraints[gaze_rig.TURN].influence if parts is not None else 0.0
    tilt = parts.pose.rotation_euler.copy() if parts is not None else None

    def undo() -> None:
        _put_properties(armature, notes)
        for name, mode in modes.items():
            armature.pose.bones[name].rotation_mode = mode
        if parts is None:
            gaze_rig.remove(armature)
            return
        parts.pose.rotation_euler = tilt
        if gaze_rig.TURN in parts.turn.constraints:
            parts.turn.constraints[gaze_rig.TURN].influence = share

    return [*steps, undo]


def _undo_animation(owner: bpy.types.ID) -> _Undo:
    action = actions.playing(owner)
    slot = compat.slot_name(owner.animation_data)

    def undo() -> None:
        if action is not None:
            compat.play(owner, action, slot)
        elif owner.animation_data is not None:
            owner.animation_data.action = None

    return undo


def _undo_values(keys: bpy.types.Key) -> _Undo:
    values = {key.name: key.value for key in keys.key_blocks}

    def undo() -> None:
        for name, value in values.items():
            keys.key_blocks[name].value = value

    return undo


def _properties(owner: bpy.types.ID) -> dict[str, Any]:
    """Return the notes of ours on something."""
    names = [name for name in owner.keys() if name.startswith("dualtalk_")]
    values = {name: owner[name] for name in names}
    return {
        name: value.to_list() if isinstance(value, IDPropertyArray) else value
        for name, value in values.items()
        if not isinstance(value, IDPropertyGroup)
    }


def _put_properties(owner: bpy.types.ID, notes: dict[str, Any]) -> None:
    for name in _properties(owner):
        if name not in notes:
            del owner[name]
    for name, value in notes.items():
        owner[name] = value


def _ids(kind: str) -> set[int]:
    return {block.as_pointer() for block in getattr(bpy.data, kind)}


def _delete_new(before: dict[str, set[int]]) -> None:
    made = [
        block
        for kind in _MADE
        for block in getattr(bpy.data, kind)
        if block.as_pointer() not in before[kind]
    ]
    bpy.data.batch_remove(made)
