"""From two sounds to two talking heads: the network in a process of its own, then one undo step."""

from typing import Any

import bpy
from bpy.props import BoolProperty

from .. import operator_names, status
from ..core.jobs.results import GenerateResult
from ..core.performance import Performance
from ..properties.staging import feelings_of
from ..properties.strengths import apply_strengths
from ..rig import compat
from ..rig.acting import said
from ..rig.characters import heads
from ..rig.performance import turn_strips
from ..rig.performance.editing import regeneration
from . import turns as turns_operators
from .generation import Generating, Generation


class DUALTALK_OT_generate(Generating, bpy.types.Operator):
    """From the dialogue's sound to two talking heads."""

    bl_idname = operator_names.GENERATE
    bl_label = "Generate"
    bl_description = (
        "Turn the dialogue's sound into two talking heads. What an earlier run wrote is replaced "
        "unless you have edited it: then it stays as a take. Everything else in the scene stays as "
        "it is"
    )
    # Not REGISTER: its panel would run the network again at every change of a number.
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set

    keeps_take: BoolProperty(
        name="Keep Take", options={"SKIP_SAVE"},
        description="Keep the performance that is there as a take beside the new one; else it is "
        "replaced",
    )  # fmt: skip
    _is_first = False  # the heads are new: for `show`

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        """Say what the button does that it is drawn for."""
        if properties.keeps_take:
            return "Generate with another seed, and keep the performance that is there as a take"
        return cls.bl_description

    def show(self, context: bpy.types.Context) -> None:
        """Look at new heads through their camera, in the view where Generate was pressed."""
        compat.show_strips(context.workspace, context.scene)
        area = context.area
        if self._is_first and area is not None and area.type == "VIEW_3D" and context.scene.camera:
            _look_through_camera(area)

    def apply(self, context: bpy.types.Context, order: Generation, result: GenerateResult) -> str:
        """Write the performance into the scene in which the job was started."""
        scene = order.scene
        played = order.played(result)
        self._is_first = heads.find(scene, 1) is None and heads.find(scene, 2) is None
        begin = turn_strips.start(scene, scene.dualtalk.turns_start)
        with context.temp_override(scene=scene):
            outcome = regeneration.write(
                scene, played, order.settings, self.keeps_take, scene.dualtalk.keeps_edits
            )
            if self._is_first:  # what was described before there were heads
                said.write(scene, feelings_of(scene.dualtalk.staging))
            apply_strengths(scene)
        _write_turns(scene, order, played, begin)
        for note in result.notes:
            self.report({"WARNING"}, note)
        scene.dualtalk.conflicts = "\n".join(outcome.conflicts)
        if outcome.is_new_take:
            scene.dualtalk.seed = order.settings.seed
        seconds = played.motions[0].duration_s
        problem = status.words_problem(scene).rstrip(".")
        notes = [*outcome.notes, *([problem] if problem else [])]
        return ". ".join([f"Two heads talk for {seconds:.1f} s", *notes])


def _look_through_camera(area: bpy.types.Area) -> None:
    """Show the camera's picture between the sidebars, which lie over the view."""
    view, space = area.spaces.active.region_3d, area.spaces.active
    view.view_perspective, view.view_camera_zoom = "CAMERA", 0.0
    widths = {r.type: r.width for r in area.regions if r.width > 1 and r.x > area.x - 1}
    covered = widths.get("UI", 0) - widths.get("TOOLS", 0)
    view.view_camera_offset = (0.5 * covered / area.width, 0.0)
    space.overlay.show_relationship_lines = False  # they would cross both faces


def _write_turns(
    scene: bpy.types.Scene, order: Generation, played: Performance, begin: int
) -> None:
    """Show who speaks when over the recording; strips that were followed stay, at its side."""
    first_frame = order.settings.first_frame
    if order.follows_strips:
        turn_strips.move(scene, first_frame - begin)
        scene.dualtalk.turns_start = first_frame
    elif order.recording:
        turns_operators.show(scene, played.speaking, order.recording, first_frame)
    else:
        turn_strips.remove(scene)  # of a recording that is not heard any more


CLASSES = (DUALTALK_OT_generate,)
