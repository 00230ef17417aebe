"""A bar under each head that lights up with the voice: who speaks is seen without sound."""

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ..core.motion import NETWORK_FPS
from . import compat
from .heads import Character
from .write import ACTION_KEY, scene_fps, write_keys

_PART = "dualtalk_voice_bar"
_WIDTH_M, _HEIGHT_M = 0.16, 0.012
#: In front of the chest, in the armature's space.
_PLACE = Vector((0.0, -0.16, -0.035))
#: Frames of 25 per second over which a bar grows and shrinks.
_EASE_FRAMES = 4


def write(
    scene: bpy.types.Scene,
    characters: tuple[Character, Character],
    speaking: NDArray[np.bool_],
    first_frame: int,
) -> None:
    """Add or renew the bars; `speaking` is (2, n_frames) at 25 frames per second."""
    for character, active in zip(characters, speaking, strict=True):
        remove(character)
        bar = _make(character)
        kernel = np.ones(_EASE_FRAMES) / _EASE_FRAMES
        width = np.maximum(np.convolve(active.astype(np.float32), kernel, mode="same"), 0.02)
        frames = first_frame + np.arange(len(width)) * (scene_fps(scene) / NETWORK_FPS)
        action = bpy.data.actions.new(bar.name)
        action[ACTION_KEY] = True
        curve = compat.animate(bar, action).new("scale", 0, "Object Transforms")
        write_keys(curve, frames.astype(np.float32), width.astype(np.float32))


def remove(character: Character) -> None:
    """Take a character's bar off."""
    for child in list(character.armature.children):
        if _PART in child:
            action = child.animation_data.action if child.animation_data else None
            mesh = child.data
            bpy.data.objects.remove(child)
            bpy.data.meshes.remove(mesh)
            if action is not None and action.users == 0:
                bpy.data.actions.remove(action)


def _make(character: Character) -> bpy.types.Object:
    w, h = _WIDTH_M / 2, _HEIGHT_M / 2
    mesh = bpy.data.meshes.new("Voice bar")
    mesh.from_pydata([(-w, 0, -h), (w, 0, -h), (w, 0, h), (-w, 0, h)], [], [(0, 1, 2, 3)])
    name = "DualTalk voice bar"
    material = bpy.data.materials.get(name) or bpy.data.materials.new(name)
    material.diffuse_color = (0.20, 0.85, 0.35, 1.0)
    mesh.materials.append(material)
    bar = bpy.data.objects.new(f"{character.armature.name} voice", mesh)
    bar[_PART] = True
    bar.parent = character.armature
    bar.location = _PLACE
    for collection in character.armature.users_collection:
        collection.objects.link(bar)
    return bar
