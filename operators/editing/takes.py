"""What an animator does to a performance that is there: strengths of layers, takes."""

import bpy
from bpy.props import IntProperty

from ... import operator_names, status
from ...core.motion_layers import ARTICULATORS, LAYERS
from ...properties.strengths import apply_strengths
from ...rig.performance.editing import takes
from ..button import Button


class _TakeButton(Button):
    """A step that needs a performance."""

    stage = "performance"
    index: IntProperty(name="Take", description="Which of the takes, counted from 0", min=0)

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why there is no performance to change, or nothing."""
        return status.performance_reason(context)


class DUALTALK_OT_use_take(_TakeButton):
    """Let the heads play this take; the present one is kept with all that was edited"""

    bl_idname = operator_names.USE_TAKE
    bl_label = "Use Take"

    def run(self, context: bpy.types.Context) -> str:
        """Exchange the actions."""
        takes.use(context.scene, self.index)
        apply_strengths(context.scene)
        return f"{takes.names(context.scene)[self.index]} plays"


class DUALTALK_OT_remove_take(_TakeButton):
    """Delete this take with its keys"""

    bl_idname = operator_names.REMOVE_TAKE
    bl_label = "Delete Take"

    def run(self, context: bpy.types.Context) -> str:
        """Delete it."""
        names = takes.names(context.scene)
        takes.remove(context.scene, self.index)
        return f"{names[self.index]} was deleted"


class DUALTALK_OT_reset_strengths(Button):
    """Show every layer as it was generated"""

    bl_idname = operator_names.RESET_STRENGTHS
    bl_label = "Reset Strengths"
    stage = "performance"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why they cannot be changed, or nothing."""
        return status.strengths_reason(context)

    def run(self, context: bpy.types.Context) -> str:
        """Set all to 1."""
        settings = context.scene.dualtalk
        for strengths in (settings.strengths_a, settings.strengths_b):
            for layer in (*LAYERS, *ARTICULATORS):
                setattr(strengths, layer, 1.0)
        return "Every layer is as generated"


CLASSES = (DUALTALK_OT_use_take, DUALTALK_OT_remove_take, DUALTALK_OT_reset_strengths)
