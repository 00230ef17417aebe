"""A whole performance in a scene: two heads, staged, looking, moving, heard and seen."""

from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix

from ...core import speakers
from ...core.directing.gaze_curves import with_blinks
from ...core.directing.gaze_habits import with_habits
from ...core.directing.gaze_plan import GazePlan, plan_gaze
from ...core.directing.shots import cuts
from ...core.faces import cast
from ...core.faces.builtin_head import HeadModel
from ...core.files import atomic, for_blender
from ...core.formats import whole
from ...core.motion import NETWORK_FPS
from ...core.performance import Performance, Settings
from ...core.progress import Report, silent
from ...core.speakers import LETTERS, Pair
from .. import actions, timing
from ..acting import acting
from ..characters import builtin, heads
from ..characters.character import Character
from ..gaze import gaze_blinks, gaze_keys, gaze_rig
from ..output import baking
from ..staging import breathing, framing, placing, stage_set, voice_lights
from ..staging import cameras as rig_cameras
from . import motion_writer, readiness, scene_settings, sound_strips, transaction

#: A cut comes a little before the first word.
_CUT_LEAD_FRAMES = 4


def write_performance(
    scene: bpy.types.Scene,
    performance: Performance,
    settings: Settings,
    report: Report = silent,
    notes: list[str] | None = None,
) -> Pair[Character]:
    """Write a performance into a scene, which must be the context's.

    Characters that the scene has are used, and stay where somebody put them; missing ones are
    built, and new ones are staged. What an earlier run wrote is replaced, all else is left alone.
    If anything raises, the scene is as it was before.

    Args:
        scene: to write to.
        performance: the motions and what goes with them.
        settings: how they are put into the scene.
        report: told how far it is; it may raise to stop.
        notes: what the user should know is added here.

    Raises:
        RigError: a motion does not fit its character, or the scene cannot take it.
    """
    readiness.check(scene, performance)
    heads.forget_deleted(scene)
    said: list[str] = []
    with transaction.whole_or_not(scene) as kept:
        characters = _characters(scene, report)
        _animate(scene, characters, performance, settings, report, said)
    for character in characters:
        _name_actions(character)
    said += _shared(scene, characters)
    if len(kept) == 1:
        said.append(f"The action {kept[0]} plays no more; it is kept in the file.")
    elif kept:
        said.append(f"{len(kept)} actions play no more, such as {kept[0]}; the file keeps them.")
    if notes is not None:
        notes.extend(said)
    report(1.0, "")
    return characters


def _animate(
    scene: bpy.types.Scene,
    characters: Pair[Character],
    performance: Performance,
    settings: Settings,
    report: Report,
    said: list[str],
) -> None:
    armatures = (characters[0].armature, characters[1].armature)
    lies = placing.place_new(armatures, settings.staging)
    report(0.4, "looking at each other")
    baking.unbake(tuple(armature for armature in armatures if baking.is_baked(armature)))
    _write_motions(scene, characters, performance, settings, report)
    placing.rekey_lean(armatures)
    report(0.9, "adding sound")
    first, last = settings.first_frame, _last_frame(scene, performance, settings)
    said.append(scene_settings.set_range(scene, first, last))
    if settings.with_voice_lights:
        voice_lights.write(scene, characters, performance.speaking, first)
    breathing.write(characters, performance.speaking, first, settings.seed)
    if lies is not None:
        said.append(_set_cameras(scene, performance, settings, lies))
        if stage_set.is_bare(scene):
            said.append(stage_set.hide_default_cube(scene))
            stage_set.build(scene, settings.staging, heads.collection(scene), lies)
    heard = [letter for row, letter in enumerate(LETTERS) if row not in performance.silent]
    sound_strips.write_strips(scene, performance.sounds, first, last, "".join(heard))
    scene_settings.play_in_step(scene)
    scene_settings.note_rate(scene)
    for character in characters:
        acting.ensure(character)
    said[:] = [note for note in said if note]


def _write_motions(
    scene: bpy.types.Scene,
    characters: Pair[Character],
    performance: Performance,
    settings: Settings,
    report: Report,
) -> None:
    armatures = (characters[0].armature, characters[1].armature)
    plan = _plan(performance, settings)
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
            character, with_blinks(motion, curves.blinks, plan.fps), scene, settings.first_frame,
            settings.has_few_keys,
        )  # fmt: skip
        gaze_blinks.remember(character, motion, curves.blinks, plan.fps, settings.first_frame)


def _name_actions(character: Character) -> None:
    """Name the new actions as those were that they replaced."""
    keys = [mesh.data.shape_keys for mesh in character.meshes]
    for owner in (character.armature, *keys, *character.armature.children_recursive):
        action = actions.playing(owner)
        if action is not None:
            actions.name_plainly(action)


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
        bpy.ops.wm.save_as_mainfile(filepath=for_blender(temporary), copy=True, compress=True)
        whole.require(temporary, path)


def _shared(scene: bpy.types.Scene, characters: Pair[Character]) -> list[str]:
    """Say which other scenes show the characters, as a linked copy does."""
    heads_here = [character.armature for character in characters]
    others = [
        other.name
        for other in bpy.data.scenes
        if other != scene and any(other.objects.get(head.name) == head for head in heads_here)
    ]
    if not others:
        return []
    return [f"The same characters are in {', '.join(others)}, too, and play this there."]


def _characters(scene: bpy.types.Scene, report: Report) -> Pair[Character]:
    report(0.05, "building heads")
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
) -> str:
    """Make the cameras of a new staging, and cut between them; return what to tell the user."""
    shots = framing.build(scene, settings.staging, heads.collection(scene), lies)
    note = scene_settings.show_through(scene, shots["two_shot"])
    if settings.cuts_to_speaker:
        turns = cuts(
            performance.speaking, lead_frames=_CUT_LEAD_FRAMES, aspect=framing.aspect_of(scene)
        )
        rig_cameras.write_cuts(scene, shots, turns, NETWORK_FPS, settings.first_frame)
    return note


def _last_frame(scene: bpy.types.Scene, performance: Performance, settings: Settings) -> int:
    seconds = max(motion.duration_s for motion in performance.motions)
    n_frames = max(1, int(np.ceil(seconds * timing.scene_fps(scene) - 1e-6)))
    return settings.first_frame + n_frames - 1
