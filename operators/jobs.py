"""Work in a process of its own, as operators: in line for scripts, modal for people.

An operator says what to ask of the worker (`prepare`) and what to do with the answer (`apply`);
nothing in the scene changes before the whole answer is there. One job runs at a time.
"""

import logging
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..core.errors import DualTalkError, InputError, WorkerError
from ..core.jobs.requests import Request
from ..core.jobs.worker_process import Progress, WorkerProcess
from ..core.progress import silent

_log = logging.getLogger(__name__)
_TIMER_S = 0.1
BUSY = "Another job of DualTalk is running: wait for it, or cancel it."


@dataclass(frozen=True)
class Failure:
    """What went wrong last, for the panel of the step that it belongs to."""

    message: str
    stage: str
    log: str


@dataclass
class _State:
    worker: WorkerProcess[Any] | None = None
    owner: type | None = None  # class of the operator that started it
    failure: Failure | None = None


_state = _State()


def progress(owner: type | None = None) -> Progress | None:
    """Return how far the job is, if one runs (for this operator)."""
    is_owner = owner in (None, _state.owner)
    return _state.worker.progress if _state.worker is not None and is_owner else None


def failure(stage: str = "") -> Failure | None:
    """Return what went wrong last (in this step of the work); nothing after a success."""
    found = _state.failure
    return found if found is not None and stage in ("", found.stage) else None


def remember_failure(error: DualTalkError, stage: str) -> None:
    """Show an error on the panel of a step of the work (of its own step, if it has one)."""
    log = error.log if isinstance(error, WorkerError) else ""
    _state.failure = Failure(str(error), error.stage or stage, log)


def forget_failure() -> None:
    """Take the last error off the panels."""
    _state.failure = None


def end() -> None:
    """End the job that runs, if any."""
    if _state.worker is not None:
        _state.worker.close()
        _state.worker = None


@bpy.app.handlers.persistent
def _end_with_file(*_: object) -> None:
    end()
    forget_failure()


def register() -> None:
    """End the job when another file is loaded."""
    bpy.app.handlers.load_pre.append(_end_with_file)


def unregister() -> None:
    """End the job, and what `register` did."""
    end()
    forget_failure()
    bpy.app.handlers.load_pre.remove(_end_with_file)


class Job:
    """What operators with a worker share; mix it into a `bpy.types.Operator`."""

    #: The step of the work, where an error is shown.
    stage = ""

    _timer: bpy.types.Timer | None = None
    _request: Any = None
    _scene_uid = 0

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether a job can start."""
        if _state.worker is not None:
            cls.poll_message_set(BUSY)
        return _state.worker is None

    def prepare(self, context: bpy.types.Context) -> tuple[Path, Request[Any]]:
        """Return the Python to use and what to ask; raises DualTalkError."""
        raise NotImplementedError

    def known(self, context: bpy.types.Context, request: Any) -> Any:
        """Return the answer if it is known already, else None."""
        return None

    def learn(self, context: bpy.types.Context, request: Any, result: Any) -> None:
        """Keep an answer for the next time."""

    def apply(self, context: bpy.types.Context, result: Any) -> str:
        """Use the worker's answer and return what to tell the user; raises DualTalkError."""
        raise NotImplementedError

    def show(self, context: bpy.types.Context) -> None:
        """Bring what was made into view, after a job that a person started."""

    def scene_of_start(self) -> bpy.types.Scene:
        """Return the scene whose number `prepare` kept, wherever the user is now."""
        for scene in bpy.data.scenes:
            if scene.session_uid == self._scene_uid:
                return scene
        raise InputError("The scene for which this was asked was deleted: start again.")

    def waits_for(self, context: bpy.types.Context) -> str:
        """Return why a finished job's answer cannot be used at this moment, or nothing."""
        return ""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run to the end, as scripts and background mode do."""
        try:
            python, request = self.prepare(context)
            result = self.known(context, request)
            if result is None:
                result = WorkerProcess(python, request).wait(silent)
                self.learn(context, request, result)
            return self._succeed(context, result)
        except DualTalkError as error:
            return self._fail(error)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the worker and go on while it works."""
        return self.execute(context) if bpy.app.background else self.start(context)

    def start(self, context: bpy.types.Context) -> set[str]:
        """Start the worker and follow it in `modal`."""
        try:
            python, self._request = self.prepare(context)
            known = self.known(context, self._request)
            if known is not None:
                finished = self._succeed(context, known)
                self.show(context)
                redraw(context)
                return finished
            _state.worker = WorkerProcess(python, self._request)
        except DualTalkError as error:
            return self._fail(error)
        _state.owner = type(self)
        forget_failure()
        window_manager = context.window_manager
        self._timer = window_manager.event_timer_add(_TIMER_S, window=context.window)
        window_manager.progress_begin(0, 100)
        window_manager.modal_handler_add(self)
        redraw(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the worker; Escape ends it."""
        if event.type == "ESC" and event.value == "PRESS":
            end()
        if _state.worker is None:  # so did the Cancel button, a new file or unregistering
            self.report({"INFO"}, "Cancelled")
            return self._end(context, {"CANCELLED"})
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if not _state.worker.poll() or self._is_waiting(context):
            self._show(context, _state.worker.progress)
            return {"PASS_THROUGH"}
        try:
            result = _state.worker.result()
            end()
            self.learn(context, self._request, result)
            finished = self._succeed(context, result)
            self.show(context)
            return self._end(context, finished)
        except DualTalkError as error:
            end()
            return self._end(context, self._fail(error))

    def cancel(self, context: bpy.types.Context) -> None:
        """End the worker when Blender ends the operator."""
        end()
        self._end(context, {"CANCELLED"})

    def _is_waiting(self, context: bpy.types.Context) -> bool:
        reason = self.waits_for(context)
        if reason and _state.worker is not None:
            _state.worker.progress.text = reason
        return bool(reason)

    def _show(self, context: bpy.types.Context, progress: Progress) -> None:
        context.window_manager.progress_update(100 * progress.fraction)
        context.workspace.status_text_set(
            f"DualTalk: {progress} ({progress.fraction:.0%}). Esc cancels"
        )
        redraw(context)

    def _succeed(self, context: bpy.types.Context, result: Any) -> set[str]:
        message = self.apply(context, result)
        forget_failure()
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def _fail(self, error: DualTalkError) -> set[str]:
        remember_failure(error, self.stage)
        if _state.failure and _state.failure.log:
            log = textwrap.indent(_state.failure.log, "  ")
            _log.error("The worker's last lines:\n%s", log)
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}

    def _end(self, context: bpy.types.Context, result: set[str]) -> set[str]:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
            context.window_manager.progress_end()
            context.workspace.status_text_set(None)
        redraw(context)
        return result


class DUALTALK_OT_cancel(bpy.types.Operator):
    """Stop the job that runs; the scene stays as it is (Esc does the same)"""

    bl_idname = "dualtalk.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is something to stop."""
        cls.poll_message_set("Nothing is running.")
        return _state.worker is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """End the worker."""
        end()
        redraw(context)
        return {"FINISHED"}


class DUALTALK_OT_show_log(bpy.types.Operator):
    """Show the last lines that the network's process wrote, and copy them"""

    bl_idname = "dualtalk.show_log"
    bl_label = "Show Log"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is a log."""
        cls.poll_message_set("There is no log.")
        return bool(_state.failure and _state.failure.log)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open a window with the log."""
        self.execute(context)
        return context.window_manager.invoke_popup(self, width=700)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Copy the log."""
        if _state.failure:
            context.window_manager.clipboard = f"{_state.failure.message}\n{_state.failure.log}"
            self.report({"INFO"}, "The log was copied")
        return {"FINISHED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the lines."""
        column = self.layout.column(align=True)
        if _state.failure:
            column.label(text=_state.failure.message, icon="ERROR")
            for line in _state.failure.log.splitlines():
                column.label(text=line)


class DUALTALK_OT_dismiss(bpy.types.Operator):
    """Take this message off the panel"""

    bl_idname = "dualtalk.dismiss"
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget the error."""
        forget_failure()
        redraw(context)
        return {"FINISHED"}


def redraw(context: bpy.types.Context) -> None:
    """Draw the panels anew, wherever they are."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "SEQUENCE_EDITOR", "PREFERENCES"}:
                for region in area.regions:
                    if region.type in {"UI", "WINDOW"} and (
                        region.type == "UI" or area.type == "PREFERENCES"
                    ):
                        region.tag_redraw()


CLASSES = (DUALTALK_OT_cancel, DUALTALK_OT_show_log, DUALTALK_OT_dismiss)
