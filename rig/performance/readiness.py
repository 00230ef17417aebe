"""Whether a performance can be written into a scene: everything that can fail, asked beforehand."""

import bpy

from ...core import speakers
from ...core.errors import RigError
from ...core.names import BONES
from ...core.performance import Performance
from ..characters import heads
from ..characters.character import Character
from . import channels, sound_strips


def check(scene: bpy.types.Scene, performance: Performance) -> None:
    """Refuse to write a performance into a scene that cannot take it; nothing is changed.

    Raises:
        RigError: with what is wrong and what to do about it.
    """
    if bpy.context.scene is not scene:
        raise RigError("The scene is not the active one: switch to it and try again.")
    if scene.library is not None:
        raise RigError("The scene is linked from another file: work in a scene of your own.")
    for speaker, motion in zip(speakers.SPEAKERS, performance.motions, strict=True):
        problem = heads.problem(scene, speaker)
        if problem:
            raise RigError(problem)
        character = heads.find(scene, speaker)
        if character is not None:
            check_character(character)
            character.check(motion)
        elif motion.basis != "arkit":
            raise RigError(
                f"The motion is of the basis {motion.basis!r}, but the built-in head takes "
                "'arkit': add FLAME heads first, or choose another checkpoint."
            )
        else:
            check_room(scene)
        if motion.n_frames == 0:
            raise RigError("The motion holds no frames: choose a longer sound.")
    sound_strips.check(performance.sounds)
    channels.free(scene, len(performance.sounds))


def check_character(character: Character) -> None:
    """Refuse a character whose parts are linked, out of the view layer, or gone.

    Raises:
        RigError: which part it is.
    """
    for obj in character.objects:
        if obj.library is not None:
            raise RigError(
                f"{obj.name} is linked from another file: make a library override of it first "
                "(Object > Library Override > Make)."
            )
        check_shown(obj)
    for mesh in character.meshes:
        if mesh.data.library is not None or mesh.data.override_library is not None:
            raise RigError(
                f"The face {mesh.name} is linked from another file, which cannot keep its keys: "
                "make it local (Object > Relations > Make Local), or bind it as an own character."
            )
    lost = [name for name in BONES if name not in character.armature.pose.bones]
    if lost:
        raise RigError(
            f"{character.armature.name} has lost its bone {lost[0]!r}: undo that, or remove the "
            "character and add it again."
        )


def check_shown(obj: bpy.types.Object) -> None:
    """Refuse an object that the view layer leaves out, as nothing on it is evaluated.

    Raises:
        RigError: it names the collection to tick.
    """
    layer = bpy.context.view_layer
    homes = [
        home for home in _layers(layer.layer_collection) if home.collection in obj.users_collection
    ]
    if any(not home.exclude for home in homes):
        return
    if not homes:
        raise RigError(f"{obj.name} is not in the scene {bpy.context.scene.name}: link it again.")
    raise RigError(
        f"{obj.name} is in the collection {homes[0].name!r}, which is excluded from the view layer "
        f"{layer.name!r}: tick it in the Outliner."
    )


def check_room(scene: bpy.types.Scene) -> None:
    """Refuse to build heads where they could not be seen.

    Raises:
        RigError: it names the collection to tick.
    """
    if bpy.context.mode != "OBJECT":
        raise RigError("Switch to Object Mode first.")
    collection = heads.existing_collection(scene)
    layer = bpy.context.view_layer
    if collection is not None and _is_excluded(layer.layer_collection, collection):
        raise RigError(
            f"The collection {collection.name!r} is excluded from the view layer {layer.name!r}: "
            "tick it in the Outliner."
        )


def _is_excluded(root: bpy.types.LayerCollection, collection: bpy.types.Collection) -> bool:
    """Tell whether a view layer leaves a collection out, wherever it is linked."""
    found = [layer for layer in _layers(root) if layer.collection == collection]
    return bool(found) and all(layer.exclude for layer in found)


def _layers(root: bpy.types.LayerCollection) -> list[bpy.types.LayerCollection]:
    return [root, *(below for child in root.children for below in _layers(child))]
