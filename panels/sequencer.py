"""The steps of the 3D view's sidebar once more, in the sequencer's."""

import bpy

from . import acting, characters, export, people, staging, takes, words

_KEPT = ("__doc__", "bl_label", "bl_region_type", "bl_category", "bl_order", "bl_options",
         "poll", "speaker", "draw")  # fmt: skip
_ENDING = "_sequencer"


def _twin(panel: type) -> type:
    """Return a panel that draws the same in the sequencer."""
    members = {name: getattr(panel, name) for name in _KEPT if hasattr(panel, name)}
    members["bl_space_type"] = "SEQUENCE_EDITOR"
    if hasattr(panel, "bl_parent_id"):
        members["bl_parent_id"] = panel.bl_parent_id + _ENDING
    return type(panel.__name__ + _ENDING, (bpy.types.Panel,), members)


CLASSES = tuple(
    _twin(panel)
    for module in (characters, people, staging, acting, takes, words, export)
    for panel in module.CLASSES
    if issubclass(panel, bpy.types.Panel)
)
