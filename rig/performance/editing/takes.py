"""Keeping performances beside each other: a take is the actions that the two heads play.

What an animator edited goes with the take, because the actions are the ones they edited. Takes are
kept in the scene (`properties.DUALTALK_PG_take`, whose pointers hold the actions), so they are
saved with the file and undone with a generation.
"""

from collections.abc import Iterator
from typing import Any

import bpy

from ....core.errors import RigError
from ....core.speakers import SPEAKERS, label
from ... import actions, compat
from ...characters import heads
from ...gaze import gaze_keys
from ...gaze.gaze_rig import PARTS, TURN, find_parts
from ...output import baking
from . import comparing, layers


def names(scene: bpy.types.Scene) -> list[str]:
    """Return what the takes are called."""
    return [take.name for take in scene.dualtalk.takes]


def before_writing(scene: bpy.types.Scene, is_new: bool) -> None:
    """Keep the present take with its edits, or let go of it because it is replaced."""
    if not is_new:
        forget_current(scene)
    elif names(scene):
        note_edits(scene)
    elif heads.find_pair(scene) != (None, None):
        keep(scene, scene.dualtalk.seed, is_new=True)  # of a file older than takes


def present(scene: bpy.types.Scene) -> str:
    """Return what the take is called that the heads play, or nothing."""
    take = _current(scene)
    return "" if take is None else str(take.name)


def forget_current(scene: bpy.types.Scene) -> None:
    """Let go of the present take's actions, so that generating again replaces them."""
    take = _current(scene)
    if take is not None:
        _release(take)


def keep(scene: bpy.types.Scene, seed: int, is_new: bool) -> None:
    """Note what the heads play as the present take, or as a new one beside it."""
    settings = scene.dualtalk
    take = None if is_new else _current(scene)
    if take is None:
        take = settings.takes.add()
        take.name = _free_name(settings)
        settings.take = len(settings.takes) - 1
    take.seed = seed
    _store(scene, take)


def use(scene: bpy.types.Scene, index: int) -> None:
    """Let the heads play another take; the present one is kept as it is now.

    Raises:
        RigError: there is no such take, or a head that it needs is not there.
    """
    settings = scene.dualtalk
    if not 0 <= index < len(settings.takes):
        raise RigError("There is no such take.")
    owners = dict(_owners(scene))
    _check_characters(scene, settings.takes[index], owners)
    note_edits(scene)
    unbake(scene)
    for speaker in SPEAKERS:  # a take of the other basis moves other keys
        character = heads.find(scene, speaker)
        if character is not None:
            character.rest()
    settings.take = index
    settings.seed = settings.takes[index].seed
    _play(scene, settings.takes[index], owners)


def note_edits(scene: bpy.types.Scene) -> None:
    """Keep what was directed or edited since the present take began to play."""
    take = _current(scene)
    if take is not None:
        unbake(scene)
        _store(scene, take)


def remove(scene: bpy.types.Scene, index: int) -> None:
    """Delete a take that does not play, with the actions that nothing else uses.

    Raises:
        RigError: there is no such take, or it plays.
    """
    settings = scene.dualtalk
    if not 0 <= index < len(settings.takes):
        raise RigError("There is no such take.")
    if index == settings.take:
        raise RigError("This take plays: use another one first.")
    _release(settings.takes[index])
    settings.takes.remove(index)
    settings.take -= settings.take > index


def _check_characters(scene: bpy.types.Scene, take: Any, owners: dict[str, bpy.types.ID]) -> None:
    """Raise RigError if the take's curves are not those of the characters that are there now."""
    for speaker, made_for in zip(SPEAKERS, (take.character_a, take.character_b), strict=True):
        mine = [part for part in take.parts if part.role.startswith(f"{speaker} ")]
        gone = [part for part in mine if part.role not in owners]
        curves = [
            (owners[part.role], curve)
            for part in mine
            if part.role in owners and part.action is not None
            for curve in compat.curves_in(part.action, part.slot)
        ]
        n_lost = sum(not _resolves(owner, curve.data_path) for owner, curve in curves)
        if not gone and not n_lost:
            continue
        character = heads.find(scene, speaker)
        now = _title(character) if character is not None else "there is none"
        raise RigError(
            f"{take.name} was made for another character of {label(speaker)}"
            f"{f' ({made_for})' if made_for else ''}; now it is {now}, on which {n_lost} of "
            f"{len(curves)} curves have nothing to move: bring the character back, or press "
            "Generate."
        )


def _resolves(owner: bpy.types.ID, path: str) -> bool:
    try:
        owner.path_resolve(path)
    except ValueError:
        return False
    return True


def _title(character: Any) -> str:
    """Return what a character is called, such as "Built-in head Speaker A"."""
    return f"{character.label} {character.mesh.name}"


def _current(scene: bpy.types.Scene) -> Any:
    settings = scene.dualtalk
    is_there = 0 <= settings.take < len(settings.takes)
    return settings.takes[settings.take] if is_there else None


def _owners(scene: bpy.types.Scene) -> Iterator[tuple[str, bpy.types.ID]]:
    """Yield what a performance animates, under names that outlast objects."""
    for speaker in SPEAKERS:
        character = heads.find(scene, speaker)
        if character is None:
            continue
        yield f"{speaker} body", character.armature
        for index, mesh in enumerate(character.meshes):
            yield f"{speaker} face {index}", mesh.data.shape_keys
        parts = find_parts(character.armature)
        for name in PARTS if parts is not None else ():
            yield f"{speaker} {name}", getattr(parts, name)


def _store(scene: bpy.types.Scene, take: Any) -> None:
    take.parts.clear()
    for role, owner in _owners(scene):
        data = owner.animation_data
        if data is None or data.action is None:
            continue
        part = take.parts.add()
        part.role, part.action = role, data.action
        part.slot = compat.slot_name(data)
    take.frame_start, take.frame_end = scene.frame_start, scene.frame_end
    first, second = heads.find_pair(scene)
    take.character_a = "" if first is None else _title(first)
    take.character_b = "" if second is None else _title(second)
    take.gaze = ""
    for speaker, name in zip(SPEAKERS, ("share_a", "share_b"), strict=True):
        character = heads.find(scene, speaker)
        parts = find_parts(character.armature) if character is not None else None
        if character is None or parts is None:
            continue
        setattr(take, name, parts.turn.constraints[TURN].influence)
        written = gaze_keys.written(character.armature)
        take.gaze = written.to_text() if written is not None else ""


def _play(scene: bpy.types.Scene, take: Any, owners: dict[str, bpy.types.ID]) -> None:
    stored = {part.role: part for part in take.parts}
    for role, owner in owners.items():
        part = stored.get(role)
        if part is None or part.action is None:
            if owner.animation_data is not None:
                owner.animation_data.action = None
            continue
        compat.play(owner, part.action, part.slot)
    for speaker, share in zip(SPEAKERS, (take.share_a, take.share_b), strict=True):
        character = heads.find(scene, speaker)
        parts = find_parts(character.armature) if character is not None else None
        if character is not None and parts is not None:
            parts.turn.constraints[TURN].influence = share
            gaze_keys.note(character.armature, take.gaze)
    scene.frame_start, scene.frame_end = take.frame_start, take.frame_end


def _release(take: Any) -> None:
    played = {part.action for part in take.parts if part.action is not None}
    take.parts.clear()
    for action in played:
        actions.let_go(action)


def unbake(scene: bpy.types.Scene) -> None:
    """Bring back the actions from before baking and from before layers, which are a take's."""
    if comparing.is_on(scene):
        comparing.cancel(scene)
    found = heads.find_pair(scene)
    baking.unbake(tuple(c.armature for c in found if c and baking.is_baked(c.armature)))
    for character in found:
        if character is not None:
            layers.flatten(character)


def _free_name(settings: Any) -> str:
    taken = {take.name for take in settings.takes}
    return next(n for n in (f"Take {i}" for i in range(1, 1000)) if n not in taken)
