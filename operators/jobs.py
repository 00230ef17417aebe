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

from .. import operator_names, status
from ..core.errors import DualTalkError, InputError
from ..core.jobs.request import Request
from ..core.jobs.worker_process import Progress, WorkerProcess
from ..core.progress import silent

_log = logging.getLogger(__name__)
_TIMER_S = 0.1


@bpy.app.handlers.persistent
def _end_with_file(*_: object) -> None:
    status.end()
    status.forget_failure()


def register() -> None:
    """End the job when another file is loaded."""
    bpy.app.handlers.load_pre.append(_end_with_file)


def unregister() -> None:
    """End the job, and what `register` did."""
    status.end()
    status.forget_failure()
    bpy.app.handlers.load_pre.remove(_end_with_file)


@dataclass(frozen=True)
class Order:
    """All that a job was started with; the scene's settings may change while it runs.

    Operators that need more when the answer is there derive from it.
    """

    python: Path  #: the interpreter that runs the worker
    request: Request[Any]
    scene_uid: int = 0  #: `session_uid` of the scene that the answer is for

    @property
    def scene(self) -> bpy.types.Scene:
        """The scene for which it was asked, wherever the user is now.

        Raises:
            InputError: it was deleted.
        """
        for scene in bpy.data.scenes:
            if scene.session_uid == self.scene_uid:
                return scene
        raise InputError("The scene for which this was asked was deleted: start again.")


class Job:
    """What operators with a worker share; mix it into a `bpy.types.Operator`."""

    #: The step of the work, where an error is shown.
    stage = ""

    _timer: bpy.types.Timer | None = None
    _order: Any = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether a job can start."""
        is_free = status.progress() is None
        if not is_free:
            cls.poll_message_set(status.BUSY)
        return is_free

    def prepare(self, context: bpy.types.Context) -> Order:
        """Return what to ask of which Python; raises DualTalkError."""
        raise NotImplementedError

    def known(self, context: bpy.types.Context, order: Any) -> Any:
        """Return the answer if it is known already, else None."""
        return None

    def learn(self, context: bpy.types.Context, order: Any, result: Any) -> None:
        """Keep an answer for the next time."""

    def apply(self, context: bpy.types.Context, order: Any, result: Any) -> str:
        """Use the worker's answer and return what to tell the user; raises DualTalkError."""
        raise NotImplementedError

    def show(self, context: bpy.types.Context) -> None:
        """Bring what was made into view, after a job that a person started."""

    def waits_for(self, context: bpy.types.Context, order: Any) -> str:
        """Return why a finished job's answer cannot be used at this moment, or nothing."""
        return ""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run to the end, as scripts and background mode do."""
        try:
            order = self.prepare(context)
            result = self.known(context, order)
            if result is None:
                result = WorkerProcess(order.python, order.request).wait(silent)
                self.learn(context, order, result)
            return self._succeed(context, order, result)
        except DualTalkError as error:
            return self._fail(error)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Start the worker and go on while it works."""
        return self.execute(context) if bpy.app.background else self.start(context)

    def start(self, context: bpy.types.Context) -> set[str]:
        """Start the worker and follow it in `modal`."""
        try:
            order = self._order = self.prepare(context)
            known = self.known(context, order)
            if known is not None:
                finished = self._succeed(context, order, known)
                self.show(context)
                status.redraw(context)
                return finished
            status.begin(WorkerProcess(order.python, order.request), type(self).bl_idname)
        except DualTalkError as error:
            return self._fail(error)
        window_manager = context.window_manager
        self._timer = window_manager.event_timer_add(_TIMER_S, window=context.window)
        window_manager.progress_begin(0, 100)
        window_manager.modal_handler_add(self)
        status.redraw(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Follow the worker; Escape ends it."""
        if event.type == "ESC" and event.value == "PRESS":
            status.end()
        worker = status.worker()
        if worker is None:  # so did the Cancel button, a new file, unregistering or a failure
            if self._timer is not None:
                self.report({"INFO"}, "Cancelled")
            return self._end(context, {"CANCELLED"})
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            if not worker.poll() or self._is_waiting(context, worker):
                self._show(context, worker.progress)
                return {"PASS_THROUGH"}
            return self._finish(context, worker)
        except DualTalkError as error:
            status.end()
            return self._end(context, self._fail(error))
        except Exception as error:  # an error of ours: Blender shows it once all is left tidy
            status.end()
            status.remember_failure(_unexpected(error), self.stage)
            self._end(context, {"CANCELLED"})
            raise

    def cancel(self, context: bpy.types.Context) -> None:
        """End the worker when Blender ends the operator."""
        status.end()
        self._end(context, {"CANCELLED"})

    def _finish(self, context: bpy.types.Context, worker: WorkerProcess[Any]) -> set[str]:
        result = worker.result()
        status.end()
        self.learn(context, self._order, result)
        finished = self._succeed(context, self._order, result)
        self.show(context)
        return self._end(context, finished)

    def _is_waiting(self, context: bpy.types.Context, worker: WorkerProcess[Any]) -> bool:
        reason = self.waits_for(context, self._order)
        if reason:
            worker.progress.text = reason
        return bool(reason)

    def _show(self, context: bpy.types.Context, progress: Progress) -> None:
        context.window_manager.progress_update(100 * progress.fraction)
        context.workspace.status_text_set(
            f"DualTalk: {progress} ({progress.fraction:.0%}). Esc cancels"
        )
        status.redraw(context)

    def _succeed(self, context: bpy.types.Context, order: Any, result: Any) -> set[str]:
        message = self.apply(context, order, result)
        status.forget_failure()
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def _fail(self, error: DualTalkError) -> set[str]:
        status.remember_failure(error, self.stage)
        found = status.failure()
        if found and found.log:
            _log.error("The worker's last lines:\n%s", textwrap.indent(found.log, "  "))
        self.report({"ERROR"}, status.for_report(str(error)))
        return {"CANCELLED"}

    def _end(self, context: bpy.types.Context, result: set[str]) -> set[str]:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
            context.window_manager.progress_end()
            context.workspace.status_text_set(None)
        status.redraw(context)
        return result


def _unexpected(error: Exception) -> DualTalkError:
    return DualTalkError(
        f"DualTalk met an error of its own ({type(error).__name__}: {error}): the console has the "
        "details to report."
    )


class DUALTALK_OT_cancel(bpy.types.Operator):
    """Stop the job that runs; the scene stays as it is (Esc does the same)"""

    bl_idname = operator_names.CANCEL
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is something to stop."""
        cls.poll_message_set("Nothing is running.")
        return status.progress() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """End the worker."""
        status.end()
        status.redraw(context)
        return {"FINISHED"}


class DUALTALK_OT_show_log(bpy.types.Operator):
    """Show the last lines that the network's process wrote, and copy them"""

    bl_idname = operator_names.SHOW_LOG
    bl_label = "Show Log"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether there is a log."""
        cls.poll_message_set("There is no log.")
        found = status.failure()
        return found is not None and bool(found.log)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open a window with the log."""
        self.execute(context)
        return context.window_manager.invoke_popup(self, width=700)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Copy the log."""
        found = status.failure()
        if found is not None:
            context.window_manager.clipboard = f"{found.message}\n{found.log}"
            self.report({"INFO"}, "The log was copied")
        return {"FINISHED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the lines."""
        column = self.layout.column(align=True)
        found = status.failure()
        if found is not None:
            column.label(text=found.message, icon="ERROR")
            for line in found.log.splitlines():
                column.label(text=line)


class DUALTALK_OT_dismiss(bpy.types.Operator):
    """Take this message off the panel"""

    bl_idname = operator_names.DISMISS
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget the error."""
        status.forget_failure()
        status.redraw(context)
        return {"FINISHED"}


CLASSES = (DUALTALK_OT_cancel, DUALTALK_OT_show_log, DUALTALK_OT_dismiss)
