"""Who speaks when in one mixed recording: found by the network, edited as strips, asked for."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from bpy.props import StringProperty
from numpy.typing import NDArray

from .. import operator_names, status
from ..core.conversation.turns import Turns
from ..core.errors import InputError
from ..core.jobs.requests import TurnsRequest
from ..core.jobs.results import read_turns, write_turns
from ..core.motion import NETWORK_FPS
from ..preferences import pythons, stored
from ..rig import compat, timing
from ..rig.performance import sound_strips, turn_strips
from . import jobs

#: How much of the 3D view's height a sequencer gets.
_SEQUENCER_SHARE = 0.3


def is_edited(scene: bpy.types.Scene, recording: str) -> bool:
    """Tell whether there are strips that say who speaks when in this recording."""
    turns_of = scene.dualtalk.turns_of
    is_its = bool(turns_of) and bpy.path.abspath(turns_of) == bpy.path.abspath(recording)
    return is_its and turn_strips.has_strips(scene)


def file_of(scene: bpy.types.Scene) -> str:
    """Write the strips' turns to a file whose name depends on nothing else, and return its path."""
    speaking = turn_strips.read(scene, scene.dualtalk.turns_start)
    if speaking is None:
        return ""
    name = hashlib.sha256(np.packbits(speaking).tobytes() + str(speaking.shape).encode())
    path = Path(bpy.app.tempdir) / f"dualtalk-turns-{name.hexdigest()[:16]}.npz"
    write_turns(path, speaking)
    return str(path)


def show(
    scene: bpy.types.Scene, speaking: NDArray[np.bool_], recording: str, first_frame: int
) -> None:
    """Write strips for turns (2, n_frames) that were found in this recording."""
    turns = Turns(speaking.astype(np.float32))  # pauses for breath do not cut a turn
    turn_strips.write(scene, turns.active, first_frame)
    scene.dualtalk.turns_of, scene.dualtalk.turns_start = recording, first_frame


@dataclass(frozen=True)
class TurnsOrder(jobs.Order):
    """What finding turns was started with."""

    recording: str = ""
    swaps: bool = False  #: the first voice is B's
    first_frame: int = 1  #: of the sound


class DUALTALK_OT_find_turns(jobs.Job, bpy.types.Operator):
    """Find out who speaks when, and put it over the sound in the sequencer as strips to edit"""

    bl_idname = operator_names.FIND_TURNS
    bl_label = "Find Speaking Turns"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "dialogue"

    turns: StringProperty(
        name="Turns", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A file that says who speaks when, to make strips of; unset: it is heard",
    )  # fmt: skip

    def prepare(self, context: bpy.types.Context) -> TurnsOrder:
        """Return the Python that runs the network, and the request.

        Raises:
            InputError: no mixed recording is chosen, or there is no Python with torch.
        """
        settings = context.scene.dualtalk
        reason = status.missing_recording(settings)
        if reason:
            raise InputError(reason)
        voice = bpy.path.abspath(settings.voice_a) if settings.voice_a else ""
        preferred = stored.get(context)
        request = TurnsRequest(bpy.path.abspath(settings.sound_a), voice, device=preferred.device)
        needs_python = not self.turns
        return TurnsOrder(
            pythons.worker_python(preferred.python) if needs_python else Path(),
            request,
            context.scene.session_uid,
            settings.sound_a,
            settings.swaps_voices,
            settings.first_frame,
        )

    def known(self, context: bpy.types.Context, order: TurnsOrder) -> Turns | None:
        """Return the turns of the file that was given."""
        return Turns(read_turns(Path(bpy.path.abspath(self.turns)))) if self.turns else None

    def apply(self, context: bpy.types.Context, order: TurnsOrder, result: Turns) -> str:
        """Put the recording and its turns into the sequencer of the scene that asked."""
        scene = order.scene
        turns = result.swapped() if order.swaps else result
        n_frames = turns.probability.shape[1] * timing.scene_fps(scene) / NETWORK_FPS
        last_frame = order.first_frame + max(1, round(n_frames)) - 1
        path = Path(bpy.path.abspath(order.recording))
        sound_strips.write_strips(scene, [path], order.first_frame, last_frame)
        show(scene, turns.active, order.recording, order.first_frame)
        for note in result.notes:
            self.report({"WARNING"}, note)
        counts = [sum(one.speaker == who for one in turns.utterances()) for who in "AB"]
        heard = f"{result.summary}; " if result.summary else ""
        return f"{heard}A speaks {counts[0]} times, B {counts[1]} times"

    def show(self, context: bpy.types.Context) -> None:
        """Let the sequencer show the scene's strips."""
        compat.show_strips(context.workspace, context.scene)


class DUALTALK_OT_show_turns(bpy.types.Operator):
    """Show the strips that say who speaks when, in a sequencer below the 3D view"""

    bl_idname = operator_names.SHOW_TURNS
    bl_label = "Show in Sequencer"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there are strips to show."""
        cls.poll_message_set("There are no turns yet: press Find Speaking Turns first.")
        return turn_strips.has_strips(context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open a sequencer under the largest 3D view if there is none, with all strips in view."""
        compat.show_strips(context.workspace, context.scene)
        areas = context.screen.areas if context.screen is not None else ()
        if not areas:
            return {"CANCELLED"}
        shown = next((area for area in areas if area.type == "SEQUENCE_EDITOR"), None)
        if shown is None:
            shown = _area_below(context)
            shown.ui_type = "SEQUENCE_EDITOR"
        region = next(region for region in shown.regions if region.type == "WINDOW")
        with context.temp_override(area=shown, region=region):
            bpy.ops.sequencer.view_all()
        return {"FINISHED"}


def _area_below(context: bpy.types.Context) -> bpy.types.Area:
    """Return a new area that is the lower part of the largest 3D view, or of what is largest."""
    areas = list(context.screen.areas)
    views = [area for area in areas if area.type == "VIEW_3D"] or areas
    largest = max(views, key=lambda area: area.width * area.height)
    with context.temp_override(area=largest, region=largest.regions[-1]):
        bpy.ops.screen.area_split(direction="HORIZONTAL", factor=_SEQUENCER_SHARE)
    return min((largest, *(area for area in context.screen.areas if area not in areas)),
               key=lambda area: area.y)  # fmt: skip


CLASSES = (DUALTALK_OT_find_turns, DUALTALK_OT_show_turns)
