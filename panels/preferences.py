"""What the add-on's preferences look like."""

from typing import TYPE_CHECKING

import bpy

from ..operators.python_check import DUALTALK_OT_check_python
from . import parts

if TYPE_CHECKING:
    from ..preferences import DUALTALK_AP_preferences

_WIDTH_PX = 600.0


def draw(settings: "DUALTALK_AP_preferences", layout: bpy.types.UILayout) -> None:
    """Draw where the network runs and with which weights."""
    from ..preferences import python_problem

    layout.use_property_split = True
    layout.use_property_decorate = False
    row = layout.row(align=True)
    row.prop(settings, "python")
    row.operator("dualtalk.check_python", icon="CHECKMARK")
    parts.progress(layout, DUALTALK_OT_check_python.bl_idname)
    problem = python_problem(settings.python)
    if problem:
        parts.sentence(layout, problem, "ERROR", _WIDTH_PX)
    elif settings.checked:
        parts.sentence(layout, settings.checked, "CHECKMARK", _WIDTH_PX)
    parts.failure(layout, "preferences", _WIDTH_PX)
    layout.prop(settings, "device")
    layout.prop(settings, "checkpoint")
