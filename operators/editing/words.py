"""What characters say, corrected word by word; the lips follow."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ... import operator_names
from ...core import speakers
from ...core.errors import InputError
from ...core.speech import pronouncing, transcript, words
from ...core.speech.words import Phone, SpokenWord, Words
from ...properties.choices import SPEAKERS
from ...properties.strengths import apply_strengths
from ...rig.characters import heads
from ...rig.performance.speech import here, lips, rows
from ...rig.performance.speech import stored as kept
from .edits import EditsButton
from .transcript import redraw

#: A new word lasts so long, seconds.
_NEW_WORD_S = 0.3
#: Keymaps of the editors that draw the rows, and their kinds of space.
_EDITORS = (("Dopesheet", "DOPESHEET_EDITOR"), ("Sequencer", "SEQUENCE_EDITOR"))

_keys: list[tuple[bpy.types.KeyMap, bpy.types.KeyMapItem]] = []


def register() -> None:
    """Let the mouse take edges and words in the editors that draw them."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is None:  # in background
        return
    for name, space in _EDITORS:
        keymap = configuration.keymaps.new(name=name, space_type=space)
        for operator, value in (
            (operator_names.SET_WORD, "DOUBLE_CLICK"),
            (operator_names.MOVE_EDGE, "PRESS"),
        ):
            _keys.append((keymap, keymap.keymap_items.new(operator, "LEFTMOUSE", value)))


def unregister() -> None:
    """Leave the mouse to the editors."""
    while _keys:
        keymap, item = _keys.pop()
        keymap.keymap_items.remove(item)


class _WordsButton(EditsButton):
    """A step on what a character says."""

    stage = "words"
    speaker: EnumProperty(name="Person", description="Whose words", items=SPEAKERS)

    def armature(self, context: bpy.types.Context) -> bpy.types.Object:
        """Return the character's armature.

        Raises:
            RigError: there is no head.
        """
        return heads.require(context.scene, int(self.speaker)).armature

    def words(self, context: bpy.types.Context) -> Words:
        """Return what it says.

        Raises:
            InputError: nothing is known.
        """
        found = kept.words_of(self.armature(context))
        if not found:
            who = speakers.label(int(self.speaker))
            raise InputError(f"What {who} says is not known: align a transcript first.")
        return found

    def correct(
        self, context: bpy.types.Context, before: Words, after: Words, how: lips.Change
    ) -> int:
        """Let the lips follow, and keep the words; return how many curves changed."""
        n = lips.change(context.scene, int(self.speaker), how)
        kept.keep(self.armature(context), after)
        apply_strengths(context.scene)
        redraw(context)
        return n


class DUALTALK_OT_move_edge(_WordsButton):
    """Drag where a word or phone begins or ends; the lips follow"""

    bl_idname = operator_names.MOVE_EDGE
    bl_label = "Move Edge"

    phone: IntProperty(name="Phone", description="Index among all of the person", min=0)
    is_end: BoolProperty(name="End", description="Its end, else its start")
    time: FloatProperty(name="Time", description="Seconds from the beginning of the sound", min=0.0)

    _before: Words = ()
    _after: Words = ()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Take the edge under the mouse; a press beside the rows is the editor's."""
        scene, region = context.scene, context.region
        x, y = event.mouse_region_x, event.mouse_region_y
        if region is None or region.type != "WINDOW" or not rows.are_at(scene, region, y):
            return {"PASS_THROUGH"}
        grip = rows.grip_at(scene, region, x, y)
        if grip is None:  # what lies under the rows must not be selected
            return {"CANCELLED"}
        self.speaker, self.phone, self.is_end = scene.dualtalk.words_person, grip.phone, grip.is_end
        self._before = self._after = self.words(context)
        context.window.cursor_modal_set("MOVE_X")
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the mouse; releasing it moves the edge."""
        if event.type == "MOUSEMOVE":
            self.time = max(0.0, rows.time_at(context.scene, context.region, event.mouse_region_x))
            self._after = self._moved(self._before)
            rows.preview(self._after)
            redraw(context)
            return {"RUNNING_MODAL"}
        is_released = event.type == "LEFTMOUSE" and event.value == "RELEASE"
        if not is_released and event.type not in {"ESC", "RIGHTMOUSE"}:
            return {"RUNNING_MODAL"}
        self.cancel(context)
        if not is_released or self._after == self._before:
            return {"CANCELLED"}
        return self.execute(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """Draw again what is kept."""
        rows.preview(None)
        context.window.cursor_modal_restore()
        redraw(context)

    def run(self, context: bpy.types.Context) -> str:
        """Move it, and bend the lips' time."""
        before = self.words(context)
        if self.phone >= len(words.phones_of(before)):
            raise InputError(f"There is no phone {self.phone}: count from 0.")
        after = self._moved(before)
        self.correct(context, before, after, lips.moved(before, after))
        return "The lips follow the edge"

    def _moved(self, before: Words) -> Words:
        move = words.with_end if self.is_end else words.with_edge
        return move(before, self.phone, self.time)


class DUALTALK_OT_set_word(_WordsButton):
    """Change how this word is written or which phones it has; the lips say what is new"""

    bl_idname = operator_names.SET_WORD
    bl_label = "Change Word"

    index: IntProperty(name="Word", description="Index among all of the person", min=0)
    text: StringProperty(name="Word", description="How it is written")
    phones: StringProperty(
        name="Phones", description="What is said, in the phones of the CMU dictionary (HH AH L "
        "OW); empty: as the word is written",
    )  # fmt: skip

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask what the word under the mouse, or the given one, shall be."""
        index, is_given = self.index, self.properties.is_property_set("index")
        if not is_given:
            found = None
            if rows.is_shown() and context.region is not None:
                x, y = event.mouse_region_x, event.mouse_region_y
                found = rows.word_at(context.scene, context.region, x, y)
            if found is None:
                return {"PASS_THROUGH"}
            self.speaker, index = context.scene.dualtalk.words_person, found
        said = kept.words_of(self.armature(context))
        if index >= len(said):
            return {"CANCELLED"}
        self.index, self.text = index, said[index].text
        self.phones = " ".join(phone.name for phone in said[index].phones)
        return context.window_manager.invoke_props_dialog(self, width=360)

    def draw(self, context: bpy.types.Context) -> None:
        """Ask for both."""
        column = self.layout.column()
        column.prop(self, "text")
        column.prop(self, "phones")

    def run(self, context: bpy.types.Context) -> str:
        """Change it."""
        before = self.words(context)
        if self.index >= len(before):
            raise InputError(f"There is no word {self.index}: count from 0.")
        old = before[self.index]
        text, phones = self.text.strip() or old.text, self.phones.upper().split()
        is_same = phones == [phone.name for phone in old.phones]
        if not phones or (is_same and text != old.text):
            phones = spelled(text)
        after = words.with_text(before, self.index, text, phones)
        self.correct(context, before, after, lips.said_otherwise(before, after))
        return f"{text}: {' '.join(phones)}"


class DUALTALK_OT_add_word(_WordsButton):
    """Add a word at the current frame; the lips say it"""

    bl_idname = operator_names.ADD_WORD
    bl_label = "Add Word"

    text: StringProperty(name="Word", description="How it is written")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for it."""
        return context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> str:
        """Add it."""
        armature = self.armature(context)
        before = kept.words_of(armature)
        start = here.time_now(context.scene, int(self.speaker))
        if start < 0:
            raise InputError("The sound begins later: go to where the word is said.")
        text = self.text.strip()
        phones = spelled(text)
        later = [word.start_s for word in before if word.start_s > start]
        end = min([start + _NEW_WORD_S, *later])
        step = (end - start) / len(phones)
        made = tuple(
            Phone(name, start + i * step, start + (i + 1) * step) for i, name in enumerate(phones)
        )
        after = words.with_word(before, SpokenWord(text, made))
        self.correct(context, before, after, lips.said_otherwise(before, after))
        return f"{text}: {' '.join(phones)}"


class DUALTALK_OT_remove_word(_WordsButton):
    """Remove the word at the current frame; the lips no longer say it"""

    bl_idname = operator_names.REMOVE_WORD
    bl_label = "Remove Word"

    def run(self, context: bpy.types.Context) -> str:
        """Remove it."""
        before = self.words(context)
        index = words.at(before, here.time_now(context.scene, int(self.speaker)))
        if index is None:
            raise InputError("No word is said at the current frame: go to one.")
        after = words.without(before, index)
        self.correct(context, before, after, lips.said_otherwise(before, after))
        return f"{before[index].text} was removed"


def spelled(text: str) -> list[str]:
    """Return the phones of a word or some.

    Raises:
        InputError: it has no letters.
    """
    known = pronouncing.bundled()
    said = [part for word in transcript.words_of(text) for part in word.parts]
    if not said:
        raise InputError("Type a word in Latin letters.")
    return [phone for part in said for phone in known.of(part)]


CLASSES = (
    DUALTALK_OT_move_edge,
    DUALTALK_OT_set_word,
    DUALTALK_OT_add_word,
    DUALTALK_OT_remove_word,
)
