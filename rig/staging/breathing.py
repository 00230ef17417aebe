"""Chest and shoulders that rise with every breath: the clothes of a built-in head.

The garment moves as a whole, by keys on its object: up with the shoulders, and out at the chest.
A shape key would cost time in every frame.
"""

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.directing.breathing import breaths
from ...core.motion import NETWORK_FPS
from ...core.speakers import Pair
from .. import actions, compat, fcurves, timing
from ..characters import wardrobe
from ..characters.character import Character

#: How far a breath in at rest lifts the shoulders, metres, and widens the chest front to back.
_LIFT_M, _WIDEN = 0.0022, 0.012
_GROUP = "Breath"


def write(
    characters: Pair[Character], speaking: NDArray[np.bool_], first_frame: int, seed: int
) -> None:
    """Let both breathe; what an earlier run wrote is replaced.

    Args:
        characters: those without clothes of ours stay as they are.
        speaking: (2, n_frames) at 25 frames per second.
        first_frame: scene frame of the first.
        seed: of the performance.
    """
    step = timing.scene_fps(bpy.context.scene) / NETWORK_FPS
    for who, character in enumerate(characters):
        garment = wardrobe.worn_by(character.armature).get("clothes")
        if garment is None:
            continue
        keys = breaths(speaking[who], NETWORK_FPS, 2 * seed + who)
        frames = (first_frame + step * keys.frames).astype(np.float32)
        before = actions.playing(garment)
        channels = compat.animate(garment, actions.new(f"{garment.name} breath"))
        for path, index, values in (
            ("location", 2, _LIFT_M * keys.values), ("scale", 1, 1 + _WIDEN * keys.values),
        ):  # fmt: skip
            curve = channels.new(path, index, _GROUP)
            fcurves.set_keys(curve, frames, values.astype(np.float32), "BEZIER")
        actions.let_go(before)
