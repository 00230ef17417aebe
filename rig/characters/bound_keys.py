"""The shape keys of a bound character: their state before, and who moves them now."""

from collections.abc import Mapping
from typing import Any

import bpy

from ...core.directing.gaze_curves import EYE_LIMITS_RAD
from ...core.errors import RigError
from .. import actions, compat, notes, property_names
from . import construction
from .matching import Survey


def take(control: bpy.types.Object, found: Survey) -> None:
    """Note the state of all keys that will move, and clear the way for ours."""
    for index, obj in enumerate(found.meshes):
        control[f"{property_names.MESH}_{index}"] = obj
        _make_own(control, index, obj)
        entry = _noted(control, index, obj.data.shape_keys, found.shapes.weights[index])
        notes.write(control, property_names.SHAPE_KEYS, [*_entries(control), entry])
        _clear(obj.data.shape_keys, entry)
        _drive_looks(control, obj.data.shape_keys, found.shapes.weights[index], found)


def restore(control: bpy.types.Object) -> None:
    """Bring the keys back to how `take` found them; meshes that are gone are skipped."""
    for index, entry in enumerate(_entries_to_restore(control)):
        obj = control.get(f"{property_names.MESH}_{index}")
        if obj is None or obj.data is None or obj.data.shape_keys is None:
            continue
        actions.remove(obj.data.shape_keys)
        original = control.get(f"{property_names.MESH_DATA}_{index}")
        if original is None:
            _restore(control, index, obj.data.shape_keys, entry)
            continue
        ours, obj.data = obj.data, original
        if ours.users == 0:
            bpy.data.meshes.remove(ours)


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
    paths = {_path(name) for name in moved}
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


def _clear(keys: bpy.types.Key, entry: Mapping[str, Any]) -> None:
    if keys.animation_data is not None:
        keys.animation_data.action = None
        for driver in keys.animation_data.drivers:
            if driver.data_path in entry["muted"]:  # it would win over our keys
                driver.mute = True
    for name in entry["weights"]:
        keys.key_blocks[name].value = 0.0


def _restore(
    control: bpy.types.Object, index: int, keys: bpy.types.Key, entry: Mapping[str, Any]
) -> None:
    data = keys.animation_data
    for driver in list(data.drivers) if data is not None else ():
        if any(t.id == control for v in driver.driver.variables for t in v.targets):
            data.drivers.remove(driver)
        elif driver.data_path in entry["muted"]:
            driver.mute = False
    before = control.get(f"{property_names.ACTION_BEFORE}_{index}")
    if before is not None:
        compat.play(keys, before, entry["slot"])
    for name, value in entry["values"].items():
        if name in keys.key_blocks:
            keys.key_blocks[name].value = value


def _drive_looks(
    control: bpy.types.Object,
    keys: bpy.types.Key,
    moved: Mapping[str, Mapping[str, float]],
    found: Survey,
) -> None:
    """Let the keys that look somewhere follow our eye bones, where there are no own ones."""
    have_bones = {role for role in found.bones if role.startswith("eye")}
    driven = {d.data_path for d in keys.animation_data.drivers} if keys.animation_data else set()
    for name, controls in moved.items():
        looks = {c: factor for c, factor in controls.items() if c.startswith("eyeLook")}
        looks = {c: f for c, f in looks.items() if _eye_of(c) not in have_bones}
        if not looks or _path(name) in driven:
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


def _path(key: str) -> str:
    return f'key_blocks["{bpy.utils.escape_identifier(key)}"].value'
