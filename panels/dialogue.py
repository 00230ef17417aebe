"""The dialogue's sound, in the sidebars of the 3D view and of the sequencer."""

import bpy

from . import parts


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
        row.operator("dualtalk.choose_sounds", icon="FILE_FOLDER")
        row.operator("dualtalk.swap_speakers", text="", icon="UV_SYNC_SELECT")
        column = layout.column(align=True)
        for name in ("sound_a", "sound_b"):
            split = column.split(factor=0.1, align=True)
            split.label(text=name[-1].upper())
            split.prop(settings, name, text="")
        width = parts.width(context)
        if not settings.sound_a:
            parts.sentence(layout, "Two files, or a stereo one; drop them here too", "INFO", width)
        elif not settings.sound_b:
            parts.sentence(layout, "One file: a speaker per channel", "INFO", width)
        layout.prop(settings, "first_frame")
        parts.failure(layout, "dialogue", width)


class DUALTALK_PT_dialogue(_Dialogue, bpy.types.Panel):
    """Which sounds are the conversation"""

    bl_space_type = "VIEW_3D"


class DUALTALK_PT_dialogue_sequencer(_Dialogue, bpy.types.Panel):
    """Which sounds are the conversation"""

    bl_space_type = "SEQUENCE_EDITOR"


CLASSES = (DUALTALK_PT_dialogue, DUALTALK_PT_dialogue_sequencer)
