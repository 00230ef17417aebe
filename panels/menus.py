"""DualTalk's steps in Blender's menus, where the search (F3) finds them too."""

import bpy

from .. import operator_names


class DUALTALK_MT_dualtalk(bpy.types.Menu):
    """From the sound of a conversation to two talking heads"""

    bl_idname = "DUALTALK_MT_dualtalk"
    bl_label = "DualTalk"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the steps in the order of the work."""
        layout = self.layout
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator(operator_names.CHOOSE_SOUNDS, icon="FILE_FOLDER")
        layout.operator(operator_names.GATHER_VOICES, icon="SEQ_SEQUENCER")
        layout.operator(operator_names.SWAP_SPEAKERS, icon="UV_SYNC_SELECT")
        layout.operator(operator_names.FIND_TURNS, icon="VIEWZOOM")
        layout.operator(operator_names.IMPORT_TURNS, icon="IMPORT")
        layout.operator(operator_names.EXPORT_TURNS, icon="EXPORT")
        layout.operator(operator_names.IMPORT_FACE, icon="IMPORT")
        layout.operator(operator_names.GENERATE, icon="PLAY")
        layout.operator(operator_names.CANCEL, icon="CANCEL")
        layout.separator()
        layout.operator(operator_names.DIRECT)
        layout.operator(operator_names.CUT_TO_SPEAKERS)
        layout.operator(operator_names.IMPORT_CUTS)
        layout.separator()
        layout.operator(operator_names.EXPORT_SCENE)
        layout.operator(operator_names.EXPORT_MOTION)
        layout.operator(operator_names.EXPORT_LIVE_LINK)
        layout.operator(operator_names.EXPORT_USD_ANIMATION)
        layout.operator(operator_names.EXPORT_SOUND)
        layout.operator(operator_names.EXPORT_VIDEO)
        layout.operator(operator_names.STREAM)


def _draw_entry(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.separator()
    self.layout.menu(DUALTALK_MT_dualtalk.bl_idname)


def _draw_import(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.operator(operator_names.IMPORT_FACE, text="Captured Face for DualTalk (.csv, .npz)")


def register() -> None:
    """Add the menu to the object and the strip menu, and the files that come in."""
    bpy.types.TOPBAR_MT_file_import.append(_draw_import)
    bpy.types.VIEW3D_MT_object.append(_draw_entry)
    bpy.types.SEQUENCER_MT_strip.append(_draw_entry)


def unregister() -> None:
    """Take the menu out again."""
    bpy.types.SEQUENCER_MT_strip.remove(_draw_entry)
    bpy.types.VIEW3D_MT_object.remove(_draw_entry)
    bpy.types.TOPBAR_MT_file_import.remove(_draw_import)


CLASSES = (DUALTALK_MT_dualtalk,)
