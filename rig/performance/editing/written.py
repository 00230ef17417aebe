"""The record of what the add-on wrote, kept on the actions that hold it.

Whoever changes keys of a performance without being the animator says so (`changing`), or the change
would count as the animator's.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.edits.curve import Curve, Name, Record
from ... import fcurves, property_names
from ...characters.character import Character

#: The role of the armature in a performance; that of a mesh's keys is `face(index)`.
BODY = "body"
_LINEAR = 1


def face(index: int) -> str:
    """Return the role of the keys of a character's mesh."""
    return f"face {index}"


def owners(character: Character) -> Iterator[tuple[str, bpy.types.ID]]:
    """Yield the data-blocks of a character whose curves are recorded, with their roles."""
    yield BODY, character.armature
    for index, mesh in enumerate(character.meshes):
        yield face(index), mesh.data.shape_keys


def record(
    character: Character,
    first_frame: int,
    n_frames: int,
    fps: float,
    known: Mapping[tuple[str, Name], Curve] = MappingProxyType({}),
) -> None:
    """Note all curves of a character as what was generated.

    Args:
        character: whose curves.
        first_frame: scene frame at which the sound begins.
        n_frames: of the motion.
        fps: of the scene.
        known: by role and name, what need not be read back.
    """
    for role, owner in owners(character):
        curves = {
            name: known[role, name] if (role, name) in known else keys_of(curve)
            for name, curve in curves_of(owner).items()
        }
        store(owner, role, Record(first_frame, n_frames, fps, curves))


def store(owner: bpy.types.ID, role: str, made: Record) -> None:
    """Note a record on the action of a data-block; without an action there is nothing to note."""
    action = action_of(owner)
    if action is not None:
        # As text: Blender 5.0 cuts bytes at the first zero when a property gets another value.
        action[record_name(role)] = base64.b64encode(made.to_bytes()).decode("ascii")


def load(owner: bpy.types.ID, role: str) -> Record | None:
    """Return the record of a data-block's action, None if it has none.

    Raises:
        InputError: it is damaged.
    """
    return load_from(action_of(owner), role)


def load_from(action: bpy.types.Action | None, role: str) -> Record | None:
    """Return the record of a role on an action, None if it has none.

    Raises:
        InputError: it is damaged.
    """
    packed = None if action is None else action.get(record_name(role))
    if packed is None:
        return None
    try:
        return Record.from_bytes(base64.b64decode(packed))
    except (ValueError, TypeError):  # no text of ours
        return Record.from_bytes(b"")


def is_known(character: Character) -> bool:
    """Tell whether edits of a character can be told: all that the add-on animates has a record."""
    return all(
        action_of(owner) is None
        or property_names.ACTION not in action_of(owner)
        or record_name(role) in action_of(owner)
        or not _is_animated(character, owner)
        for role, owner in owners(character)
    )


def _is_animated(character: Character, owner: bpy.types.ID) -> bool:
    """Tell whether anything moves what the add-on writes; own keys of a bound face may go on."""
    paths = {curve.data_path for curve in fcurves.curves_of(owner)}
    for mesh in character.meshes:
        if mesh.data.shape_keys == owner:
            return not paths.isdisjoint(map(fcurves.key_path, character.moved_keys(mesh)))
    return bool(paths)


def curves_of(owner: bpy.types.ID) -> dict[Name, bpy.types.FCurve]:
    """Return the curves of a data-block by name."""
    return {(curve.data_path, curve.array_index): curve for curve in fcurves.curves_of(owner)}


def keys_of(curve: bpy.types.FCurve) -> Curve:
    """Return the keys of a curve as `core` knows them.

    Handles count only where the whole curve has them a third of the way to the next key, as they
    are written; a curve with other handles is known by its values at every frame.
    """
    points = curve.keyframe_points
    n = len(points)
    co, kinds = np.empty(2 * n, np.float32), np.empty(n, np.int32)
    points.foreach_get("co", co)
    points.foreach_get("interpolation", kinds)
    frames, values = co[::2].copy(), co[1::2].copy()
    if n < 2 or (kinds[:-1] == _LINEAR).all():
        return Curve(frames, values)
    left, right = np.empty(2 * n, np.float32), np.empty(2 * n, np.float32)
    points.foreach_get("handle_left", left)
    points.foreach_get("handle_right", right)
    thirds = np.diff(frames) / 3
    is_even = np.allclose(right[:-2:2], frames[:-1] + thirds, atol=1e-3)
    is_even = is_even and np.allclose(left[2::2], frames[1:] - thirds, atol=1e-3)
    if is_even and (kinds[:-1] == 2).all():
        return Curve(frames, values, np.stack([left[1::2], right[1::2]], axis=1))
    every = np.arange(np.floor(frames[0]), np.ceil(frames[-1]) + 1)
    return Curve(every.astype(np.float32), sampled(curve, every).astype(np.float32))


def sampled(curve: bpy.types.FCurve, frames: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what the keys of a curve give at frames, whatever modifiers make of it."""
    was_on = [modifier for modifier in curve.modifiers if not modifier.mute]
    for modifier in was_on:
        modifier.mute = True
    try:
        return np.array([curve.evaluate(float(frame)) for frame in frames], np.float64)
    finally:
        for modifier in was_on:
            modifier.mute = False


@contextmanager
def changing(character: Character) -> Iterator[None]:
    """Let the add-on change keys inside: the record follows, and edits stay the same edits."""
    before = {}
    for role, owner in owners(character):
        made = load(owner, role)
        if made is not None:
            before[role] = (
                made,
                {name: keys_of(curve) for name, curve in curves_of(owner).items()},
            )
    yield
    for role, owner in owners(character):
        if role not in before:
            continue
        made, old = before[role]
        curves = dict(made.curves)
        for name, curve in curves_of(owner).items():
            now = keys_of(curve)
            if name not in curves or now.equals(old.get(name, curves[name])):
                continue
            if curves[name].equals(old.get(name, now)):
                curves[name] = now  # nobody has edited it
                continue
            edit = old[name].at(made.frames) - curves[name].at(made.frames)
            values = (now.at(made.frames) - edit).astype(np.float32)
            curves[name] = Curve(made.frames.astype(np.float32), values)
        store(owner, role, Record(made.first_frame, made.n_frames, made.fps, curves))


def action_of(owner: bpy.types.ID) -> bpy.types.Action | None:
    """Return the action that holds what was written for a data-block."""
    return None if owner.animation_data is None else owner.animation_data.action


def note_retake(character: Character) -> None:
    """Note that parts of a character's performance were chosen one by one."""
    action = action_of(character.armature)
    if action is not None:
        action[property_names.RETAKEN] = True


def has_retakes(character: Character) -> bool:
    """Tell whether parts of the performance that plays were chosen one by one."""
    action = action_of(character.armature)
    return action is not None and bool(action.get(property_names.RETAKEN))


def record_name(role: str) -> str:
    """Return the property of an action that holds the record of a role."""
    return f"{property_names.WRITTEN}_{role.replace(' ', '_')}"
