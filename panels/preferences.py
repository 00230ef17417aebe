"""What the add-on's preferences look like."""

import bpy

from .. import operator_names, status
from ..preferences import pythons
from ..preferences.stored import StoredPreferences
from . import drawing

_WIDTH_PX = 600.0


class DUALTALK_AP_preferences(StoredPreferences, bpy.types.AddonPreferences):
    """The add-on's preferences."""

    def draw(self, context: bpy.types.Context) -> None:
        """Draw where the network runs and with which weights."""
        _draw(self, self.layout)


def _draw(settings: StoredPreferences, layout: bpy.types.UILayout) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    problem = pythons.problem(settings.python)
    row = layout.row(align=True)
    row.prop(settings, "python")
    # Not greyed out while it runs: Blender would leave it so as long as the mouse is over it.
    if not drawing.progress(layout, operator_names.CHECK_PYTHON) and not problem:
        row.operator(operator_names.CHECK_PYTHON, icon="CHECKMARK")
    if problem:
        drawing.sentence(layout, problem, "ERROR", _WIDTH_PX)
    elif settings.checked:
        drawing.sentence(layout, settings.checked, "CHECKMARK", _WIDTH_PX)
    _draw_environment(settings, layout.box())
    drawing.failure(layout, "preferences", _WIDTH_PX)
    layout.prop(settings, "device")
    row = layout.row(align=True)
    row.prop(settings, "checkpoint")
    if not drawing.progress(layout, operator_names.IMPORT_CHECKPOINT) and not problem:
        row.operator_context = "INVOKE_DEFAULT"
        row.operator(operator_names.IMPORT_CHECKPOINT, icon="IMPORT")
    layout.prop(settings, "flame")
    row = layout.row(align=True)
    row.prop(settings, "cache_folder")
    row = layout.row(align=True)
    row.prop(settings, "cache_mb", text="Cache Size (MB)")
    row.operator(operator_names.CLEAR_CACHE, icon="TRASH")
    if settings.cache_used:
        drawing.sentence(layout, settings.cache_used, "DISK_DRIVE", _WIDTH_PX)


def _draw_environment(settings: StoredPreferences, box: bpy.types.UILayout) -> None:
    """Draw how to get a Python with torch that nothing else shares."""
    if drawing.progress(box, operator_names.INSTALL_PYTHON):
        return
    row = box.row()
    row.label(text="The network's own Python", icon="CONSOLE")
    if pythons.has_own_python():
        row.operator(operator_names.REMOVE_PYTHON, icon="TRASH")
        return
    box.prop(settings, "wheels")
    if not settings.wheels:
        box.prop(settings, "index")
    reason = status.install_reason(bpy.context)
    drawing.install(box, bpy.context)
    said = reason or (
        "Installs torch and what the network needs from this folder."
        if settings.wheels
        else "Downloads torch and what the network needs: 0.3 to 4 GB, depending on the system."
    )
    drawing.sentence(box, said, "INFO", _WIDTH_PX)


CLASSES = (DUALTALK_AP_preferences,)
