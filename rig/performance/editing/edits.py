"""An animator's edits of the two heads' performance: found, made again, shown, taken off."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core import speakers
from ....core.edits import comparison, reapplying
from ....core.edits.comparison import Edit, Values
from ....core.edits.curve import Curve, Name, Record
from ...characters import heads
from . import key_spans, written

#: What counts as much as 1 of a shape key, on bones.
_BONE_UNIT = 0.1


class Found(NamedTuple):
    """A curve of a performance with what was generated and what is there now."""

    owner: str  #: "1 body", "2 face 0"
    name: Name
    curve: bpy.types.FCurve | None  #: None: it was deleted
    record: Record
    generated: Curve

    @property
    def is_same(self) -> bool:
        """Whether nobody touched it."""
        curve = self.curve
        return (
            curve is not None and not curve.mute and written.keys_of(curve).equals(self.generated)
        )

    def edits(self) -> list[Edit]:
        """Return what was changed."""
        if self.is_same:
            return []
        was = self.generated.at(self.record.frames)
        if self.curve is None or self.curve.mute:
            return [comparison.muted(self.owner, self.name, was)]
        now = written.keys_of(self.curve).at(self.record.frames)
        return comparison.find(self.owner, self.name, was, now)


def curves(scene: bpy.types.Scene) -> Iterator[Found]:
    """Yield all recorded curves of both characters.

    Raises:
        InputError: a record is damaged.
    """
    for speaker in speakers.SPEAKERS:
        character = heads.find(scene, speaker)
        if character is None:
            continue
        for role, owner in written.owners(character):
            record = written.load(owner, role)
            if record is None:
                continue
            there = written.curves_of(owner)
            for name, generated in record.curves.items():
                yield Found(f"{speaker} {role}", name, there.get(name), record, generated)


def find(scene: bpy.types.Scene) -> list[Edit]:
    """Return all edits of the performance that plays, at its scene's frame rate."""
    return [edit for found in curves(scene) for edit in found.edits()]


def are_known(scene: bpy.types.Scene) -> bool:
    """Tell whether edits can be told; an older DualTalk kept no record."""
    return all(written.is_known(one) for one in heads.find_pair(scene) if one is not None)


def rate(scene: bpy.types.Scene) -> float | None:
    """Return the frame rate at which the performance was written, None if there is none."""
    return next((found.record.fps for found in curves(scene)), None)


def apply(
    scene: bpy.types.Scene, edits: Sequence[Edit], fps: float | None
) -> tuple[int, list[str]]:
    """Make edits again on a performance that was just written.

    Args:
        scene: whose performance it is.
        edits: of an earlier performance.
        fps: frame rate of that one; None: the same.

    Returns:
        How many were made, and a sentence per edit that was not, or that somebody should look at.
    """
    wanted: dict[tuple[str, Name], list[Edit]] = {}
    for edit in edits:
        wanted.setdefault((edit.owner, edit.name), []).append(edit)
    n_made = 0
    notes: list[str] = []
    for found in curves(scene):
        here = wanted.pop((found.owner, found.name), [])
        if not here or found.curve is None:
            continue
        ratio = 1.0 if fps is None else found.record.fps / fps
        moved = [edit.at_rate(ratio) for edit in here]
        if any(edit.kind == "muted" for edit in moved):
            found.curve.mute = True
        was = found.generated.at(found.record.frames)
        values, conflicts = reapplying.apply(was, moved, unit_of(found.name))
        key_spans.write(found.curve, found.record.first_frame, was, values)
        start = found.record.first_frame
        notes += [f"{described(one.edit, start)}: {one.reason}" for one in conflicts]
        n_made += len(moved) - sum("left out" in one.reason for one in conflicts)
    for left in wanted.values():
        notes += [f"{described(edit, 0)}: this curve is not there any more" for edit in left]
    return n_made, notes


def show(scene: bpy.types.Scene) -> list[str]:
    """Select the edited keys and the objects that have them; return a sentence per edit."""
    lines: list[str] = []
    shown: set[str] = set()
    for found in curves(scene):
        here = found.edits()
        if found.curve is not None:
            start = found.record.first_frame
            key_spans.select(found.curve, [(start + e.first, start + e.last) for e in here])
        if here:
            shown.add(found.owner)
            lines += [described(edit, found.record.first_frame) for edit in here]
    if shown:
        _select(scene, shown)
    return lines


def drop(scene: bpy.types.Scene, first: int, last: int, speaker: int | None = None) -> int:
    """Take off the edits that touch a range of scene frames; return how many there were."""
    n_dropped = 0
    for found in curves(scene):
        if speaker is not None and not found.owner.startswith(f"{speaker} "):
            continue
        start = found.record.first_frame
        here = [e for e in found.edits() if start + e.first <= last and start + e.last >= first]
        if not here or found.curve is None:
            continue
        n_dropped += len(here)
        if here[0].kind == "muted":
            found.curve.mute = False
        elif len(here) == len(found.edits()):
            key_spans.replace(found.curve, found.generated)
        else:
            _put_back(found, here)
    return n_dropped


def unit_of(name: Name) -> float:
    """Return what counts as much on a curve as 1 on a shape key."""
    return 1.0 if name[0].startswith("key_blocks") else _BONE_UNIT


def described(edit: Edit, first_frame: int) -> str:
    """Return an edit as a person would say it: "A mouthSmileLeft, frames 40 to 52 (offset)"."""
    who = speakers.letter(int(edit.owner[0]))
    path, index = edit.name
    what = path.split('"')[1] if '"' in path else path
    axis = "" if path.startswith("key_blocks") else " " + _axis(path, index)
    if edit.kind == "muted":
        return f"{who} {what}{axis} (muted)"
    first, last = first_frame + edit.first, first_frame + edit.last
    span = f"frame {first}" if first == last else f"frames {first} to {last}"
    return f"{who} {what}{axis}, {span} ({edit.kind})"


def _axis(path: str, index: int) -> str:
    return "wxyz"[index] if path.endswith("quaternion") else "xyz"[index]


def _put_back(found: Found, edits: Sequence[Edit]) -> None:
    """Give some spans of a curve their generated values again."""
    now: Values = written.keys_of(found.curve).at(found.record.frames)
    values: NDArray[np.float64] = now.copy()
    for edit in edits:
        there = slice(edit.first, edit.last + 1)
        values[there] = edit.before
    key_spans.write(found.curve, found.record.first_frame, now, values)


def _select(scene: bpy.types.Scene, shown: set[str]) -> None:
    """Select the objects that hold edited curves, so that editors of animation show them."""
    layer = bpy.context.view_layer
    for obj in list(layer.objects.selected):
        obj.select_set(False)
    for speaker in speakers.SPEAKERS:
        character = heads.find(scene, speaker)
        if character is None:
            continue
        objects = (character.armature, *character.meshes)
        for (role, _), obj in zip(written.owners(character), objects, strict=True):
            if f"{speaker} {role}" in shown and obj.name in layer.objects:
                obj.select_set(True)
                layer.objects.active = obj
