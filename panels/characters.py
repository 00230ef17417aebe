"""Who the two speakers are, in the sidebar of the 3D view."""

import bpy

from ..core import speakers
from ..operators import characters
from ..rig.characters import heads
from ..rig.characters.flame import FlameHead
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
        reason = characters.disabled_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        for speaker in speakers.SPEAKERS:
            box = layout.box()
            _draw_speaker(context, box, speaker, width - 20)
        drawing.failure(layout, "characters", width)


def _draw_speaker(
    context: bpy.types.Context, box: bpy.types.UILayout, speaker: int, width: float
) -> None:
    letter = speakers.letter(speaker)
    problem = heads.problem(context.scene, speaker)
    found = heads.find(context.scene, speaker)
    row = box.row(align=True)
    if problem:
        row.label(text=f"Speaker {letter}", icon="USER")
        row.operator("dualtalk.remove_character", icon="X").speaker = str(speaker)
        drawing.sentence(box, problem, "ERROR", width, alert=True)
        return
    if found is None:
        row.label(text=f"Speaker {letter}: built by Generate, or", icon="USER")
        _draw_ways(box, speaker)
        return
    row.label(text=f"Speaker {letter}: {found.label}", icon="USER")
    row.operator("dualtalk.remove_character", text="", icon="X").speaker = str(speaker)
    for text, icon in found.facts():
        drawing.sentence(box, text, icon, width)
    if isinstance(found, FlameHead):
        _draw_flame(box, found, speaker)


def _draw_ways(box: bpy.types.UILayout, speaker: int) -> None:
    """Draw the buttons that give a speaker a character."""
    column = box.column(align=True)
    column.operator_context = "INVOKE_DEFAULT"
    column.operator("dualtalk.bind_character", icon="LINKED").speaker = str(speaker)
    row = column.row(align=True)
    row.operator("dualtalk.add_head", text="Built-in").speaker = str(speaker)
    row.operator("dualtalk.add_flame_head", text="FLAME").speaker = str(speaker)


def _draw_flame(box: bpy.types.UILayout, found: FlameHead, speaker: int) -> None:
    column = box.column(align=True)
    column.operator_context = "INVOKE_DEFAULT"
    column.operator("dualtalk.copy_identity", icon="COPYDOWN").speaker = str(speaker)
    column.operator("dualtalk.refit_joints", icon="BONE_DATA").speaker = str(speaker)
    icon = "CHECKBOX_HLT" if found.are_correctives_on else "CHECKBOX_DEHLT"
    column.operator("dualtalk.toggle_correctives", icon=icon).speaker = str(speaker)


CLASSES = (DUALTALK_PT_characters,)
