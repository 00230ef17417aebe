"""Taking a character out of the scene: what the add-on built is deleted, a bound one let go."""

import bpy

from ...core.errors import RigError
from .. import actions
from ..gaze import gaze_rig
from ..output import baking
from ..staging import voice_lights
from . import binding, heads


def remove(scene: bpy.types.Scene, speaker: int) -> None:
    """Remove the character of a speaker (1 or 2), whole or not.

    Raises:
        RigError: the speaker has none.
    """
    marked = [obj for obj in scene.objects if obj.get(heads.SPEAKER_KEY) == speaker]
    if not marked:
        raise RigError(f"Speaker {'AB'[speaker - 1]} has no head to remove.")
    for armature in marked:
        if baking.is_baked(armature):
            baking.unbake((armature,))
        if armature.get(heads.KIND_KEY) == "bound":
            binding.unbind(armature)
        else:
            _delete(armature)


def _delete(armature: bpy.types.Object) -> None:
    """Delete a head that the add-on built, with its data; the user's children stay."""
    gaze_rig.remove(armature)
    voice_lights.remove(armature)
    actions.remove(armature)
    for child in list(armature.children):
        if any(m.type == "ARMATURE" and m.object == armature for m in child.modifiers):
            _delete_mesh(child)
        else:
            place = child.matrix_world.copy()
            child.parent = None
            child.matrix_world = place
    data = armature.data
    bpy.data.objects.remove(armature)
    bpy.data.armatures.remove(data)


def _delete_mesh(obj: bpy.types.Object) -> None:
    if obj.data.shape_keys is not None:
        actions.remove(obj.data.shape_keys)
    data, materials = obj.data, list(obj.data.materials)
    bpy.data.objects.remove(obj)
    if data.users == 0:
        bpy.data.meshes.remove(data)
    for material in materials:
        if material is not None and material.users == 0:
            bpy.data.materials.remove(material)
