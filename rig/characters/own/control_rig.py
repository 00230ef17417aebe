"""A rig that is moved by its own controls: shown a pose per control, keyed where animators key.

What it was shown is kept on its armature (`property_names.LEARNED`), so it is saved with the file
and goes along when the rig is appended to another.
"""

from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise

import bpy
import numpy as np
from mathutils import Euler, Quaternion, Vector
from numpy.typing import NDArray

from ....core.errors import RigError
from ....core.faces.learned import EPSILON, HEAD_CONTROLS, Learned, Pose, controls_of
from ....core.faces.shape_names import match
from ....core.motion import Motion
from ... import actions, compat, fcurves, property_names, timing

Values = NDArray[np.float64]
#: State of a rig: the path of a channel -> its numbers, rotations as unit quaternions.
State = dict[str, tuple[float, ...]]
_ROTATION = "rotation"


def learned(rig: bpy.types.Object) -> Learned:
    """Return what a rig was shown; raises InputError if the note is damaged."""
    text = rig.get(property_names.LEARNED)
    return Learned() if text is None else Learned.from_text(str(text))


def store(rig: bpy.types.Object, given: Learned) -> None:
    """Keep what a rig was shown on its armature."""
    rig[property_names.LEARNED] = given.to_text()


def remember_rest(rig: bpy.types.Object) -> None:
    """Take the present pose for the one from which poses are shown."""
    rig[property_names.LEARNED_REST] = {path: list(row) for path, row in state(rig).items()}


def rest(rig: bpy.types.Object) -> State:
    """Return the pose from which poses are shown.

    Raises:
        RigError: there is none yet.
    """
    noted = rig.get(property_names.LEARNED_REST)
    if noted is None:
        raise RigError(
            f"{rig.name} has no rest yet: pose a calm face and press Remember Calm Face first."
        )
    return {path: tuple(row) for path, row in noted.items()}


def learn(rig: bpy.types.Object, control: str) -> Pose:
    """Take what is posed now, against the rest, for what a control does; return it.

    Raises:
        RigError: nothing is posed, or there is no rest.
    """
    before, now = rest(rig), state(rig)
    pose: dict[str, tuple[float, ...]] = {}
    for path, row in now.items():
        change = _change(path, before.get(path, row), row)
        if max(map(abs, change)) > EPSILON:
            pose[path] = change
    if not pose:
        raise RigError(
            f"{rig.name} is at rest: pose it as {control} at its full, then press Learn This Pose."
        )
    store(rig, learned(rig).with_pose(control, pose))
    return pose


def learn_assets(rig: bpy.types.Object) -> list[str]:
    """Learn what pose assets of the file show that are called as controls are; return these.

    Raises:
        RigError: there are none that move this rig, or there is no rest.
    """
    found = []
    show(rig, {})
    with compat.no_bone_selected(rig):  # a pose is put on selected bones alone
        for control, action in pose_assets().items():
            rig.pose.apply_pose_from_action(action, evaluation_time=action.frame_range[0])
            with suppress(RigError):  # it is of another rig
                learn(rig, control)
                found.append(control)
            show(rig, {})
    if not found:
        raise RigError(
            f"No pose asset of this file moves {rig.name} and is called as a control is, such as "
            "jawOpen or AU12_L: append the poses (File > Append, Action), and name them so."
        )
    return found


def pose_assets() -> dict[str, bpy.types.Action]:
    """Return the actions that are marked as assets and called as controls are, by the control."""
    marked = {action.name: action for action in bpy.data.actions if action.asset_data is not None}
    (known,) = match([marked]).weights
    full = {name: [control for control, f in by.items() if f == 1] for name, by in known.items()}
    named = {name: controls[0] for name, controls in full.items() if controls}
    named |= {name: name for name in marked if name in HEAD_CONTROLS}
    return {control: marked[name] for name, control in named.items()}


def show(rig: bpy.types.Object, controls: Mapping[str, float]) -> None:
    """Pose a rig at rest, moved by these controls."""
    given = {name: np.array([controls.get(name, 0.0)], np.float32) for name in learned(rig).poses}
    changes = learned(rig).changes(given) if given else {}
    for path, row in rest(rig).items():
        change = changes.get(path)
        _set(rig, path, row if change is None else _moved(path, row, change)[0])
    rig.update_tag()


def write(rig: bpy.types.Object, motion: Motion, scene: bpy.types.Scene, first_frame: int) -> int:
    """Key a motion on a rig's controls; return how many curves there are.

    An action of the user's that moves the same controls is kept in the file, and all other curves
    of it go on in ours.

    Raises:
        RigError: the rig was shown nothing, or a control of it is gone.
    """
    shown = learned(rig)
    if not shown.poses:
        raise RigError(
            f"{rig.name} was shown no poses: pose it once per control and press Learn This Pose."
        )
    before = rest(rig)
    gone = [path for path in shown.channels() if path not in state(rig)]
    if gone:
        raise RigError(f"{rig.name} has no {gone[0]} any more: learn the poses that move it again.")
    at_rate = motion.resampled(timing.scene_fps(scene))
    frames = first_frame + np.arange(at_rate.n_frames, dtype=np.float32)
    rows: dict[tuple[str, int], Values] = {}
    for path, change in shown.changes(controls_of(at_rate)).items():
        for full, index, values in _curves(rig, path, _moved(path, before[path], change)):
            rows[full, index] = values
    _own_action(rig, rows)
    for (path, index), values in rows.items():
        fcurves.set_keys(fcurves.ensure_fcurve(rig, path, index), frames, values)
    return len(rows)


def state(rig: bpy.types.Object) -> State:
    """Return where a rig's controls are: bones, and numbers among custom properties.

    What a driver moves is no control: it follows one.
    """
    found: State = _numbers(rig, "")
    for bone in rig.pose.bones:
        path = f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"]'
        found[f"{path}.location"] = tuple(bone.location)
        found[f"{path}.scale"] = tuple(bone.scale)
        found[f"{path}.{_ROTATION}"] = tuple(_turn(bone))
        found |= _numbers(bone, path)
    driven = _driven(rig)
    return {path: row for path, row in found.items() if path not in driven}


def _driven(rig: bpy.types.Object) -> set[str]:
    """Return the channels of `state` that have a driver, in part or whole."""
    drivers = rig.animation_data.drivers if rig.animation_data is not None else ()
    paths = {curve.data_path for curve in drivers}
    turns = {path.rpartition(".")[0] for path in paths if ".rotation_" in path}
    return paths | {f"{path}.{_ROTATION}" for path in turns}


def _numbers(owner: bpy.types.bpy_struct, path: str) -> State:
    own = (property_names.LEARNED, property_names.LEARNED_REST)
    return {
        f'{path}["{bpy.utils.escape_identifier(name)}"]': (float(owner[name]),)
        for name in owner.keys()
        if name not in own and type(owner[name]) in (int, float)
    }


def _own_action(rig: bpy.types.Object, rows: Mapping[tuple[str, int], Values]) -> None:
    """Let an action of ours animate the rig, with the user's other curves in it."""
    playing = actions.playing(rig)
    if playing is not None and actions.is_ours(playing):
        return
    others = [c for c in fcurves.curves_of(rig) if (c.data_path, c.array_index) not in rows]
    channels = compat.animate(rig, actions.new(rig.name))
    for curve in others:
        fcurves.copy_curve(curve, channels)
    actions.let_go(playing)


def _turn(bone: bpy.types.PoseBone) -> Quaternion:
    if bone.rotation_mode == "QUATERNION":
        return bone.rotation_quaternion.normalized()
    if bone.rotation_mode == "AXIS_ANGLE":
        angle, *axis = bone.rotation_axis_angle
        return Quaternion(Vector(axis), angle)
    return bone.rotation_euler.to_quaternion()


def _change(path: str, before: tuple[float, ...], now: tuple[float, ...]) -> tuple[float, ...]:
    """Return what leads from one to the other; of rotations a vector, radians."""
    if not path.endswith(f".{_ROTATION}"):
        return tuple(b - a for a, b in zip(before, now, strict=True))
    turn = Quaternion(before).inverted() @ Quaternion(now)
    if turn.w < 0:
        turn.negate()
    axis, angle = turn.to_axis_angle()
    return tuple(axis * angle)


def _moved(path: str, before: tuple[float, ...], change: Values) -> Values:
    """Return a channel over time (n_frames, n_numbers); rotations as quaternions."""
    if not path.endswith(f".{_ROTATION}"):
        moved: Values = np.asarray(before) + change
        return moved
    start = Quaternion(before)
    turns = [start @ Quaternion(Vector(row), float(np.linalg.norm(row))) for row in change]
    for earlier, later in pairwise(turns):
        if later.dot(earlier) < 0:
            later.negate()
    return np.array([tuple(turn) for turn in turns])


def _curves(rig: bpy.types.Object, path: str, values: Values) -> list[tuple[str, int, Values]]:
    """Return the curves of a channel: path, index, values; rotations in the mode of their bone."""
    if not path.endswith(f".{_ROTATION}"):
        return [(path, index, row) for index, row in enumerate(values.T)]
    bone = rig.path_resolve(path.removesuffix(f".{_ROTATION}"))
    turns = [Quaternion(row) for row in values]
    if bone.rotation_mode == "QUATERNION":
        name, rows = "rotation_quaternion", values
    elif bone.rotation_mode == "AXIS_ANGLE":
        pairs = [turn.to_axis_angle() for turn in turns]
        name, rows = "rotation_axis_angle", np.array([(angle, *axis) for axis, angle in pairs])
    else:
        name, rows = "rotation_euler", _eulers(turns, bone)
    full = f"{path.removesuffix(_ROTATION)}{name}"
    return [(full, index, row) for index, row in enumerate(rows.T)]


def _eulers(turns: list[Quaternion], bone: bpy.types.PoseBone) -> Values:
    last: Euler = bone.rotation_euler.copy()
    found = []
    for turn in turns:
        last = turn.to_euler(bone.rotation_mode, last)  # the nearest to the one before
        found.append(tuple(last))
    return np.array(found)


def _set(rig: bpy.types.Object, path: str, row: Values | tuple[float, ...]) -> None:
    """Put a channel where it is asked to be."""
    if path.endswith("]"):
        owner_path, _, name = path.rpartition("[")
        owner = rig.path_resolve(owner_path) if owner_path else rig
        key = bpy.utils.unescape_identifier(name[1:-2])
        if key in owner.keys():
            owner[key] = type(owner[key])(row[0])
        return
    for full, index, values in _curves(rig, path, np.array([row])):
        owner_path, _, name = full.rpartition(".")
        getattr(rig.path_resolve(owner_path), name)[index] = values[0]
