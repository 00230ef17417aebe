"""A range of a performance generated anew: of one person or both, of some layers, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.conversation.turns import Turns
from ....core.edits import reapplying, retake
from ....core.edits.changed_turns import ranges as changed_ranges
from ....core.edits.closures import closures
from ....core.edits.curve import Curve, Name, Record
from ....core.errors import RigError
from ....core.motion import Motion
from ....core.motion_layers import ROWS
from ....core.performance import Performance, Settings
from ....core.speakers import Speaker, label, row
from ... import timing
from ...acting import shifts
from ...characters import heads
from ...characters.character import Character
from ...gaze import gaze_blinks, gaze_keys, gaze_retake
from ...staging import directing
from .. import few_keys, motion_writer, turn_strips
from ..motion_writer import Part, Track
from . import edits, key_spans, rows, written
from .rows import Wanted, Weights

#: What can be generated anew on its own.
RETAKEN = ROWS
#: What no single float tells apart is the same.
_SAME = 1e-6


@dataclass(frozen=True)
class _Job:
    """What is to be written on one person."""

    speaker: Speaker
    character: Character
    motion: Motion  #: fitted to the character, at the scene's rate
    weights: Weights
    first_frame: int  #: scene frame of the motion's frame 0


def write(
    scene: bpy.types.Scene,
    performance: Performance,
    wanted: Wanted,
    settings: Settings | None = None,
) -> int:
    """Write a range of another performance of the same sound (`write_all`)."""
    return write_all(scene, performance, [wanted], settings or Settings())


def write_all(
    scene: bpy.types.Scene, performance: Performance, ranges: Sequence[Wanted], settings: Settings
) -> int:
    """Write ranges of another performance of the same sound; return how many curves changed.

    It is blended in at both ends with the velocity of what is there (`core.edits.retake`). Edits in
    the range are made again on it. Keys outside the range, and curves of others, stay as they are.
    The take that plays is one that has been worked on: Generate does not replace it.

    Args:
        scene: whose performance it is.
        performance: another one of the same sound.
        ranges: which times, whose, and which rows.
        settings: habits of looking and the seed that new looks are planned with.

    Raises:
        RigError: the performance in the scene is not of this sound, rate and version, or nothing
            of what is chosen happens there; nothing was written.
    """
    jobs = [(wanted, _jobs(scene, performance, wanted)) for wanted in ranges]
    n_changed = 0
    for wanted, todo in jobs:
        n_changed += _write_looks(scene, performance, wanted, settings, todo)
        for job in todo:
            with shifts.taken_back(job.character):
                n_changed += _write(job, wanted)
    if not n_changed:
        raise RigError(_nothing(ranges[0]))
    for _, todo in jobs:
        for job in todo:
            written.note_retake(job.character)
    return n_changed


def _jobs(scene: bpy.types.Scene, performance: Performance, wanted: Wanted) -> list[_Job]:
    """Return what a range is for each person; raises RigError where it cannot be written."""
    jobs = []
    for speaker in wanted.speakers:
        character = heads.require(scene, speaker)
        motion = performance.motions[row(speaker)]
        character.check(motion)
        at_rate = character.fitted(motion).resampled(timing.scene_fps(scene))
        _check(character, speaker, at_rate, wanted)
        record = written.load(character.armature, written.BODY)
        weights = Weights(wanted, row(speaker), record, performance.speaking)
        jobs.append(_Job(speaker, character, at_rate, weights, record.first_frame))
    return jobs


def _nothing(wanted: Wanted) -> str:
    """Return why a retake changed nothing."""
    where = f"Nothing changed in frames {wanted.first} to {wanted.last}"
    if wanted.layers == ("feedback",):
        return f"{where}: nobody who is chosen listens there for long; choose another range."
    if wanted.layers == ("gaze",):
        return f"{where}: a look needs about a second; choose a longer range."
    if wanted.layers == ("brows",):
        return f"{where}: the head has no brows of their own; choose Expression."
    return f"{where}: the other performance is the same there; choose more layers."


def _write_looks(
    scene: bpy.types.Scene,
    performance: Performance,
    wanted: Wanted,
    settings: Settings,
    jobs: Sequence[_Job],
) -> int:
    """Plan looks anew, and nods of listeners; return how many persons have others."""
    first, second = heads.find_pair(scene)
    if first is None or second is None or not {"gaze", "feedback"} & set(wanted.layers):
        return 0
    plan = directing.planned(scene, performance, settings)
    n_changed = 0
    for job in jobs:
        who = row(job.speaker)
        for name, weight in (("feedback", job.weights.feedback), ("gaze", job.weights.all)):
            if name not in wanted.layers or not weight.any():
                continue
            span = gaze_retake.Span(wanted.first, wanted.last, job.first_frame, weight)
            if name == "gaze":
                n_changed += gaze_retake.looks((first, second), who, plan, span, settings.seed)
            else:
                n_changed += gaze_retake.feedback(
                    job.character, who, performance.speaking, span, settings.seed
                )
    return n_changed


def changed_turns(scene: bpy.types.Scene) -> list[tuple[int, int]]:
    """Return the ranges of scene frames, first and last, that changed strips of turns touch."""
    armature = heads.find(scene, 1)
    known = None if armature is None else gaze_keys.written(armature.armature)
    now = turn_strips.read(scene, scene.dualtalk.turns_start)
    if known is None or now is None:
        return []
    was = Turns(known.speaking.astype(np.float32)).active
    step = timing.scene_fps(scene) / known.plan.fps
    begin = known.first_frame
    return [
        (round(begin + first * step), round(begin + end * step) - 1)
        for first, end in changed_ranges(was, now)
    ]


def note_turns(scene: bpy.types.Scene, speaking: NDArray[np.bool_]) -> None:
    """Note who speaks now in what the gaze was made from; the looks stay."""
    for character in heads.find_pair(scene):
        known = None if character is None else gaze_keys.written(character.armature)
        if known is None or character is None:
            continue
        now = np.zeros_like(known.speaking)
        n_known = min(now.shape[1], speaking.shape[1])
        now[:, :n_known] = speaking[:, :n_known]
        gaze_keys.note(character.armature, replace(known, speaking=now).to_text())


def _check(character: Character, speaker: int, motion: Motion, wanted: Wanted) -> None:
    for role, owner in written.owners(character):
        record = written.load(owner, role)
        if record is None:
            raise RigError(
                f"What was generated for {label(speaker)} is not recorded: an older DualTalk made "
                "it. Generate a new take first."
            )
        if (record.n_frames, record.fps) != (motion.n_frames, motion.fps):
            raise RigError(
                f"The sound or the frame rate has changed since {label(speaker)}'s take was made: "
                "generate a new take."
            )
        last = record.first_frame + record.n_frames - 1
        if wanted.last < record.first_frame or wanted.first > last:
            raise RigError(
                f"The range {wanted.first} to {wanted.last} is not in the performance, which has "
                f"frames {record.first_frame} to {last}: set the preview range there."
            )


def _write(job: _Job, wanted: Wanted) -> int:
    motion = job.motion
    if "blinks" in wanted.layers:
        motion = gaze_blinks.retaken(job.character, motion, job.weights.all)
    closed = closures(motion.expression)
    return sum(
        _write_part(f"{job.speaker} {part.role}", part, job.character, job.weights, closed)
        for part in motion_writer.parts(job.character, motion)
    )


def _write_part(
    owner: str, part: Part, character: Character, weights: Weights, closed: NDArray[np.bool_]
) -> int:
    record = written.load(part.owner, part.role)
    there = written.curves_of(part.owner)
    made = dict(record.curves)
    found = [mesh for mesh in character.meshes if mesh.data.shape_keys == part.owner]
    brows = rows.of_keys(character, found[0]) if found else {}
    weighed = {
        (t.path, t.index): weights.of(rows.of_track(t.path, t.group, brows)) for t in part.tracks
    }
    tracks = [
        t for t in part.tracks if weighed[t.path, t.index].any() and (t.path, t.index) in made
    ]
    news = _aligned(tracks, record)
    tolerances = few_keys.tolerances(part.owner, [track.path for track in tracks])
    n_changed = 0
    for track, tolerance in zip(tracks, tolerances, strict=True):
        name = (track.path, track.index)
        curve, weight = there.get(name), weighed[name]
        if curve is None:
            continue
        was = made[name].at(record.frames)
        new = retake.blended(was, news[name], weight)
        edited = edits.Found(owner, name, curve, record, made[name])
        now = written.keys_of(curve).at(record.frames)
        result, _ = reapplying.apply(new, edited.edits(), edits.unit_of(name))
        result = np.where(weight > 0, result, now)
        is_untouched = edited.is_same
        few = None
        if is_untouched and few_keys.are_few(curve):
            keep = closed & (track.group in ("Lips", "jaw"))
            few = key_spans.Few(weight > 0, keep, tolerance)
        key_spans.write(curve, record.first_frame, now, result, few)
        if is_untouched:
            made[name] = written.keys_of(curve)
        else:
            made[name] = Curve(record.frames.astype(np.float32), new.astype(np.float32))
        n_changed += bool(np.abs(now - result).max() > _SAME)
    written.store(part.owner, part.role, replace(record, curves=made))
    return n_changed


def _aligned(tracks: Sequence[Track], record: Record) -> dict[Name, NDArray[np.float64]]:
    """Return the new values; quaternions on the side of the sphere where the recorded ones are."""
    news = {(t.path, t.index): np.asarray(t.values, np.float64).copy() for t in tracks}
    for path in {t.path for t in tracks if t.path.endswith("rotation_quaternion")}:
        axes = [(path, index) for index in range(4)]
        if all(axis in news for axis in axes):
            dots = sum(news[axis] * record.curves[axis].at(record.frames) for axis in axes)
            for axis in axes:
                news[axis] *= np.where(dots < 0, -1.0, 1.0)
    return news
