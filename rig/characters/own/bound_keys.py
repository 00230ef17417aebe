"""The shape keys of a bound character: their state before, and who moves them now."""

from collections.abc import Mapping
from typing import Any

import bpy

from ....core.directing.gaze_curves import EYE_LIMITS_RAD
from ....core.errors import RigError
from ... import actions, compat, fcurves, notes, property_names
from .. import added_keys, construction
from .matching import CharacterMatch


def take(control: bpy.types.Object, found: CharacterMatch) -> None:
    """Note the state of all keys that will move, and clear the way for ours.

    The notes are on our armature and on the mesh, from which they are read if somebody deletes
    our armature.
    """
    for index, obj in enumerate(found.meshes):
        if property_names.BOUND in obj:
            restore_orphan(obj)
        control[f"{property_names.MESH}_{index}"] = obj
        obj[property_names.BOUND] = control[property_names.SPEAKER]
        _make_own(control, index, obj)
        entry = _noted(control, index, obj.data.shape_keys, found.shapes.weights[index])
        notes.write(control, property_names.SHAPE_KEYS, [*_entries(control), entry])
        notes.write(obj, property_names.SHAPE_KEYS, [entry])
        for name in (property_names.MESH_DATA, property_names.ACTION_BEFORE):
            if f"{name}_{index}" in control:
                obj[name] = control[f"{name}_{index}"]
        _clear(obj, entry)
        _drive_looks(control, obj.data.shape_keys, found.shapes.weights[index], found)


def restore(control: bpy.types.Object) -> None:
    """Bring the keys back to how `take` found them; meshes that are gone are skipped."""
    for index, entry in enumerate(_entries_to_restore(control)):
        obj = control.get(f"{property_names.MESH}_{index}")
        if obj is None or obj.data is None or obj.data.shape_keys is None:
            continue
        original = control.get(f"{property_names.MESH_DATA}_{index}")
        before = control.get(f"{property_names.ACTION_BEFORE}_{index}")
        _give_back(obj, entry, original, before, control)


def orphans(scene: bpy.types.Scene, speaker: int) -> list[bpy.types.Object]:
    """Return the meshes that were bound for a speaker; ask only if our armature is gone."""
    return [obj for obj in scene.objects if obj.get(property_names.BOUND) == speaker]


def restore_orphan(obj: bpy.types.Object) -> None:
    """Bring the keys of a mesh back whose armature of ours was deleted."""
    entries = notes.read(obj, property_names.SHAPE_KEYS, [])
    if entries and obj.data.shape_keys is not None:
        original, before = (
            obj.get(property_names.MESH_DATA),
            obj.get(property_names.ACTION_BEFORE),
        )
        _give_back(obj, entries[0], original, before, None)
    _forget(obj)


def _give_back(
    obj: bpy.types.Object,
    entry: Mapping[str, Any],
    original: bpy.types.Mesh | None,
    before: bpy.types.Action | None,
    control: bpy.types.Object | None,
) -> None:
    """Put a mesh back; an action of the user's that plays by now goes on if there was none."""
    playing = actions.playing(obj.data.shape_keys)
    if playing is not None and (before is not None or actions.is_ours(playing)):
        actions.take_off(obj.data.shape_keys)
    if original is None:
        added_keys.remove(obj)
        _restore(obj.data.shape_keys, entry, before, control)
    else:
        ours, obj.data = obj.data, original
        if ours.users == 0:
            bpy.data.meshes.remove(ours)
    _forget(obj)


def _forget(obj: bpy.types.Object) -> None:
    for name in (
        property_names.BOUND,
        property_names.SHAPE_KEYS,
        property_names.MESH_DATA,
        property_names.ACTION_BEFORE,
        property_names.VERSION,
    ):
        obj.pop(name, None)


def meshes(control: bpy.types.Object) -> list[bpy.types.Object]:
    """Return the meshes that a bound character was bound with, if they still exist."""
    found = [
        control.get(f"{property_names.MESH}_{index}") for index in range(len(_entries(control)))
    ]
    return [obj for obj in found if obj is not None]


def n_meshes(control: bpy.types.Object) -> int:
    """Return how many meshes a character was bound with."""
    return len(_entries(control))


def weights(control: bpy.types.Object, obj: bpy.types.Object) -> dict[str, dict[str, float]]:
    """Return what moves the keys of one mesh of a bound character: key -> control -> factor."""
    for index, entry in enumerate(_entries(control)):
        if control.get(f"{property_names.MESH}_{index}") == obj:
            found: dict[str, dict[str, float]] = entry["weights"]
            return found
    return {}


def _entries(control: bpy.types.Object) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = notes.read(control, property_names.SHAPE_KEYS, [])
    return entries


def _entries_to_restore(control: bpy.types.Object) -> list[dict[str, Any]]:
    """Return the entries, or what can be restored without them if they are damaged."""
    try:
        return _entries(control)
    except RigError:
        names = [name for name in control.keys() if name.startswith(f"{property_names.MESH}_")]
        return [{"weights": {}, "values": {}, "muted": [], "slot": ""} for _ in names]


def _make_own(control: bpy.types.Object, index: int, obj: bpy.types.Object) -> None:
    """Give a mesh data of its own: keys on linked data are not saved, on shared ones move all."""
    if obj.data.library or obj.data.override_library or obj.data.users > 1:
        control[f"{property_names.MESH_DATA}_{index}"] = obj.data
        obj.data = obj.data.copy()


def _noted(
    control: bpy.types.Object,
    index: int,
    keys: bpy.types.Key,
    moved: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    paths = {fcurves.key_path(name) for name in moved}
    data = keys.animation_data
    drivers = [] if data is None else [d for d in data.drivers if d.data_path in paths]
    if data is not None and data.action is not None:
        control[f"{property_names.ACTION_BEFORE}_{index}"] = data.action
    return {
        "weights": moved,
        "values": {name: keys.key_blocks[name].value for name in moved},
        "muted": [driver.data_path for driver in drivers if not driver.mute],
        "slot": compat.slot_name(data),
    }


def _clear(obj: bpy.types.Object, entry: Mapping[str, Any]) -> None:
    """Let nothing move the keys that ours will; keys that we never move go on playing."""
    keys = obj.data.shape_keys
    moved = {fcurves.key_path(name) for name in entry["weights"]}
    others = [curve for curve in fcurves.curves_of(keys) if curve.data_path not in moved]
    if keys.animation_data is not None:
        keys.animation_data.action = None
        for driver in keys.animation_data.drivers:
            if driver.data_path in entry["muted"]:  # it would win over our keys
                driver.mute = True
    if others:
        face = compat.animate(keys, actions.new(f"{obj.name} face"))
        for curve in others:
            fcurves.copy_curve(curve, face)
    for name in entry["weights"]:
        keys.key_blocks[name].value = 0.0


def _restore(
    keys: bpy.types.Key,
    entry: Mapping[str, Any],
    before: bpy.types.Action | None,
    control: bpy.types.Object | None,
) -> None:
    data = keys.animation_data
    for driver in list(data.drivers) if data is not None else ():
        if _is_ours(driver, control, entry):
            data.drivers.remove(driver)
        elif driver.data_path in entry["muted"]:
            driver.mute = False
    if before is not None:
        compat.play(keys, before, entry["slot"])
    for name, value in entry["values"].items():
        if name in keys.key_blocks:
            keys.key_blocks[name].value = value


def _is_ours(
    driver: bpy.types.FCurve, control: bpy.types.Object | None, entry: Mapping[str, Any]
) -> bool:
    """Tell whether a driver reads our armature; of one that was deleted it reads nothing."""
    read = [target.id for v in driver.driver.variables for target in v.targets]
    if control is not None:
        return control in read
    is_moved = driver.data_path in {fcurves.key_path(name) for name in entry["weights"]}
    return is_moved and bool(read) and not any(read) and driver.data_path not in entry["muted"]


def _drive_looks(
    control: bpy.types.Object,
    keys: bpy.types.Key,
    moved: Mapping[str, Mapping[str, float]],
    found: CharacterMatch,
) -> None:
    """Let the keys that look somewhere follow our eye bones, where there are no own ones."""
    have_bones = {role for role in found.bones if role.startswith("eye")}
    driven = {d.data_path for d in keys.animation_data.drivers} if keys.animation_data else set()
    for name, controls in moved.items():
        looks = {c: factor for c, factor in controls.items() if c.startswith("eyeLook")}
        looks = {c: f for c, f in looks.items() if _eye_of(c) not in have_bones}
        if not looks or fcurves.key_path(name) in driven:
            continue
        driver = keys.key_blocks[name].driver_add("value").driver
        driver.type = "SCRIPTED"
        driver.expression = "+".join(
            _look_term(driver, control, c, factor) for c, factor in looks.items()
        )


def _look_term(
    driver: bpy.types.Driver, control: bpy.types.Object, look: str, factor: float
) -> str:
    """Return the part of a driver's arithmetic for one control, and add the variable it reads."""
    sideways, up, down = EYE_LIMITS_RAD
    bone = _eye_of(look)
    way = look.removeprefix("eyeLook").removesuffix("Left").removesuffix("Right")
    # About x downwards is positive, about y the own left is, which is out for the left eye.
    axis, sign, limit = {
        "Up": ("x", -1, up),
        "Down": ("x", 1, down),
        "Out": ("y", 1 if bone == "eye_left" else -1, sideways),
        "In": ("y", -1 if bone == "eye_left" else 1, sideways),
    }[way]
    name = f"{axis}{bone[4]}"
    if name not in driver.variables:
        variable = driver.variables.new()
        variable.name, variable.type = name, "TRANSFORMS"
        construction.read_rotation(variable.targets[0], control, bone, axis, "YXZ")
    return f"max(0,{sign * factor / limit:.4f}*{name})"


def _eye_of(look: str) -> str:
    return "eye_left" if look.endswith("Left") else "eye_right"
