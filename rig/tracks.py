"""Which shape keys a motion moves, and by how much, for each kind of character."""

from typing import TypeAlias

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.errors import RigError
from ..core.motion import Motion
from ..core.names import ARKIT_SHAPES
from . import flame
from .heads import Character

#: The name of a shape key and its values, (n_frames,).
Track: TypeAlias = tuple[str, NDArray[np.float32]]


def check(character: Character, motion: Motion) -> None:
    """Refuse a motion that the character cannot play.

    Raises:
        RigError: it is of another basis, or has more coefficients than the head has keys.
    """
    name = character.armature.name
    if motion.n_frames == 0:
        raise RigError("The motion holds no frames: choose a longer sound.")
    if motion.basis != character.basis:
        raise RigError(
            f"{name} takes motion of the basis {character.basis!r}, but the motion is of the basis "
            f"{motion.basis!r}: choose a checkpoint or a character of the other kind."
        )
    if character.kind == "flame":
        n_there, n_given = flame.n_expression(character), motion.expression.shape[1]
        if motion.expression[:, n_there:].any():
            raise RigError(
                f"{name} has {n_there} sliders of expression, but the motion has {n_given}: "
                "build the head again with more."
            )


def of_meshes(character: Character, motion: Motion) -> list[tuple[bpy.types.Object, list[Track]]]:
    """Return the meshes of a character and what moves on each; keys that are gone are skipped."""
    if character.kind == "flame":
        names = [flame.expression_name(index) for index in range(motion.expression.shape[1])]
    else:
        names = list(ARKIT_SHAPES)
    there = character.mesh.data.shape_keys.key_blocks
    rows = zip(names, motion.expression.T, strict=True)
    return [(character.mesh, [(name, values) for name, values in rows if name in there])]
