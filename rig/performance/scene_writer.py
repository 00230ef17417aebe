"""A whole performance in a scene: two heads, staged, looking, moving, heard and seen."""

import os
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ...core import speakers
from ...core.directing.gaze_curves import with_blinks
from ...core.directing.gaze_habits import with_habits
from ...core.directing.gaze_plan import GazePlan, plan_gaze
from ...core.directing.shots import cameras, cuts
from ...core.errors import RigError
from ...core.faces import cast
from ...core.faces.builtin_head import HeadModel
from ...core.files import atomic
from ...core.motion import NETWORK_FPS
from ...core.performance import Performance, Settings
from ...core.progress import Report, silent
from ...core.speakers import Pair
from .. import timing
from ..characters import builtin, heads
from ..characters.character import Character
from ..gaze import gaze_blinks, gaze_keys, gaze_rig
from ..output import baking
from ..staging import cameras as rig_cameras
from ..staging import placing, stage_set, voice_lights
from . import motion_writer, sound_strips

#: A cut comes a little before the first word.
_CUT_LEAD_FRAMES = 4


def write_performance(
    scene: bpy.types.Scene,
    performance: Performance,
    settings: Settings,
    report: Report = silent,
) -> Pair[Character]:
    """Write a performance into a scene, which must be the context's.

    Characters that the scene has are used, and stay where somebody put them; missing ones are
    built, and new ones are staged. What an earlier run wrote is replaced, all else is left alone.

    Raises:
        RigError: a motion does not fit its character; the scene is untouched then.
    """
    if bpy.context.scene is not scene:
        raise RigError("The scene is not the active one: switch to it and try again.")
    _check(scene, performance)
    report(0.05, "building heads")
    characters = _characters(scene)
    armatures = (characters[0].armature, characters[1].armature)
    lies = placing.place_new(armatures, settings.staging)
    report(0.4, "looking at each other")
    plan = _plan(performance, settings)
    baking.unbake(tuple(armature for armature in armatures if baking.is_baked(armature)))
    directed = gaze_keys.written(armatures[0])  # what a description asked of the heads stays
    gaze_rig.build(armatures, heads.collection(scene))
    for character in characters:
        character.keep_constraints_in_order()
    gaze_curves = gaze_keys.write_plan(
        armatures, plan, directed.heads if directed else settings.heads, performance.speaking,
        first_frame=settings.first_frame, seed=settings.seed, network=performance.gaze,
    )  # fmt: skip
    report(0.6, "writing keys")
    for character, motion, curves in zip(characters, performance.motions, gaze_curves, strict=True):
        motion_writer.write_motion(
            character, with_blinks(motion, curves.blinks, plan.fps), scene, settings.first_frame
        )
        gaze_blinks.remember(character, motion, curves.blinks, plan.fps, settings.first_frame)
    placing.rekey_lean(armatures)
    report(0.9, "adding sound")
    _set_range(scene, performance, settings)
    sound_strips.write_strips(scene, performance.sounds, settings.first_frame, scene.frame_end)
    if settings.with_voice_lights:
        voice_lights.write(scene, characters, performance.speaking, settings.first_frame)
    if lies is not None:
        _set_cameras(scene, performance, settings, lies)
        if stage_set.is_bare(scene):
            stage_set.hide_default_cube(scene)
            stage_set.build(scene, settings.staging, heads.collection(scene), lies)
    report(1.0, "")
    return characters


def _plan(performance: Performance, settings: Settings) -> GazePlan:
    """Return where both look: as the network has it, as far as the sliders leave it, or planned."""
    if performance.gaze is not None:
        return with_habits(performance.gaze, settings.habits, settings.seed)
    return plan_gaze(performance.speaking, settings.habits, seed=settings.seed)


def save_blend(path: Path) -> None:
    """Save the file whole or not at all.

    Raises:
        InputError: the folder cannot be written to.
    """
    with atomic(path) as temporary:
        temporary.unlink()  # or Blender keeps the empty file as a backup
        bpy.ops.wm.save_as_mainfile(filepath=str(temporary), copy=True, compress=True)
        if not os.path.getsize(temporary):
            raise RigError(f"Blender could not write {path}: is the disk full?")


def _check(scene: bpy.types.Scene, performance: Performance) -> None:
    for speaker, motion in zip(speakers.SPEAKERS, performance.motions, strict=True):
        problem = heads.problem(scene, speaker)
        if problem:
            raise RigError(problem)
        character = heads.find(scene, speaker)
        if character is not None:
            character.check(motion)
        elif motion.basis != "arkit":
            raise RigError(
                f"The motion is of the basis {motion.basis!r}, but the built-in head takes "
                "'arkit': add FLAME heads first, or choose another checkpoint."
            )
        if motion.n_frames == 0:
            raise RigError("The motion holds no frames: choose a longer sound.")


def _characters(scene: bpy.types.Scene) -> Pair[Character]:
    model = None
    found = []
    taken = builtin.names_of(heads.find_pair(scene))
    for speaker in speakers.SPEAKERS:
        character = heads.find(scene, speaker)
        if character is None:
            model, who = model or HeadModel.bundled(), cast.unlike(taken, speaker)
            name = speakers.label(speaker)
            character = builtin.build(model, who, speaker, name, heads.collection(scene))
        found.append(character)
    return found[0], found[1]


def _set_cameras(
    scene: bpy.types.Scene, performance: Performance, settings: Settings, lies: Matrix
) -> None:
    shots = rig_cameras.build(scene, cameras(settings.staging), heads.collection(scene))
    for camera in shots.values():
        camera.matrix_world = lies @ camera.matrix_basis
    scene.camera = shots["two_shot"]
    if settings.cuts_to_speaker:
        turns = cuts(performance.speaking, lead_frames=_CUT_LEAD_FRAMES)
        rig_cameras.write_cuts(scene, shots, turns, NETWORK_FPS, settings.first_frame)


def _set_range(scene: bpy.types.Scene, performance: Performance, settings: Settings) -> None:
    seconds = max(motion.duration_s for motion in performance.motions)
    n_frames = max(1, int(np.ceil(seconds * timing.scene_fps(scene) - 1e-6)))
    scene.frame_start = settings.first_frame
    scene.frame_end = settings.first_frame + n_frames - 1
