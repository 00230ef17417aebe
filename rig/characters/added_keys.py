"""Shape keys that add to those that a motion moves, each the same shape under another name.

A key that has animation cannot have a driver too; its twin can, and what both give adds up. The
twins are named after their key and stand behind all others.
"""

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from . import construction

Floats = NDArray[np.floating[Any]]
_PREFIX = "added."


def name_of(key: str) -> str:
    """Return the name of a key's twin."""
    return f"{_PREFIX}{key}"


def is_added(name: str) -> bool:
    """Tell whether a key is a twin, by its name."""
    return name.startswith(_PREFIX)


def ensure(mesh: bpy.types.Object, key: str, points: Floats) -> bpy.types.ShapeKey:
    """Return the twin of a key, made if there is none.

    Args:
        mesh: has the key.
        key: whose twin.
        points: (V, 3) at which the twin has the vertices, FLAME's axes.
    """
    blocks = mesh.data.shape_keys.key_blocks
    twin = blocks.get(name_of(key))
    if twin is None:
        source = blocks[key]
        twin = construction.add_key(mesh, name_of(key), points, (-1.0, 1.0), 0.0)
        twin.vertex_group, twin.relative_key = source.vertex_group, source.relative_key
    else:
        construction.set_key_points(twin, points)
    return twin


def keys_of(mesh: bpy.types.Object) -> list[str]:
    """Return the keys of a mesh that have twins."""
    blocks = mesh.data.shape_keys.key_blocks
    names = [block.name.removeprefix(_PREFIX) for block in blocks if is_added(block.name)]
    return [name for name in names if name in blocks]


def value(blocks: "bpy.types.bpy_prop_collection[bpy.types.ShapeKey]", key: str) -> float:
    """Return what the twin of a key adds to it now, 0 if it has none."""
    twin = blocks.get(name_of(key))
    return 0.0 if twin is None else twin.value


def seen(blocks: "bpy.types.bpy_prop_collection[bpy.types.ShapeKey]", key: str) -> float:
    """Return a key's value as it is seen, with what its twin adds."""
    return float(blocks[key].value) + value(blocks, key)


def remove(mesh: bpy.types.Object) -> None:
    """Take all twins and their drivers off a mesh."""
    keys = mesh.data.shape_keys
    if keys is None:
        return
    for key in [key for key in keys.key_blocks if is_added(key.name)]:
        key.driver_remove("value")
        mesh.shape_key_remove(key)
