"""Save the face rig that Blender's own Rigify generates: `python rigify_session.py FILE.blend`.

A process of its own, as Blender 4.2 damages its memory where Rigify is switched off again: other
add-ons then crash it, exports to glTF most of all, and its own end, which is left out here.
"""

import os
import sys

import bpy


def generate() -> None:
    """Generate the head and spine of Rigify's human."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_human_metarig_add()
    meta = bpy.context.object
    bones = meta.data.bones
    kept = {"face", *(bone.name for bone in bones["face"].children_recursive)}
    kept |= {bone.name for bone in bones if bone.name.startswith("spine")}
    bpy.ops.object.mode_set(mode="EDIT")
    for bone in [bone for bone in meta.data.edit_bones if bone.name not in kept]:
        meta.data.edit_bones.remove(bone)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.pose.rigify_generate()


generate()
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[1])
os._exit(0)
