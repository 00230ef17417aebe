"""A performance as it plays in the scene, back as motion: with all edits, gaze and strengths."""

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ...core.motion import NETWORK_FPS, Motion
from ...core.progress import Report, silent
from ...core.speakers import Pair
from .. import timing
from ..characters.character import Character
from ..gaze.gaze_rig import EYE_BONES

#: Progress is told once for so many frames.
_REPORTED = 25
_TURNED = ("jaw", "neck", *EYE_BONES)


def read_motions(
    scene: bpy.types.Scene,
    characters: Pair[Character],
    fps: float | None = NETWORK_FPS,
    report: Report = silent,
) -> Pair[Motion]:
    """Return what both heads do over the scene's frame range, at 25 frames per second.

    Args:
        scene: whose frames are read.
        characters: its heads.
        fps: another rate; None is the scene's own.
        report: told of progress; may cancel.

    Frame 0 is the scene's first frame. Rotations are those that are seen, gaze and staging's turns
    of the head included; translation is that of the `root` bone, in metres.
    """
    played = [character.played_basis() for character in characters]
    readers = [one.shape_reader(basis) for one, basis in zip(characters, played, strict=True)]
    first, last, before = scene.frame_start, scene.frame_end, scene.frame_current
    n_frames = last - first + 1
    values: list[list[NDArray[np.float64]]] = [[], []]
    turns = np.zeros((2, len(_TURNED), n_frames, 3), np.float32)
    places = np.zeros((2, n_frames, 3), np.float32)
    for frame in range(n_frames):
        scene.frame_set(first + frame)
        graph = bpy.context.evaluated_depsgraph_get()
        for who, character in enumerate(characters):
            seen = character.armature.evaluated_get(graph)
            for index, bone in enumerate(_TURNED):
                turns[who, index, frame] = _turn(_local(seen, bone))
            places[who, frame] = _local(seen, "root").translation
            values[who].append(readers[who](turns[who, 0, frame]))
        if frame % _REPORTED == 0:
            report(frame / n_frames, f"frame {frame + 1} of {n_frames}")
    scene.frame_set(before)
    played_fps = timing.scene_fps(scene)
    motions = [
        Motion.from_arrays(
            np.array(values[who]), jaw=turns[who, 0], head=turns[who, 1],
            eyes=turns[who, 2:].transpose(1, 0, 2), translation=places[who],
            fps=played_fps, basis=played[who],
        ).resampled(fps or played_fps)
        for who in (0, 1)
    ]  # fmt: skip
    return motions[0], motions[1]


def present(character: Character, fps: float) -> Motion:
    """Return what a head does in the frame that is shown, as a motion of one frame."""
    basis = character.played_basis()
    seen = character.armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    jaw, head, left, right = (_turn(_local(seen, bone)) for bone in _TURNED)
    values = character.shape_reader(basis)(jaw)
    return Motion.from_arrays(
        values[None], jaw[None], head[None], np.array([[left, right]]), fps=fps, basis=basis
    )


def _local(armature: bpy.types.Object, bone: str) -> Matrix:
    pose = armature.pose.bones[bone]
    return armature.convert_space(
        pose_bone=pose, matrix=pose.matrix, from_space="POSE", to_space="LOCAL"
    )


def _turn(matrix: Matrix) -> NDArray[np.float32]:
    """Return a rotation as axis times angle, radians."""
    axis, angle = matrix.to_quaternion().to_axis_angle()
    if angle > np.pi:
        angle -= 2 * np.pi
    return np.asarray(axis, np.float32) * np.float32(angle)
