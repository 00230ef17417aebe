"""Who speaks when in one mixed recording: found by the network, edited as strips, asked for."""

import hashlib
from pathlib import Path

import bpy
import numpy as np
from bpy.props import StringProperty
from numpy.typing import NDArray

from .. import preferences
from ..core.errors import InputError
from ..core.jobs.requests import TurnsRequest, read_turns, write_turns
from ..core.motion import NETWORK_FPS
from ..core.turns import Turns
from ..rig import compat, timing
from ..rig.performance import sound_strips, turn_strips
from . import jobs


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why the turns cannot be found now, or nothing."""
    if jobs.progress() is not None:
        return jobs.BUSY
    reason = _missing(context.scene.dualtalk)
    return reason or preferences.python_problem(preferences.get(context).python)


def _missing(settings: bpy.types.PropertyGroup) -> str:
    if settings.mode != "MIXED":
        return "Turns are found in One Mixed Recording: two tracks tell by themselves."
    return "" if settings.sound_a else "No sound is chosen: choose the recording."


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


class DUALTALK_OT_find_turns(jobs.Job, bpy.types.Operator):
    """Find out who speaks when, and put it over the sound in the sequencer as strips to edit"""

    bl_idname = "dualtalk.find_turns"
    bl_label = "Find Turns"
    bl_options = {"UNDO"}  # noqa: RUF012 - Blender wants a plain set
    stage = "dialogue"

    turns: StringProperty(
        name="Turns", subtype="FILE_PATH", options={"SKIP_SAVE"},
        description="A file that says who speaks when, to make strips of; unset: it is heard",
    )  # fmt: skip

    _recording = ""
    _swaps = False
    _first_frame = 1

    def prepare(self, context: bpy.types.Context) -> tuple[Path, TurnsRequest]:
        """Return the Python that runs the network, and the request.

        Raises:
            InputError: no mixed recording is chosen, or there is no Python with torch.
        """
        settings = context.scene.dualtalk
        reason = _missing(settings)
        if reason:
            raise InputError(reason)
        self._scene_uid = context.scene.session_uid
        self._recording, self._swaps = settings.sound_a, settings.swaps_voices
        self._first_frame = settings.first_frame
        voice = bpy.path.abspath(settings.voice_a) if settings.voice_a else ""
        request = TurnsRequest(bpy.path.abspath(settings.sound_a), voice)
        if self.turns:
            return Path(), request
        return preferences.worker_python(preferences.get(context).python), request

    def known(self, context: bpy.types.Context, request: TurnsRequest) -> Turns | None:
        """Return the turns of the file that was given."""
        return Turns(read_turns(Path(bpy.path.abspath(self.turns)))) if self.turns else None

    def apply(self, context: bpy.types.Context, result: Turns) -> str:
        """Put the recording and its turns into the sequencer of the scene that asked."""
        scene = self.scene_of_start()
        turns = result.swapped() if self._swaps else result
        n_frames = turns.probability.shape[1] * timing.scene_fps(scene) / NETWORK_FPS
        last_frame = self._first_frame + max(1, round(n_frames)) - 1
        path = Path(bpy.path.abspath(self._recording))
        sound_strips.write_strips(scene, [path], self._first_frame, last_frame)
        show(scene, turns.active, self._recording, self._first_frame)
        for note in result.notes:
            self.report({"WARNING"}, note)
        counts = [sum(one.speaker == who for one in turns.utterances()) for who in "AB"]
        return f"A speaks {counts[0]} times, B {counts[1]} times"

    def show(self, context: bpy.types.Context) -> None:
        """Let the sequencer show the scene's strips."""
        compat.show_strips(context.workspace, context.scene)


CLASSES = (DUALTALK_OT_find_turns,)
