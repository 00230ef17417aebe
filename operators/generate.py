"""From two sounds to two talking heads: the network in a process of its own, then one undo step."""

import logging
import textwrap
from pathlib import Path

import bpy
from bpy.props import IntProperty, StringProperty

from .. import preferences
from ..core.errors import CancelledError, DualTalkError, InputError, WorkerError
from ..core.gaze import GazeHabit
from ..core.job import silent
from ..core.performance import Performance, Settings
from ..core.request import GenerateRequest
from ..core.staging import PRESETS
from ..core.worker_process import WorkerProcess
from ..rig import perform

_log = logging.getLogger(__name__)
_TIMER_S = 0.1

#: The one job that runs, and what the panel shows of the last one that failed.
_job: WorkerProcess | None = None
_failure = ""


def job() -> WorkerProcess | None:
    """Return the job that runs, for the panel."""
    return _job


def failure() -> str:
    """Return what went wrong last, for the panel; empty after a success."""
    return _failure


def end_job() -> None:
    """End the job that runs, if any."""
    global _job
    if _job is not None:
        _job.close()
        _job = None


def disabled_reason(context: bpy.types.Context) -> str:
    """Return why nothing can be generated now, or nothing."""
    settings = context.scene.dualtalk
    if _job is not None:
        return "A performance is being generated."
    if not settings.sound_a:
        return "Choose the sound of speaker A first."
    if context.mode != "OBJECT":
        return "Switch to Object Mode first."
    return preferences.python_problem(preferences.get(context).python)


class DUALTALK_OT_generate(bpy.types.Operator):
    """Turn the dialogue's sound into two talking heads"""

    bl_idname = "dualtalk.generate"
    bl_label = "Generate"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    sound_a: StringProperty(
        name="Sound A", description="Empty: the scene's setting", subtype="FILE_PATH"
    )
    sound_b: StringProperty(
        name="Sound B", description="Empty: the scene's setting", subtype="FILE_PATH"
    )
    seed: IntProperty(name="Seed", description="-1: the scene's setting", default=-1, min=-1)

    _timer: bpy.types.Timer | None = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether a job can start; scripts may give the sound as an argument instead."""
        if _job is not None:
            cls.poll_message_set("A performance is being generated.")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run to the end, as scripts and background mode do."""
        try:
            worker = WorkerProcess(self._python(context), self._request(context))
            performance, notes = worker.wait(silent)
            return self._apply(context, performance, notes)
        except DualTalkError as error:
            return self._fail(error)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the worker and go on while it works."""
        global _job
        if bpy.app.background:
            return self.execute(context)
        reason = "" if self.sound_a else disabled_reason(context)
        if reason:
            return self._fail(InputError(reason))
        try:
            _job = WorkerProcess(self._python(context), self._request(context))
        except DualTalkError as error:
            return self._fail(error)
        window_manager = context.window_manager
        self._timer = window_manager.event_timer_add(_TIMER_S, window=context.window)
        window_manager.progress_begin(0, 100)
        window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the worker; Escape ends it."""
        if _job is None:  # the Cancel button, a new file or unregistering ended it
            return self._end(context, {"CANCELLED"})
        if event.type == "ESC":
            end_job()
            return self._end(context, {"CANCELLED"})
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not _job.poll():
            progress = _job.progress
            context.window_manager.progress_update(100 * progress.fraction)
            context.workspace.status_text_set(
                f"DualTalk: {progress.text} ({progress.fraction:.0%}), Esc cancels"
            )
            _redraw(context)
            return {"RUNNING_MODAL"}
        try:
            performance, notes = _job.result()
            end_job()
            result = self._apply(context, performance, notes)
        except DualTalkError as error:
            end_job()
            result = self._fail(error)
        return self._end(context, result)

    def cancel(self, context: bpy.types.Context) -> None:
        """End the worker when Blender ends the operator."""
        end_job()
        self._end(context, {"CANCELLED"})

    def _python(self, context: bpy.types.Context) -> Path:
        return preferences.worker_python(preferences.get(context).python)

    def _request(self, context: bpy.types.Context) -> GenerateRequest:
        settings, chosen = context.scene.dualtalk, preferences.get(context)
        sound_a = self.sound_a or settings.sound_a
        sound_b = self.sound_b or ("" if self.sound_a else settings.sound_b)
        if not sound_a:
            raise InputError("No sound is chosen: choose the sound of speaker A.")
        return GenerateRequest(
            sound_a=_absolute(sound_a),
            sound_b=_absolute(sound_b),
            checkpoint=_absolute(chosen.checkpoint),
            device=chosen.device,
            seed=settings.seed if self.seed < 0 else self.seed,
        )

    def _apply(
        self, context: bpy.types.Context, performance: Performance, notes: tuple[str, ...]
    ) -> set[str]:
        global _failure
        settings = context.scene.dualtalk
        wanted = Settings(
            staging=PRESETS[settings.staging].staging,
            habits=(GazeHabit(settings.attention_a), GazeHabit(settings.attention_b)),
            first_frame=settings.first_frame,
            seed=settings.seed if self.seed < 0 else self.seed,
        )
        perform.write_performance(context.scene, performance, wanted)
        _failure = ""
        for note in notes:
            self.report({"WARNING"}, note)
        return {"FINISHED"}

    def _fail(self, error: DualTalkError) -> set[str]:
        global _failure
        if isinstance(error, CancelledError):
            return {"CANCELLED"}
        _failure = str(error)
        if isinstance(error, WorkerError) and error.log:
            _log.error("The worker's last lines:\n%s", textwrap.indent(error.log, "  "))
        self.report({"ERROR"}, _failure)
        return {"CANCELLED"}

    def _end(self, context: bpy.types.Context, result: set[str]) -> set[str]:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
            context.window_manager.progress_end()
            context.workspace.status_text_set(None)
        _redraw(context)
        return result


class DUALTALK_OT_cancel(bpy.types.Operator):
    """Stop generating; the scene stays as it is"""

    bl_idname = "dualtalk.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is something to stop."""
        cls.poll_message_set("Nothing is being generated.")
        return _job is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """End the worker."""
        end_job()
        _redraw(context)
        return {"FINISHED"}


def _absolute(path: str) -> str:
    return bpy.path.abspath(path) if path else ""


def _redraw(context: bpy.types.Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


CLASSES = (DUALTALK_OT_generate, DUALTALK_OT_cancel)
