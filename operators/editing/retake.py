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
from ...rig.characters import heads
from ...rig.gaze import gaze_keys
from ...rig.performance.editing import retaking
from ...rig.performance.editing.rows import Wanted
from ..generation import Generating, Generation


@dataclass(frozen=True)
class Retake(Generation):
    """What a retake was started with."""

    wanted: tuple[Wanted, ...] = ()  #: the ranges, one after the other


class DUALTALK_OT_retake(Generating, bpy.types.Operator):
    """Generate the chosen time anew for the chosen persons and layers; all else stays as it is"""

    bl_idname = operator_names.RETAKE
    bl_label = "Retake Range"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "performance"

    first: IntProperty(
        name="First Frame",
        description="Unset: of the preview range, or of strips",
        options={"SKIP_SAVE"},
    )
    last: IntProperty(
        name="Last Frame",
        description="Unset: of the preview range, or of strips",
        options={"SKIP_SAVE"},
    )

    def prepare(self, context: bpy.types.Context) -> Retake:
        """Return the request with another seed, and what of its answer is to be written.

        Raises:
            InputError: no range is set, or nothing is chosen.
        """
        scene, settings = context.scene, context.scene.dualtalk
        is_given = self.properties.is_property_set("first")
        times = [(self.first, self.last)] if is_given else status.retake_times(scene)
        reason = status.edits_reason(context)
        if not times:
            reason = reason or status.retake_times_reason(scene)
        if reason:
            raise InputError(reason)
        wanted = tuple(retake_wanted(settings, first, last) for first, last in times)
        if not self.properties.is_property_set("seed"):
            self.seed = next_seed(settings) + settings.n_retakes
        order = super().prepare(context)
        return Retake(**{**vars(order), "wanted": wanted})

    def apply(self, context: bpy.types.Context, order: Any, result: GenerateResult) -> str:
        """Write the range into the scene in which the job was started."""
        scene = order.scene
        played = order.played(result)
        replaces_looks = has_moved_looks(scene) and any("gaze" in o.layers for o in order.wanted)
        with context.temp_override(scene=scene):
            n = retaking.write_all(scene, played, order.wanted, order.settings)
            apply_strengths(scene)
        scene.dualtalk.n_retakes += 1
        if replaces_looks:
            self.report(
                {"WARNING"}, "Looks that you had moved there are planned anew: Ctrl Z has them"
            )
        times = " and ".join(f"{one.first} to {one.last}" for one in order.wanted)
        return f"Frames {times} are new on {n} curves"


def has_moved_looks(scene: bpy.types.Scene) -> bool:
    """Tell whether looks of the performance were moved by hand."""
    found = [one.armature for one in heads.find_pair(scene) if one is not None]
    return gaze_keys.has_edited_looks(found)


CLASSES = (DUALTALK_OT_retake,)
