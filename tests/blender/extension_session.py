"""What tests/blender/test_extension.py runs in a Blender of its own: install, use, remove.

    python extension_session.py ZIP SOUND_A SOUND_B TEXT_FILE

Prints a JSON object of what was found as its last line.
"""

import json
import sys

import bpy

zip_path, sound_a, sound_b, text_file = sys.argv[1:5]
MODULE = "bl_ext.user_default.dualtalk"
found: dict[str, object] = {}


def data_blocks() -> dict[str, list[str]]:
    kinds = ("objects", "meshes", "armatures", "actions", "materials", "collections", "cameras")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def dualtalk_types() -> list[str]:
    return sorted(name for name in dir(bpy.types) if name.startswith("DUALTALK"))


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.extensions.package_install_files(
    repo="user_default", filepath=zip_path, enable_on_install=True, overwrite=True
)
found["enabled"] = MODULE in bpy.context.preferences.addons
found["panels"] = [name for name in dualtalk_types() if "_PT_" in name]

before = data_blocks()
try:
    bpy.ops.dualtalk.generate(sound_a=text_file, sound_b=sound_b)
    found["error"] = ""
except RuntimeError as error:
    found["error"] = str(error)
found["untouched"] = data_blocks() == before

settings = bpy.context.scene.dualtalk
settings.sound_a, settings.sound_b, settings.seed = sound_a, sound_b, 5
bpy.ops.ed.undo_push(message="Before")
found["result"] = sorted(bpy.ops.dualtalk.generate())
scene = bpy.context.scene
found["frames"] = [scene.frame_start, scene.frame_end]
found["armatures"] = sorted(o.name for o in scene.objects if o.type == "ARMATURE")
rows = []
for frame in range(scene.frame_start, scene.frame_end + 1, 5):
    scene.frame_set(frame)
    for name in found["armatures"]:
        bone = bpy.data.objects[name].pose.bones["jaw"]
        rows.append([round(v, 6) for v in bone.rotation_quaternion])
found["jaws"] = rows
found["sounds"] = len(bpy.data.sounds)
found["can_hear"] = bpy.app.build_options.audaspace  # not in the module of 4.2

generated = data_blocks()
bpy.ops.dualtalk.generate()
found["same_after_again"] = data_blocks() == generated

for _ in range(20):
    bpy.ops.preferences.addon_disable(module=MODULE)
    bpy.ops.preferences.addon_enable(module=MODULE)
bpy.ops.preferences.addon_disable(module=MODULE)
found["left_behind"] = dualtalk_types() + [n for n in dir(bpy.types.Scene) if n == "dualtalk"]
print(json.dumps(found))
