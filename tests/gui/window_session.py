"""What tests/gui/test_window.py lets a real Blender do: press the real buttons, look, measure.

    blender --python window_session.py -- FOLDER ZIP PYTHON SOUND_A SOUND_B LONG_A LONG_B

Writes found.json and pictures into FOLDER.
"""

import importlib.util
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import bpy

# Blender runs this file alone: those beside it are loaded by their paths.


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mouse, panels = _beside("mouse"), _beside("panels")
Steps, until = mouse.Steps, mouse.until
editing_session = _beside("editing_session")

folder, zip_path, python, sound_a, sound_b, long_a, long_b = sys.argv[sys.argv.index("--") + 1 :]
FOLDER = Path(folder)
MODULE = "bl_ext.user_default.dualtalk"
found: dict[str, object] = {"blender": bpy.app.version_string}
VIEW = ("VIEW_3D", "UI")


def jobs() -> object:
    """Return the add-on's module that knows of running jobs."""
    return sys.modules[f"{MODULE}.status"]


def press(call: str, where: tuple[str, str] = VIEW, across: float = 0.5) -> Steps:
    """Press the button with this Python call, which must be there."""
    yield from mouse.press(*where, call, across)


def fraction() -> float:
    """Return how much of the job is done, 1 if none runs."""
    progress = jobs().progress()
    return 1.0 if progress is None else progress.fraction


def look(name: str) -> None:
    """Take a picture for the test's folder."""
    mouse.screenshot(FOLDER / f"{name}.png")


def close_message() -> None:
    """Close Blender's own message, which 5.2 keeps open until the mouse leaves it slowly."""
    mouse.key("Escape")
    mouse.move(60, 60)


def heads() -> list[str]:
    """Return the names of the two speakers that are there."""
    return sorted(obj.name for obj in bpy.data.objects if obj.type == "ARMATURE")


def blocks() -> dict[str, list[str]]:
    """Name every data-block that the add-on could leave."""
    kinds = ("objects", "meshes", "armatures", "actions", "materials", "cameras", "sounds", "texts")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def idle() -> bool:
    """Tell whether no job runs."""
    return jobs().progress() is None


def done() -> Steps:
    """Wait until the job that was started has ended, however busy the machine is."""
    yield from until(lambda: not idle(), 10)  # what was kept from before takes no time
    yield from until(idle, 600)
    yield 1.0


def install() -> Steps:
    """Install the zip and show the tab."""
    bpy.ops.extensions.package_install_files(
        repo="user_default", filepath=zip_path, enable_on_install=True, overwrite=True
    )
    bpy.context.preferences.addons[MODULE].preferences.python = python
    space = mouse.area_of("VIEW_3D").spaces[0]
    space.show_region_ui = True
    space.region_3d.view_distance = 4.0
    cube = bpy.data.objects["Cube"]  # of Blender's first scene: it would stand in the picture
    cube.scale = (0.1, 0.1, 0.1)
    yield 2.0
    region = mouse.region_of(*VIEW)
    region.active_panel_category = "DualTalk"
    region.tag_redraw()
    yield 2.0
    look("idle")


def choose() -> Steps:
    """Choose the two sounds."""
    bpy.ops.dualtalk.choose_sounds(
        directory=str(Path(sound_a).parent),
        files=[{"name": Path(sound_a).name}, {"name": Path(sound_b).name}],
    )
    yield 0.5
    look("ready")
    yield from small_view("small_view_gap_idle_s")
    for measure, name in ((redraws, "gap_without_job_s"), (latency, "loop_gap_idle_s")):
        end = time.monotonic() + 3
        yield from measure(name, lambda end=end: time.monotonic() < end)


def generate() -> Steps:
    """Press Generate and go on working meanwhile: draw, save."""
    before = blocks()
    yield from press("bpy.ops.dualtalk.generate")
    yield from until(lambda: not idle(), 5)
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "meanwhile.blend"), copy=True)
    found["saved_meanwhile"] = (FOLDER / "meanwhile.blend").stat().st_size > 0
    yield from until(lambda: fraction() >= 0.1, 30)
    found["untouched_meanwhile"] = blocks() == before
    yield from redraws("gap_s", lambda: not idle())
    found["heads"] = heads()
    scene = bpy.context.scene
    found["strips_shown"] = getattr(bpy.context.workspace, "sequencer_scene", scene) == scene
    yield 1.5
    look("done")
    yield from undo(before)


def redraws(name: str, condition: Callable[[], bool]) -> Steps:
    """Redraw as often as it goes, and keep the median time between two."""
    ticks = []
    while condition():
        ticks.append(time.monotonic())
        mouse.area_of("VIEW_3D").tag_redraw()
        yield 0.005
    gaps = [b - a for a, b in pairwise(ticks)]
    found[name] = statistics.median(gaps) if gaps else 0.0


def small_view(name: str) -> Steps:
    """Redraw a 3D view of a few lines, whose pixels a processor draws in time, for two seconds."""
    area = min(
        (
            area
            for area in bpy.context.window_manager.windows[0].screen.areas
            if area.type == "DOPESHEET_EDITOR"
        ),
        key=lambda area: area.height,
    )
    kind, area.ui_type = area.ui_type, "VIEW_3D"
    yield 0.5
    region = next(region for region in area.regions if region.type == "WINDOW")
    found[f"{name}_size"] = [region.width, region.height]
    end, ticks = time.monotonic() + 2, []
    while time.monotonic() < end:
        ticks.append(time.monotonic())
        region.tag_redraw()
        yield 0.005
    gaps = [b - a for a, b in pairwise(ticks)]
    found[name] = statistics.median(gaps) if gaps else 2.0  # a machine that drew nothing
    area.ui_type = kind
    yield 0.3


def latency(name: str, condition: Callable[[], bool]) -> Steps:
    """Keep how late Blender's loop comes back to a timer of 5 ms while nothing asks for drawing."""
    late = []
    while condition():
        before = time.monotonic()
        yield 0.005
        late.append(time.monotonic() - before)
    found[name] = statistics.median(late) if late else 0.0


def undo(before: dict[str, list[str]]) -> Steps:
    """Take the generation back with Ctrl Z and forth with Ctrl Shift Z."""
    region = mouse.region_of("VIEW_3D", "WINDOW")
    mouse.move(region.x + region.width // 3, region.y + region.height // 2)
    generated = blocks()
    yield 0.3
    mouse.key("ctrl+z")
    yield from until(lambda: not heads(), 10)
    found["undone"] = blocks() == before
    mouse.key("ctrl+shift+z")
    yield from until(lambda: len(heads()) == 2, 10)
    found["redone"] = blocks() == generated
    bpy.context.scene.frame_set(60)
    bpy.ops.object.select_all(action="DESELECT")
    yield 0.5


def escape() -> Steps:
    """Press Generate, then Escape; then again, and Cancel."""
    settings = bpy.context.scene.dualtalk
    settings.sound_a, settings.sound_b = long_a, long_b
    for name in ("escape", "cancel"):
        before = blocks()
        yield from press("bpy.ops.dualtalk.generate")
        yield from until(lambda: not idle() and fraction() > 0, 30)
        pid = jobs().worker().pid
        if name == "escape":
            pressed = time.monotonic()
            mouse.key("Escape")
        else:
            yield from latency("loop_gap_s", lambda: fraction() < 0.15)
            yield from small_view("small_view_gap_s")
            yield 0.3
            look("running")
            yield from press("bpy.ops.dualtalk.cancel")
            pressed = mouse.clicked_at_s
        yield from until(idle, 5)
        found[f"{name}_s"] = time.monotonic() - pressed
        found[f"{name}_ended"] = idle() and not Path(f"/proc/{pid}").exists()
        yield 0.3
        found[f"{name}_untouched"] = blocks() == before


def killed() -> Steps:
    """Kill the worker; its log can be seen."""
    before = blocks()
    yield from press("bpy.ops.dualtalk.generate")
    yield from until(lambda: not idle() and fraction() > 0, 30)
    os.killpg(jobs().worker().pid, signal.SIGKILL)
    yield from until(idle, 5)
    yield 0.5
    found["killed"] = jobs().failure().message
    found["killed_untouched"] = blocks() == before
    found["killed_log"] = jobs().failure().log
    close_message()
    yield 1.5
    look("killed")


def crashed() -> Steps:
    """Let the worker crash and look at its log."""
    preferences = bpy.context.preferences.addons[MODULE].preferences
    preferences.python = "/bin/ls"
    yield from press("bpy.ops.dualtalk.generate")
    yield from until(lambda: jobs().failure() is not None and idle(), 10)
    yield 0.5
    close_message()
    yield 0.5
    yield from press("bpy.ops.dualtalk.show_log", across=0.3)
    yield 0.7
    look("log")
    close_message()
    yield 0.5
    preferences.python = python


def bad_sound() -> Steps:
    """Choose a text file as sound: the error is at the sounds."""
    text = FOLDER / "notes.wav"
    text.write_text("no sound")
    settings = bpy.context.scene.dualtalk
    settings.sound_b = str(text)
    yield from press("bpy.ops.dualtalk.generate")
    yield from until(lambda: jobs().failure("dialogue") is not None, 30)
    yield 0.5
    found["bad_sound"] = jobs().failure("dialogue").message
    close_message()
    yield 1.5
    look("error")
    settings.sound_b = sound_b
    jobs().forget_failure()


def meanwhile() -> Steps:
    """Undo while a job runs, and be in Edit Mode when it ends."""
    settings = bpy.context.scene.dualtalk
    settings.sound_a, settings.sound_b = sound_a, sound_b
    settings.first_frame = 11
    bpy.context.preferences.addons[MODULE].preferences.cache_mb = 0  # it shall take its time
    bpy.data.objects["Cube"].location.x = 5
    bpy.ops.ed.undo_push(message="Moved")
    yield from press("bpy.ops.dualtalk.generate")
    yield from until(lambda: not idle() and fraction() > 0, 30)
    region = mouse.region_of("VIEW_3D", "WINDOW")
    mouse.move(region.x + region.width // 3, region.y + region.height // 2)
    yield 0.2
    mouse.key("ctrl+z")
    yield from until(lambda: bpy.data.objects["Cube"].location.x != 5, 5)
    found["undone_meanwhile"] = bpy.data.objects["Cube"].location.x != 5
    bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
    bpy.ops.object.mode_set(mode="EDIT")
    yield from until(lambda: idle() or "Object Mode" in jobs().progress().text, 300)
    found["waits"] = not idle() and bpy.context.scene.frame_start == 1
    yield 0.5
    look("waits")
    bpy.ops.object.mode_set(mode="OBJECT")
    yield from until(idle, 20)
    # The settings are those of when Generate was pressed, though undo has taken them back.
    found["went_on"] = idle() and jobs().failure() is None
    found["start_frame"] = bpy.context.scene.frame_start


def each_panel() -> Steps:
    """Show one panel after the other, open and alone, and press what is on the last two."""

    def meanwhile(name: str) -> Steps:
        found.setdefault("panels", []).append(name)
        hands = editing_session.Editing(mouse, FOLDER, found)
        acts = {"performance": takes, "export": export, "acting": hands.moods, "words": hands.words}
        yield from acts.get(name, nothing)()
        if name == "performance":
            yield from hands.rows_retaken()
            yield from hands.pushed_down()
            yield from hands.layers()

    yield from panels.each(MODULE, look, meanwhile)


def nothing() -> Steps:
    """Press nothing."""
    yield 0.0


def takes() -> Steps:
    """Press Another Take, then the first take again."""
    yield from press("bpy.ops.dualtalk.generate", across=0.5)
    yield from done()
    settings = bpy.context.scene.dualtalk
    found["takes"] = [take.seed for take in settings.takes]
    look("takes")
    yield from press("bpy.ops.dualtalk.use_take", across=0.08)
    yield 0.7
    found["take_used"] = bpy.context.scene.dualtalk.take
    found["seed_of_take"] = settings.seed == settings.takes[0].seed
    yield from edited()
    bpy.context.scene.dualtalk.strengths_a.lips = 0.5
    yield 0.5


def smile() -> bpy.types.FCurve:
    """Return the curve of a shape of A."""
    heads = sys.modules[f"{MODULE}.rig.characters.heads"]
    fcurves = sys.modules[f"{MODULE}.rig.fcurves"]
    keys = heads.find(bpy.context.scene, 1).mesh.data.shape_keys
    return fcurves.find_fcurve(keys, 'key_blocks["mouthSmileLeft"].value')


def outside(scene: bpy.types.Scene) -> list[float]:
    """Return the shape's values outside the preview range."""
    first, last = scene.frame_preview_start, scene.frame_preview_end
    frames = range(scene.frame_start, scene.frame_end + 1)
    return [smile().evaluate(frame) for frame in frames if not first <= frame <= last]


def edited() -> Steps:
    """Edit a key, show it, retake the range around it, take it back, and drop the edit."""
    scene = bpy.context.scene
    point = smile().keyframe_points[len(smile().keyframe_points) // 2]
    frame = round(point.co.x)
    point.co_ui.y += 0.4
    smile().update()
    bpy.ops.ed.undo_push(message="Edited")
    yield from press("bpy.ops.dualtalk.show_edits", across=0.25)
    yield 0.7
    found["edits_shown"] = sum(p.select_control_point for p in smile().keyframe_points)
    scene.use_preview_range = True  # first: without it setting the end moves the start
    scene.frame_preview_start, scene.frame_preview_end = frame - 20, frame + 20
    yield 0.5
    look("edits")
    before = outside(scene)
    yield from press("bpy.ops.dualtalk.retake")
    yield from done()
    found["retaken"] = jobs().failure() is None and scene.dualtalk.n_retakes == 1
    found["retake_left_the_rest"] = before == outside(scene)
    look("retaken")
    yield from press("bpy.ops.dualtalk.drop_edits", across=0.75)
    yield 0.7
    edits = sys.modules[f"{MODULE}.rig.performance.editing.edits"]
    found["edits_left"] = len(edits.find(scene))
    scene.use_preview_range = False


def export() -> Steps:
    """Press a format on the right and confirm the file browser."""
    bpy.context.preferences.view.filebrowser_display_type = "SCREEN"
    bpy.context.scene.frame_end = bpy.context.scene.frame_start + 20
    yield from press("bpy.ops.dualtalk.export_scene", across=0.7)
    yield 1.5
    look("export_browser")
    browser = mouse.area_of("FILE_BROWSER")
    browser.spaces.active.params.directory = os.fsencode(str(FOLDER))
    browser.spaces.active.params.filename = "dialogue.usdc"
    yield 0.5
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0], area=browser):
        bpy.ops.file.execute()
    yield from until(lambda: any(FOLDER.glob("dialogue.*")) and idle(), 300)
    yield 1.0
    found["exported"] = sorted(path.name for path in FOLDER.glob("dialogue.*"))


def sequencer() -> Steps:
    """Show the same steps in the sequencer's sidebar, with turns that are edited by mouse."""
    area = mouse.area_of("VIEW_3D")
    area.ui_type = "SEQUENCE_EDITOR"
    area.spaces[0].show_region_ui = True
    yield 1.0
    mouse.region_of("SEQUENCE_EDITOR", "UI").active_panel_category = "DualTalk"
    scene = bpy.context.scene
    scene.dualtalk.mode, scene.dualtalk.sound_a = "MIXED", str(FOLDER / "mixed.wav")
    yield 0.7
    look("sequencer")
    yield from turns(scene)
    area.ui_type = "VIEW_3D"
    yield 0.5


def turns(scene: bpy.types.Scene) -> Steps:
    """Find the turns, swap them, move one with the keyboard, and generate."""
    side = ("SEQUENCE_EDITOR", "UI")
    strips = sys.modules[f"{MODULE}.rig.performance.turn_strips"]
    yield from until(idle, 600)  # a job of the panels before may still run
    if (Path(sys.modules[MODULE].__file__).parent / "assets" / "voices.safetensors").exists():
        yield from press("bpy.ops.dualtalk.find_turns", side)
        yield from done()
        found["turns_heard"] = len(strips._turns(scene))
    bpy.ops.dualtalk.find_turns(turns=str(FOLDER / "turns.npz"))
    with bpy.context.temp_override(**mouse.context_of("SEQUENCE_EDITOR", "WINDOW")):
        bpy.ops.sequencer.view_all()
    yield 1.0
    look("turns")
    before = strips.read(scene, scene.dualtalk.first_frame)
    yield from press("bpy.ops.dualtalk.swap_speakers", side, 0.87)
    yield 0.5
    after = strips.read(scene, scene.dualtalk.first_frame)
    found["turns_swapped"] = (before[::-1] == after).all().item()
    yield from moved(scene)
    wanted = strips._turns(scene)
    yield from press("bpy.ops.dualtalk.generate", side)
    yield from done()
    found["turns_followed"] = jobs().failure() is None and strips._turns(scene) == wanted
    look("turns_generated")


def moved(scene: bpy.types.Scene) -> Steps:
    """Take a strip 12 frames to the right with the keyboard, as an animator does."""
    compat = sys.modules[f"{MODULE}.rig.compat"]
    strips = compat.strips_of(scene)
    for strip in strips:
        strip.select = strip.name == "A 1"
    start = compat.ends_of(next(strip for strip in strips if strip.select))[0]
    region = mouse.region_of("SEQUENCE_EDITOR", "WINDOW")
    mouse.move(region.x + region.width // 3, region.y + region.height // 2)
    yield 0.4
    for name in ("g", "1", "2", "Return"):
        mouse.key(name)
        yield 0.3
    found["moved_by"] = compat.ends_of(next(s for s in strips if s.select))[0] - start


def preferences() -> Steps:
    """Show the preferences and press Check."""
    area = mouse.area_of("VIEW_3D")
    area.ui_type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "DualTalk"
    bpy.ops.preferences.addon_expand(module=MODULE)
    yield 1.0
    yield from press("bpy.ops.dualtalk.check_python", ("PREFERENCES", "WINDOW"), 0.9)
    yield from done()
    found["checked"] = bpy.context.preferences.addons[MODULE].preferences.checked
    look("preferences")
    area.ui_type = "VIEW_3D"
    yield 0.5


def leave() -> Steps:
    """Start a job and close Blender."""
    with bpy.context.temp_override(**mouse.context_of(*VIEW)):
        bpy.ops.dualtalk.generate("INVOKE_DEFAULT")
    yield from until(lambda: not idle() and fraction() > 0, 30)
    (FOLDER / "worker_pid").write_text(str(jobs().worker().pid))


def session() -> Steps:
    """All of it, in order."""
    yield 2.0
    broken = (killed, crashed, bad_sound)
    shown = (meanwhile, each_panel, sequencer, preferences)
    for part in (install, choose, generate, escape, *broken, *shown, leave):
        yield from part()


mouse.play(session(), found, FOLDER)
