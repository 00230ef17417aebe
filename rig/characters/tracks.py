"""Which shape keys a motion moves, and by how much, for each kind of character."""

from dataclasses import replace
from typing import TypeAlias

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.errors import RigError
from ...core.faces.shape_names import JAW_CONTROLS
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD, Basis
from . import binding, bound_keys, flame_head
from .heads import Character

#: The name of a shape key and its values, (n_frames,).
Track: TypeAlias = tuple[str, NDArray[np.float32]]
#: Rotation of the jaw about y that is ARKit's jawLeft = 1, radians; a guess by eye.
_JAW_SIDE_RAD = 0.12


def check(character: Character, motion: Motion) -> None:
    """Refuse a motion that the character cannot play.

    Raises:
        RigError: it is of another basis, or has more coefficients than the head has keys.
    """
    name = character.armature.name
    if motion.n_frames == 0:
        raise RigError("The motion holds no frames: choose a longer sound.")
    if motion.basis not in bases(character):
        raise RigError(
            f"{name} takes motion of the basis {character.basis!r}, but the motion is of the basis "
            f"{motion.basis!r}: choose a checkpoint or a character of the other kind."
        )
    if motion.basis == "flame":
        n_there, n_given = flame_head.n_expression(character), motion.expression.shape[1]
        if motion.expression[:, n_there:].any():
            raise RigError(
                f"{name} has {n_there} sliders of expression, but the motion has {n_given}: "
                "build the head again with more."
            )


def bases(character: Character) -> tuple[Basis, ...]:
    """Return the bases of motion that a character plays; a FLAME head with names plays both."""
    if character.kind == "flame" and flame_head.has_names(character):
        return "flame", "arkit"
    return (character.basis,)


def adapted(character: Character, motion: Motion) -> Motion:
    """Return what the bones do, where a character lacks a key that goes with them.

    A jaw that opens behind lips that `mouthClose` holds together stays shut if there is no such
    key: so the lips meet all the same.
    """
    if character.kind != "bound":
        return motion
    keys = [bound_keys.weights(character.armature, mesh) for mesh in character.meshes]
    if any("mouthClose" in controls for mesh in keys for controls in mesh.values()):
        return motion
    jaw = motion.jaw.copy()
    closed = motion.expression[:, ARKIT_INDEX["mouthClose"]] * JAW_OPEN_RAD
    jaw[:, 0] = np.maximum(jaw[:, 0] - closed, np.minimum(jaw[:, 0], 0))
    return replace(motion, jaw=jaw)


def of_meshes(character: Character, motion: Motion) -> list[tuple[bpy.types.Object, list[Track]]]:
    """Return the meshes of a character and what moves on each; keys that are gone are skipped."""
    if character.kind == "bound":
        return [(mesh, _bound(character.armature, mesh, motion)) for mesh in character.meshes]
    if motion.basis == "flame":
        names = [flame_head.expression_name(index) for index in range(motion.expression.shape[1])]
    else:
        names = list(ARKIT_SHAPES)
    there = character.mesh.data.shape_keys.key_blocks
    rows = zip(names, motion.expression.T, strict=True)
    return [(character.mesh, [(name, values) for name, values in rows if name in there])]


def _bound(control: bpy.types.Object, mesh: bpy.types.Object, motion: Motion) -> list[Track]:
    """Add up for each key of a mesh what its controls do."""
    controls = dict(zip(ARKIT_SHAPES, motion.expression.T, strict=True))
    if "jaw" not in binding.turned(control):
        controls |= _jaw_controls(motion)
    there = mesh.data.shape_keys.key_blocks
    result = []
    for key, factors in bound_keys.weights(control, mesh).items():
        moving = [factor * controls[name] for name, factor in factors.items() if name in controls]
        if moving and key in there:
            result.append((key, np.sum(moving, axis=0, dtype=np.float32)))
    return result


def _jaw_controls(motion: Motion) -> dict[str, NDArray[np.float32]]:
    """Return the jaw's rotation as ARKit's shapes, which know no rotation."""
    side = motion.jaw[:, 1] / _JAW_SIDE_RAD
    values = (motion.jaw[:, 0] / JAW_OPEN_RAD, side, -side, np.zeros_like(side))
    return {
        name: np.clip(value, 0, 1).astype(np.float32)
        for name, value in zip(JAW_CONTROLS, values, strict=True)
    }
