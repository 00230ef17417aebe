"""A light over each head that grows with the voice: who speaks is seen without sound.

It is an aid for the viewport; pictures and videos do not show it.
"""

import bmesh
import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ...core.motion import NETWORK_FPS
from ...core.speakers import Pair
from .. import actions, compat, fcurves, property_names, timing
from ..characters.character import Character
from ..gaze.gaze_rig import eyes_local_m

_RADIUS_M = 0.018
#: Over the crown.
_ABOVE_M = 0.06
#: Frames of 25 per second over which a light grows and shrinks.
_EASE_FRAMES = 4


def write(
    scene: bpy.types.Scene,
    characters: Pair[Character],
    speaking: NDArray[np.bool_],
    first_frame: int,
) -> None:
    """Add or renew the lights; `speaking` is (2, n_frames) at 25 frames per second."""
    for character, active in zip(characters, speaking, strict=True):
        light = _light_of(character) or _make(character)
        light.location = _place(character)
        before = actions.playing(light)
        kernel = np.ones(_EASE_FRAMES) / _EASE_FRAMES
        size = np.maximum(np.convolve(active.astype(np.float32), kernel, mode="same"), 0.02)
        frames = first_frame + np.arange(len(size)) * (timing.scene_fps(scene) / NETWORK_FPS)
        channels = compat.animate(light, actions.new(light.name))
        for axis in range(3):
            curve = channels.new("scale", axis, "Object Transforms")
            fcurves.set_keys(curve, frames.astype(np.float32), size.astype(np.float32))
        actions.let_go(before)


def _light_of(character: Character) -> bpy.types.Object | None:
    lights = [c for c in character.armature.children if property_names.VOICE_LIGHT in c]
    return lights[0] if lights else None


def remove(armature: bpy.types.Object) -> None:
    """Take a character's light off."""
    for child in list(armature.children):
        if property_names.VOICE_LIGHT in child:
            action = child.animation_data.action if child.animation_data else None
            mesh = child.data
            bpy.data.objects.remove(child)
            if mesh.users == 0:
                bpy.data.meshes.remove(mesh)
            actions.let_go(action)


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
    light[property_names.VOICE_LIGHT] = True
    light.hide_render = True
    light.parent = character.armature
    for collection in character.armature.users_collection:
        collection.objects.link(light)
    return light


def _place(character: Character) -> Vector:
    """Return the place over a character's head, in the space of its armature."""
    into = character.armature.matrix_world.inverted()
    corners = [
        into @ mesh.matrix_world @ Vector(corner)
        for mesh in character.meshes
        for corner in mesh.bound_box
    ]
    eyes = eyes_local_m(character.armature)
    return Vector((eyes.x, eyes.y, max(corner.z for corner in corners) + _ABOVE_M))
