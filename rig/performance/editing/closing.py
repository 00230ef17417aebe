"""A closure of the lips added to a performance, as edits that outlive generating again."""

import bpy
import numpy as np

from ....core.edits import closing
from ....core.errors import RigError
from ....core.names import JAW_OPEN_RAD
from ....core.speakers import label
from ...acting import shifts
from ...characters import heads
from ...characters.character import Character
from . import key_spans, written

_JAW = 'pose.bones["jaw"].rotation_quaternion'


def close(scene: bpy.types.Scene, speaker: int, frame: float) -> int:
    """Close a speaker's lips at a scene frame; return how many curves changed.

    The jaw comes up by most of its opening, what parts the lips goes, and `mouthClose` seals what
    is left.

    Raises:
        RigError: there is no head, it has no record, or it lacks the shapes or the frame.
    """
    character = heads.find(scene, speaker)
    if character is None:
        raise RigError(f"{label(speaker)} has no head: generate first.")
    record = written.load(character.armature, written.BODY)
    if record is None:
        raise RigError(
            f"What was generated for {label(speaker)} is not recorded: generate a new take."
        )
    if not 0 <= frame - record.first_frame < record.n_frames:
        raise RigError(f"Frame {frame:g} is not in the performance: go to where the lips close.")
    with shifts.taken_back(character):
        return _close(character, record.first_frame, record.n_frames, record.fps, frame)


def _close(character: Character, first: int, n_frames: int, fps: float, frame: float) -> int:
    weight = closing.weights(n_frames, frame - first, fps)
    frames = first + np.arange(n_frames, dtype=np.float64)
    body = written.curves_of(character.armature)
    if (_JAW, 1) not in body:
        raise RigError(f"{character.armature.name} has no keys of the jaw: generate again.")
    opening = 2 * np.arcsin(np.clip(written.keys_of(body[_JAW, 1]).at(frames), -1, 1))
    raised = closing.closed_jaw(opening, weight)
    n_changed = 0
    for index, values in ((0, np.cos(raised / 2)), (1, np.sin(raised / 2))):
        now = written.keys_of(body[_JAW, index]).at(frames)
        n_changed += _put(body[_JAW, index], first, now, np.where(weight > 0, values, now))
    for mesh in character.meshes:
        there = written.curves_of(mesh.data.shape_keys)
        controls = character.controls_of(mesh)
        for key, factors in controls.items():
            curve = there.get((f'key_blocks["{bpy.utils.escape_identifier(key)}"].value', 0))
            if curve is None:
                continue
            now = written.keys_of(curve).at(frames)
            if factors.get("mouthClose"):
                new = closing.sealed(now, raised, weight, JAW_OPEN_RAD)
            elif any(factors.get(name) for name in closing.PARTING):
                new = now * (1 - weight)
            else:
                continue
            n_changed += _put(curve, first, now, new)
    return n_changed


def _put(curve: bpy.types.FCurve, first: int, now: np.ndarray, new: np.ndarray) -> bool:
    """Write what differs, and tell whether anything does."""
    changed = np.where(np.abs(new - now) > 1e-6, new, now)
    key_spans.write(curve, first, now, changed)
    return bool((changed != now).any())
