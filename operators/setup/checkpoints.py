"""Importing a published checkpoint."""

from pathlib import Path

import bpy
from bpy.props import StringProperty

from ... import operator_names
from ...core.errors import InputError
from ...core.jobs.requests import ImportRequest
from ...preferences import pythons, stored
from .. import jobs


class DUALTALK_OT_import_checkpoint(jobs.Job, bpy.types.Operator):
    """Convert a published DualTalk checkpoint (.pth) and use it; no code in it is executed"""

    bl_idname = operator_names.IMPORT_CHECKPOINT
    bl_label = "Import"
    bl_options = {"INTERNAL"}  # noqa: RUF012 - Blender wants a plain set
    stage = "preferences"

    filepath: StringProperty(
        name="File", description="The file to read", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )
    filter_glob: StringProperty(default="*.pth;*.pt", options={"HIDDEN"})

    _is_chosen_by_hand = False

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open the file browser, which calls `execute`."""
        self._is_chosen_by_hand = not bpy.app.background
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Convert; after the file browser in steps, so that Blender goes on."""
        if self._is_chosen_by_hand:
            self._is_chosen_by_hand = False
            return self.start(context)
        return super().execute(context)

    def prepare(self, context: bpy.types.Context) -> jobs.Order:
        """Return the Python that has torch, and where the result goes."""
        source = Path(bpy.path.abspath(self.filepath))
        if not source.is_file():
            raise InputError(f"{source} does not exist: choose a published .pth.")
        folder = pythons.own_folder("checkpoints")
        folder.mkdir(parents=True, exist_ok=True)
        request = ImportRequest(str(source), str(folder / f"{source.stem}.safetensors"))
        return jobs.Order(pythons.worker_python(stored.get(context).python), request)

    def apply(self, context: bpy.types.Context, order: jobs.Order, result: Path) -> str:
        """Use the checkpoint from now on."""
        stored.get(context).checkpoint = str(result)
        return f"Imported {result.name}"


CLASSES = (DUALTALK_OT_import_checkpoint,)
