"""Eyes and hands in Blender's window: finding buttons, pressing them, taking screenshots.

Everything that takes time is a generator that yields the seconds to wait, so that Blender's own
loop goes on between the steps.
"""

import json
import subprocess
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path

import bpy

#: When the button was last pressed.
clicked_at_s = 0.0
#: How often a button was pressed, and a key.
n_clicks = n_keys = 0

Steps = Generator[float, None, None]


def until(condition: Callable[[], bool], seconds: float) -> Steps:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        yield 0.02


def run(*command: str) -> str:
    """Run a program and return what it prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def area_of(kind: str) -> bpy.types.Area:
    """Return the largest area of this kind."""
    areas = [area for area in bpy.context.window_manager.windows[0].screen.areas
             if area.type == kind]  # fmt: skip
    return max(areas, key=lambda area: area.width * area.height)


def region_of(kind: str, region_kind: str) -> bpy.types.Region:
    """Return a region of the largest area of this kind."""
    return next(region for region in area_of(kind).regions if region.type == region_kind)


def context_of(kind: str, region_kind: str) -> dict[str, object]:
    """Return what `temp_override` needs to act in a region."""
    return {
        "window": bpy.context.window_manager.windows[0],
        "area": area_of(kind),
        "region": region_of(kind, region_kind),
    }


def move(x: int, y: int) -> None:
    """Move the mouse to a point of the window, y counted from below as Blender does."""
    height = bpy.context.window_manager.windows[0].height
    run("xdotool", "mousemove", str(x), str(height - y))


def click() -> None:
    """Press the left button."""
    global clicked_at_s, n_clicks
    clicked_at_s = time.monotonic()
    n_clicks += 1
    run("xdotool", "click", "1")


def drag(x: int, y: int, to_x: int) -> Steps:
    """Press the left button at a point, go sideways to another one, and release it."""
    move(x - 1, y)
    yield 0.2
    move(x, y)
    yield 0.2
    run("xdotool", "mousedown", "1")
    yield 0.2
    for share in (0.25, 0.5, 0.75, 1.0):
        move(round(x + share * (to_x - x)), y)
        yield 0.15
    run("xdotool", "mouseup", "1")
    yield 0.5


def double_click() -> None:
    """Press the left button twice."""
    run("xdotool", "click", "--repeat", "2", "--delay", "80", "1")


def press_long() -> Steps:
    """Press the left button for a moment: what lies over the border of an area wants that."""
    global n_clicks
    n_clicks += 1
    run("xdotool", "mousedown", "1")
    yield 0.25
    run("xdotool", "mouseup", "1")


def key(name: str) -> None:
    """Press a key."""
    global n_keys
    n_keys += 1
    run("xdotool", "key", name)


def screenshot(path: Path) -> None:
    """Take a picture of the whole screen."""
    run("import", "-window", "root", str(path))


def under_mouse(kind: str, region_kind: str) -> str:
    """Return the Python call of the button under the mouse, or nothing."""
    window_manager = bpy.context.window_manager
    window_manager.clipboard = ""
    with bpy.context.temp_override(**context_of(kind, region_kind)):
        if bpy.ops.ui.copy_python_command_button.poll():
            bpy.ops.ui.copy_python_command_button()
    return window_manager.clipboard


def hover(kind: str, region_kind: str, path: str, across: float = 0.7) -> Steps:
    """Put the mouse over the slider or menu of the property with this data path.

    Raises:
        RuntimeError: it is not there.
    """
    yield from _over(
        f"property {path}", kind, region_kind, across,
        lambda: property_under_mouse(kind, region_kind) == path,
    )  # fmt: skip


def _over(
    what: str, kind: str, region_kind: str, across: float, is_it: Callable[[], bool]
) -> Steps:
    """Move the mouse down a region until it is over what is sought, at a share of its width."""
    region = region_of(kind, region_kind)
    x = region.x + int(region.width * across)
    for y in range(region.y + region.height - 12, region.y, -9):
        move(x, y)
        yield 0.06
        move(x + 1, y)
        yield 0.06
        if is_it():
            return
    raise RuntimeError(f"there is no {what} in {kind}, {region_kind}")


def property_under_mouse(kind: str, region_kind: str) -> str:
    """Return the data path of the property under the mouse, or nothing."""
    window_manager = bpy.context.window_manager
    window_manager.clipboard = ""
    with bpy.context.temp_override(**context_of(kind, region_kind)):
        if bpy.ops.ui.copy_data_path_button.poll():
            bpy.ops.ui.copy_data_path_button(full_path=False)
    return window_manager.clipboard


def press(kind: str, region_kind: str, call: str, across: float = 0.5) -> Steps:
    """Look for the button with this Python call from above, and press it.

    Raises:
        RuntimeError: it is not there.
    """
    yield from _over(
        f"button {call}", kind, region_kind, across,
        lambda: under_mouse(kind, region_kind).startswith(call),
    )  # fmt: skip
    click()
    yield 0.05


def play(session: Steps, found: dict[str, object], folder: Path) -> None:
    """Do a session step by step, write what it found (found.json), and close Blender."""

    def step() -> float | None:
        try:
            return next(session)
        except StopIteration:
            found["error"] = ""
        except Exception:  # noqa: BLE001 - told by the test
            found["error"] = traceback.format_exc()
            screenshot(folder / "failed.png")
        (folder / "found.json").write_text(json.dumps(found, indent=2))
        bpy.ops.wm.quit_blender()
        return None

    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(step, first_interval=1.0)
