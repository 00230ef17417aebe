"""What is common to the heads that the add-on builds itself: one mesh on one armature of ours."""

from dataclasses import dataclass
from typing import Self

import bpy

from .. import actions
from .character import Character, of_child_meshes


@dataclass(frozen=True)
class BuiltHead(Character):
    """A head of the add-on's: deleted with its data when it is removed."""

    @classmethod
    def found(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> Self | None:
        """Return the head on an armature, or None if its mesh is gone."""
        meshes = of_child_meshes(armature)
        return cls(armature, meshes) if meshes else None

    @classmethod
    def damage(cls, armature: bpy.types.Object, scene: bpy.types.Scene) -> str:
        """Return that the head's mesh was deleted, if it was."""
        if of_child_meshes(armature):
            return ""
        return f"The head of {armature.name} was deleted: remove the rest of the character too."

    @classmethod
    def remove(cls, armature: bpy.types.Object) -> None:
        """Delete the head with its data; objects that the user hung on it stay where they are."""
        actions.remove(armature)
        for child in list(armature.children):
            if any(m.type == "ARMATURE" and m.object == armature for m in child.modifiers):
                delete_mesh(child)
        delete_armature(armature)


def delete_armature(armature: bpy.types.Object) -> None:
    """Delete an armature of the add-on's with its data; its children stay where they are."""
    for child in list(armature.children):
        place = child.matrix_world.copy()
        child.parent = None
        child.matrix_world = place
    data = armature.data
    bpy.data.objects.remove(armature)
    bpy.data.armatures.remove(data)


def delete_mesh(obj: bpy.types.Object) -> None:
    """Delete an object with its mesh, and its materials where nothing else has them."""
    if obj.data.shape_keys is not None:
        actions.remove(obj.data.shape_keys)
    data, materials = obj.data, list(obj.data.materials)
    bpy.data.objects.remove(obj)
    if data.users == 0:
        bpy.data.meshes.remove(data)
    for material in materials:
        if material is not None and material.users == 0:
            bpy.data.materials.remove(material)
