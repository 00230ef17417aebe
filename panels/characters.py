"""Who the two speakers are, in the sidebar of the 3D view."""

import bpy

from .. import operator_names, status
from ..core import speakers
from . import drawing


class DUALTALK_PT_characters(bpy.types.Panel):
    """Who the two speakers are"""

    bl_label = "Characters"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 15
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw a box per speaker."""
        layout = self.layout
        width = drawing.width(context)
        reason = status.characters_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        for speaker in speakers.SPEAKERS:
            box = layout.box()
            _draw_speaker(context, box, speaker, width - 20)
        drawing.failure(layout, "characters", width)


def _draw_speaker(
    context: bpy.types.Context, box: bpy.types.UILayout, speaker: int, width: float
) -> None:
    person = status.person_of(context.scene, speaker)
    row = box.row(align=True)
    if person.problem:
        row.label(text=f"Speaker {person.letter}", icon="USER")
        row.operator(operator_names.REMOVE_CHARACTER, icon="X").speaker = str(speaker)
        drawing.sentence(box, person.problem, "ERROR", width, alert=True)
        return
    if not person.label:
        row.label(text=f"Speaker {person.letter}: built by Generate, or", icon="USER")
        _draw_ways(box, speaker)
        return
    row.label(text=f"Speaker {person.letter}: {person.name or person.label}", icon="USER")
    row.operator(operator_names.REMOVE_CHARACTER, text="", icon="X").speaker = str(speaker)
    if person.can_be_replaced:
        _draw_bind(box.column(), speaker)
    for text, icon in person.facts:
        drawing.sentence(box, text, icon, width)
    if person.has_correctives is not None:
        _draw_flame(box, person, speaker)


def _draw_ways(box: bpy.types.UILayout, speaker: int) -> None:
    """Draw the buttons that give a speaker a character."""
    column = box.column(align=True)
    _draw_bind(column, speaker)
    row = column.row(align=True)
    row.operator(operator_names.ADD_HEAD, text="Built-in").speaker = str(speaker)
    row.operator(operator_names.ADD_FLAME_HEAD, text="FLAME").speaker = str(speaker)


def _draw_bind(layout: bpy.types.UILayout, speaker: int) -> None:
    layout.operator_context = "INVOKE_DEFAULT"
    layout.operator(operator_names.BIND_CHARACTER, icon="LINKED").speaker = str(speaker)


def _draw_flame(box: bpy.types.UILayout, person: status.Person, speaker: int) -> None:
    column = box.column(align=True)
    column.operator_context = "INVOKE_DEFAULT"
    column.operator(operator_names.COPY_IDENTITY, icon="COPYDOWN").speaker = str(speaker)
    column.operator(operator_names.REFIT_JOINTS, icon="BONE_DATA").speaker = str(speaker)
    icon = "CHECKBOX_HLT" if person.has_correctives else "CHECKBOX_DEHLT"
    column.operator(operator_names.TOGGLE_CORRECTIVES, icon=icon).speaker = str(speaker)


CLASSES = (DUALTALK_PT_characters,)
