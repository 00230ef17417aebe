"""Settings of the user's that are changed for a while, and put back whatever happens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import bpy

from .. import compat

_PLAIN = {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}
#: Settings decide over each other (the kind of media over file formats, these over depths): a few
#: passes put all of them back.
_PASSES = 4

Setting = tuple[bpy.types.bpy_struct, str]


@contextmanager
def kept(*owners: bpy.types.bpy_struct) -> Iterator[None]:
    """Put every plain setting of some structures back at the end, with those inside them."""
    before = [(setting, _value(*setting)) for owner in owners for setting in _settings(owner)]
    try:
        yield
    finally:
        for _ in range(_PASSES):
            changed = [(setting, value) for setting, value in before if _value(*setting) != value]
            for (owner, name), value in changed:
                _set(owner, name, value)


@contextmanager
def one_view_layer(
    scene: bpy.types.Scene, objects: Sequence[bpy.types.Object]
) -> Iterator[bpy.types.ViewLayer]:
    """Render one view layer alone, whichever are switched off: that which has most of objects."""
    before = [(layer, layer.use) for layer in scene.view_layers]
    n_shown = {layer: sum(obj.name in layer.objects for obj in objects) for layer, _ in before}
    chosen, _ = max(before, key=lambda row: (n_shown[row[0]], row[1]))
    try:
        for layer, _ in before:
            layer.use = layer == chosen
        yield chosen
    finally:
        for layer, is_used in before:
            layer.use = is_used


@contextmanager
def heard_not_seen(scene: bpy.types.Scene) -> Iterator[None]:
    """Let a video have the sequencer's sound and the scene's picture.

    Blender mixes sound into a video only with the sequencer on, and then renders the scene only if
    every strip that shows something is muted.
    """
    strips = list(compat.strips_of(scene)) if scene.sequence_editor else []
    shown = [(strip, strip.mute) for strip in strips if strip.type != "SOUND"]
    if shown and compat.RENDERS_MUTED_STRIPS:
        yield
        return
    used = scene.render.use_sequencer
    try:
        for strip, _ in shown:
            strip.mute = True
        scene.render.use_sequencer = bool(strips)
        yield
    finally:
        scene.render.use_sequencer = used
        for strip, is_mute in shown:
            strip.mute = is_mute


def set_those_that_exist(owner: bpy.types.bpy_struct, **values: Any) -> None:
    """Set the settings that this version of Blender has."""
    there = owner.bl_rna.properties
    for name, value in values.items():
        if name in there:
            setattr(owner, name, value)


def _settings(owner: bpy.types.bpy_struct) -> Iterator[Setting]:
    """Yield what can be set on a structure and on those that are part of it, IDs left out."""
    for prop in owner.bl_rna.properties:
        name = prop.identifier
        if prop.type in _PLAIN and not prop.is_readonly:
            yield owner, name
        elif prop.type == "POINTER" and name != "rna_type":
            part = getattr(owner, name)
            if part is not None and not isinstance(part, bpy.types.ID):
                yield from _settings(part)


def _value(owner: bpy.types.bpy_struct, name: str) -> Any:
    value = getattr(owner, name)
    is_plain = isinstance(value, bool | int | float | str)
    return value if is_plain else (set(value) if isinstance(value, set) else tuple(value))


def _set(owner: bpy.types.bpy_struct, name: str, value: Any) -> None:
    try:
        setattr(owner, name, value)
    except (TypeError, AttributeError):  # not to be had before another setting is back
        return
