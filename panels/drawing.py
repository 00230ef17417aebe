"""What several panels draw: progress, errors, sentences broken into lines."""

from pathlib import Path

import bpy
import bpy.utils.previews

from .. import operator_names, status

_CHARACTER_PX = 6.8  # of the panels' font at 1x
_ICON_PX = 60  # room for an icon, a button and margins

_pictures: dict[str, bpy.utils.previews.ImagePreviewCollection] = {}


def sentence(
    layout: bpy.types.UILayout, text: str, icon: str, width_px: float, alert: bool = False
) -> None:
    """Draw a sentence as a label of as many lines as it takes."""
    column = layout.column(align=True)
    column.alert = alert
    column.scale_y = 0.85
    for index, line in enumerate(lines(text, columns_of(width_px))):
        column.label(text=line, icon=icon if index == 0 else "BLANK1")


def failure(layout: bpy.types.UILayout, stage: str, width_px: float) -> None:
    """Draw the last error if it belongs to this step of the work."""
    found = status.failure(stage)
    if found is None:
        return
    box = layout.box()
    sentence(box, found.message, "ERROR", width_px - 20, alert=True)
    row = box.row()
    if found.log:
        row.operator(operator_names.SHOW_LOG, icon="TEXT")
    row.operator(operator_names.DISMISS, icon="X")


def progress(layout: bpy.types.UILayout, owner: str) -> bool:
    """Draw progress and Cancel if a job of this operator (its name) runs; tell whether one does."""
    found = status.progress(owner)
    if found is None:
        return False
    column = layout.column()
    column.progress(factor=found.fraction, text=str(found), type="BAR")
    column.operator(operator_names.CANCEL, icon="CANCEL")
    return True


def install(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw what installs the network's Python, and before it what allows the download.

    Blender's own button has no label.
    """
    reason = status.install_reason(context)
    if reason and status.may_allow_online():
        layout.operator(
            "extensions.userpref_allow_online", text="Allow Online Access", icon="INTERNET"
        )
    row = layout.row()
    row.enabled = not reason
    row.operator_context = "INVOKE_DEFAULT"
    row.operator(operator_names.INSTALL_PYTHON, icon="IMPORT")


def width(context: bpy.types.Context) -> float:
    """Return how many pixels of the region are free for text, at scale 1."""
    region = context.region
    pixels = region.width if region is not None else 300
    return pixels / (context.preferences.system.ui_scale or 1.0)  # 0 in background


def columns_of(width_px: float) -> int:
    """Return how many characters fit."""
    return max(20, int((width_px - _ICON_PX) / _CHARACTER_PX))


def lines(text: str, columns: int) -> list[str]:
    """Break a sentence into lines; a word that is longer than a line is cut."""
    broken = [""]
    for word in text.split():
        while len(word) > columns:
            broken.append(word[:columns])
            word = word[columns:]
        if broken[-1] and len(broken[-1]) + 1 + len(word) > columns:
            broken.append("")
        broken[-1] = f"{broken[-1]} {word}".strip()
    return [line for line in broken if line] or [""]


def picture(path: Path) -> int:
    """Return the number of a picture for `template_icon`, 0 if there is no such file."""
    if not path.is_file():
        return 0
    if "all" not in _pictures:
        _pictures["all"] = bpy.utils.previews.new()
    found = _pictures["all"]
    name = str(path)
    if name not in found:
        found.load(name, name, "IMAGE")
        tuple(found[name].image_size)  # asked for, it is read at once, not after this drawing
    return int(found[name].icon_id)


def forget_pictures() -> None:
    """Let all pictures go."""
    while _pictures:
        bpy.utils.previews.remove(_pictures.popitem()[1])
