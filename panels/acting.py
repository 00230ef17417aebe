"""How each person acts: moods, energy, exaggeration, asymmetry and timing, which act at once."""

import bpy

from .. import operator_names, status
from . import drawing

_TIMING = ("lips", "expression", "head", "blinks")


class DUALTALK_PT_acting(bpy.types.Panel):
    """Moods over time, and sliders of acting"""

    bl_label = "Acting"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 35
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the sliders of one person; I over a slider keys it."""
        layout = self.layout
        settings = context.scene.dualtalk
        layout.row().prop(settings, "acting_person", expand=True)
        found = status.acting_of(context.scene, int(settings.acting_person))
        if found.reason:
            drawing.sentence(layout, found.reason, "INFO", drawing.width(context))
            if found.can_add:
                button = layout.operator(operator_names.ADD_ACTING, icon="ADD")
                button.speaker = settings.acting_person
            return
        down = status.pushed_down_reason(context.scene)
        if down:
            drawing.sentence(layout, down, "ERROR", drawing.width(context), alert=True)
            layout.operator(operator_names.BRING_BACK, icon="LOOP_BACK")
        layout.use_property_split = True
        for title, names in found.groups:
            column = layout.column(align=True, heading=title)
            for path, label in names:
                column.prop(found.armature, path, text=label, slider=True)
        timing = settings.timing_a if settings.acting_person == "1" else settings.timing_b
        layout.label(text="Later than Generated, by")
        column = layout.column(align=True)
        column.use_property_decorate = False
        for name in _TIMING:
            column.prop(timing, name)
        button = layout.operator(operator_names.RESET_ACTING, icon="LOOP_BACK")
        button.speaker = settings.acting_person
        drawing.failure(layout, "acting", drawing.width(context))


CLASSES = (DUALTALK_PT_acting,)
