"""The panel in which a scene is directed: description, staging, gaze, shots."""

import bpy

from ..operators.staging import DUALTALK_OT_describe, disabled_reason
from ..rig.characters import heads
from ..rig.output import baking
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
        """Show the description, what was understood, and the main button."""
        layout = self.layout
        settings = context.scene.dualtalk_staging
        reason = disabled_reason(context)
        if reason:
            layout.label(text=reason, icon="INFO")
        layout.prop(settings, "description", text="", icon="TEXT")
        row = layout.row(align=True)
        row.prop(settings, "pronouns", text="")
        row.prop(settings.first, "called", text="", placeholder="A's name")
        row.prop(settings.second, "called", text="", placeholder="B's name")
        if not drawing.progress(layout, DUALTALK_OT_describe):
            row = layout.row()
            row.operator_context = "INVOKE_DEFAULT"
            row.operator("dualtalk.describe")
        drawing.failure(layout, "staging", drawing.width(context))
        for line in settings.understood.splitlines():
            layout.label(text=line, icon="CHECKMARK")
        for line in settings.not_understood.splitlines():
            layout.label(text=f"Not understood: {line}", icon="QUESTION")
        row = layout.row(align=True)
        row.prop(settings, "preset", text="")
        row.operator("dualtalk.apply_preset", text="Apply")
        layout.operator("dualtalk.direct")


class DUALTALK_PT_staging_sliders(_Part, bpy.types.Panel):
    """All sliders of staging and habits."""

    bl_label = "Sliders"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Show the distance and a column for each character."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.dualtalk_staging
        layout.prop(settings, "distance")
        layout.prop(settings, "seed")
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
        settings = context.scene.dualtalk_staging
        layout.prop(settings, "show_gaze")
        row = layout.row(align=True)
        row.operator("dualtalk.edit_looks")
        row.operator("dualtalk.follow_edits")
        row = layout.row(align=True)
        row.prop(settings, "look_share")
        row.operator("dualtalk.look_target", text="Look at Active")
        character = heads.find(context.scene, 1)
        is_baked = character is not None and baking.is_baked(character.armature)
        layout.operator("dualtalk.unbake_gaze" if is_baked else "dualtalk.bake_gaze")
        row = layout.row(align=True)
        row.prop(settings, "cut_style", text="")
        row.operator("dualtalk.cut_to_speakers", text="Cut to Speaker")


CLASSES = (DUALTALK_PT_staging, DUALTALK_PT_staging_sliders, DUALTALK_PT_staging_gaze)
