"""A motion becomes keys: shape keys, bones, one action per character."""

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.motion import Motion
from ...core.motion_layers import of_shape
from .. import actions, compat, fcurves, timing
from ..characters.character import Character


def write_motion(
    character: Character, motion: Motion, scene: bpy.types.Scene, first_frame: int
) -> None:
    """Write a motion onto a character; what an earlier run wrote is replaced.

    Args:
        character: in the motion's basis.
        motion: at any frame rate; it is resampled to the scene's.
        scene: whose frame rate counts.
        first_frame: scene frame of the motion's frame 0.

    Raises:
        RigError: the motion does not fit the character.
    """
    character.check(motion)
    at_scene_rate = character.fitted(motion).resampled(timing.scene_fps(scene))
    remove_motion(character)
    frames = first_frame + np.arange(at_scene_rate.n_frames, dtype=np.float32)
    action = actions.new(character.armature.name)
    body = compat.animate(character.armature, action)
    _write_bones(body, at_scene_rate, character.armature, frames)
    character.rest()
    for track in character.vector_tracks(at_scene_rate):
        for index, values in enumerate(track.values.T):
            fcurves.set_keys(body.new(track.path, index, track.group), frames, values)
    for mesh, rows in character.key_tracks(at_scene_rate):
        if not compat.SHARES_ACTIONS:
            action = actions.new(f"{mesh.name} face")
        face = compat.animate(mesh.data.shape_keys, action)
        keys = character.key_layers(mesh)
        for name, values in rows:
            path = f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'
            group = keys.get(name, of_shape(name)).title()  # a group per layer, to edit or mute
            fcurves.set_keys(face.new(path, 0, group), frames, values)


def remove_motion(character: Character) -> None:
    """Take off the actions that the add-on wrote, and delete those that nobody uses."""
    for owner in (character.armature, *(mesh.data.shape_keys for mesh in character.meshes)):
        actions.remove(owner)


def quaternions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn axis-angle vectors (n, 3) into unit quaternions (n, 4), w first, without jumps.

    Neighbours are on the same side of the sphere, so that linear keys never go the long way.
    """
    exact = vectors.astype(np.float64)
    angle = np.linalg.norm(exact, axis=1)
    # np.sinc(x) is sin(pi x) / (pi x), which is right at zero too.
    scale = 0.5 * np.sinc(angle / (2 * np.pi))
    result = np.concatenate([np.cos(angle / 2)[:, None], exact * scale[:, None]], axis=1)
    turns = np.sign((result[1:] * result[:-1]).sum(axis=1))
    result[1:] *= np.cumprod(np.where(turns < 0, -1.0, 1.0))[:, None]
    return result.astype(np.float32)


def _write_bones(
    channels: compat.Channels,
    motion: Motion,
    armature: bpy.types.Object,
    frames: NDArray[np.float32],
) -> None:
    turned = {
        "neck": motion.head,
        "jaw": motion.jaw,
        "eye_left": motion.eyes[:, 0],
        "eye_right": motion.eyes[:, 1],
    }
    for bone_name, vectors in turned.items():
        armature.pose.bones[bone_name].rotation_mode = "QUATERNION"
        path = f'pose.bones["{bone_name}"].rotation_quaternion'
        for index, values in enumerate(quaternions(vectors).T):
            fcurves.set_keys(channels.new(path, index, bone_name), frames, values)
    if motion.translation.any():
        for index, values in enumerate(motion.translation.T):
            curve = channels.new('pose.bones["root"].location', index, "root")
            fcurves.set_keys(curve, frames, values)
