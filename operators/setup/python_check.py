"""Finding out whether the chosen Python can run the network."""

import bpy

from ... import operator_names
from ...core.jobs.requests import CheckRequest, CheckResult
from ...preferences import pythons, stored
from .. import jobs


class DUALTALK_OT_check_python(jobs.Job, bpy.types.Operator):
    """Find out whether the chosen Python can run the network, and on what"""

    bl_idname = operator_names.CHECK_PYTHON
    bl_label = "Check"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set
    stage = "preferences"

    def prepare(self, context: bpy.types.Context) -> jobs.Order:
        """Return the Python to check."""
        chosen = stored.get(context)
        chosen.checked = ""
        return jobs.Order(pythons.worker_python(chosen.python), CheckRequest())

    def apply(self, context: bpy.types.Context, order: jobs.Order, result: CheckResult) -> str:
        """Keep what was found for the preferences to show."""
        stored.get(context).checked = result.summary
        return result.summary


CLASSES = (DUALTALK_OT_check_python,)
