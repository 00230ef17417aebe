"""What the window's session does to words, moods and layers, by mouse."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import bpy

MODULE = "bl_ext.user_default.dualtalk"
#: What the demo dialogue says (`scripts/make_demo_dialogue.py`).
TRANSCRIPT = """Anna: Good morning! Did you hear about the bridge?
Ben: No, what happened?
Anna: They moved both towers over night, and nobody woke up. Five people saw it.
Ben: Oh. Really? But how would you move a bridge without making any noise?
Anna: Very slowly, I suppose, with oil, and a good many boats.
Ben: Mm hm. Well, perhaps we should go and have a look before they move it back.
Anna: Yes! Bring a camera. I will bring the coffee.
"""


class Editing:
    """The steps, which share the mouse and what was found."""

    def __init__(self, mouse: ModuleType, folder: Path, found: dict[str, object]) -> None:
        self.mouse, self.folder, self.found = mouse, folder, found

    def module(self, name: str) -> ModuleType:
        """Return a module of the add-on."""
        return sys.modules[f"{MODULE}.{name}"]

    def idle(self) -> bool:
        """Tell whether no job runs."""
        return self.module("status").progress() is None

    def look(self, name: str) -> None:
        """Take a picture for the test's folder."""
        self.mouse.screenshot(self.folder / f"{name}.png")

    def armature(self) -> bpy.types.Object:
        """Return A's armature."""
        return self.module("rig.characters.heads").find(bpy.context.scene, 1).armature

    def pressed(self, call: str, across: float = 0.5):  # type: ignore[no-untyped-def]
        """Press a button of the sidebar, which must be there."""
        yield from self.mouse.press("VIEW_3D", "UI", call, across)

    def over(self, path: str):  # type: ignore[no-untyped-def]
        """Put the mouse over a property of the sidebar, which must be there."""
        yield from self.mouse.hover("VIEW_3D", "UI", path)

    def waited(self, condition: Callable[[], bool], seconds: float):  # type: ignore[no-untyped-def]
        """Wait until something holds, no longer than this."""
        for _ in range(int(seconds / 0.1)):
            if condition():
                return
            yield 0.1

    def moods(self):  # type: ignore[no-untyped-def]
        """Key a mood with I over its slider."""
        yield from self.over('["mood_happy"]')
        self.mouse.key("i")
        yield 0.7
        fcurves = self.module("rig.fcurves")
        curve = fcurves.find_fcurve(self.armature(), '["mood_happy"]')
        self.found["mood_keyed"] = 0 if curve is None else len(curve.keyframe_points)
        self.look("mood_keyed")

    def layers(self):  # type: ignore[no-untyped-def]
        """Choose NLA tracks from the menu, and one action again."""
        for below_px, name in ((47, "tracks_by_mouse"), (24, "action_by_mouse")):
            yield from self.over("dualtalk.layers_as")
            self.mouse.click()
            yield 0.7
            self.look(f"layers_{name}")
            # Items lie 23 pixels apart under the menu's button.
            self.mouse.run("xdotool", "mousemove_relative", "--", "0", str(below_px))
            yield 0.3
            self.mouse.click()
            wanted = name == "tracks_by_mouse"
            yield from self.waited(lambda wanted=wanted: bool(self.n_tracks()) == wanted, 15)
            self.found[name] = self.n_tracks()

    def n_tracks(self) -> int:
        """Count the NLA tracks of A's armature."""
        return len(self.armature().animation_data.nla_tracks)

    def words(self):  # type: ignore[no-untyped-def]
        """Align a transcript, drag an edge of a word, take it back, and open a word."""
        scene = bpy.context.scene
        text = bpy.data.texts.new("Transcript")
        text.write(TRANSCRIPT)
        scene.dualtalk.transcript = text
        yield 1.0
        yield from self.pressed("bpy.ops.dualtalk.align_words")
        yield from self.waited(lambda: not self.idle(), 5)
        yield from self.waited(self.idle, 120)
        yield 1.0
        says = self.armature().dualtalk.says
        self.found["words_aligned"] = [word.name for word in says.words]
        self.look("words_panel")
        yield from self.rows()

    def rows(self):  # type: ignore[no-untyped-def]
        """Show the rows in a large Dope Sheet, and edit them there."""
        scene, mouse = bpy.context.scene, self.mouse
        area = mouse.area_of("VIEW_3D")
        area.ui_type = "DOPESHEET"
        yield 1.0
        mouse.move(area.x + area.width // 2, area.y + area.height // 2)
        with bpy.context.temp_override(**mouse.context_of("DOPESHEET_EDITOR", "WINDOW")):
            bpy.ops.action.view_all()
            for _ in range(25):
                bpy.ops.view2d.zoom_in()
        yield 1.0
        rows = self.module("rig.performance.speech.rows")
        stored = self.module("rig.performance.speech.stored")
        region = mouse.region_of("DOPESHEET_EDITOR", "WINDOW")
        said = stored.words_of(self.armature())
        middle = rows.time_at(scene, region, region.width / 2)
        index = min(range(len(said)), key=lambda i: abs(said[i].end_s - middle))
        edge = said[index].end_s
        x = round(region.x + rows.x_of(scene, region, edge))
        y = round(region.y + rows.middle_of(region, "words"))
        self.look("words_rows")
        yield from mouse.drag(x, y, x - 12)
        self.found["edge_moved"] = stored.words_of(self.armature())[index].end_s - edge
        self.look("words_dragged")
        mouse.key("ctrl+z")
        yield 1.0
        scene, region = bpy.context.scene, mouse.region_of("DOPESHEET_EDITOR", "WINDOW")
        back = stored.words_of(self.armature())[index].end_s
        self.found["edge_undone"] = abs(back - edge) < 1e-6
        inside = (said[index].start_s + edge) / 2
        mouse.move(round(region.x + rows.x_of(scene, region, inside)), y)
        yield 0.3
        mouse.double_click()
        yield 1.0
        self.look("words_changed")
        mouse.key("Escape")
        yield 0.5
        area.ui_type = "VIEW_3D"
        yield 1.0
