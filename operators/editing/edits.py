"""What an animator changed by hand: shown, and taken off."""

import bpy
from bpy.props import EnumProperty, IntProperty

from ... import operator_names, status
from ...core.errors import InputError
from ...properties.choices import SPEAKERS
from ...properties.strengths import apply_strengths
from ...rig.performance.editing import closing, edits
from ..button import Button


class EditsButton(Button):
    """A step on the curves as they were generated and edited."""

    stage = "performance"

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why edits cannot be told now, or nothing."""
        return status.edits_reason(context)


class DUALTALK_OT_show_edits(EditsButton):
    """Select the keys that you changed since they were generated, and the objects that have them"""

    bl_idname = operator_names.SHOW_EDITS
    bl_label = "Show My Edits"

    def run(self, context: bpy.types.Context) -> str:
        """Select them; the first few are told."""
        lines = edits.show(context.scene)
        if not lines:
            return "Nothing was edited since it was generated"
        more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
        return f"{'; '.join(lines[:3])}{more}"


class DUALTALK_OT_drop_edits(EditsButton):
    """Take off the edits at the current frame, or in the preview range if there is one"""

    bl_idname = operator_names.DROP_EDITS
    bl_label = "Discard Edits Here"

    first: IntProperty(
        name="First Frame", description="Unset: of the preview range, or the current frame",
        options={"SKIP_SAVE"},
    )  # fmt: skip
    last: IntProperty(
        name="Last Frame", description="Unset: of the preview range, or the current frame",
        options={"SKIP_SAVE"},
    )  # fmt: skip

    def run(self, context: bpy.types.Context) -> str:
        """Give these keys back what was generated."""
        first, last = range_of(context.scene)
        if self.properties.is_property_set("first"):
            first = self.first
        if self.properties.is_property_set("last"):
            last = self.last
        n = edits.drop(context.scene, first, last)
        if not n:
            raise InputError(
                f"Nothing was edited {_place(first, last)}: go to an edit (Show My Edits), or set "
                "a preview range over it."
            )
        return f"{n} edit{'' if n == 1 else 's'} taken off {_place(first, last)}"


class DUALTALK_OT_close_lips(EditsButton):
    """Close this person's lips at the current frame, as for a p, b or m; it is an edit of yours"""

    bl_idname = operator_names.CLOSE_LIPS
    bl_label = "Close Lips Here"

    speaker: EnumProperty(name="Person", description="Whose lips", items=SPEAKERS)

    def run(self, context: bpy.types.Context) -> str:
        """Add the closure."""
        frame = context.scene.frame_current
        n = closing.close(context.scene, int(self.speaker), frame)
        apply_strengths(context.scene)
        if not n:
            return f"The lips are closed at frame {frame} already"
        return f"The lips are closed at frame {frame}"


def range_of(scene: bpy.types.Scene) -> tuple[int, int]:
    """Return the preview range, or the current frame twice."""
    if scene.use_preview_range:
        return scene.frame_preview_start, scene.frame_preview_end
    return scene.frame_current, scene.frame_current


def _place(first: int, last: int) -> str:
    return f"at frame {first}" if first == last else f"in frames {first} to {last}"


CLASSES = (DUALTALK_OT_show_edits, DUALTALK_OT_drop_edits, DUALTALK_OT_close_lips)
