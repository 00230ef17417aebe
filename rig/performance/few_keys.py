"""A performance with the few keys that it needs, in place of one per frame.

By how much a curve may miss is said in what an audience sees: millimetres of the head's surface,
degrees of a bone. Errors of shapes add up to about three times what one may miss, so that all of
them stay below 0.2 mm together (`scripts/measure_keys.py` measures it on the bundled head).
"""

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.edits.curve import Curve
from ...core.edits.reduction import reduced_keys
from .. import fcurves

#: What one shape key may miss on its own, metres; and a joint's offset.
_SHAPE_M = 0.04e-3
#: What a bone's rotation may miss, degrees; the jaw carries lips and teeth.
_BONE_DEG = 0.2
_JAW_DEG = 0.06
#: A shape key that moves nothing is in this unit.
_NO_SHAPE = 0.01
_BEZIER = 2


def curves(
    owner: bpy.types.ID,
    paths: list[str],
    values: NDArray[np.floating],
    first_frame: int,
    keep: NDArray[np.bool_],
) -> list[Curve]:
    """Return the curves of a data-block with few keys.

    Args:
        owner: an armature object, or the shape keys of a mesh.
        paths: of the animated properties, one per curve.
        values: (n_curves, n_frames).
        first_frame: scene frame of the first value.
        keep: (n_curves, n_frames) where keys must be.
    """
    return reduced_keys(first_frame, values, np.array(tolerances(owner, paths)), keep)


def tolerances(owner: bpy.types.ID, paths: list[str]) -> list[float]:
    """Return by how much curves of a data-block may miss a frame, each in its own unit."""
    if isinstance(owner, bpy.types.Key):
        reach = _reaches_m(owner)
        return [_SHAPE_M / reach[path] if reach.get(path) else _NO_SHAPE for path in paths]
    return [_bone_tolerance(path) for path in paths]


def are_few(curve: bpy.types.FCurve) -> bool:
    """Tell whether a curve has few keys, with handles between them."""
    kinds = np.empty(len(curve.keyframe_points), np.int32)
    curve.keyframe_points.foreach_get("interpolation", kinds)
    return bool((kinds == _BEZIER).any())


def _bone_tolerance(path: str) -> float:
    if not path.endswith("rotation_quaternion"):
        return _SHAPE_M
    degrees = _JAW_DEG if '"jaw"' in path else _BONE_DEG
    # Each of the three parts of the axis may miss; the angle is twice the length of all.
    return float(np.radians(degrees) / 2 / np.sqrt(3))


def _reaches_m(keys: bpy.types.Key) -> dict[str, float]:
    """Return how far each shape key moves the vertex that it moves most, by path, metres."""
    basis = _points(keys.reference_key)
    found = {}
    for block in keys.key_blocks:
        moved = np.linalg.norm(_points(block) - basis, axis=1)
        found[fcurves.key_path(block.name)] = float(moved.max(initial=0.0))
    return found


def _points(block: bpy.types.ShapeKey) -> NDArray[np.float32]:
    flat = np.empty(3 * len(block.data), np.float32)
    block.data.foreach_get("co", flat)
    return flat.reshape(-1, 3)
