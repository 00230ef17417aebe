"""Turns that were changed in the sequencer: only what they touch is performed anew."""

from dataclasses import dataclass
from typing import Any

import bpy

from ... import operator_names, status
from ...core.errors import InputError
from ...core.jobs.results import GenerateResult
from ...core.motion_layers import ROWS
from ...properties.strengths import apply_strengths
from ...rig.performance.editing import retaking
from ...rig.performance.editing.rows import Wanted
from ..generation import Generating, Generation
from .retake import has_moved_looks


@dataclass(frozen=True)
class TurnsRetake(Generation):
    """What performing changed turns was started with."""

    ranges: tuple[Wanted, ...] = ()


class DUALTALK_OT_retake_turns(Generating, bpy.types.Operator):
    """Perform anew what turns touch that you changed in the sequencer; all else stays as it is"""

    bl_idname = operator_names.RETAKE_TURNS
    bl_label = "Retake Changed Turns"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "performance"

    def prepare(self, context: bpy.types.Context) -> TurnsRetake:
        """Return the request with the take's own seed, and the ranges to write.

        Raises:
            InputError: no turn was changed, or it cannot be told.
        """
        scene, settings = context.scene, context.scene.dualtalk
        reason = status.edits_reason(context) or status.changed_turns_reason(scene)
        if reason:
            raise InputError(reason)
        ranges = status.changed_turns(scene)
        if not ranges:
            raise InputError(
                "No turn was changed since the take was made: move, cut or add strips of turns in "
                "the sequencer first."
            )
        if 0 <= settings.take < len(settings.takes):
            self.seed = settings.takes[settings.take].seed
        order = super().prepare(context)
        rows = tuple(row for row in ROWS if row != "gaze" or not has_moved_looks(scene))
        wanted = tuple(Wanted(first, last, layers=rows) for first, last in ranges)
        return TurnsRetake(**{**vars(order), "ranges": wanted})

    def apply(self, context: bpy.types.Context, order: Any, result: GenerateResult) -> str:
        """Write the ranges into the scene in which the job was started."""
        scene = order.scene
        played = order.played(result)
        with context.temp_override(scene=scene):
            retaking.write_all(scene, played, order.ranges, order.settings)
            retaking.note_turns(scene, played.speaking)
            apply_strengths(scene)
        n = len(order.ranges)
        looks = "" if "gaze" in order.ranges[0].layers else "; looks stay as you moved them"
        return f"{n} range{'' if n == 1 else 's'} performed anew{looks}"


CLASSES = (DUALTALK_OT_retake_turns,)
