"""What can be changed after generating: takes, and the strength of each layer."""

import bpy

from .. import operator_names, status
from ..core.motion_layers import LAYERS
from ..properties.scene import next_seed
from . import drawing

#: So many conflicts are listed; the rest is in the scene's property.
_MOST_CONFLICTS = 8


class DUALTALK_PT_performance(bpy.types.Panel):
    """Takes and layers of what was generated"""

    bl_label = "Performance"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 40
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the takes, then a column of strengths for each speaker."""
        layout = self.layout
        width = drawing.width(context)
        reason = status.performance_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
        column = layout.column()
        column.enabled = not reason
        _draw_takes(context, column)
        _draw_pushed_down(context, column, width)
        unknown = status.edits_reason(context)
        _draw_retake(context, column, width, unknown)
        _draw_edits(context, column, width, unknown)
        _draw_strengths(context, column, width)
        drawing.failure(layout, "performance", width)


def _draw_pushed_down(
    context: bpy.types.Context, layout: bpy.types.UILayout, width_px: float
) -> None:
    """Say that the performance is an NLA strip of the user's, with the button that ends it."""
    reason = status.pushed_down_reason(context.scene)
    if reason:
        box = layout.box()
        drawing.sentence(box, reason, "ERROR", width_px - 20, alert=True)
        box.operator(operator_names.BRING_BACK, icon="LOOP_BACK")


def _is_said(context: bpy.types.Context, reason: str) -> bool:
    """Tell whether a sentence stands above already."""
    return reason == status.pushed_down_reason(context.scene)


def _draw_takes(context: bpy.types.Context, layout: bpy.types.UILayout) -> None:
    settings = context.scene.dualtalk
    column = layout.column(align=True)
    for index, take in enumerate(settings.takes):
        row = column.row(align=True)
        plays = index == settings.take
        if plays:
            row.label(text="", icon="PLAY")
        else:
            row.operator(operator_names.USE_TAKE, text="", icon="RADIOBUT_OFF").index = index
        row.prop(take, "name", text="")
        row.label(text=f"variation {take.seed}")
        if not plays:
            row.operator(operator_names.COMPARE_TAKE, text="", icon="ARROW_LEFTRIGHT").index = index
            row.operator(operator_names.REMOVE_TAKE, text="", icon="X").index = index
    if len(settings.compared.parts):
        _draw_comparison(settings, layout)
    row = layout.row()
    row.operator_context = "INVOKE_DEFAULT"
    another = row.operator(operator_names.GENERATE, text="Another Take", icon="ADD")
    another.keeps_take = True
    another.seed = next_seed(settings)


def _draw_comparison(settings: bpy.types.PropertyGroup, layout: bpy.types.UILayout) -> None:
    box = layout.box()
    first, last = settings.compared.frame_start, settings.compared.frame_end
    box.label(text=f"Frames {first} to {last}", icon="ARROW_LEFTRIGHT")
    row = box.row(align=True)
    row.prop(settings, "compared_share", slider=True)
    row.operator(operator_names.FLIP_TAKE)
    row = box.row(align=True)
    row.operator(operator_names.KEEP_COMPARED, icon="CHECKMARK")
    row.operator(operator_names.DROP_COMPARED, icon="LOOP_BACK")


def _draw_retake(
    context: bpy.types.Context, layout: bpy.types.UILayout, width_px: float, unknown: str
) -> None:
    for job in (operator_names.RETAKE, operator_names.RETAKE_TURNS):
        if drawing.progress(layout, job):
            return
    settings = context.scene.dualtalk
    box = layout.box()
    row = box.row(align=True)
    row.label(text="Retake")
    row.prop(settings, "retakes_a", toggle=True)
    row.prop(settings, "retakes_b", toggle=True)
    box.row().prop(settings, "retake_over", expand=True)
    box.grid_flow(row_major=True, columns=2, align=True).prop(settings, "retaken_layers")
    reason = unknown or status.retake_reason(context)
    row = box.row()
    row.enabled = not reason
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(operator_names.RETAKE, icon="FILE_REFRESH")
    if settings.mode == "MIXED":
        row = box.row()
        row.enabled = not unknown
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.RETAKE_TURNS, icon="SEQ_STRIP_META")
    if reason and not _is_said(context, reason):
        drawing.sentence(box, reason, "INFO", width_px - 20)


def _draw_edits(
    context: bpy.types.Context, layout: bpy.types.UILayout, width_px: float, unknown: str
) -> None:
    settings = context.scene.dualtalk
    row = layout.row()
    row.enabled = not unknown
    row.prop(settings, "layers_as")
    layout.prop(settings, "keeps_edits")
    row = layout.row(align=True)
    row.enabled = not unknown
    row.operator(operator_names.SHOW_EDITS, icon="RESTRICT_SELECT_OFF")
    row.operator(operator_names.DROP_EDITS, icon="LOOP_BACK")
    row = layout.row(align=True)
    row.enabled = not unknown
    for speaker, letter in (("1", "A"), ("2", "B")):
        text = f"Close {letter}'s Lips Here"
        row.operator(operator_names.CLOSE_LIPS, text=text).speaker = speaker
    if settings.conflicts:
        box = layout.box()
        box.label(text="Edits to look at", icon="ERROR")
        for line in settings.conflicts.splitlines()[:_MOST_CONFLICTS]:
            drawing.sentence(box, line, "DOT", width_px - 20)


def _draw_strengths(
    context: bpy.types.Context, layout: bpy.types.UILayout, width_px: float
) -> None:
    settings = context.scene.dualtalk
    reason = status.strengths_reason(context)
    if reason and not _is_said(context, reason):
        drawing.sentence(layout, reason, "INFO", width_px)
    column = layout.column(align=True)
    column.enabled = not reason
    _strengths_row(column, "Strength", "Speaker A", "Speaker B")
    for layer in LAYERS:
        cells = _strengths_row(column, settings.strengths_a.bl_rna.properties[layer].name)
        for cell, letter in zip(cells, "ab", strict=True):
            cell.prop(getattr(settings, f"strengths_{letter}"), layer, text="", slider=True)
    layout.operator(operator_names.RESET_STRENGTHS, icon="LOOP_BACK")


def _strengths_row(
    layout: bpy.types.UILayout, label: str, *titles: str
) -> tuple[bpy.types.UILayout, bpy.types.UILayout]:
    """Draw the name of a row, and return where A's and B's part of it goes."""
    split = layout.split(factor=0.34, align=True)
    split.label(text=label)
    cells = split.row(align=True), split.row(align=True)
    for cell, title in zip(cells, titles, strict=False):
        cell.label(text=title)
    return cells


CLASSES = (DUALTALK_PT_performance,)
