"""The performance as one action, or as NLA tracks with a track per layer."""

import bpy
from bpy.props import BoolProperty

from ... import operator_names, status
from ...properties.strengths import apply_strengths
from ...rig.performance.editing import pushed_down
from ..button import Button
from .edits import EditsButton


class DUALTALK_OT_unflatten(EditsButton):
    """Give each layer of the performance an NLA track; Generate does so too from then on"""

    bl_idname = operator_names.UNFLATTEN
    bl_label = "Performance as NLA Tracks"

    is_additive: BoolProperty(
        name="Additive", description="Add the tracks to what is below them, in place of replacing",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    def run(self, context: bpy.types.Context) -> str:
        """Move the curves into tracks."""
        context.scene.dualtalk.layers_as = "ADD" if self.is_additive else "REPLACE"
        return "Lips, expression, head and blinks are NLA tracks"


class DUALTALK_OT_flatten(EditsButton):
    """Move the NLA tracks of the performance back into one action, with what was done to them"""

    bl_idname = operator_names.FLATTEN
    bl_label = "Performance as One Action"

    def run(self, context: bpy.types.Context) -> str:
        """Move the curves back."""
        context.scene.dualtalk.layers_as = "ACTION"
        return "The performance is one action"


class DUALTALK_OT_bring_back(Button):
    """Take the performance out of the NLA strip that you pushed it down into, to change it again"""

    bl_idname = operator_names.BRING_BACK
    bl_label = "Bring It Back"
    stage = "performance"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return that it plays already, or nothing."""
        is_down = status.pushed_down_reason(context.scene)
        return "" if is_down else "The performance plays as an action already."

    def run(self, context: bpy.types.Context) -> str:
        """Let it play as an action."""
        n = pushed_down.bring_back(context.scene)
        apply_strengths(context.scene)
        return f"{n} strip{'' if n == 1 else 's'} taken out of the NLA: sliders act again"


CLASSES = (DUALTALK_OT_unflatten, DUALTALK_OT_flatten, DUALTALK_OT_bring_back)
