"""What a newcomer does with the mouse alone: from the installed zip to two talking heads.

    blender --python newcomer_session.py -- FOLDER ZIP PYTHON [PACKAGES INTERPRETERS]

With a folder of packages Install is pressed for real, where a system's Python may lack what makes
environments: another one is in the folder of interpreters. Every press is counted. Writes
found.json and a picture per step into FOLDER.
"""

import importlib.util
import os
import sys
import time
from pathlib import Path
from types import ModuleType

import bpy
import numpy as np

# Blender runs this file alone: those beside it are loaded by their paths.


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mouse, panels = _beside("mouse"), _beside("panels")
Steps, until = mouse.Steps, mouse.until

folder, zip_path, python, *given = sys.argv[sys.argv.index("--") + 1 :]
FOLDER = Path(folder)
MODULE = "bl_ext.user_default.dualtalk"
VIEW = ("VIEW_3D", "UI")
#: Where the sidebar's arrow is in a 3D view, and DualTalk's tab in a sidebar with the three of
#: Blender, both from the upper right corner, pixels.
_ARROW_PX, _TAB_PX = (6, 77), (13, 172)
found: dict[str, object] = {"blender": bpy.app.version_string}
_n_pictures = 0


def look(name: str) -> None:
    """Take the next picture."""
    global _n_pictures
    _n_pictures += 1
    mouse.screenshot(FOLDER / f"{_n_pictures:02d}_{name}.png")


def press(call: str, where: tuple[str, str] = VIEW, across: float = 0.5) -> Steps:
    """Press the button with this Python call, which must be there."""
    yield from mouse.press(*where, call, across)
    yield 0.5


def press_at(x: int, y: int) -> Steps:
    """Move to a point of the window, y from below, and press."""
    for step in (12, 2, 0):
        mouse.move(x - step, y)
        yield 0.3
    yield from mouse.press_long()
    yield 1.0


def status() -> object:
    """Return the add-on's module that knows of running jobs."""
    return sys.modules[f"{MODULE}.status"]


def idle() -> bool:
    """Tell whether no job runs."""
    return status().progress() is None


def install() -> Steps:
    """Have the zip installed, as dropping it on the window does."""
    bpy.ops.extensions.package_install_files(
        repo="user_default", filepath=zip_path, enable_on_install=True, overwrite=True
    )
    yield 2.0
    look("installed")


def open_tab() -> Steps:
    """Open the sidebar by its arrow, and DualTalk's tab."""
    area = mouse.area_of("VIEW_3D")
    yield from press_at(area.x + area.width - _ARROW_PX[0], area.y + area.height - _ARROW_PX[1])
    side = mouse.region_of(*VIEW)
    yield from press_at(side.x + side.width - _TAB_PX[0], side.y + side.height - _TAB_PX[1])
    found["tab"] = side.active_panel_category
    look("tab")


def get_python() -> Steps:
    """Allow the network and press Install, which fails here and says why; have a Python then."""
    yield from press("bpy.ops.extensions.userpref_allow_online")
    found["online"] = bpy.context.preferences.system.use_online_access
    look("online")
    yield from press("bpy.ops.dualtalk.install_python")
    yield from until(idle, 60)
    failure = status().failure("preferences")
    found["install"] = failure.message if failure else ""
    yield 1.0
    look("install")
    # There is no network in this test: what Install gives is given by hand.
    bpy.context.preferences.addons[MODULE].preferences.python = python
    status().forget_failure()
    mouse.move(60, 60)
    yield 1.0


def install_packages() -> Steps:
    """Press Install, with a folder of packages that was given, and wait for the Python."""
    packages, interpreters = given
    os.environ["PATH"] += os.pathsep + interpreters
    preferences = bpy.context.preferences.addons[MODULE].preferences
    preferences.wheels = packages
    yield 1.0
    began = time.monotonic()
    texts: list[str] = []
    yield from press("bpy.ops.dualtalk.install_python")
    while not idle() and time.monotonic() - began < 700:
        texts.append(str(status().progress()))
        if len(texts) == 20:
            look("installing")
        yield 0.5
    failure = status().failure("preferences")
    found["install"], found["checked"] = failure.message if failure else "", preferences.checked
    found["installing"], found["install_s"] = list(dict.fromkeys(texts)), time.monotonic() - began
    yield 1.0
    look("install")


def generate() -> Steps:
    """Take the demo dialogue and generate."""
    yield from press("bpy.ops.dualtalk.demo_sounds")
    yield 1.0
    look("sounds")
    texts: list[str] = []
    yield from press("bpy.ops.dualtalk.generate")
    while not idle():
        texts.append(str(status().progress()))
        if len(texts) == 20:
            look("working")
        yield 0.2
    found["texts"] = list(dict.fromkeys(texts))
    yield 3.0
    look("generated")


def play() -> Steps:
    """Press play in the timeline's header."""
    yield from press("bpy.ops.screen.animation_play", ("DOPESHEET_EDITOR", "HEADER"), 0.52)
    yield 2.0
    look("playing")
    found["plays"] = bpy.context.screen.is_animation_playing
    found["frame"] = bpy.context.scene.frame_current
    found["n_clicks"], found["n_keys"] = mouse.n_clicks, mouse.n_keys
    bpy.ops.screen.animation_cancel(restore_frame=True)


def seen() -> Steps:
    """Say where the camera's picture is, and where the heads are in it."""
    area = mouse.area_of("VIEW_3D")
    view = area.spaces[0].region_3d
    window = mouse.region_of("VIEW_3D", "WINDOW")
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    places = []
    for obj in bpy.context.scene.objects:
        if obj.type == "ARMATURE":
            eye = obj.matrix_world @ obj.pose.bones["eye_left"].matrix.translation
            place = location_3d_to_region_2d(window, view, eye)
            places.append([round(place.x), round(place.y)])
    found["eyes_px"] = places
    found["free_px"] = [60, mouse.region_of(*VIEW).x - window.x]
    yield 0.0


def gaze() -> Steps:
    """Show where both look, in the view and in the timeline."""
    bpy.context.scene.dualtalk.staging.show_gaze = True
    bpy.context.scene.frame_set(120)
    for area in bpy.context.window_manager.windows[0].screen.areas:
        area.tag_redraw()
    yield 2.0
    look("gaze")


def turns() -> Steps:
    """Have turns found, and show them in a sequencer."""
    scene = bpy.context.scene
    strips = sys.modules[f"{MODULE}.rig.performance.turn_strips"]
    strips.write(scene, np.arange(600).reshape(2, 300) // 60 % 2 == [[0], [1]], 1)
    with bpy.context.temp_override(**mouse.context_of(*VIEW)):
        bpy.ops.dualtalk.show_turns()
    yield 2.0
    look("turns")
    kinds = {area.type for area in bpy.context.window_manager.windows[0].screen.areas}
    found["shows_turns"] = "SEQUENCE_EDITOR" in kinds


def every_panel() -> Steps:
    """Show every panel open, one after the other."""
    yield from panels.each(MODULE, look, lambda _name: ())


def session() -> Steps:
    """All of it, in order."""
    yield 2.0
    plain = (get_python, generate, play, seen, gaze, turns, every_panel)
    for part in (install, open_tab, *((install_packages, generate, play) if given else plain)):
        yield from part()


mouse.play(session(), found, FOLDER)
