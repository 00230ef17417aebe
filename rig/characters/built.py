"""What is common to the heads that the add-on builds itself: one mesh on one armature of ours."""

from dataclasses import dataclass
from typing import Self

import bpy

from .. import actions, property_names
from ..gaze.gaze_rig import release_child
from .character import Character, has_keys, is_in, of_child_meshes


@dataclass(frozen=True)
class BuiltHead(Character):
    """A head of the add-on's: deleted with its data when it is removed."""

    @classmethod
    def found(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> Self | None:
        """Return the head on an armature, or None if its mesh is gone."""
        mesh = _head_of(armature, scene)
        return cls(armature, (mesh,)) if mesh is not None else None

    @classmethod
    def damage(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> str:
        """Return that the head's mesh was deleted, if it was."""
        if _head_of(armature, scene) is not None:
            return ""
        return f"The head of {armature.name} was deleted: remove the rest of the character too."

    @classmethod
    def remove(cls, armature: bpy.types.Object) -> None:
        """Delete the head with its data; what the user hung on it or copied of it stays."""
        actions.remove(armature)
        mesh = _noted_head(armature)
        worn = [child for child in armature.children if property_names.WORN in child]
        for obj in ([mesh] if mesh is not None else []) + worn:
            delete_mesh(obj)
        delete_armature(armature)


def delete_armature(armature: bpy.types.Object) -> None:
    """Delete an armature of the add-on's with its data; its children stay where they are."""
    for child in list(armature.children):
        release_child(child)
    data = armature.data
    bpy.data.objects.remove(armature)
    if data.users == 0:  # a linked copy of the user's has it too
        bpy.data.armatures.remove(data)


def note_head(armature: bpy.types.Object, mesh: bpy.types.Object) -> None:
    """Note which of the meshes that hang on an armature is the head."""
    armature[property_names.HEAD] = mesh


def _noted_head(armature: bpy.types.Object) -> bpy.types.Object | None:
    """Return the head of an armature; older files did not note it: there it is the first child."""
    if property_names.HEAD in armature:
        mesh = armature[property_names.HEAD]
        return mesh if mesh is not None and has_keys(mesh) else None
    return next(iter(of_child_meshes(armature)), None)


def _head_of(armature: bpy.types.Object, scene: bpy.types.Scene) -> bpy.types.Object | None:
    """Return the head of an armature if it still is in the scene."""
    mesh = _noted_head(armature)
    return mesh if mesh is not None and is_in(scene, mesh) else None


def delete_mesh(obj: bpy.types.Object) -> None:
    """Delete an object with its mesh, and its materials where nothing else has them."""
    if obj.data.shape_keys is not None and obj.data.users == 1:
        actions.remove(obj.data.shape_keys)
    actions.remove(obj)
    data, materials = obj.data, list(obj.data.materials)
    bpy.data.objects.remove(obj)
    if data.users == 0:
        bpy.data.meshes.remove(data)
    for material in materials:
        if material is not None and material.users == 0:
            bpy.data.materials.remove(material)
