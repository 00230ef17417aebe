"""The panel in which a scene is directed: description, staging, gaze, shots."""

import bpy

from .. import operator_names, status
from ..core.directing.staging import PRESETS
from ..core.paths import ASSETS
from . import drawing

_PICTURES = ASSETS / "presets"
_COLUMNS, _ICON_SCALE = 2, 4.6
#: The colours of `rig.gaze.gaze_view`.
_LEGEND = (
    "In the timeline, a row each: green is eye contact, blue looks at the other, grey looks away, "
    "violet looks at an object, yellow speaks. Select Keys of Looks takes you to them"
)


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
        width = drawing.width(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        _draw_presets(layout, settings.preset)
        layout.label(text="Or in your own words:", icon="TEXT")
        column = layout.column(align=True)
        column.prop(settings, "description", text="", placeholder="They sit at a table, she smiles")
        column.prop(settings, "pronouns", text="")
        row = column.row(align=True)
        row.prop(settings.first, "called", text="", placeholder="A's name")
        row.prop(settings.second, "called", text="", placeholder="B's name")
        if not drawing.progress(layout, operator_names.DESCRIBE):
            row = layout.row()
            row.operator_context = "INVOKE_DEFAULT"
            row.operator(operator_names.DESCRIBE)
            row.operator(operator_names.RESET_DESCRIPTION, text="", icon="LOOP_BACK")
        drawing.failure(layout, "staging", width)
        for line in settings.understood.splitlines():
            drawing.sentence(layout, line, "CHECKMARK", width)
        for line in settings.not_understood.splitlines():
            drawing.sentence(layout, f"Not understood: {line}", "QUESTION", width)


def _draw_presets(layout: bpy.types.UILayout, current: str) -> None:
    """Draw a picture of every preset, over the button that stages the two like this."""
    grid = layout.grid_flow(row_major=True, columns=_COLUMNS, even_columns=True, align=True)
    for name, preset in PRESETS.items():
        cell = grid.column(align=True)
        icon = drawing.picture(_PICTURES / f"{name}.png")
        if icon:
            cell.template_icon(icon_value=icon, scale=_ICON_SCALE)
        button = cell.operator(
            operator_names.APPLY_PRESET, text=preset.label, depress=name == current
        )
        button.preset = name


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
        layout.label(text="Looks")
        layout.prop(settings, "show_gaze")
        if settings.show_gaze:
            drawing.sentence(layout, _LEGEND, "INFO", drawing.width(context))
        column = layout.column(align=True)
        column.operator(operator_names.EDIT_LOOKS)
        column.operator(operator_names.FOLLOW_EDITS)
        column.operator(operator_names.DIRECT)
        is_baked = status.is_baked(context.scene)
        column.operator(operator_names.UNBAKE_GAZE if is_baked else operator_names.BAKE_GAZE)
        column = layout.column(align=True)
        column.operator(operator_names.LOOK_TARGET, text="Also Look at Selected Object")
        column.prop(settings, "look_share")
        layout.label(text="Shots")
        column = layout.column(align=True)
        column.prop(settings, "cut_style", text="")
        column.operator(operator_names.CUT_TO_SPEAKERS, text="Cut to Whoever Speaks")
        row = column.row(align=True)
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.IMPORT_CUTS, icon="IMPORT")


CLASSES = (DUALTALK_PT_staging, DUALTALK_PT_staging_sliders, DUALTALK_PT_staging_gaze)
