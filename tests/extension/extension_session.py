"""What tests/extension/test_extension.py runs in a Blender of its own: install, use, remove.

    python extension_session.py ZIP SOUND_A SOUND_B TEXT_FILE STEREO PYTHON_WITHOUT_TORCH TURNS

Prints a JSON object of what was found as its last line.
"""

import inspect
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path

import bpy

zip_path, sound_a, sound_b, text_file, stereo, python_without_torch, turns = sys.argv[1:8]
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


def edited() -> dict[str, object]:
    """Edit a curve of the first take, generate again, retake a range, and drop the edit."""
    scene = bpy.context.scene
    edits = sys.modules[f"{MODULE}.rig.performance.editing.edits"]
    said: dict[str, object] = {"seed": scene.dualtalk.seed, "untouched": len(edits.find(scene))}
    heads = sys.modules[f"{MODULE}.rig.characters.heads"]
    find = sys.modules[f"{MODULE}.rig.fcurves"].find_fcurve

    def smile() -> bpy.types.FCurve:
        keys = heads.find(scene, 1).mesh.data.shape_keys
        return find(keys, 'key_blocks["mouthSmileLeft"].value')

    smile().keyframe_points[0].co_ui.y += 0.4
    smile().update()
    said["found"] = len(edits.find(scene))
    bpy.ops.dualtalk.generate()
    said["takes"] = [take.name for take in scene.dualtalk.takes]
    said["made_again"] = edits.show(scene)
    bpy.ops.dualtalk.show_edits()
    scene.dualtalk.retakes_b = False
    before = [smile().evaluate(frame) for frame in range(1, 20)]
    bpy.ops.dualtalk.retake(first=25, last=45)
    said["rest"] = before == [smile().evaluate(frame) for frame in range(1, 20)]
    said["after_retake"] = len(edits.find(scene))
    bpy.ops.dualtalk.drop_edits(first=1, last=48)
    said["dropped"] = len(edits.find(scene))
    return said


def turns_shown() -> dict[str, list[int]]:
    """Return the strips of turns that there are: whose channel, first frame, frame after."""
    scene = bpy.context.scene
    return {strip.name: [person, *ends_of(strip)] for person, strip in turn_strips._strips(scene)}


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
                panel = {"layout": layout.column(), "speaker": getattr(cls, "speaker", 0)}
                cls.draw(type("Panel", (), panel)(), bpy.context)
                times.append(time.perf_counter() - start)
            slowest[name] = 1000 * min(times)
    return slowest


_NUMBERS = {"INT", "FLOAT"}


def undescribed() -> list[str]:
    """Name what has no tooltip, and each number whose tooltip lacks its unit or what 0, 1 mean."""
    lacking = []
    for name in traces()["types"]:
        cls = getattr(bpy.types, name)
        rna = cls.bl_rna
        if "_OT_" in name:
            operator = getattr(bpy.ops.dualtalk, cls.bl_idname.partition(".")[2])
            rna = operator.get_rna_type()
            if not rna.description:
                lacking.append(name)
        own = {key for base in cls.__mro__ for key in inspect.get_annotations(base)}
        for prop in rna.properties:
            if prop.identifier not in own or "HIDDEN" in _options(prop):
                continue
            where = f"{name}.{prop.identifier}"
            if not prop.description:
                lacking.append(where)
            is_plain = prop.type in _NUMBERS and prop.unit == "NONE"
            if is_plain and not _UNIT.search(prop.description):
                lacking.append(f"{where} says no unit")
    return lacking


def _options(prop: bpy.types.Property) -> set[str]:
    return {"HIDDEN"} if prop.is_hidden else set()


_UNIT = re.compile(
    r"\b(0|1|frame|frames|megabytes|seconds|number|no unit|index|share|count|unset|coefficients)\b",
    re.IGNORECASE,
)


def presets() -> dict[str, object]:
    """Save settings, change them, and load them again; then remove the preset."""
    scene = bpy.context.scene
    scene.dualtalk.staging.distance, scene.dualtalk.strengths_a.lips = 1.25, 0.5
    bpy.ops.dualtalk.add_preset(name="Near")
    path = bpy.utils.preset_find("Near", "dualtalk")
    scene.dualtalk.staging.distance, scene.dualtalk.strengths_a.lips = 2.0, 1.0
    bpy.ops.script.execute_preset(filepath=path, menu_idname="DUALTALK_MT_presets")
    loaded = [scene.dualtalk.staging.distance, scene.dualtalk.strengths_a.lips]
    scene.dualtalk.strengths_a.lips = 1.0
    bpy.ops.dualtalk.add_preset(name="Near", remove_name=True)
    return {"loaded": loaded, "left": bpy.utils.preset_find("Near", "dualtalk")}


def old_file(folder: Path) -> Path:
    """Save a file as versions 1 and 2 of the settings did: the add-on is off.

    One scene has the sound alone, one has a staging with a pointer of its own.
    """

    class DUALTALK_PG_person(bpy.types.PropertyGroup):  # noqa: N801
        __annotations__ = {
            "turn": bpy.props.FloatProperty(),
            "called": bpy.props.StringProperty(),
            "lean_changes": bpy.props.BoolProperty(),
        }

    class DUALTALK_PG_staging(bpy.types.PropertyGroup):  # noqa: N801
        __annotations__ = {
            "distance": bpy.props.FloatProperty(default=1.3),
            "seed": bpy.props.IntProperty(),
            "first": bpy.props.PointerProperty(type=DUALTALK_PG_person),
            "cut_style": bpy.props.EnumProperty(items=[("over", "", ""), ("close", "", "")]),
        }

    class DUALTALK_PG_scene(bpy.types.PropertyGroup):  # noqa: N801
        __annotations__ = {
            "sound_a": bpy.props.StringProperty(),
            "sound_b": bpy.props.StringProperty(),
            "first_frame": bpy.props.IntProperty(default=1),
            "seed": bpy.props.IntProperty(),
        }

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    groups = (DUALTALK_PG_person, DUALTALK_PG_staging, DUALTALK_PG_scene)
    for group in groups:
        bpy.utils.register_class(group)
    bpy.types.Scene.dualtalk = bpy.props.PointerProperty(type=DUALTALK_PG_scene)
    bpy.types.Scene.dualtalk_staging = bpy.props.PointerProperty(type=DUALTALK_PG_staging)
    first = bpy.context.scene
    first.dualtalk.sound_a, first.dualtalk.seed = stereo, 9
    second = bpy.data.scenes.new("Two tracks")
    second.dualtalk.sound_a, second.dualtalk.sound_b = sound_a, sound_b
    staging = second.dualtalk_staging
    staging.distance, staging.seed, staging.cut_style = 2.5, 4, "close"
    staging.first.called, staging.first.lean_changes = "Ann", True
    path = folder / "old.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    del bpy.types.Scene.dualtalk
    del bpy.types.Scene.dualtalk_staging
    for group in reversed(groups):
        bpy.utils.unregister_class(group)
    return path


def opened() -> list[list[object]]:
    """Return the settings of each scene of the file that is open."""
    rows = [scene.dualtalk for scene in sorted(bpy.data.scenes, key=lambda scene: scene.name)]
    return [[row.mode, row.seed, row.version] for row in rows]


def stagings() -> list[list[object]]:
    """Return the staging of each scene of the file that is open."""
    found = []
    for scene in sorted(bpy.data.scenes, key=lambda scene: scene.name):
        staging = scene.dualtalk.staging
        first, second = staging.first, staging.second
        turns = [round(first.turn, 3), round(second.turn, 3)]
        row = [round(staging.distance, 3), staging.cut_style, first.called, first.lean_changes]
        found.append([*row, *turns, staging.preset])
    return found


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.extensions.package_install_files(
    repo="user_default", filepath=zip_path, enable_on_install=False, overwrite=True
)
if os.environ.get("COVERAGE_RUN"):  # what is measured are the files of the checkout
    installed = Path(bpy.utils.user_resource("EXTENSIONS", path="user_default/dualtalk"))
    shutil.rmtree(installed)
    installed.symlink_to(Path(__file__).resolve().parents[2], target_is_directory=True)
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
preferences.python = python_without_torch
found["errors"]["torch"] = error_of(sound_a=sound_a, sound_b=sound_b)
preferences.python = ""
found["errors"]["one track"] = error_of(sound_a=sound_a, mode="TRACKS")

found["checked"] = sorted(bpy.ops.dualtalk.check_python()), preferences.checked

found["chosen"] = sorted(
    bpy.ops.dualtalk.choose_sounds(
        directory=str(Path(sound_a).parent),
        files=[{"name": Path(sound_b).name}, {"name": Path(sound_a).name}],
    )
)
settings = bpy.context.scene.dualtalk
found["sounds_set"] = [settings.sound_a, settings.sound_b]
waveform = sys.modules[f"{MODULE}.handlers.waveform"]
waveform.begin(settings)
found["is_drawn_at_once"] = waveform.finish()
drawn = waveform._state.images["dialogue"].image_pixels_float  # icons have numbers in windows only
found["picture"] = max(drawn) - min(drawn)
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

preferences.python = "/bin/false"  # no network can run: what is known is not computed again
bpy.ops.dualtalk.generate()
found["jaws_kept"] = jaws()
found["cache_used"] = preferences.cache_used
preferences.python = ""
bpy.ops.dualtalk.clear_cache()
found["cache_left"] = preferences.cache_used
bpy.ops.dualtalk.generate(keeps_take=True, seed=6)
found["takes"] = [(take.name, take.seed) for take in bpy.context.scene.dualtalk.takes]
found["jaws_of_take"] = jaws()
bpy.ops.dualtalk.use_take(index=0)
found["jaws_of_first_take"] = jaws()
found["edits"] = edited()
for swaps in (False, True):
    bpy.ops.dualtalk.generate(sound_a=stereo, mode="STEREO", swaps_voices=swaps, seed=5)
    found[f"stereo_{swaps}"] = jaws()

for swaps in (False, True):
    bpy.ops.dualtalk.generate(sound_a=stereo, mode="MIXED", turns=turns, swaps_voices=swaps, seed=5)
    found[f"mixed_{swaps}"] = jaws()

strips = sys.modules[f"{MODULE}.rig.compat"].strips_of
turn_strips = sys.modules[f"{MODULE}.rig.performance.turn_strips"]
ends_of = sys.modules[f"{MODULE}.rig.compat"].ends_of
found["turns_of_tracks"] = error_of("find_turns")
settings = bpy.context.scene.dualtalk
settings.mode, settings.sound_a, settings.seed = "MIXED", stereo, 5
bpy.ops.dualtalk.find_turns(turns=turns)
found["turns"] = turns_shown()
bpy.ops.dualtalk.generate()
found["mixed_strips"] = jaws()
found["turns_kept"] = turns_shown()
preferences.python = "/bin/false"  # the same strips were answered already
bpy.ops.dualtalk.generate()
preferences.python = ""
bpy.ops.dualtalk.swap_speakers()
found["turns_swapped"] = turns_shown()
bpy.ops.dualtalk.generate()
found["mixed_strips_swapped"] = jaws()
bpy.ops.dualtalk.swap_speakers()
for strip in [strip for strip in strips(bpy.context.scene) if strip.name.startswith("B ")]:
    strip.channel = next(s.channel for s in strips(bpy.context.scene) if s.name == "A 1")
bpy.ops.dualtalk.generate(first_frame=49)
found["mixed_edited"] = jaws()
found["turns_edited"] = turns_shown()
bpy.ops.dualtalk.generate(first_frame=1, mode="TRACKS", sound_a=sound_a, sound_b=sound_b)
found["turns_of_others"] = turns_shown()

found["undescribed"] = undescribed()
found["presets"] = presets()
found["draw_ms"] = draw_panels()

bpy.ops.preferences.addon_disable(module=MODULE)
old = old_file(Path(text_file).parent)
bpy.ops.preferences.addon_enable(module=MODULE)
bpy.ops.wm.open_mainfile(filepath=str(old))
found["migrated"], found["migrated_staging"] = opened(), stagings()
bpy.ops.wm.save_as_mainfile(filepath=str(old))
bpy.context.scene.dualtalk.mode = "TRACKS"  # as today: an answer that is not to be changed again
bpy.ops.wm.save_as_mainfile(filepath=str(old))
bpy.ops.wm.open_mainfile(filepath=str(old))
found["opened_again"] = opened()

for _ in range(20):
    bpy.ops.preferences.addon_disable(module=MODULE)
    bpy.ops.preferences.addon_enable(module=MODULE)
bpy.ops.preferences.addon_disable(module=MODULE)
found["left_behind"] = traces()
sys.stdout.write(json.dumps(found) + "\n")
