"""A control rig and what it was shown."""

import bpy

from ... import operator_names, status
from ...core import speakers
from ...core.faces.learned import LEARNED
from .. import drawing

_HINT = (
    "Pose a calm face and press Remember Calm Face; then pose the rig once per control and press "
    "Learn This Pose"
)


class DUALTALK_PT_control_rig(bpy.types.Panel):
    """Rigs without shape keys: pose them once per control"""

    bl_label = "Control Rig"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "DualTalk"
    bl_parent_id = "DUALTALK_PT_characters"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender wants a plain set

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the control that is shown next, and what can be done with the rig."""
        layout, width = self.layout, drawing.width(context)
        reason = status.rig_reason(context)
        if reason:
            drawing.sentence(layout, reason, "INFO", width)
            return
        rig = context.active_object
        known = status.learned_controls(rig)
        layout.label(
            text=f"{rig.name}: {len(known)} of {len(LEARNED)} learned", icon="ARMATURE_DATA"
        )
        if not known:
            drawing.sentence(layout, _HINT, "INFO", width)
        layout.operator(operator_names.LEARN_REST, icon="ARMATURE_DATA")
        is_known = rig.dualtalk.control in known
        layout.prop(rig.dualtalk, "control", icon="CHECKMARK" if is_known else "BLANK1")
        row = layout.row(align=True)
        row.operator(operator_names.LEARN_POSE, icon="REC")
        row.operator(operator_names.SHOW_POSE, icon="HIDE_OFF")
        row.operator(operator_names.FORGET_POSE, text="", icon="X")
        layout.operator(operator_names.LEARN_ASSETS, icon="ASSET_MANAGER")
        row = layout.row(align=True)
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.IMPORT_POSES, text="Import", icon="IMPORT")
        row.operator(operator_names.EXPORT_POSES, text="Export", icon="EXPORT")
        row = layout.row(align=True)
        for speaker in speakers.SPEAKERS:
            name = f"Keyframe as {speakers.letter(speaker)}"
            button = row.operator(
                operator_names.WRITE_CONTROLS, text=name, icon="KEYTYPE_KEYFRAME_VEC"
            )
            button.speaker = str(speaker)


CLASSES = (DUALTALK_PT_control_rig,)
