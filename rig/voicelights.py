"""A light over each head that grows with the voice: who speaks is seen without sound."""

import bmesh
import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ..core.motion import NETWORK_FPS
from . import compat
from .heads import Character
from .write import ACTION_KEY, scene_fps, write_keys

_PART = "dualtalk_voice_light"
_RADIUS_M = 0.018
#: Over the crown, in the armature's space.
_PLACE = Vector((0.0, -0.01, 0.385))
#: Frames of 25 per second over which a light grows and shrinks.
_EASE_FRAMES = 4


def write(
    scene: bpy.types.Scene,
    characters: tuple[Character, Character],
    speaking: NDArray[np.bool_],
    first_frame: int,
) -> None:
    """Add or renew the lights; `speaking` is (2, n_frames) at 25 frames per second."""
    for character, active in zip(characters, speaking, strict=True):
        remove(character)
        light = _make(character)
        kernel = np.ones(_EASE_FRAMES) / _EASE_FRAMES
        size = np.maximum(np.convolve(active.astype(np.float32), kernel, mode="same"), 0.02)
        frames = first_frame + np.arange(len(size)) * (scene_fps(scene) / NETWORK_FPS)
        action = bpy.data.actions.new(light.name)
        action[ACTION_KEY] = True
        channels = compat.animate(light, action)
        for axis in range(3):
            curve = channels.new("scale", axis, "Object Transforms")
            write_keys(curve, frames.astype(np.float32), size.astype(np.float32))


def remove(character: Character) -> None:
    """Take a character's light off."""
    for child in list(character.armature.children):
        if _PART in child:
            action = child.animation_data.action if child.animation_data else None
            mesh = child.data
            bpy.data.objects.remove(child)
            bpy.data.meshes.remove(mesh)
            if action is not None and action.users == 0:
                bpy.data.actions.remove(action)


def _make(character: Character) -> bpy.types.Object:
    mesh = bpy.data.meshes.new("Voice light")
    ball = bmesh.new()
    bmesh.ops.create_icosphere(ball, subdivisions=3, radius=_RADIUS_M)
    ball.to_mesh(mesh)
    ball.free()
    name = "DualTalk voice light"
    material = bpy.data.materials.get(name) or bpy.data.materials.new(name)
    material.diffuse_color = (0.20, 0.85, 0.35, 1.0)
    mesh.materials.append(material)
    light = bpy.data.objects.new(f"{character.armature.name} voice", mesh)
    light[_PART] = True
    light.parent = character.armature
    light.location = _PLACE
    for collection in character.armature.users_collection:
        collection.objects.link(light)
    return light
