"""Cameras of a staging framed for the shape of the picture: wide, square, or of a phone.

They stand for the scene's own picture. How they would stand for the other shapes is kept with them,
so that a video of another shape is framed for it, and not cut out of a wide picture.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Matrix

from ...core.directing.shots import WIDESCREEN, cameras
from ...core.directing.staging import Staging
from .. import property_names
from . import cameras as rig_cameras

#: The shapes of pictures for which framings are kept beside the scene's own, width by height.
ASPECTS = (WIDESCREEN, 1.0, 9 / 16)
#: Numbers of a framing: aspect, lens (mm), focus (m), and the camera's matrix row by row.
_N_NUMBERS = 3 + 16
_IDENTITY = Matrix.Identity(4)


def aspect_of(scene: bpy.types.Scene) -> float:
    """Return the width of the scene's picture by its height."""
    render = scene.render
    return (render.resolution_x * render.pixel_aspect_x) / (
        render.resolution_y * render.pixel_aspect_y
    )


def build(
    scene: bpy.types.Scene,
    staging: Staging,
    collection: bpy.types.Collection,
    lies: Matrix = _IDENTITY,
) -> dict[str, bpy.types.Object]:
    """Make or move the cameras of a staging for the scene's picture; return them by shot.

    Args:
        scene: whose picture it is.
        staging: where both are.
        collection: for new cameras.
        lies: from the staging's axes to the scene's.
    """
    kept: dict[str, list[float]] = {}
    aspect = aspect_of(scene)
    for each in (*ASPECTS, aspect):  # the scene's own last, which stays
        shots = rig_cameras.build(scene, cameras(staging, each), collection)
        for name, obj in shots.items():
            obj.matrix_world = lies @ obj.matrix_basis
            kept.setdefault(name, []).extend(_numbers(obj, each))
    for name, obj in shots.items():
        obj[property_names.FRAMINGS] = kept[name]
    return shots


@contextmanager
def framed_for(scene: bpy.types.Scene, size: tuple[int, int]) -> Iterator[None]:
    """Frame our cameras for a picture of this size (pixels) for a while.

    Cameras that somebody moved, animated or gave another lens stay as they are.
    """
    moved = []
    for obj in scene.objects:
        framings = _framings(obj)
        if framings is None or not _stands(obj, framings[-1]):
            continue
        best = min(framings[::-1], key=lambda row: abs(math.log(row[0] * size[1] / size[0])))
        moved.append((obj, framings[-1]))
        _frame(obj, best)
    try:
        yield
    finally:
        for obj, own in moved:
            _frame(obj, own)


def _numbers(obj: bpy.types.Object, aspect: float) -> list[float]:
    lens = obj.data
    rows = [value for row in obj.matrix_world for value in row]
    return [aspect, lens.lens, lens.dof.focus_distance, *rows]


def _framings(obj: bpy.types.Object) -> np.ndarray | None:
    """Return the framings of a camera of ours (n, _N_NUMBERS), its own last; None without any."""
    if obj.type != "CAMERA" or property_names.SHOT not in obj:
        return None
    values = np.array(obj.get(property_names.FRAMINGS, ()), float)
    if not len(values) or len(values) % _N_NUMBERS or not (values[::_N_NUMBERS] > 0).all():
        return None
    return values.reshape(-1, _N_NUMBERS)


def _stands(obj: bpy.types.Object, framing: np.ndarray) -> bool:
    """Tell whether a camera stands as it was framed, and nothing moves it."""
    is_free = obj.animation_data is None and obj.data.animation_data is None
    is_free &= not obj.constraints and obj.parent is None
    now = np.array(_numbers(obj, framing[0]))
    return is_free and bool(np.allclose(now, framing, atol=1e-3))


def _frame(obj: bpy.types.Object, framing: np.ndarray) -> None:
    obj.data.lens, obj.data.dof.focus_distance = framing[1:3].tolist()
    obj.matrix_world = Matrix(framing[3:].reshape(4, 4).tolist())
