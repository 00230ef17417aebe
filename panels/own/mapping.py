"""Which control moves which key of the active mesh."""

import bpy

from ... import operator_names, status
from .. import drawing


class DUALTALK_UL_table(bpy.types.UIList):
    """Rows of a mapping table"""

    def draw_item(  # type: ignore[no-untyped-def] # Blender's signature
        self, _context, layout, _data, item, _icon, _active, _name, _index=0, _flag=0
    ) -> None:
        """Draw a key, what moves it, and how much."""
        row = layout.split(factor=0.42, align=True)
        row.prop(item, "key", text="", emboss=False, icon="SHAPEKEY_DATA")
        row = row.split(factor=0.72, align=True)
        row.prop(item, "control", text="")
        row.prop(item, "factor", text="")


class DUALTALK_PT_table(bpy.types.Panel):
    """Names of other tools: which control moves which shape key"""

    bl_label = "Mapping Table"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_parent_id = "DUALTALK_PT_characters"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the active mesh's table, and what can be done with it."""
        layout = self.layout
        reason = status.table_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", drawing.width(context))
            return
        mesh = context.active_object
        settings = mesh.dualtalk
        layout.label(text=mesh.name, icon="MESH_DATA")
        row = layout.row()
        if context.region is not None:  # a list without one, as in background mode, ends Blender
            row.template_list("DUALTALK_UL_table", "", settings, "rows", settings, "row", rows=6)
        side = row.column(align=True)
        for change, icon in (("ADD", "ADD"), ("REMOVE", "REMOVE"), ("CLEAR", "X")):
            side.operator(operator_names.EDIT_TABLE, text="", icon=icon).change = change
        layout.operator(operator_names.FILL_TABLE, icon="PRESET")
        row = layout.row(align=True)
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.IMPORT_TABLE, text="Import", icon="IMPORT")
        row.operator(operator_names.EXPORT_TABLE, text="Export", icon="EXPORT")
        layout.operator(operator_names.APPLY_TABLE, icon="CHECKMARK")


CLASSES = (DUALTALK_UL_table, DUALTALK_PT_table)
