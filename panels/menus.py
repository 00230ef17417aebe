"""DualTalk's steps in Blender's menus, where the search (F3) finds them too."""

import bpy


class DUALTALK_MT_dualtalk(bpy.types.Menu):
    """From the sound of a conversation to two talking heads"""

    bl_idname = "DUALTALK_MT_dualtalk"
    bl_label = "DualTalk"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the steps in the order of the work."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("dualtalk.choose_sounds", icon="FILE_FOLDER")
        layout.operator("dualtalk.swap_speakers", icon="UV_SYNC_SELECT")
        layout.operator("dualtalk.find_turns", icon="VIEWZOOM")
        layout.operator("dualtalk.generate", icon="PLAY")
        layout.operator("dualtalk.cancel", icon="CANCEL")
        layout.separator()
        layout.operator("dualtalk.direct")
        layout.operator("dualtalk.cut_to_speakers")
        layout.separator()
        layout.operator("dualtalk.export_scene")
        layout.operator("dualtalk.export_motion")
        layout.operator("dualtalk.export_sound")
        layout.operator("dualtalk.export_video")


def _draw_entry(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.separator()
    self.layout.menu(DUALTALK_MT_dualtalk.bl_idname)


def register() -> None:
    """Add the menu to the object and the strip menu."""
    bpy.types.VIEW3D_MT_object.append(_draw_entry)
    bpy.types.SEQUENCER_MT_strip.append(_draw_entry)


def unregister() -> None:
    """Take the menu out again."""
    bpy.types.SEQUENCER_MT_strip.remove(_draw_entry)
    bpy.types.VIEW3D_MT_object.remove(_draw_entry)


CLASSES = (DUALTALK_MT_dualtalk,)
