"""The panel in which a scene is directed: description, staging, gaze, shots."""

import bpy

from .. import operator_names, status
from . import drawing


class _Part:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_parent_id = "DUALTALK_PT_staging"


class DUALTALK_PT_staging(bpy.types.Panel):
    """Where the two are and where they look."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_label = "Staging"
    bl_order = 18
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Show the description, what was understood, and the presets."""
        layout = self.layout
        settings = context.scene.dualtalk.staging
        reason = status.staging_reason(context)
        if reason:
            layout.label(text=reason, icon="INFO")
        layout.prop(settings, "description", text="", icon="TEXT")
        row = layout.row(align=True)
        row.prop(settings, "pronouns", text="")
        row.prop(settings.first, "called", text="", placeholder="A's name")
        row.prop(settings.second, "called", text="", placeholder="B's name")
        if not drawing.progress(layout, operator_names.DESCRIBE):
            row = layout.row()
            row.operator_context = "INVOKE_DEFAULT"
            row.operator(operator_names.DESCRIBE)
            row.operator(operator_names.RESET_DESCRIPTION, text="", icon="LOOP_BACK")
        drawing.failure(layout, "staging", drawing.width(context))
        for line in settings.understood.splitlines():
            layout.label(text=line, icon="CHECKMARK")
        for line in settings.not_understood.splitlines():
            layout.label(text=f"Not understood: {line}", icon="QUESTION")
        row = layout.row(align=True)
        row.prop(settings, "preset", text="")
        row.operator(operator_names.APPLY_PRESET, text="Apply")


class DUALTALK_PT_staging_sliders(_Part, bpy.types.Panel):
    """All sliders of staging and habits."""

    bl_label = "Sliders"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Show the distance and a column for each character."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.dualtalk.staging
        layout.prop(settings, "distance")
        layout.prop(context.scene.dualtalk, "seed")
        for label, person in (("Speaker A", settings.first), ("Speaker B", settings.second)):
            column = layout.column(heading=label)
            column.label(text=label)
            for name in ("attention", "shyness", "eye_height", "turn", "lean"):
                column.prop(person, name)
            column.prop(person, "lean_changes")
            if person.lean_changes:
                column.prop(person, "lean_end")
            for name in ("head_turn", "head_turn_changes"):
                column.prop(person, name)
            if person.head_turn_changes:
                column.prop(person, "head_turn_end")
            for name in ("tilt", "nodding"):
                column.prop(person, name)


class DUALTALK_PT_staging_gaze(_Part, bpy.types.Panel):
    """Seeing, editing and baking gaze; shots."""

    bl_label = "Gaze and Shots"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Show the switches and buttons."""
        layout = self.layout
        settings = context.scene.dualtalk.staging
        layout.prop(settings, "show_gaze")
        row = layout.row(align=True)
        row.operator(operator_names.EDIT_LOOKS)
        row.operator(operator_names.FOLLOW_EDITS)
        layout.operator(operator_names.DIRECT, text="Plan Looks Anew")
        row = layout.row(align=True)
        row.prop(settings, "look_share")
        row.operator(operator_names.LOOK_TARGET, text="Look at Active")
        is_baked = status.is_baked(context.scene)
        layout.operator(operator_names.UNBAKE_GAZE if is_baked else operator_names.BAKE_GAZE)
        row = layout.row(align=True)
        row.prop(settings, "cut_style", text="")
        row.operator(operator_names.CUT_TO_SPEAKERS, text="Cut to Speaker")
        row = layout.row()
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.IMPORT_CUTS, icon="IMPORT")


CLASSES = (DUALTALK_PT_staging, DUALTALK_PT_staging_sliders, DUALTALK_PT_staging_gaze)
