"""Every branch on Blender's version; nowhere else is `bpy.app.version` read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy

#: One action can animate several data-blocks (layered actions, with a slot for each).
SHARES_ACTIONS = bpy.app.version >= (4, 4, 0)
#: F-curves take their group on creation before layered actions and again from 5.0 on.
_GROUP_ON_CREATION = not SHARES_ACTIONS or bpy.app.version >= (5, 0, 0)
_EEVEE = "BLENDER_EEVEE_NEXT" if (4, 2, 0) <= bpy.app.version < (5, 0, 0) else "BLENDER_EEVEE"
#: Options of a property that holds a path: from 4.5 on one that may begin with "//" says so.
PATH_OPTIONS: set[str] = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()
#: There a muted strip is rendered in place of the scene, as black.
RENDERS_MUTED_STRIPS = bpy.app.version < (4, 5, 0)
#: From then on a scene's compositor is a node group of its own, which can be exchanged.
_COMPOSITOR_IS_GROUP = bpy.app.version >= (5, 0, 0)
_ID_TYPES = {bpy.types.Object: "OBJECT", bpy.types.Key: "KEY"}


class Channels:
    """The F-curves of one animated data-block inside an action."""

    def __init__(self, curves: Any, groups: Any) -> None:
        self._curves, self._groups = curves, groups

    def new(self, path: str, index: int, group: str) -> bpy.types.FCurve:
        """Make an F-curve for one number of a property, in a named group."""
        if not group:
            return self._curves.new(path, index=index)
        if not SHARES_ACTIONS:
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
    data.action = action
    if not SHARES_ACTIONS:
        return Channels(action.fcurves, action.groups)
    data.action_slot = _new_slot(owner, action)
    bag = _bag(data)
    return Channels(bag.fcurves, bag.groups)


def curves_for_keys(owner: bpy.types.ID) -> Any:
    """Return the collection of F-curves of a data-block that has an action, made if need be."""
    data = owner.animation_data
    if not SHARES_ACTIONS:
        return data.action.fcurves
    if data.action_slot is None:
        data.action_slot = _new_slot(owner, data.action)
    return _bag(data).fcurves


def curves_there(owner: bpy.types.ID) -> Any:
    """Return the collection of F-curves of a data-block, or None if nothing animates it."""
    data = owner.animation_data
    if data is None or data.action is None:
        return None
    if not SHARES_ACTIONS:
        return data.action.fcurves
    if data.action_slot is None:
        return None
    for layer in data.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(data.action_slot)
            if bag is not None:
                return bag.fcurves
    return None


def curves_in(action: bpy.types.Action, slot: str) -> list[bpy.types.FCurve]:
    """Return the F-curves of an action, of the slot with this identifier where it has slots."""
    if not SHARES_ACTIONS:
        return list(action.fcurves)
    if slot not in action.slots:
        return []
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(action.slots[slot])
            if bag is not None:
                return list(bag.fcurves)
    return []


def channels_for_keys(owner: bpy.types.ID) -> Channels:
    """Return the place for curves in the action of a data-block that has one."""
    if not SHARES_ACTIONS:
        return Channels(owner.animation_data.action.fcurves, owner.animation_data.action.groups)
    curves_for_keys(owner)
    bag = _bag(owner.animation_data)
    return Channels(bag.fcurves, bag.groups)


def choose_slot(strip: bpy.types.NlaStrip, slot: str) -> None:
    """Let an NLA strip play the slot of its action with this identifier; 4.4 brought slots."""
    if SHARES_ACTIONS and slot in strip.action.slots:
        strip.action_slot = strip.action.slots[slot]


def slot_of(strip: bpy.types.NlaStrip) -> str:
    """Return the identifier of the slot that an NLA strip plays; 4.4 brought slots."""
    slot = strip.action_slot if SHARES_ACTIONS else None
    return "" if slot is None else str(slot.identifier)


def _new_slot(owner: bpy.types.ID, action: bpy.types.Action) -> Any:
    kind = next(name for cls, name in _ID_TYPES.items() if isinstance(owner, cls))
    return action.slots.new(id_type=kind, name=owner.name)


def _bag(data: bpy.types.AnimData) -> Any:
    """Return the channel bag of what animates a data-block; the action has one layer and strip."""
    action = data.action
    layer = action.layers[0] if action.layers else action.layers.new("DualTalk")
    strip = layer.strips[0] if layer.strips else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(data.action_slot, ensure=True)


def slot_name(data: bpy.types.AnimData | None) -> str:
    """Return the identifier of the action's slot that animates a data-block; 4.4 brought slots."""
    slot = None if data is None or not SHARES_ACTIONS else data.action_slot
    return "" if slot is None else slot.identifier


def play(owner: bpy.types.ID, action: bpy.types.Action, slot: str) -> None:
    """Let an action animate a data-block that it was made for, by the slot of this identifier."""
    data = owner.animation_data or owner.animation_data_create()
    data.action = action
    if SHARES_ACTIONS and slot in action.slots:
        data.action_slot = action.slots[slot]


def use_nodes(material: bpy.types.Material) -> None:
    """Give a material its nodes; from 5.0 it is made with them."""
    if material.node_tree is None:
        material.use_nodes = True


def strips_of(scene: bpy.types.Scene) -> Any:
    """Return the sequencer's strips, with `new_sound` and `remove`."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def strips_inside(meta: Any) -> Any:
    """Return the strips inside a meta strip."""
    return meta.strips if hasattr(meta, "strips") else meta.sequences


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


def cut_away(strip: Any) -> int:
    """Return how many frames of what a strip plays were cut off for good at its start."""
    return round(getattr(strip, "animation_offset_start", 0))


def cut_strip(strip: Any, end_frame: int) -> None:
    """Let a strip end before `end_frame` if it is longer; 5.2 renames its ends."""
    name = "right_handle" if hasattr(strip, "right_handle") else "frame_final_end"
    if getattr(strip, name) > end_frame:
        setattr(strip, name, end_frame)


def stored_properties(owner: bpy.types.ID) -> Any:
    """Return what add-ons stored on a data-block, registered or not; 5.0 keeps it to itself."""
    if hasattr(owner, "bl_system_properties_get"):
        return owner.bl_system_properties_get()
    return owner


def engine(name: str) -> str:
    """Return what Blender calls a render engine: Workbench, EEVEE or Cycles."""
    return {"WORKBENCH": "BLENDER_WORKBENCH", "EEVEE": _EEVEE}.get(name, name)


@contextmanager
def borrowed_compositor(scene: bpy.types.Scene) -> Iterator[Any]:
    """Let a scene use an empty compositor for a while.

    Yields:
        Its node tree; None where the scene has nodes of the user's that cannot be set aside.
    """
    if _COMPOSITOR_IS_GROUP:
        before = scene.compositing_node_group
        tree = bpy.data.node_groups.new("DualTalk preview", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        try:
            yield tree
        finally:
            scene.compositing_node_group = before
            bpy.data.node_groups.remove(tree)
    elif scene.use_nodes or (scene.node_tree is not None and scene.node_tree.nodes):
        yield None
    else:
        scene.use_nodes = True
        scene.node_tree.nodes.clear()
        try:
            yield scene.node_tree
        finally:
            scene.node_tree.nodes.clear()
            scene.use_nodes = False


def compositor_output(tree: Any) -> Any:
    """Return the socket of a borrowed compositor that takes the picture."""
    kind = "NodeGroupOutput" if _COMPOSITOR_IS_GROUP else "CompositorNodeComposite"
    return tree.nodes.new(kind).inputs["Image"]


def set_edge_threshold(node: Any, threshold: float) -> None:
    """Set by how much neighbours differ at an edge, 0 to 1.

    It became a socket, and was a property before that is five times as large.
    """
    if "Threshold" in node.inputs:
        node.inputs["Threshold"].default_value = threshold
    else:
        node.threshold = min(5 * threshold, 1.0)


@contextmanager
def no_bone_selected(rig: bpy.types.Object) -> Iterator[None]:
    """Have no bone of a rig selected for a while; from 5.0 it is the pose's bones that are."""
    is_of_pose = "select" in bpy.types.PoseBone.bl_rna.properties
    owners = rig.pose.bones if is_of_pose else rig.data.bones
    before = [bone for bone in owners if bone.select]
    for bone in before:
        bone.select = False
    try:
        yield
    finally:
        for bone in before:
            bone.select = True
