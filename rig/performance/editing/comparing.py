"""A range of another take laid over the one that plays, by a slider, to be kept or taken back.

While two takes are compared the heads play a copy of the present take's actions, into which the
other's curves are mixed; the take itself is untouched until what is seen is kept.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import bpy
import numpy as np

from ....core.edits.curve import Curve, Record
from ....core.errors import RigError
from ....core.speakers import SPEAKERS
from ... import actions, compat
from ...characters import heads
from ...characters.character import Character
from ...gaze import gaze_keys
from . import key_spans, layers, rows, written
from .rows import Wanted, Weights


def is_on(scene: bpy.types.Scene) -> bool:
    """Tell whether two takes are compared."""
    return len(scene.dualtalk.compared.parts) > 0


def start(scene: bpy.types.Scene, index: int, wanted: Wanted) -> None:
    """Begin to compare the take that plays with another one, in a range.

    Raises:
        RigError: there is no such take, it plays, or it is of another sound, rate or character.
    """
    settings = scene.dualtalk
    if not 0 <= index < len(settings.takes) or index == settings.take:
        raise RigError("Choose a take that does not play to compare with.")
    if wanted.layers == ("gaze",):
        raise RigError("Looks cannot be mixed: choose other layers too under Retake.")
    cancel(scene)
    for character in heads.find_pair(scene):
        if character is not None:
            layers.flatten(character)
    other = {part.role: part for part in settings.takes[index].parts}
    for role, owner, _ in _owners(scene, wanted):
        _check(owner, role, other.get(role), settings.takes[index].name)
    compared = settings.compared
    compared.parts.clear()
    for role, owner, _ in _owners(scene, wanted):
        part = compared.parts.add()
        part.role, part.action = role, owner.animation_data.action
        part.slot = compat.slot_name(owner.animation_data)
    compared.frame_start, compared.frame_end = wanted.first, wanted.last
    settings.compared_with = index


def show(scene: bpy.types.Scene, share: float, wanted: Wanted) -> None:
    """Show this much of the other take, 0 to 1, in the range and of the persons and layers."""
    settings = scene.dualtalk
    other = {part.role: part for part in settings.takes[settings.compared_with].parts}
    kept = {part.role: part for part in settings.compared.parts}
    copies: dict[bpy.types.Action, bpy.types.Action] = {}
    for role, owner, character in _owners(scene, wanted):
        if role not in kept:
            continue
        base, shown = kept[role].action, owner.animation_data.action
        if base not in copies:
            copies[base] = actions.mark(base.copy())
        compat.play(owner, copies[base], kept[role].slot)
        if shown is not None and shown != base and shown.users == 0:
            bpy.data.actions.remove(shown)
        if share > 0:
            _mix(character, role, owner, other[role], share, wanted)


def keep(scene: bpy.types.Scene) -> None:
    """Let the take that plays be what is seen now."""
    before = {part.action for part in scene.dualtalk.compared.parts if part.action is not None}
    scene.dualtalk.compared.parts.clear()
    take = scene.dualtalk.takes[scene.dualtalk.take]
    playing = {role: owner for role, owner, _ in _all(scene)}
    for part in take.parts:
        owner = playing.get(part.role)
        if owner is not None and part.action in before:
            part.action = owner.animation_data.action
            part.slot = compat.slot_name(owner.animation_data)
    for action in before:
        if action.users == 0:
            actions.let_go(action)
    for character in heads.find_pair(scene):
        if character is not None:
            actions.name_plainly(character.armature.animation_data.action)
            written.note_retake(character)


def cancel(scene: bpy.types.Scene) -> bool:
    """Let the take play as it was before it was compared; tell whether it was."""
    kept = {part.role: part for part in scene.dualtalk.compared.parts}
    for role, owner, _ in _all(scene):
        part = kept.get(role)
        if part is None or part.action is None:
            continue
        shown = owner.animation_data.action
        compat.play(owner, part.action, part.slot)
        if shown is not None and shown != part.action and shown.users == 0:
            bpy.data.actions.remove(shown)
    scene.dualtalk.compared.parts.clear()
    return bool(kept)


def _all(scene: bpy.types.Scene) -> Iterator[tuple[str, bpy.types.ID, Character]]:
    for speaker in SPEAKERS:
        character = heads.find(scene, speaker)
        if character is not None:
            for role, owner in written.owners(character):
                yield f"{speaker} {role}", owner, character


def _owners(
    scene: bpy.types.Scene, wanted: Wanted
) -> Iterator[tuple[str, bpy.types.ID, Character]]:
    for role, owner, character in _all(scene):
        if int(role[0]) in wanted.speakers and actions.playing(owner) is not None:
            yield role, owner, character


def _check(owner: bpy.types.ID, role: str, part: Any, name: str) -> None:
    """Raise RigError if another take's curves cannot be mixed into those of a data-block."""
    mine = written.load(owner, role[2:])
    theirs = None if part is None else written.load_from(part.action, role[2:])
    if mine is None or theirs is None:
        raise RigError(f"{name} has no record of what was generated: it cannot be compared.")
    if (mine.first_frame, mine.n_frames, mine.fps) != (
        theirs.first_frame, theirs.n_frames, theirs.fps
    ):  # fmt: skip
        raise RigError(f"{name} is of another sound or frame rate: it cannot be compared.")


def _mix(
    character: Character, role: str, owner: bpy.types.ID, part: Any, share: float, wanted: Wanted
) -> None:
    record = written.load(owner, role[2:])
    theirs = written.load_from(part.action, role[2:])
    others = {(c.data_path, c.array_index): c for c in compat.curves_in(part.action, part.slot)}
    gaze, who = gaze_keys.written(character.armature), int(role[0]) - 1
    speaking = np.zeros((2, 1), np.bool_) if gaze is None else gaze.speaking
    weights = Weights(wanted, who, record, speaking)
    made = dict(record.curves)
    for curve, row in rows.of_curves(character, owner):
        name = (curve.data_path, curve.array_index)
        weight = share * weights.of(row)
        if not weight.any() or name not in others or name not in made:
            continue
        frames = record.frames
        now = written.keys_of(curve).at(frames)
        there = written.keys_of(others[name]).at(frames)
        key_spans.write(curve, record.first_frame, now, now + weight * (there - now))
        if name in theirs.curves:
            was = made[name].at(frames)
            was = was + weight * (theirs.curves[name].at(frames) - was)
            made[name] = _as_written(curve, made[name], record, now, was)
    written.store(owner, role[2:], replace(record, curves=made))


def _as_written(
    curve: bpy.types.FCurve, before: Curve, record: Record, now: np.ndarray, was: np.ndarray
) -> Curve:
    """Return what counts as generated: the keys themselves where nobody had edited them."""
    if np.allclose(now, before.at(record.frames), atol=1e-6):
        keys = written.keys_of(curve)
        if np.allclose(keys.at(record.frames), was, atol=1e-4):
            return keys
    return Curve(record.frames.astype(np.float32), was.astype(np.float32))
