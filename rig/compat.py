"""Every branch on Blender's version; nowhere else is `bpy.app.version` read."""

from typing import Any

import bpy

IS_LAYERED = bpy.app.version >= (4, 4, 0)
#: F-curves take their group on creation before layered actions and again from 5.0 on.
_GROUP_ON_CREATION = not IS_LAYERED or bpy.app.version >= (5, 0, 0)
#: There a muted strip is rendered in place of the scene, as black.
RENDERS_MUTED_STRIPS = bpy.app.version < (4, 5, 0)
_ID_TYPES = {bpy.types.Object: "OBJECT", bpy.types.Key: "KEY"}


class Channels:
    """The F-curves of one animated data-block inside an action."""

    def __init__(self, curves: Any, groups: Any) -> None:
        self._curves, self._groups = curves, groups

    def new(self, path: str, index: int, group: str) -> bpy.types.FCurve:
        """Make an F-curve for one number of a property, in a named group."""
        if not IS_LAYERED:
            return self._curves.new(path, index=index, action_group=group)
        if _GROUP_ON_CREATION:
            return self._curves.new(path, index=index, group_name=group)
        curve = self._curves.new(path, index=index)
        curve.group = self._groups.get(group) or self._groups.new(group)
        return curve


def animate(owner: bpy.types.ID, action: bpy.types.Action) -> Channels:
    """Let an action animate a data-block and return the place for its curves.

    Layered actions (4.4 on) hold a slot per data-block; before, an action serves one alone.
    """
    data = owner.animation_data or owner.animation_data_create()
    if not IS_LAYERED:
        data.action = action
        return Channels(action.fcurves, action.groups)
    kind = next(name for cls, name in _ID_TYPES.items() if isinstance(owner, cls))
    slot = action.slots.new(id_type=kind, name=owner.name)
    layer = action.layers[0] if action.layers else action.layers.new("DualTalk")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    bag = strip.channelbag(slot, ensure=True)
    data.action = action
    data.action_slot = slot
    return Channels(bag.fcurves, bag.groups)


def slot_name(data: bpy.types.AnimData) -> str:
    """Return the identifier of the action's slot that animates a data-block; 4.4 brought slots."""
    slot = getattr(data, "action_slot", None)
    return "" if slot is None else slot.identifier


def play(owner: bpy.types.ID, action: bpy.types.Action, slot: str) -> None:
    """Let an action animate a data-block that it was made for, by the slot of this identifier."""
    data = owner.animation_data or owner.animation_data_create()
    data.action = action
    if IS_LAYERED and slot in action.slots:
        data.action_slot = action.slots[slot]


def curves_of(owner: bpy.types.ID) -> list[bpy.types.FCurve]:
    """Return the F-curves that animate a data-block."""
    data = owner.animation_data
    if data is None or data.action is None:
        return []
    if not IS_LAYERED:
        return list(data.action.fcurves)
    for layer in data.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(data.action_slot) if data.action_slot else None
            if bag is not None:
                return list(bag.fcurves)
    return []


def strips_of(scene: bpy.types.Scene) -> Any:
    """Return the sequencer's strips, with `new_sound` and `remove`."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def show_strips(workspace: bpy.types.WorkSpace, scene: bpy.types.Scene) -> None:
    """Let the sequencer show a scene's strips if it shows none: from 5.0 a workspace says whose."""
    if getattr(workspace, "sequencer_scene", scene) is None:
        workspace.sequencer_scene = scene


def use_video(image: bpy.types.ImageFormatSettings) -> None:
    """Choose a video file as the output; 5.0 wants its kind of media first."""
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"


def use_image(image: bpy.types.ImageFormatSettings, file_format: str) -> None:
    """Choose an image file as the output."""
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format = file_format


def new_color_strip(strips: Any, name: str, channel: int, start: int, end: int) -> Any:
    """Make a strip of one colour that ends before frame `end`; 5.0 takes a length instead."""
    takes_end = "frame_end" in strips.bl_rna.functions["new_effect"].parameters
    length = {"frame_end": end} if takes_end else {"length": end - start}
    return strips.new_effect(name, "COLOR", channel, start, **length)


def ends_of(strip: Any) -> tuple[int, int]:
    """Return a strip's first frame and the frame after its last; 5.2 renames them."""
    if hasattr(strip, "right_handle"):
        return strip.left_handle, strip.right_handle
    return strip.frame_final_start, strip.frame_final_end


def content_start(strip: Any) -> int:
    """Return the frame at which what a strip plays begins, also where its start is cut off."""
    return round(strip.content_start if hasattr(strip, "content_start") else strip.frame_start)


def cut_strip(strip: Any, end_frame: int) -> None:
    """Let a strip end before `end_frame` if it is longer; 5.2 renames its ends."""
    name = "right_handle" if hasattr(strip, "right_handle") else "frame_final_end"
    if getattr(strip, name) > end_frame:
        setattr(strip, name, end_frame)
