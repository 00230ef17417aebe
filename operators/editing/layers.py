"""The performance as one action, or as NLA tracks with a track per layer."""

import bpy
from bpy.props import BoolProperty

from ... import operator_names
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


CLASSES = (DUALTALK_OT_unflatten, DUALTALK_OT_flatten)
