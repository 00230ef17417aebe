"""Presets of the settings: saved, loaded and removed by Blender's own preset machinery."""

import bpy
from bl_operators.presets import AddPresetBase
from bpy.props import BoolProperty, StringProperty

from .. import operator_names
from ..properties.staging import PERSON_SLIDERS

#: Folder below Blender's own of presets.
FOLDER = "dualtalk"
#: A preset is a file of this name.
_MOST_NAME_BYTES = 200
_LAYERS = ("lips", "expression", "head", "blinks", "gaze", "lip_shapes", "jaw", "tongue")


class DUALTALK_MT_presets(bpy.types.Menu):
    """Saved settings of staging, gaze and layers"""

    bl_label = "DualTalk Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the presets, or how to make the first."""
        if any(bpy.utils.preset_paths(FOLDER)):
            self.draw_preset(context)
        else:
            self.layout.label(text="None yet: press + to save the settings", icon="INFO")


class DUALTALK_OT_add_preset(AddPresetBase, bpy.types.Operator):
    """Save the settings of staging, gaze and layers under a name, or remove a saved one"""

    bl_idname = operator_names.ADD_PRESET
    bl_label = "Save Preset"
    preset_menu = operator_names.PRESETS_MENU
    preset_subdir = FOLDER
    preset_defines = (
        "settings = bpy.context.scene.dualtalk",
        "staging = bpy.context.scene.dualtalk.staging",
    )
    preset_values = (
        "staging.distance",
        "staging.cut_style",
        *(f"staging.{who}.{name}" for who in ("first", "second") for name in PERSON_SLIDERS),
        *(f"settings.strengths_{who}.{name}" for who in "ab" for name in _LAYERS),
    )

    name: StringProperty(
        name="Name", description="What the preset is called", options={"SKIP_SAVE"}
    )
    remove_name: BoolProperty(
        name="Remove by Name", description="Remove the preset of this name", default=False,
        options={"HIDDEN", "SKIP_SAVE"},
    )  # fmt: skip
    remove_active: BoolProperty(
        name="Remove Active", description="Remove the preset that was chosen last", default=False,
        options={"HIDDEN", "SKIP_SAVE"},
    )  # fmt: skip

    def execute(self, context: bpy.types.Context) -> set[str]:  # type: ignore[override]
        """Save it, unless no file can be called so."""
        file = str(self.as_filename(self.name))
        if not self.name.isprintable() or len(file.encode()) > _MOST_NAME_BYTES:
            self.report({"ERROR"}, "A preset's name is one short line: choose another.")
            return {"CANCELLED"}
        return set(super().execute(context))


CLASSES = (DUALTALK_MT_presets, DUALTALK_OT_add_preset)
