"""Moving the two characters to where a staging wants them, and telling where they are."""

import math
from typing import TypeAlias

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ...core.directing.staging import Placement, Staging
from ...core.speakers import Pair
from .. import fcurves, property_names
from ..gaze.gaze_rig import body_matrix, eyes_local_m

_DELTAS = ("delta_location", "delta_rotation_euler")
Armatures: TypeAlias = Pair[bpy.types.Object]


def place(armatures: Armatures, staging: Staging) -> None:
    """Move both armature objects so that their eyes are where the staging puts them.

    The scale of an object is kept; keys on the object's own transforms would win and are left.
    A lean over time of an earlier staging is taken off (`write_lean` keys the new one).
    """
    for armature in armatures:
        _remove_lean(armature)
    for armature, placement in zip(armatures, staging.placements(), strict=True):
        _put(armature, placement, Matrix.Identity(4))
    bpy.context.view_layer.update()


def place_new(armatures: Armatures, staging: Staging) -> Matrix | None:
    """Place the characters that were built and not placed yet; the others stay where they are.

    Returns:
        How the staging lies in the scene: moved to where the character is that stays. None if
        there was nobody to place.
    """
    is_new = [property_names.UNPLACED in armature for armature in armatures]
    if not any(is_new):
        return None
    if all(is_new):
        place(armatures, staging)
        return Matrix.Identity(4)
    stays = is_new.index(False)
    lies = _lies(staging.placements()[stays], current_placements(armatures)[stays])
    _put(armatures[1 - stays], staging.placements()[1 - stays], lies)
    bpy.context.view_layer.update()
    return lies


def current_placements(armatures: Armatures) -> Pair[Placement]:
    """Return the rest placement of both as they now stand, wherever an animator moved them."""
    bpy.context.view_layer.update()
    found = []
    for armature in armatures:
        matrix = body_matrix(armature)
        eyes = matrix @ eyes_local_m(armature)
        rotation = matrix.to_3x3().normalized()
        found.append(Placement(np.array(eyes), np.array(rotation)))
    return found[0], found[1]


def write_lean(
    armatures: Armatures, start: Staging, end: Staging, first_frame: float, last_frame: float
) -> None:
    """Key a change of lean over the scene as delta transforms.

    Delta transforms add to location and rotation, so that moving a character later keeps the
    lean. Where nothing changes, the keys of an earlier run are taken off.
    """
    places = zip(start.placements(), end.placements(), strict=True)
    for armature, (before, after) in zip(armatures, places, strict=True):
        _remove_lean(armature)
        shift = _object_shift(armature, before, after)
        if np.allclose(shift, 0, atol=1e-6):
            continue
        euler = Matrix((after.rotation @ before.rotation.T).tolist()).to_euler()
        armature[property_names.DELTAS] = [v for path in _DELTAS for v in getattr(armature, path)]
        armature[property_names.LEAN] = [first_frame, last_frame, *shift, *euler]
    rekey_lean(armatures)


def rekey_lean(armatures: Armatures) -> None:
    """Write the keys of the lean over time again, after the action was replaced."""
    for armature in armatures:
        if property_names.LEAN not in armature:
            continue
        first, last, *changes = armature[property_names.LEAN]
        frames = np.array([first, last], dtype=np.float64)
        for i, change in enumerate(changes):
            curve = fcurves.ensure_fcurve(armature, _DELTAS[i // 3], i % 3)
            values = _deltas_before(armature)[i] + np.array([0.0, change])
            fcurves.set_keys(curve, frames, values, "BEZIER")


def _put(armature: bpy.types.Object, placement: Placement, lies: Matrix) -> None:
    """Move a character to its place in a staging that lies somewhere in the scene."""
    rotation = lies.to_3x3().to_4x4() @ Matrix(placement.rotation.tolist()).to_4x4()
    rotation @= _yaw(_posed(armature)).inverted()  # it faces its partner, however it sits or stands
    scale = Matrix.Diagonal((*armature.scale, 1.0))
    posed = _posed(armature)
    eyes = rotation @ scale @ posed @ eyes_local_m(armature)
    location = Matrix.Translation(lies @ Vector(placement.eyes_m) - eyes)
    armature.matrix_world = location @ rotation @ scale
    armature.pop(property_names.UNPLACED, None)


def _posed(armature: bpy.types.Object) -> Matrix:
    """Return how the pose of a character's body moves its head, in the space of the armature."""
    return armature.matrix_world.inverted() @ body_matrix(armature)


def _yaw(turn: Matrix) -> Matrix:
    """Return the part of a turn that is about the vertical, for who faces -y at rest."""
    facing = turn.to_3x3() @ Vector((0.0, -1.0, 0.0))
    angle = math.atan2(facing.x, -facing.y) if facing.xy.length > 0.1 else 0.0
    return Matrix.Rotation(angle, 4, "Z")


def _lies(planned: Placement, found: Placement) -> Matrix:
    """Return the turn about z, and the shift, that bring a planned placement to a found one."""
    yaws = [math.atan2(placed.facing[1], placed.facing[0]) for placed in (planned, found)]
    turn = Matrix.Rotation(yaws[1] - yaws[0], 4, "Z")
    shift = Vector(found.eyes_m) - turn @ Vector(planned.eyes_m)
    return Matrix.Translation(shift) @ turn


def _remove_lean(armature: bpy.types.Object) -> None:
    if property_names.LEAN not in armature:
        return
    before = _deltas_before(armature)
    for index, path in enumerate(_DELTAS):
        for axis in range(3):
            fcurves.remove_fcurve(armature, path, axis)
        setattr(armature, path, before[3 * index : 3 * index + 3])
    armature.pop(property_names.DELTAS, None)
    del armature[property_names.LEAN]


def _deltas_before(armature: bpy.types.Object) -> list[float]:
    """Return the delta transforms that the user has, from which a lean starts."""
    return [float(value) for value in armature.get(property_names.DELTAS, [0.0] * 6)]


def _object_shift(armature: bpy.types.Object, before: Placement, after: Placement):  # type: ignore[no-untyped-def]
    """Return how far the origin moves, (3,), when the eyes go from one place to another."""
    eyes = np.array(eyes_local_m(armature)) * np.array(armature.scale)
    return (after.eyes_m - after.rotation @ eyes) - (before.eyes_m - before.rotation @ eyes)
