"""Handing the performance on."""

import bpy

from ..operators import export as operators
from ..rig.output import export
from . import drawing


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
        reason = operators.disabled_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        column = layout.column()
        column.enabled = not reason
        column.operator_context = "INVOKE_DEFAULT"
        _draw_formats(column, width)
        row = column.row(align=True)
        row.operator("dualtalk.export_motion", icon="ANIM_DATA")
        row.operator("dualtalk.export_sound", icon="SOUND")
        column.operator("dualtalk.export_video", icon="RENDER_ANIMATION")
        drawing.failure(layout, "export", width)


def _draw_formats(layout: bpy.types.UILayout, width_px: float) -> None:
    grid = layout.grid_flow(row_major=True, columns=2, align=True)
    for identifier, name, _ in operators.FORMATS:
        if not export.missing(identifier):
            grid.operator("dualtalk.export_scene", text=name, icon="EXPORT").format = identifier
    for identifier, _, _ in operators.FORMATS:
        if export.missing(identifier):
            drawing.sentence(layout, export.missing(identifier), "INFO", width_px)


CLASSES = (DUALTALK_PT_export,)
