"""The curves of a character's mouth, changed as an animator would: edits that outlive generating.

`Mouth` has what the keys give at every frame; what a change makes of it is written where it
differs, and all other keys stay as they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.edits import closing
from ....core.edits.curve import Name, Record
from ....core.errors import RigError
from ....core.names import ARKIT_INDEX, JAW_OPEN_RAD
from ....core.speakers import label
from ....core.speech import mouths
from ....core.speech.words import Words
from ... import fcurves
from ...acting import shifts
from ...characters import heads
from ...characters.character import Character
from .. import layer_strengths
from ..editing import key_spans, written

Values = NDArray[np.float64]
_JAW = 'pose.bones["jaw"].rotation_quaternion'
#: Less than this is no change.
_SAME = 1e-6


@dataclass(frozen=True)
class Mouth:
    """What moves a mouth, at every frame of the performance."""

    first_frame: int  #: scene frame at which the sound begins
    fps: float
    jaw: Values  #: (n_frames,) opening, radians
    keys: Values  #: (n_keys, n_frames) shape keys of speech, and turns of the jaw aside
    controls: tuple[Mapping[str, float], ...]  #: of each key: ARKit shapes and factors

    @property
    def n_frames(self) -> int:
        """Count of frames."""
        return len(self.jaw)

    @property
    def rows(self) -> Values:
        """All curves, (1 + n_keys, n_frames), the jaw first."""
        return np.concatenate([self.jaw[None], self.keys])


Change = Callable[[Mouth], tuple[Values, Values]]


def change(scene: bpy.types.Scene, speaker: int, how: Change) -> int:
    """Change a speaker's mouth; return how many curves changed.

    Args:
        scene: whose performance it is.
        speaker: 1 or 2.
        how: returns the new jaw and keys of a mouth.

    Raises:
        RigError: there is no head, or no record of what was generated for it.
    """
    character = heads.require(scene, speaker)
    record = written.load(character.armature, written.BODY)
    if record is None:
        raise RigError(
            f"What was generated for {label(speaker)} is not recorded: generate a new take."
        )
    with shifts.taken_back(character):
        return _change(character, record, how)


def moved(before: Words, after: Words) -> Change:
    """Return the change that lets a mouth follow edges that were moved."""

    def how(mouth: Mouth) -> tuple[Values, Values]:
        rows = mouths.bent(mouth.rows, before, after, mouth.fps)
        return rows[0], rows[1:]

    return how


def said_otherwise(before: Words, after: Words) -> Change:
    """Return the change from some words to others."""

    def how(mouth: Mouth) -> tuple[Values, Values]:
        found = mouths.difference(before, after, mouth.n_frames, mouth.fps)
        jaw = np.maximum(mouth.jaw + found.jaw, np.minimum(mouth.jaw, 0))
        jaw = np.where(found.closing > 0, closing.closed_jaw(jaw, found.closing), jaw)
        keys = mouth.keys.copy()
        for row, factors in enumerate(mouth.controls):
            if factors.get("mouthClose"):  # as far as this jaw needs it, not that of the rules
                left = keys[row] * (1 - found.opening)
                keys[row] = closing.sealed(left, jaw, found.closing, JAW_OPEN_RAD)
                continue
            added = sum(
                (f * found.shapes[:, ARKIT_INDEX[c]] for c, f in factors.items()), np.zeros(())
            )
            touched = np.abs(added) > _SAME
            keys[row] = np.where(touched, np.clip(keys[row] + added, 0, 1), keys[row])
            if any(factors.get(name) for name in closing.PARTING):
                keys[row] *= 1 - found.closing
        return jaw, keys

    return how


def opened(start_s: float, end_s: float, gain: float) -> Change:
    """Return the change that opens the mouth by a factor in a span; closures stay closed."""

    def how(mouth: Mouth) -> tuple[Values, Values]:
        scale = 1 + (gain - 1) * mouths.weight(mouth.n_frames, start_s, end_s, mouth.fps)
        keys = mouth.keys.copy()
        for row, factors in enumerate(mouth.controls):
            if any(factors.get(name) for name in (*closing.PARTING, "mouthClose")):
                keys[row] = np.minimum(keys[row] * scale, np.maximum(keys[row], 1))
        return mouth.jaw * scale, keys

    return how


def held(at_s: float, start_s: float, end_s: float) -> Change:
    """Return the change that keeps the mouth of a moment for a span."""

    def how(mouth: Mouth) -> tuple[Values, Values]:
        rows = mouths.held(mouth.rows, at_s, start_s, end_s, mouth.fps)
        return rows[0], rows[1:]

    return how


def rested(start_s: float, end_s: float) -> Change:
    """Return the change that lets the mouth rest, closed, for a span."""

    def how(mouth: Mouth) -> tuple[Values, Values]:
        left = 1 - mouths.weight(mouth.n_frames, start_s, end_s, mouth.fps)
        return mouth.jaw * left, mouth.keys * left

    return how


def smoothed(words: Words, start_s: float, end_s: float, seconds: float) -> Change:
    """Return the change that smooths a mouth in a span, and seals its closures again."""

    def how(mouth: Mouth) -> tuple[Values, Values]:
        inside = mouths.weight(mouth.n_frames, start_s, end_s, mouth.fps)
        near = tuple(w for w in words if w.end_s > start_s - 1 and w.start_s < end_s + 1)
        closed = inside * mouths.closures(near, mouth.n_frames, mouth.fps)
        rows = mouths.smoothed(mouth.rows, seconds, inside, mouth.fps)
        jaw, keys = rows[0], rows[1:]
        jaw = jaw + closed * (np.minimum(jaw, mouth.jaw) - jaw)
        for row, factors in enumerate(mouth.controls):
            if factors.get("mouthClose"):
                keys[row] = closing.sealed(keys[row], jaw, closed, JAW_OPEN_RAD)
            elif any(factors.get(name) for name in closing.PARTING):
                least = np.minimum(keys[row], mouth.keys[row])
                keys[row] += closed * (least - keys[row])
        return jaw, keys

    return how


def _change(character: Character, record: Record, how: Change) -> int:
    frames = record.frames
    body = written.curves_of(character.armature)
    if (_JAW, 1) not in body:
        raise RigError(f"{character.armature.name} has no keys of the jaw: generate again.")
    found = _curves(character, body)
    half = np.clip(written.keys_of(body[_JAW, 1]).at(frames), -1, 1)
    before = np.stack([written.keys_of(curve).at(frames) for curve, _ in found])
    mouth = Mouth(
        record.first_frame, record.fps, 2 * np.arcsin(half), before, tuple(c for _, c in found)
    )
    jaw, keys = how(mouth)
    n_changed = 0
    turned = np.abs(jaw - mouth.jaw) > _SAME
    for index, values in ((0, np.cos(jaw / 2)), (1, np.sin(jaw / 2))):
        now = written.keys_of(body[_JAW, index]).at(frames)
        n_changed += _put(body[_JAW, index], record, now, np.where(turned, values, now))
    for (curve, _), now, new in zip(found, before, keys, strict=True):
        n_changed += _put(curve, record, now, new)
    return n_changed


def _curves(
    character: Character, body: Mapping[Name, bpy.types.FCurve]
) -> list[tuple[bpy.types.FCurve, Mapping[str, float]]]:
    """Return the curves of a mouth beside the jaw's opening, and which shapes each is made of."""
    found: list[tuple[bpy.types.FCurve, Mapping[str, float]]] = [
        (body[_JAW, index], {}) for index in (2, 3) if (_JAW, index) in body
    ]
    for mesh in character.meshes:
        paths = {
            fcurves.key_path(key): factors for key, factors in character.controls_of(mesh).items()
        }
        for curve, layer in layer_strengths.layers_of(character, mesh.data.shape_keys):
            if layer == "lips" and curve.data_path in paths:
                found.append((curve, paths[curve.data_path]))
    return found


def _put(curve: bpy.types.FCurve, record: Record, now: Values, new: Values) -> bool:
    """Write what differs, and tell whether anything does."""
    values = np.where(np.abs(new - now) > _SAME, new, now)
    key_spans.write(curve, record.first_frame, now, values)
    return bool((values != now).any())
