"""A range of a performance generated anew: of one person or both, of some layers, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.conversation.turns import Turns
from ....core.edits import reapplying, retake
from ....core.edits.changed_turns import ranges as changed_ranges
from ....core.edits.comparison import Values
from ....core.edits.curve import Curve, Name, Record
from ....core.errors import RigError
from ....core.motion import Motion
from ....core.motion_layers import Layer
from ....core.performance import Performance
from ....core.speakers import SPEAKERS, Speaker, label, row
from ... import timing
from ...acting import shifts
from ...characters import heads
from ...characters.character import Character
from ...gaze import gaze_blinks, gaze_keys
from .. import motion_writer, turn_strips
from ..layer_strengths import BONE_LAYERS
from ..motion_writer import Part, Track
from . import edits, key_spans, written

#: The layers whose curves the network writes; looks are planned (rig/gaze).
RETAKEN: tuple[Layer, ...] = ("lips", "expression", "head", "blinks")


@dataclass(frozen=True)
class Wanted:
    """What is to be generated anew."""

    first: int  #: scene frame
    last: int
    speakers: tuple[Speaker, ...] = SPEAKERS
    layers: tuple[Layer, ...] = RETAKEN

    def __post_init__(self) -> None:
        if self.last <= self.first:
            raise RigError("The range has no length: set a preview range over what to retake (P).")
        if not self.layers or not self.speakers:
            raise RigError("Nothing is chosen to retake: choose a person and a layer.")


def write(scene: bpy.types.Scene, performance: Performance, wanted: Wanted) -> int:
    """Write a range of another performance of the same sound; return how many curves changed.

    It is blended in at both ends with the velocity of what is there (`core.edits.retake`). Edits in
    the range are made again on it. Keys outside the range, and curves of others, stay as they are.

    Raises:
        RigError: the performance in the scene is not of this sound, rate and version; nothing was
            written.
    """
    jobs = []
    for speaker in wanted.speakers:
        character = heads.require(scene, speaker)
        motion = performance.motions[row(speaker)]
        character.check(motion)
        at_rate = character.fitted(motion).resampled(timing.scene_fps(scene))
        _check(character, speaker, at_rate, wanted)
        jobs.append((speaker, character, at_rate))
    n_changed = 0
    for speaker, character, at_rate in jobs:
        with shifts.taken_back(character):
            n_changed += _write(speaker, character, at_rate, wanted)
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


def _write(speaker: int, character: Character, motion: Motion, wanted: Wanted) -> int:
    record = written.load(character.armature, written.BODY)
    first, last = wanted.first - record.first_frame, wanted.last - record.first_frame
    weight = retake.weights(record.n_frames, first, last, record.fps)
    if "blinks" in wanted.layers:
        motion = gaze_blinks.retaken(character, motion, weight)
    n_changed = 0
    for part in motion_writer.parts(character, motion):
        n_changed += _write_part(f"{speaker} {part.role}", part, wanted.layers, weight)
    return n_changed


def _write_part(owner: str, part: Part, layers: Sequence[Layer], weight: Values) -> int:
    record = written.load(part.owner, part.role)
    there = written.curves_of(part.owner)
    made = dict(record.curves)
    tracks = [t for t in part.tracks if _layer(t) in layers and (t.path, t.index) in made]
    news = _aligned(tracks, record)
    n_changed = 0
    for track in tracks:
        name = (track.path, track.index)
        curve = there.get(name)
        if curve is None:
            continue
        was = made[name].at(record.frames)
        new = retake.blended(was, news[name], weight)
        found = edits.Found(owner, name, curve, record, made[name])
        now = written.keys_of(curve).at(record.frames)
        result, _ = reapplying.apply(new, found.edits(), edits.unit_of(name))
        result = np.where(weight > 0, result, now)
        is_untouched = found.is_same
        key_spans.write(curve, record.first_frame, now, result)
        if is_untouched:
            made[name] = written.keys_of(curve)
        else:
            made[name] = Curve(record.frames.astype(np.float32), new.astype(np.float32))
        n_changed += bool((now != result).any())
    written.store(part.owner, part.role, replace(record, curves=made))
    return n_changed


def _layer(track: Track) -> Layer | None:
    """Return the layer of a curve; keys have theirs as the group."""
    if track.path.startswith("key_blocks"):
        return track.group.lower()  # type: ignore[return-value]
    if "constraints" in track.path:  # FLAME's joints move with the expression
        return "expression"
    return BONE_LAYERS.get(track.group)


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
