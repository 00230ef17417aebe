"""What tests/blender/test_extension.py runs in a Blender of its own: install, use, remove.

    python extension_session.py ZIP SOUND_A SOUND_B TEXT_FILE

Prints a JSON object of what was found as its last line.
"""

import json
import sys
import time
from pathlib import Path

import bpy

zip_path, sound_a, sound_b, text_file = sys.argv[1:5]
MODULE = "bl_ext.user_default.dualtalk"
found: dict[str, object] = {}


def data_blocks() -> dict[str, list[str]]:
    """Name every data-block of the file, by kind."""
    kinds = [p.identifier for p in bpy.data.bl_rna.properties if p.type == "COLLECTION"]
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def traces() -> dict[str, object]:
    """Say what the add-on has added to Blender."""
    menus = (bpy.types.VIEW3D_MT_object, bpy.types.SEQUENCER_MT_strip)
    return {
        "types": sorted(name for name in dir(bpy.types) if name.startswith("DUALTALK")),
        "scene": sorted(name for name in dir(bpy.types.Scene) if name.startswith("dualtalk")),
        "handlers": [
            function.__qualname__
            for name in dir(bpy.app.handlers)
            if isinstance(functions := getattr(bpy.app.handlers, name), list)
            for function in functions
            if function.__module__.startswith(MODULE)
        ],
        "menus": [
            function.__qualname__
            for menu in menus
            for function in getattr(menu.draw, "_draw_funcs", ())
            if function.__module__.startswith(MODULE)
        ],
    }


def changes(before: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the names that came to the file or left it."""
    now = data_blocks()
    return {k: sorted(set(now[k]) ^ set(before[k])) for k in now if now[k] != before[k]}


def error_of(name: str = "generate", **options: object) -> dict[str, object]:
    """Return what a job that must fail says, and whether it left the file alone."""
    before = data_blocks()
    try:
        getattr(bpy.ops.dualtalk, name)(**options)
    except RuntimeError as error:
        return {"text": str(error), "untouched": data_blocks() == before}
    return {"text": "", "untouched": data_blocks() == before}


def jaws() -> list[list[float]]:
    """Return the jaw rotations of both heads, every fifth frame."""
    rows = []
    scene = bpy.context.scene
    for frame in range(scene.frame_start, scene.frame_end + 1, 5):
        scene.frame_set(frame)
        for name in ("Speaker A", "Speaker B"):
            bone = bpy.data.objects[name].pose.bones["jaw"]
            rows.append([round(value, 6) for value in bone.rotation_quaternion])
    return rows


def draw_panels() -> dict[str, float]:
    """Draw every panel and return the milliseconds of each; what is unknown is printed."""
    slowest = {}
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.ui_type = "VIEW_3D"
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        layout = bpy.context.window_manager.popover_begin__internal(ui_units_x=20).layout
        for name in traces()["types"]:
            cls = getattr(bpy.types, name)
            if "_PT_" not in name:
                continue
            times = []
            for _ in range(5):
                start = time.perf_counter()
                cls.draw(type("Panel", (), {"layout": layout.column()})(), bpy.context)
                times.append(time.perf_counter() - start)
            slowest[name] = 1000 * min(times)
    return slowest


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.extensions.package_install_files(
    repo="user_default", filepath=zip_path, enable_on_install=False, overwrite=True
)
start = time.process_time()
bpy.ops.preferences.addon_enable(module=MODULE)
found["enable_s"] = time.process_time() - start
found["traces"] = traces()
found["enabled"] = MODULE in bpy.context.preferences.addons
found["panels"] = [name for name in traces()["types"] if "_PT_" in name]
preferences = bpy.context.preferences.addons[MODULE].preferences

found["errors"] = {
    "no sound": error_of(),
    "text": error_of(sound_a=text_file, sound_b=sound_b),
    "missing": error_of(sound_a=str(Path(sound_a).with_name("none.wav")), sound_b=sound_b),
    "mono": error_of(sound_a=sound_a),
    "checkpoint": error_of(sound_a=sound_a, sound_b=sound_b, checkpoint=text_file),
}
found["errors"]["import"] = error_of("import_checkpoint", filepath=text_file)
found["errors"]["offline"] = error_of("install_python")
preferences.wheels = "/nowhere/wheels"
found["errors"]["wheels"] = error_of("install_python")
preferences.wheels = ""
preferences.python = "/nowhere/python"
found["errors"]["python"] = error_of(sound_a=sound_a, sound_b=sound_b)
preferences.python = "/bin/false"
found["errors"]["crash"] = error_of(sound_a=sound_a, sound_b=sound_b)
preferences.python = ""

found["checked"] = sorted(bpy.ops.dualtalk.check_python()), preferences.checked

found["chosen"] = sorted(
    bpy.ops.dualtalk.choose_sounds(
        directory=str(Path(sound_a).parent),
        files=[{"name": Path(sound_b).name}, {"name": Path(sound_a).name}],
    )
)
settings = bpy.context.scene.dualtalk
found["sounds_set"] = [settings.sound_a, settings.sound_b]
settings.seed = 5
bpy.ops.ed.undo_push(message="Before")
before = data_blocks()
found["result"] = sorted(bpy.ops.dualtalk.generate("EXEC_DEFAULT", True))
generated = data_blocks()
scene = bpy.context.scene
found["frames"] = [scene.frame_start, scene.frame_end]
found["armatures"] = sorted(o.name for o in scene.objects if o.type == "ARMATURE")
found["jaws"] = jaws()
found["sync"] = scene.sync_mode
found["sounds"] = len(bpy.data.sounds)
found["can_hear"] = bpy.app.build_options.audaspace  # not in the module of 4.2

bpy.ops.ed.undo()
found["changed_by_undo"] = changes(before)
bpy.ops.ed.redo()
found["changed_by_redo"] = changes(generated)
found["jaws_after_redo"] = jaws()
bpy.ops.dualtalk.generate()
found["changed_again"] = changes(generated)

found["draw_ms"] = draw_panels()

for _ in range(20):
    bpy.ops.preferences.addon_disable(module=MODULE)
    bpy.ops.preferences.addon_enable(module=MODULE)
bpy.ops.preferences.addon_disable(module=MODULE)
found["left_behind"] = traces()
sys.stdout.write(json.dumps(found) + "\n")
