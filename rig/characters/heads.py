"""The two characters of a scene, of whichever kind."""

from collections.abc import Iterator, Mapping

import bpy

from ...core import speakers
from ...core.errors import RigError
from ...core.speakers import Pair
from .. import property_names
from .builtin import BuiltinHead
from .character import Character, is_in
from .flame import FlameHead
from .own import bound_keys
from .own.bound import BoundCharacter

__all__ = ["KINDS", "Character", "collection", "find", "find_pair", "marked", "pair", "problem"]

#: Every kind of character, by its name in the file.
KINDS: Mapping[str, type[Character]] = {
    kind.kind: kind for kind in (BuiltinHead, FlameHead, BoundCharacter)
}
_COLLECTION = "DualTalk"


def kind_of(armature: bpy.types.Object) -> type[Character]:
    """Return the kind of character that an armature belongs to.

    Raises:
        RigError: a newer version made it.
    """
    name = str(armature.get(property_names.KIND, BuiltinHead.kind))  # first there was one kind
    if name not in KINDS:
        raise RigError(
            f"{armature.name} is a character of the kind {name!r}, which this version does not "
            "know: use the version of DualTalk that made it."
        )
    return KINDS[name]


def marked(scene: bpy.types.Scene, speaker: int) -> Iterator[bpy.types.Object]:
    """Yield the armatures that say that they are a speaker's (1 or 2), the scene's own first.

    The others are copies that somebody made of it.
    """
    noted = scene.get(f"{property_names.CHARACTER}_{speaker}")
    if not isinstance(noted, bpy.types.Object) or noted.get(property_names.SPEAKER) != speaker:
        noted = None  # without our mark it is the user's
    if noted is not None and is_in(scene, noted):
        yield noted
    # What is linked from another file cannot be animated; its override in this file can.
    for obj in sorted(scene.objects, key=lambda obj: obj.library is not None):
        if obj.type == "ARMATURE" and obj.get(property_names.SPEAKER) == speaker and obj != noted:
            yield obj


def find(scene: bpy.types.Scene, speaker: int) -> Character | None:
    """Return the character that the scene has for a speaker (1 or 2), if it is whole."""
    for armature in marked(scene, speaker):
        try:
            character = kind_of(armature).found(armature, scene)
        except RigError:  # `problem` says which
            continue
        if character is not None:
            return character
    return None


def require(scene: bpy.types.Scene, speaker: int) -> Character:
    """Return the character that the scene has for a speaker (1 or 2).

    Raises:
        RigError: it has none.
    """
    character = find(scene, speaker)
    if character is None:
        raise RigError(f"{speakers.label(speaker)} has no head: generate first.")
    return character


def find_pair(scene: bpy.types.Scene) -> Pair[Character | None]:
    """Return the characters of both speakers, None for one who has none."""
    return find(scene, 1), find(scene, 2)


def pair(scene: bpy.types.Scene) -> Pair[Character]:
    """Return the characters of both speakers.

    Raises:
        RigError: the scene lacks one.
    """
    first, second = find_pair(scene)
    if first is None or second is None:
        missing = speakers.letter(1 if first is None else 2)
        raise RigError(f"The scene has no speaker {missing}: generate or bind a head first.")
    return first, second


def problem(scene: bpy.types.Scene, speaker: int) -> str:
    """Return what is wrong with the character of a speaker, or nothing; none is no problem."""
    for armature in marked(scene, speaker):
        try:
            damage = kind_of(armature).damage(armature, scene)
        except RigError as error:
            return str(error)
        if damage:
            return damage
    if not any(marked(scene, speaker)) and bound_keys.orphans(scene, speaker):
        return (
            f"What moves {speakers.label(speaker)}'s own character was deleted: Remove gives the "
            "character back as it was."
        )
    return ""


def unmark(armature: bpy.types.Object) -> None:
    """Let an armature be nobody's: a copy that the user made of a character."""
    for name in (property_names.SPEAKER, property_names.KIND, property_names.BASIS):
        armature.pop(name, None)


def forget_deleted(scene: bpy.types.Scene) -> None:
    """Drop the scene's notes of characters that were deleted, which keep them in the file."""
    for speaker in speakers.SPEAKERS:
        name = f"{property_names.CHARACTER}_{speaker}"
        noted = scene.get(name)
        if name not in scene or (noted is not None and is_in(scene, noted)):
            continue
        del scene[name]
        if noted is not None and noted.users == 0:
            bpy.data.objects.remove(noted)


def existing_collection(scene: bpy.types.Scene) -> bpy.types.Collection | None:
    """Return the scene's collection for what the add-on makes, by its mark; None without one."""
    ours = [c for c in scene.collection.children_recursive if property_names.COLLECTION in c]
    named = scene.collection.children.get(_COLLECTION)  # older versions did not mark it
    candidates = [*ours, *([named] if named is not None else [])]
    return next((found for found in candidates if found.library is None), None)


def collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """Return the scene's collection for what the add-on makes; it is made if need be."""
    found = existing_collection(scene)
    if found is None:
        found = bpy.data.collections.new(_COLLECTION)
        scene.collection.children.link(found)
    found[property_names.COLLECTION] = True
    return found
