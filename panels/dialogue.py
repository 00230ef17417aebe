"""The dialogue's sound, in the sidebars of the 3D view and of the sequencer."""

import bpy

from .. import operator_names, status
from . import drawing

_HINTS = {
    "TRACKS": "A sound file per speaker. Drop them on the 3D view too",
    "STEREO": "A file with a speaker on each channel. Drop it on the 3D view too",
    "MIXED": "A recording with both voices in one track. Drop it on the 3D view too",
}
_FOLLOWS = (
    "Generate follows the coloured strips in the sequencer: move, cut, add them. Delete all, and "
    "the turns are found anew"
)


class _Dialogue:
    bl_label = "Dialogue"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_order = 10

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the two sounds and where they start."""
        settings = context.scene.dualtalk
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        row = layout.row(align=True)
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.CHOOSE_SOUNDS, icon="FILE_FOLDER")
        row.operator(
            operator_names.SWAP_SPEAKERS, text="", icon="UV_SYNC_SELECT",
            depress=settings.mode != "TRACKS" and settings.swaps_voices,
        )  # fmt: skip
        layout.operator(operator_names.GATHER_VOICES, icon="SEQ_SEQUENCER")
        layout.prop(settings, "mode", text="")
        _draw_sounds(settings, layout)
        width = drawing.width(context)
        if settings.mode == "MIXED":
            _draw_turns(context, layout, width)
        if not settings.sound_a:
            drawing.sentence(layout, _HINTS[settings.mode], "INFO", width)
            layout.operator(operator_names.DEMO_SOUNDS, icon="SPEAKER")
        icon = status.waveform_icon()
        if icon:
            layout.template_icon(icon, scale=width / 34)
        layout.prop(settings, "first_frame")
        drawing.failure(layout, "dialogue", width)


def _draw_sounds(settings: bpy.types.PropertyGroup, layout: bpy.types.UILayout) -> None:
    column = layout.column(align=True)
    names = {"sound_a": "A", "sound_b": "B"} if settings.mode == "TRACKS" else {"sound_a": "A, B"}
    for name, label in names.items():
        split = column.split(factor=0.1 if len(names) == 2 else 0.2, align=True)
        split.label(text=label)
        split.prop(settings, name, text="")


def _draw_turns(context: bpy.types.Context, layout: bpy.types.UILayout, width: float) -> None:
    """Draw how the turns are found, and what Generate takes them from."""
    settings = context.scene.dualtalk
    layout.prop(settings, "voice_a")
    if drawing.progress(layout, operator_names.FIND_TURNS):
        return
    reason = status.turns_reason(context)
    row = layout.row()
    row.enabled = not reason
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(operator_names.FIND_TURNS, icon="VIEWZOOM")
    files = layout.row(align=True)
    files.operator_context = "INVOKE_DEFAULT"
    files.operator(operator_names.IMPORT_TURNS, icon="IMPORT")
    files.operator(operator_names.EXPORT_TURNS, text="Export Turns", icon="EXPORT")
    if reason and settings.sound_a:  # else a hint stands below that says the same
        drawing.sentence(layout, reason, "INFO", width)
    if settings.sound_a and settings.turns_of == settings.sound_a:
        layout.operator(operator_names.SHOW_TURNS, icon="SEQ_SEQUENCER")
        drawing.sentence(layout, _FOLLOWS, "INFO", width)


class DUALTALK_PT_dialogue(_Dialogue, bpy.types.Panel):
    """Which sounds are the conversation"""

    bl_space_type = "VIEW_3D"


class DUALTALK_PT_dialogue_sequencer(_Dialogue, bpy.types.Panel):
    """Which sounds are the conversation"""

    bl_space_type = "SEQUENCE_EDITOR"


CLASSES = (DUALTALK_PT_dialogue, DUALTALK_PT_dialogue_sequencer)
