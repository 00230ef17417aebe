"""Moods as plain keys of the ARKit shapes, for programs that know no drivers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import actions, compat, fcurves
from ..characters import added_keys
from ..characters.character import Character
from . import faces, sliders

#: By mesh and key, what both it and its twin give, frame by frame.
_Values = Mapping[tuple[str, str], NDArray[np.float64]]


@contextmanager
def folded(scene: bpy.types.Scene, character: Character) -> Iterator[None]:
    """Have no twins for what is done inside; what they add is in the keys of the shapes.

    Everything is as it was afterwards.
    """
    meshes = [mesh for mesh in character.meshes if added_keys.keys_of(mesh)]
    values = _sampled(scene, meshes) if meshes and _is_acting(character) else {}
    kept = [_keys_of(mesh, scene, values) for mesh in meshes if values]
    for mesh in meshes:
        added_keys.remove(mesh)
    try:
        yield
    finally:
        for keys, action, slot in kept:
            _put_back(keys, action, slot)
        if meshes:
            faces.ensure(character)
            scene.frame_set(scene.frame_current)


def _is_acting(character: Character) -> bool:
    """Tell whether a slider of a character is not at rest, or has keys."""
    armature = character.armature
    return any(
        armature.get(name, slider.default) != slider.default
        or sliders.curve_of(armature, name) is not None
        for name, slider in sliders.SLIDERS.items()
    )


def _sampled(scene: bpy.types.Scene, meshes: list[bpy.types.Object]) -> _Values:
    first, n_frames = scene.frame_start, scene.frame_end - scene.frame_start + 1
    before = scene.frame_current
    names = [(mesh, key) for mesh in meshes for key in added_keys.keys_of(mesh)]
    found = {(mesh.name, key): np.zeros(n_frames) for mesh, key in names}
    for index in range(n_frames):
        scene.frame_set(first + index)
        for mesh, key in names:
            blocks = mesh.data.shape_keys.key_blocks
            found[mesh.name, key][index] = blocks[key].value + added_keys.value(blocks, key)
    scene.frame_set(before)
    return found


def _keys_of(
    mesh: bpy.types.Object, scene: bpy.types.Scene, values: _Values
) -> tuple[bpy.types.Key, bpy.types.Action | None, str]:
    """Play a copy of a mesh's action with the values as keys; return what played before."""
    keys = mesh.data.shape_keys
    data = keys.animation_data
    action, slot = actions.playing(keys), compat.slot_name(data)
    if action is None:
        compat.animate(keys, actions.new(mesh.name))
    else:
        compat.play(keys, action.copy(), slot)
    frames = np.arange(scene.frame_start, scene.frame_end + 1, dtype=np.float64)
    for (name, key), row in values.items():
        if name == mesh.name:
            path = fcurves.key_path(key)
            curve = fcurves.ensure_fcurve(keys, path)
            for modifier in list(curve.modifiers):  # what they do is in the values already
                curve.modifiers.remove(modifier)
            fcurves.set_keys(curve, frames, row)
    return keys, action, slot


def _put_back(keys: bpy.types.Key, action: bpy.types.Action | None, slot: str) -> None:
    shown = keys.animation_data.action
    if action is None:
        keys.animation_data.action = None
    else:
        compat.play(keys, action, slot)
    if shown is not None and shown.users == 0:
        bpy.data.actions.remove(shown)
