"""Captured faces, below the dialogue's sound."""

import bpy

from .. import operator_names
from ..core import speakers
from . import drawing

_HINT = "A recorded actor is one of the two; the other one reacts"


class DUALTALK_PT_faces(bpy.types.Panel):
    """Recorded faces in place of the network's"""

    bl_label = "Captured Faces"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_parent_id = "DUALTALK_PT_dialogue"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw a recording per speaker, and when it begins."""
        layout, settings = self.layout, context.scene.dualtalk
        row = layout.row()
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.IMPORT_FACE, icon="IMPORT")
        if not (settings.face_a or settings.face_b):
            drawing.sentence(layout, _HINT, "INFO", drawing.width(context))
        for speaker in speakers.SPEAKERS:
            _draw_face(layout, settings, speaker)


def _draw_face(layout: bpy.types.UILayout, settings: bpy.types.PropertyGroup, speaker: int) -> None:
    name = speakers.letter(speaker).lower()
    column = layout.column(align=True)
    split = column.split(factor=0.1, align=True)
    split.label(text=name.upper())
    row = split.row(align=True)
    row.prop(settings, f"face_{name}", text="")
    if getattr(settings, f"face_{name}"):
        row.operator(operator_names.CLEAR_FACE, text="", icon="X").speaker = str(speaker)
        column.prop(settings, f"face_start_{name}", text="Starts at (s)")


CLASSES = (DUALTALK_PT_faces,)
