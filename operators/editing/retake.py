"""A part of a performance generated anew, with another seed."""

from dataclasses import dataclass
from typing import Any

import bpy
from bpy.props import IntProperty

from ... import operator_names, status
from ...core.errors import InputError
from ...core.jobs.results import GenerateResult
from ...properties.scene import next_seed, retake_wanted
from ...properties.strengths import apply_strengths
from ...rig.performance.editing import retaking
from ..generation import Generating, Generation


@dataclass(frozen=True)
class Retake(Generation):
    """What a retake was started with."""

    wanted: retaking.Wanted | None = None


class DUALTALK_OT_retake(Generating, bpy.types.Operator):
    """Generate the preview range anew for the chosen persons and layers; all else stays as it is"""

    bl_idname = operator_names.RETAKE
    bl_label = "Retake Range"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "performance"

    first: IntProperty(
        name="First Frame", description="Unset: of the preview range", options={"SKIP_SAVE"}
    )
    last: IntProperty(
        name="Last Frame", description="Unset: of the preview range", options={"SKIP_SAVE"}
    )

    def prepare(self, context: bpy.types.Context) -> Retake:
        """Return the request with another seed, and what of its answer is to be written.

        Raises:
            InputError: no range is set, or nothing is chosen.
        """
        scene, settings = context.scene, context.scene.dualtalk
        reason = status.edits_reason(context)
        if reason:
            raise InputError(reason)
        is_given = self.properties.is_property_set("first")
        if not is_given and not scene.use_preview_range:
            raise InputError("Set a preview range over what to retake (P in the timeline).")
        wanted = retake_wanted(
            settings,
            self.first if is_given else scene.frame_preview_start,
            self.last if is_given else scene.frame_preview_end,
        )
        if not self.properties.is_property_set("seed"):
            self.seed = next_seed(settings) + settings.n_retakes
        order = super().prepare(context)
        return Retake(**{**vars(order), "wanted": wanted})

    def apply(self, context: bpy.types.Context, order: Any, result: GenerateResult) -> str:
        """Write the range into the scene in which the job was started."""
        scene = order.scene
        with context.temp_override(scene=scene):
            n = retaking.write(scene, order.played(result), order.wanted)
            apply_strengths(scene)
        scene.dualtalk.n_retakes += 1
        wanted = order.wanted
        return f"Frames {wanted.first} to {wanted.last} are new on {n} curves"


CLASSES = (DUALTALK_OT_retake,)
