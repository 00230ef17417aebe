"""What the window's session does to words, moods and layers, by mouse."""

import sys
import wave
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

    def done(self):  # type: ignore[no-untyped-def]
        """Wait until the job that was started has ended, however busy the machine is."""
        yield from self.waited(lambda: not self.idle(), 10)
        yield from self.waited(self.idle, 600)
        yield 1.0

    def undone(self):  # type: ignore[no-untyped-def]
        """Press Ctrl Z once over the 3D view."""
        region = self.mouse.region_of("VIEW_3D", "WINDOW")
        self.mouse.move(region.x + region.width // 3, region.y + region.height // 2)
        yield 0.4
        self.mouse.key("ctrl+z")
        yield 1.5

    def eyes(self) -> list[float]:
        """Return the edges of A's looks, frames and values."""
        return list(self.module("rig.gaze.gaze_keys").edges(self.armature()))

    def rows_retaken(self):  # type: ignore[no-untyped-def]
        """Retake looks alone over a selected strip, by mouse, and take it back by one key."""
        scene = bpy.context.scene
        compat, fps = self.module("rig.compat"), scene.render.fps
        strips = compat.strips_of(scene)
        for strip in strips:
            strip.select = False
        first = scene.frame_start + 2 * fps
        strip = compat.new_color_strip(strips, "Cut", 20, first, first + 6 * fps)
        strip.select = True
        scene.use_preview_range = False
        scene.dualtalk.retaken_layers = {"lips"}
        bpy.ops.ed.undo_push(message="Cut")
        yield 0.5
        yield from self.mouse.hover("VIEW_3D", "UI", "dualtalk.retake_over", 0.75)
        self.mouse.click()
        yield 0.7
        # The rows share a path; Gaze is the third on the right, 23 pixels below each other.
        yield from self.mouse.hover("VIEW_3D", "UI", "dualtalk.retaken_layers", 0.75)
        self.mouse.run("xdotool", "mousemove_relative", "--", "0", "50")
        yield 0.3
        self.mouse.click()
        yield 0.7
        self.found["rows_by_mouse"] = [scene.dualtalk.retake_over, *scene.dualtalk.retaken_layers]
        self.look("retake_rows")
        before = self.eyes()
        yield from self.pressed("bpy.ops.dualtalk.retake")
        yield from self.done()
        after = self.eyes()
        ends = (first - 1, first + 6 * fps)
        self.found["looks_retaken"] = before != after
        self.found["looks_left_the_rest"] = _outside(before, ends) == _outside(after, ends)
        self.look("looks_retaken")
        yield from self.undone()
        self.found["looks_undone"] = self.eyes() == before
        scene = bpy.context.scene
        strips = compat.strips_of(scene)
        strips.remove(strips["Cut"])
        scene.dualtalk.retake_over = "PREVIEW"

    def pushed_down(self):  # type: ignore[no-untyped-def]
        """Push A's performance down, read what the panel says, and bring it back by its button."""
        compat, data = self.module("rig.compat"), self.armature().animation_data
        action, slot = data.action, compat.slot_name(data)
        track = data.nla_tracks.new()
        first = action.frame_range[0]
        strip = track.strips.new(action.name, round(first), action)
        compat.choose_slot(strip, slot)
        strip.action_frame_start = strip.frame_start = first
        data.action = None
        bpy.ops.ed.undo_push(message="Pushed down")
        yield 1.0
        self.look("pushed_down")
        yield from self.pressed("bpy.ops.dualtalk.bring_back")
        yield 1.0
        data = self.armature().animation_data
        self.found["brought_back"] = data.action is not None and not data.nla_tracks
        yield from self.undone()
        self.found["bring_back_undone"] = len(self.armature().animation_data.nla_tracks)
        self.mouse.key("ctrl+shift+z")
        yield 1.5

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
        yield from self.done()
        says = self.armature().dualtalk.says
        self.found["words_aligned"] = [word.name for word in says.words]
        self.look("words_panel")
        yield from self.rows()
        yield from self.outdated()

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

    def outdated(self):  # type: ignore[no-untyped-def]
        """Correct a word, choose a sound that begins later, and match the words anew."""
        scene = bpy.context.scene
        stored = self.module("rig.performance.speech.stored")
        bpy.ops.dualtalk.set_word(speaker="1", index=3, text="you", phones="Y AH")
        before = stored.words_of(self.armature())
        original = scene.dualtalk.sound_a
        scene.dualtalk.sound_a = str(_later(Path(original), self.folder / "later.wav"))
        bpy.ops.ed.undo_push(message="Another sound")
        yield 2.0
        self.found["words_said"] = self.module("status").words_problem(scene)
        self.look("words_outdated")
        yield from self.pressed("bpy.ops.dualtalk.align_words")
        yield from self.done()
        now = stored.words_of(self.armature())
        self.found["words_kept"] = [phone.name for phone in now[3].phones]
        self.found["words_later_by"] = now[3].start_s - before[3].start_s
        self.found["words_fit"] = self.module("status").words_problem(bpy.context.scene) == ""
        self.look("words_again")
        yield from self.undone()
        back = stored.words_of(self.armature())
        self.found["words_undone"] = [w.start_s for w in back] == [w.start_s for w in before]
        bpy.context.scene.dualtalk.sound_a = original
        yield 0.5


#: By so much the changed sound begins later, seconds.
LATER_S = 0.48


def _later(sound: Path, target: Path) -> Path:
    """Write a sound with silence before it."""
    with wave.open(str(sound)) as read, wave.open(str(target), "wb") as written:
        written.setparams(read.getparams())
        n_silent = round(LATER_S * read.getframerate())
        written.writeframes(bytes(n_silent * read.getsampwidth() * read.getnchannels()))
        written.writeframes(read.readframes(read.getnframes()))
    return target


def _outside(flat: list[float], ends: tuple[float, float]) -> list[tuple[float, float]]:
    """Return frames and values of keys outside a range."""
    keys = zip(flat[::2], flat[1::2], strict=True)
    return [key for key in keys if not ends[0] <= key[0] <= ends[1]]
