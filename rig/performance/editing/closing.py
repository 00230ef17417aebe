"""A closure of the lips added to a performance, as edits that outlive generating again."""

import bpy
import numpy as np

from ....core.edits import closing
from ....core.errors import RigError
from ....core.names import JAW_OPEN_RAD
from ..speech import lips


def close(scene: bpy.types.Scene, speaker: int, frame: float) -> int:
    """Close a speaker's lips at a scene frame; return how many curves changed.

    The jaw comes up by most of its opening, what parts the lips goes, and `mouthClose` seals what
    is left.

    Raises:
        RigError: there is no head, it has no record, or it lacks the shapes or the frame.
    """

    def how(mouth: lips.Mouth) -> tuple[lips.Values, lips.Values]:
        if not 0 <= frame - mouth.first_frame < mouth.n_frames:
            raise RigError(
                f"Frame {frame:g} is not in the performance: go to where the lips close."
            )
        weight = closing.weights(mouth.n_frames, frame - mouth.first_frame, mouth.fps)
        jaw = np.where(weight > 0, closing.closed_jaw(mouth.jaw, weight), mouth.jaw)
        keys = mouth.keys.copy()
        for row, factors in enumerate(mouth.controls):
            if factors.get("mouthClose"):
                keys[row] = closing.sealed(keys[row], jaw, weight, JAW_OPEN_RAD)
            elif any(factors.get(name) for name in closing.PARTING):
                keys[row] *= 1 - weight
        return jaw, keys

    return lips.change(scene, speaker, how)
