"""What operators share that do their work at once."""

import bpy

from ..core.errors import DualTalkError
from . import jobs


class Button(bpy.types.Operator):
    """One step; an error of ours becomes one line for the user. Override `run`."""

    #: The step of the work on whose panel an error stays; empty: it is only reported.
    stage = ""
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012 - Blender wants a plain set

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run, and tell how it went."""
        try:
            message = self.run(context)
        except DualTalkError as error:
            return self.fail(error)
        if self.stage:
            jobs.forget_failure()
        self.report({"INFO"}, message)
        return {"FINISHED"}

    def fail(self, error: DualTalkError) -> set[str]:
        """Report an error, and keep it on the panel of its step."""
        if self.stage:
            jobs.remember_failure(error, self.stage)
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}

    def run(self, context: bpy.types.Context) -> str:
        """Do it and return what to tell the user; raises DualTalkError."""
        raise NotImplementedError
