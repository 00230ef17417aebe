"""What the add-on's preferences look like."""

from typing import TYPE_CHECKING

import bpy

from ..operators import environment
from ..operators.checkpoints import DUALTALK_OT_import_checkpoint
from ..operators.environment import DUALTALK_OT_install_python
from ..operators.python_check import DUALTALK_OT_check_python
from . import drawing

if TYPE_CHECKING:
    from ..preferences import DUALTALK_AP_preferences

_WIDTH_PX = 600.0


def draw(settings: "DUALTALK_AP_preferences", layout: bpy.types.UILayout) -> None:
    """Draw where the network runs and with which weights."""
    from .. import preferences

    layout.use_property_split = True
    layout.use_property_decorate = False
    problem = preferences.python_problem(settings.python)
    row = layout.row(align=True)
    row.prop(settings, "python")
    # Not greyed out while it runs: Blender would leave it so as long as the mouse is over it.
    if not drawing.progress(layout, DUALTALK_OT_check_python) and not problem:
        row.operator("dualtalk.check_python", icon="CHECKMARK")
    if problem:
        drawing.sentence(layout, problem, "ERROR", _WIDTH_PX)
    elif settings.checked:
        drawing.sentence(layout, settings.checked, "CHECKMARK", _WIDTH_PX)
    _draw_environment(settings, layout.box())
    drawing.failure(layout, "preferences", _WIDTH_PX)
    layout.prop(settings, "device")
    row = layout.row(align=True)
    row.prop(settings, "checkpoint")
    if not drawing.progress(layout, DUALTALK_OT_import_checkpoint) and not problem:
        row.operator_context = "INVOKE_DEFAULT"
        row.operator("dualtalk.import_checkpoint", icon="IMPORT")
    layout.prop(settings, "flame")
    row = layout.row(align=True)
    row.prop(settings, "cache_folder")
    row = layout.row(align=True)
    row.prop(settings, "cache_mb", text="Cache Size (MB)")
    row.operator("dualtalk.clear_cache", icon="TRASH")
    if settings.cache_used:
        drawing.sentence(layout, settings.cache_used, "DISK_DRIVE", _WIDTH_PX)


def _draw_environment(settings: "DUALTALK_AP_preferences", box: bpy.types.UILayout) -> None:
    """Draw how to get a Python with torch that nothing else shares."""
    from .. import preferences

    if drawing.progress(box, DUALTALK_OT_install_python):
        return
    row = box.row()
    row.label(text="The network's own Python", icon="CONSOLE")
    if preferences.has_own_python():
        row.operator("dualtalk.remove_python", icon="TRASH")
        return
    box.prop(settings, "wheels")
    if not settings.wheels:
        box.prop(settings, "index")
    reason = environment.disabled_reason(bpy.context)
    row = box.row()
    row.enabled = not reason
    row.operator_context = "INVOKE_DEFAULT"
    row.operator("dualtalk.install_python", icon="IMPORT")
    said = reason or (
        "Installs torch and what the network needs from this folder."
        if settings.wheels
        else "Downloads torch and what the network needs: 0.3 to 4 GB, depending on the system."
    )
    drawing.sentence(box, said, "INFO", _WIDTH_PX)
