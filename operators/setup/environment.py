"""The network's own Python: making it, and removing it again."""

import shutil
import sys
from pathlib import Path

import bpy

from ... import operator_names, status
from ...core.errors import InputError
from ...core.jobs.requests import CheckResult, InstallRequest
from ...preferences import pythons, results, stored
from .. import jobs


class DUALTALK_OT_install_python(jobs.Job, bpy.types.Operator):
    """Make a Python with torch for the network, which nothing else in Blender shares"""

    bl_idname = operator_names.INSTALL_PYTHON
    bl_label = "Install"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set
    stage = "preferences"

    def prepare(self, context: bpy.types.Context) -> jobs.Order:
        """Return Blender's Python, which makes the other one, and what to install.

        Raises:
            InputError: online access is not allowed and no folder of wheels is chosen.
        """
        reason = status.install_reason(context)
        if reason:
            raise InputError(reason)
        chosen = stored.get(context)
        folder = pythons.own_environment()
        folder.parent.mkdir(parents=True, exist_ok=True)
        wheels = bpy.path.abspath(chosen.wheels) if chosen.wheels else ""
        request = InstallRequest(str(folder), wheels=wheels, index=chosen.index)
        return jobs.Order(Path(sys.executable), request)

    def apply(self, context: bpy.types.Context, order: jobs.Order, result: CheckResult) -> str:
        """Use the new Python from now on."""
        chosen = stored.get(context)
        chosen.python = ""
        pythons.look_again()
        chosen.checked = result.summary
        return f"Installed: {result.summary}"


class DUALTALK_OT_remove_python(bpy.types.Operator):
    """Delete the network's own Python and free its disk space"""

    bl_idname = operator_names.REMOVE_PYTHON
    bl_label = "Remove"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Tell whether no job uses it."""
        cls.poll_message_set(status.BUSY)
        return status.progress() is None

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete the folder."""
        folder = pythons.own_environment()
        try:
            shutil.rmtree(folder)
        except OSError as error:
            self.report({"ERROR"}, f"{folder} cannot be deleted ({error.strerror}).")
            return {"CANCELLED"}
        pythons.look_again()
        stored.get(context).checked = ""
        status.redraw(context)
        return {"FINISHED"}


class DUALTALK_OT_clear_cache(bpy.types.Operator):
    """Delete the kept results; generating takes its time again"""

    bl_idname = operator_names.CLEAR_CACHE
    bl_label = "Clear"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete them and look how much is left."""
        found = results.cache(context)
        if found is not None:
            found.clear()
        results.measure(context)
        return {"FINISHED"}


CLASSES = (DUALTALK_OT_install_python, DUALTALK_OT_remove_python, DUALTALK_OT_clear_cache)
