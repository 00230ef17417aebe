"""Choosing the dialogue's sound."""

import bpy


class DUALTALK_OT_swap_speakers(bpy.types.Operator):
    """Let A say what B said, and the other way round"""

    bl_idname = "dualtalk.swap_speakers"
    bl_label = "Swap Speakers"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Exchange the two sounds."""
        settings = context.scene.dualtalk
        settings.sound_a, settings.sound_b = settings.sound_b, settings.sound_a
        return {"FINISHED"}


CLASSES = (DUALTALK_OT_swap_speakers,)
