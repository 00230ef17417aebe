"""Generating a performance, in the sidebars of the 3D view and of the sequencer."""

import bpy

from .. import operator_names, status
from ..preferences.pythons import PACKAGE
from . import drawing

_ONCE = "Needed once: a Python of its own for the network (downloads 0.3 to 4 GB)"


class _Generate:
    bl_label = "Generate"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 20

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """Offer the saved settings."""
        row = self.layout.row(align=True)
        row.menu(operator_names.PRESETS_MENU, text="", icon="PRESET")
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.ADD_PRESET, text="", icon="ADD")

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the settings and the button, or the progress of the job that runs."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        if drawing.progress(layout, operator_names.GENERATE):
            return
        layout.prop(context.scene.dualtalk, "seed")
        layout.prop(context.scene.dualtalk, "has_few_keys")
        reason = status.generate_reason(context)
        row = layout.row()
        row.scale_y = 1.6
        row.enabled = not reason
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.GENERATE, icon="PLAY")
        width = drawing.width(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        changed = status.rate_problem(context.scene)
        if changed:
            drawing.sentence(layout, changed, "ERROR", width, alert=True)
        problem = status.words_problem(context.scene)
        if problem:
            drawing.sentence(layout, f"{problem} It is in Words.", "ERROR", width)
        if status.python_reason(context):
            _draw_python(context, layout.box(), width - 20)
        drawing.failure(layout, "generate", width)


def _draw_python(context: bpy.types.Context, layout: bpy.types.UILayout, width_px: float) -> None:
    """Draw how the network gets its Python, and why that did not work."""
    if drawing.progress(layout, operator_names.INSTALL_PYTHON):
        return
    if status.has_chosen_python(context):
        drawing.sentence(layout, status.python_reason(context), "ERROR", width_px, alert=True)
    else:
        drawing.sentence(layout, _ONCE, "IMPORT", width_px)
        drawing.install(layout, context)
    show = layout.operator("preferences.addon_show", text="Preferences", icon="PREFERENCES")
    show.module = PACKAGE
    drawing.failure(layout, "preferences", width_px)


class DUALTALK_PT_generate(_Generate, bpy.types.Panel):
    """Turn the sound into two talking heads"""

    bl_space_type = "VIEW_3D"


class DUALTALK_PT_generate_sequencer(_Generate, bpy.types.Panel):
    """Turn the sound into two talking heads"""

    bl_space_type = "SEQUENCE_EDITOR"


CLASSES = (DUALTALK_PT_generate, DUALTALK_PT_generate_sequencer)
