"""Finding out whether the chosen Python can run the network."""

from pathlib import Path

import bpy

from .. import preferences
from ..core.jobs.requests import CheckRequest, CheckResult
from . import jobs


class DUALTALK_OT_check_python(jobs.Job, bpy.types.Operator):
    """Find out whether the chosen Python can run the network, and on what"""

    bl_idname = "dualtalk.check_python"
    bl_label = "Check"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set
    stage = "preferences"

    def prepare(self, context: bpy.types.Context) -> tuple[Path, CheckRequest]:
        """Return the Python to check."""
        chosen = preferences.get(context)
        chosen.checked = ""
        return preferences.worker_python(chosen.python), CheckRequest()

    def apply(self, context: bpy.types.Context, result: CheckResult) -> str:
        """Keep what was found for the preferences to show."""
        preferences.get(context).checked = result.summary
        return result.summary


CLASSES = (DUALTALK_OT_check_python,)
