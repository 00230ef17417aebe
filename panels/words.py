"""What the two say: the transcript, its words, and what they do to the lips."""

import bpy

from .. import operator_names, status
from ..core.motion_layers import ARTICULATORS
from ..properties.choices import MOUTH_CHANGES
from . import drawing

_ICONS = {"WIDER": "FULLSCREEN_ENTER", "SMALLER": "FULLSCREEN_EXIT", "HOLD": "PAUSE",
          "REST": "REMOVE", "SMOOTH": "MOD_SMOOTH"}  # fmt: skip
#: As short as they must be beside two numbers.
_ARTICULATORS = {"lip_shapes": "Lips", "jaw": "Jaw", "tongue": "Tongue"}


class DUALTALK_PT_words(bpy.types.Panel):
    """Lips by words: a transcript that is aligned to the sound, and corrections"""

    bl_label = "Words"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 45
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the transcript, then what can be done to the words of one person."""
        layout, settings = self.layout, context.scene.dualtalk
        width = drawing.width(context)
        layout.template_ID(settings, "transcript", new="text.new", open="text.open")
        if not drawing.progress(layout, operator_names.ALIGN_WORDS):
            reason = status.words_reason(context)
            _draw_outdated(context, layout, width)
            row = layout.row(align=True)
            row.enabled = not reason
            row.operator_context = "INVOKE_DEFAULT"
            row.operator(operator_names.ALIGN_WORDS, icon="ALIGN_JUSTIFY")
            plain = row.operator(operator_names.ALIGN_WORDS, text="", icon="LOOP_BACK")
            plain.keeps_corrections = False
            row = layout.row()
            row.enabled = not status.words_reason(context, has_transcript=True)
            row.operator_context = "INVOKE_DEFAULT"
            hears = row.operator(
                operator_names.ALIGN_WORDS, text="Recognise Words", icon="OUTLINER_OB_SPEAKER"
            )
            hears.recognises = True
            if reason:
                drawing.sentence(layout, reason, "INFO", width)
        layout.row().prop(settings, "words_person", expand=True)
        layout.prop(settings, "shows_words")
        _draw_mouth(context, layout, width)
        _draw_articulators(context, layout)
        drawing.failure(layout, "words", width)


def _draw_outdated(context: bpy.types.Context, layout: bpy.types.UILayout, width: float) -> None:
    """Say that words are of another sound or turns, with the button that finds them again."""
    problem = status.words_problem(context.scene)
    if not problem:
        return
    box = layout.box()
    drawing.sentence(box, problem, "ERROR", width - 20, alert=True)
    row = box.row()
    row.enabled = not status.words_reason(context, has_transcript=True)
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(operator_names.ALIGN_WORDS, text="Match Anew", icon="FILE_REFRESH")


def _draw_mouth(context: bpy.types.Context, layout: bpy.types.UILayout, width: float) -> None:
    speaker = context.scene.dualtalk.words_person
    found = status.word_here(context.scene, int(speaker))
    box = layout.box()
    unknown = status.edits_reason(context)
    if unknown:
        drawing.sentence(box, unknown, "INFO", width - 20)
    column = box.column()
    column.enabled = not unknown
    row = column.row(align=True)
    if found.index is None:
        row.label(text=found.note)
    else:
        row.operator_context = "INVOKE_DEFAULT"
        change = row.operator(operator_names.SET_WORD, text=found.text, icon="GREASEPENCIL")
        change.speaker, change.index = speaker, found.index
        row.operator(operator_names.REMOVE_WORD, text="", icon="X").speaker = speaker
        column.label(text=found.note)
    row = column.row()
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(operator_names.ADD_WORD, icon="ADD").speaker = speaker
    column.operator(operator_names.CLOSE_LIPS, icon="KEY_HLT").speaker = speaker
    grid = column.grid_flow(row_major=True, columns=2, align=True)
    for how, label, _ in MOUTH_CHANGES:
        button = grid.operator(operator_names.SHAPE_MOUTH, text=label, icon=_ICONS[how])
        button.speaker, button.how = speaker, how


def _draw_articulators(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    settings = context.scene.dualtalk
    letter = "a" if settings.words_person == "1" else "b"
    reason = status.strengths_reason(context)
    column = layout.column(align=True)
    column.enabled = not reason
    for part in ARTICULATORS:
        row = column.row(align=True)
        strengths = getattr(settings, f"strengths_{letter}")
        row.prop(strengths, part, slider=True, text=_ARTICULATORS[part])
        row.prop(getattr(settings, f"timing_{letter}"), part, text="Later (ms)")


CLASSES = (DUALTALK_PT_words,)
