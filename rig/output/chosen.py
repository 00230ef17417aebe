"""Objects selected and nothing else, for exporters that write what is selected.

Blender neither selects nor evaluates what is hidden, and its exporters then write a file without it
and call that success: whatever hides an object is taken off for as long.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import bpy

from ...core.errors import RigError

#: What hides an object or a collection everywhere, or keeps it from being selected.
_HIDING = ("hide_viewport", "hide_render", "hide_select")

_Owner = bpy.types.Object | bpy.types.Collection | bpy.types.LayerCollection


@contextmanager
def alone(objects: Sequence[bpy.types.Object]) -> Iterator[None]:
    """Select these and no others, seen wherever they are hidden, and all as before afterwards.

    Raises:
        RigError: one of them cannot be selected, as it is not in the view layer.
    """
    layer = bpy.context.view_layer
    before, active = [obj for obj in layer.objects if obj.select_get()], layer.objects.active
    with _shown(objects):
        for obj in before:
            obj.select_set(False)
        for obj in objects:
            obj.select_set(True)
        layer.objects.active = objects[0]
        try:
            for obj in objects:
                if not obj.select_get():
                    raise RigError(
                        f"{obj.name} cannot be selected in the view layer {layer.name!r}: see in "
                        "the Outliner what hides it."
                    )
            yield
        finally:
            for obj in objects:
                obj.select_set(False)
    for obj in before:
        obj.select_set(True)
    layer.objects.active = active


@contextmanager
def _shown(objects: Sequence[bpy.types.Object]) -> Iterator[None]:
    """Have objects seen and selectable, and hidden again as they were afterwards."""
    layer = bpy.context.view_layer
    homes = _homes(layer.layer_collection, set(objects))
    owners: list[_Owner] = [*objects, *homes, *dict.fromkeys(home.collection for home in homes)]
    before = [
        (owner, name)
        for owner in owners
        for name in _HIDING
        if name in owner.bl_rna.properties and getattr(owner, name)
    ]
    for owner, name in before:
        setattr(owner, name, False)
    layer.update()  # only what is evaluated can be shown
    hidden = [obj for obj in objects if obj.hide_get()]
    for obj in hidden:
        obj.hide_set(False)
    layer.update()
    try:
        yield
    finally:
        for obj in hidden:
            obj.hide_set(True)
        for owner, name in before:
            setattr(owner, name, True)


def _homes(
    root: bpy.types.LayerCollection, objects: set[bpy.types.Object]
) -> list[bpy.types.LayerCollection]:
    """Return the collections of a view layer that objects are in, and those around them."""
    inside = [home for child in root.children for home in _homes(child, objects)]
    has_some = not objects.isdisjoint(root.collection.objects)
    return [root, *inside] if inside or has_some else []
