"""What operators share that do their work at once."""

from pathlib import Path

import bpy
from bpy.props import StringProperty

from .. import status
from ..core.errors import DualTalkError, InputError


class Button(bpy.types.Operator):
    """One step; an error of ours becomes one line for the user. Override `run`."""

    #: The step of the work on whose panel an error stays; empty: it is only reported.
    stage = ""
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def disabled_reason(cls, context: bpy.types.Context) -> str:
        """Return why it cannot be pressed now, or nothing; `poll` says it."""
        return ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether it can be pressed now."""
        reason = cls.disabled_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run, and tell how it went."""
        try:
            message = self.run(context)
        except DualTalkError as error:
            return self.fail(error)
        if self.stage:
            status.forget_failure()
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def fail(self, error: DualTalkError) -> set[str]:
        """Report an error, and keep it on the panel of its step."""
        if self.stage:
            status.remember_failure(error, self.stage)
        self.report({"ERROR"}, status.for_report(str(error)))
        return {"CANCELLED"}

    def run(self, context: bpy.types.Context) -> str:
        """Do it and return what to tell the user; raises DualTalkError."""
        raise NotImplementedError


class FileButton(Button):
    """A step on a file that the browser asks for."""

    filepath: StringProperty(
        name="File", description="The file", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Propose a name and open the file browser, which calls `execute`."""
        name = self.proposed_name(context)
        if name:
            self.filepath = str(Path(bpy.path.abspath("//")) / name)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def proposed_name(self, context: bpy.types.Context) -> str:
        """Return how a file that is written may be called; empty: one is read."""
        return ""

    def chosen_file(self) -> Path:
        """Return the file.

        Raises:
            InputError: none is chosen.
        """
        if not self.filepath:
            raise InputError("No file is chosen: give its path.")
        return Path(bpy.path.abspath(self.filepath))
