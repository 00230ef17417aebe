"""Two takes compared over a range: begun, flipped, kept, taken back."""

import bpy
from bpy.props import IntProperty

from ... import operator_names, status
from ...properties.scene import retake_wanted
from ...properties.strengths import apply_strengths
from ...rig.performance.editing import comparing, takes
from ..button import Button


class _CompareButton(Button):
    """A step that needs two takes that are compared."""

    stage = "performance"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return that nothing is compared, or nothing."""
        reason = status.performance_reason(context)
        return reason or ("" if comparing.is_on(context.scene) else "No takes are compared")


class DUALTALK_OT_compare_take(Button):
    """Compare this take with the one that plays: in the time of a retake, if it is set"""

    bl_idname = operator_names.COMPARE_TAKE
    bl_label = "Compare Take"
    stage = "performance"
    index: IntProperty(name="Take", description="Which of the takes, counted from 0", min=0)

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why takes cannot be compared now, or nothing."""
        return status.edits_reason(context)

    def run(self, context: bpy.types.Context) -> str:
        """Begin, and show the other take."""
        scene = context.scene
        first, last = scene.frame_start, scene.frame_end
        times = status.retake_times(scene)
        if times:
            first, last = times[0][0], times[-1][1]
        comparing.start(scene, self.index, retake_wanted(scene.dualtalk, first, last))
        scene.dualtalk.compared_share = 1.0
        name = takes.names(scene)[self.index]
        return f"{name} plays in frames {first} to {last}: Show the Other flips them"


class DUALTALK_OT_flip_take(_CompareButton):
    """Flip between the take that plays and the compared one; give it a key by a right click"""

    bl_idname = operator_names.FLIP_TAKE
    bl_label = "Show the Other"

    def run(self, context: bpy.types.Context) -> str:
        """Show the other one."""
        settings = context.scene.dualtalk
        settings.compared_share = 0.0 if settings.compared_share > 0.5 else 1.0
        shown = settings.compared_with if settings.compared_share else settings.take
        return f"{settings.takes[shown].name} plays"


class DUALTALK_OT_keep_compared(_CompareButton):
    """Let the take that plays be as it is seen now"""

    bl_idname = operator_names.KEEP_COMPARED
    bl_label = "Keep as Seen"

    def run(self, context: bpy.types.Context) -> str:
        """End, with what is seen."""
        comparing.keep(context.scene)
        apply_strengths(context.scene)
        return "The take is as it is seen"


class DUALTALK_OT_drop_compared(_CompareButton):
    """Let the take play as it was before it was compared"""

    bl_idname = operator_names.DROP_COMPARED
    bl_label = "Leave as It Was"

    def run(self, context: bpy.types.Context) -> str:
        """End, without the other take."""
        comparing.cancel(context.scene)
        apply_strengths(context.scene)
        return "The take is as it was"


CLASSES = (
    DUALTALK_OT_compare_take,
    DUALTALK_OT_flip_take,
    DUALTALK_OT_keep_compared,
    DUALTALK_OT_drop_compared,
)
