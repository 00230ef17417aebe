"""A head in one frame of a motion, and where a camera has it."""

import bpy
import numpy as np
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.rig.characters.character import Character
from dualtalk.rig.performance.motion_writer import quaternions
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
#: A world that does not look like a void, linear RGB.
LIGHTS = ("Default", "basic.sl", "outdoor.sl", "paint.sl", "studio.sl")


def pose(character: Character, motion: Motion, frame: int) -> None:
    """Put a head into a frame of a motion; its place in the scene stays."""
    keys = character.mesh.data.shape_keys.key_blocks
    for name, value in zip(ARKIT_SHAPES, motion.expression[frame], strict=True):
        keys[name].value = float(value)
    turns = {
        "neck": motion.head[frame], "jaw": motion.jaw[frame],
        "eye_left": motion.eyes[frame, 0], "eye_right": motion.eyes[frame, 1],
    }  # fmt: skip
    for bone, turn in turns.items():
        posed = character.armature.pose.bones[bone]
        posed.rotation_mode = "QUATERNION"
        posed.rotation_quaternion = quaternions(turn[None])[0]
    root = character.armature.pose.bones["root"]
    root.location = motion.translation[frame]


def in_camera(character: Character, camera: bpy.types.Object) -> Matrix:
    """Return the (4, 4) transform from the head to the camera, metres.

    The head's axes are FLAME's, its origin midway between the eyes; the camera looks along -z
    with y up.
    """
    seen = character.armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    bones = seen.pose.bones
    to_camera = np.array(camera.matrix_world.inverted() @ seen.matrix_world)
    placed = to_camera @ np.array(bones["neck"].matrix)
    middle = np.array((bones["eye_left"].head + bones["eye_right"].head) / 2)
    placed[:3, 3] = to_camera[:3, :3] @ middle + to_camera[:3, 3]
    placed[:3, :3] /= np.linalg.norm(placed[:3, :3], axis=0)
    return placed


def light(scene: bpy.types.Scene, generator: np.random.Generator) -> None:
    """Light the scene by chance: from another side, harder or softer, before another wall."""
    shading = scene.display.shading
    shading.light, shading.studio_light = "STUDIO", str(generator.choice(LIGHTS))
    shading.use_world_space_lighting = True
    shading.studiolight_rotate_z = float(generator.uniform(-1.2, 1.2))
    shading.show_cavity = bool(generator.random() < 0.5)
    scene.world.color = generator.uniform(0.05, 0.6, 3)
    scene.view_settings.exposure = float(generator.uniform(0.0, 0.8))
