"""Handing the performance on."""

import bpy

from .. import operator_names, status
from ..properties.choices import FORMATS
from . import drawing

_FACES = {
    operator_names.EXPORT_LIVE_LINK: "SHAPEKEY_DATA",
    operator_names.EXPORT_USD_ANIMATION: "SHAPEKEY_DATA",
    operator_names.EXPORT_MOTION: "ANIM_DATA",
}


class DUALTALK_PT_export(bpy.types.Panel):
    """Scene files for other programs, motion, sound, video"""

    bl_label = "Export"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 50
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw a button per format, or why there is none."""
        layout = self.layout
        width = drawing.width(context)
        reason = status.export_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        column = layout.column()
        column.enabled = not reason
        column.operator_context = "INVOKE_DEFAULT"
        if not drawing.progress(layout, operator_names.EXPORT_SCENE):
            _draw_formats(column, width)
        column.label(text="The Faces' Motion Alone")
        faces = column.column(align=True)
        if not any(drawing.progress(layout, name) for name in _FACES):
            for name, icon in _FACES.items():
                faces.operator(name, icon=icon)
        text = "Stop Streaming" if status.is_streaming() else "Stream Live"
        faces.operator(
            operator_names.STREAM, text=text, icon="PLUGIN", depress=status.is_streaming()
        )
        column.label(text="To Watch and Hear")
        watched = column.column(align=True)
        if not drawing.progress(layout, operator_names.EXPORT_VIDEO):
            watched.operator(operator_names.EXPORT_VIDEO, icon="RENDER_ANIMATION")
        watched.operator(operator_names.EXPORT_SOUND, icon="SOUND")
        drawing.failure(layout, "export", width)


def _draw_formats(layout: bpy.types.UILayout, width_px: float) -> None:
    layout.label(text="Both Characters, for Other Programs")
    grid = layout.grid_flow(row_major=True, columns=2, align=True)
    for identifier, name, _ in FORMATS:
        reason = status.format_reason(identifier)
        if reason:
            drawing.sentence(layout, reason, "INFO", width_px)
        else:
            button = grid.operator(operator_names.EXPORT_SCENE, text=name, icon="EXPORT")
            button.format = identifier


CLASSES = (DUALTALK_PT_export,)
