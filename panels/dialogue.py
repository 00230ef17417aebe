"""The dialogue's sound, in the 3D view's sidebar."""

import bpy


class DUALTALK_PT_dialogue(bpy.types.Panel):
    """Which sounds are the conversation"""

    bl_label = "Dialogue"
    bl_idname = "DUALTALK_PT_dialogue"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the two sounds and where they start."""
        settings = context.scene.dualtalk
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.prop(settings, "sound_a")
        column.prop(settings, "sound_b")
        layout.operator("dualtalk.swap_speakers", icon="ARROW_LEFTRIGHT")
        layout.prop(settings, "first_frame")


CLASSES = (DUALTALK_PT_dialogue,)
