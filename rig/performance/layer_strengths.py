"""Turning a layer of a performance up and down without touching its keys.

Each curve of a layer gets an envelope modifier that stretches its values about rest. The keys stay
the animator's, the strength can be changed or taken off at any time, and what plays, bakes or
exports the curves sees the result.
"""

import re
from collections.abc import Iterator, Mapping

import bpy
import numpy as np

from ...core.acting.gain import Gain
from ...core.motion_layers import Articulator, Layer, articulator_of, of_shape
from .. import fcurves, nla_tracks
from ..characters.character import Character
from ..gaze.gaze_rig import EYE_BONES, TRACK

#: Name of the modifier, by which it is found again.
MODIFIER = "DualTalk strength"
_KEY_PATH = re.compile(r'key_blocks\["(.*)"\]\.value')
_BONE_PATH = re.compile(r'pose\.bones\["(\w+)"\]\.(.*)')
#: The layer of each bone that a motion moves, but for the eyes.
BONE_LAYERS: Mapping[str, Layer] = {"jaw": "lips", "neck": "head", "root": "head"}


def set_strengths(character: Character, strengths: Mapping[Layer | Articulator, Gain]) -> None:
    """Let a character show this much of each layer; 1 is as generated, and no modifier at all.

    Rotations keep w and scale x, y, z, which turns by `2 atan(s tan(angle / 2))`: for the angles of
    heads and jaws within 3 % of the angle times s. An articulator that has a strength of its own
    takes it in place of that of the lips.
    """
    parts = articulators(character)
    for curve, layer in curves_of(character):
        part = parts.get(curve.data_path) if layer == "lips" else None
        strength = strengths[layer] if part is None else strengths.get(part, strengths[layer])
        _scale(curve, strength)
    for bone in EYE_BONES:
        track = character.armature.pose.bones[bone].constraints.get(TRACK)
        if track is not None:
            _follow(character, bone, strengths["gaze"])
    for owner in (character.armature, *(mesh.data.shape_keys for mesh in character.meshes)):
        if owner.animation_data and owner.animation_data.action:
            owner.animation_data.action.update_tag()
        for _, strip in nla_tracks.strips(owner):
            strip.action.update_tag()
        owner.update_tag()


def curves_of(character: Character) -> Iterator[tuple[bpy.types.FCurve, Layer]]:
    """Yield the curves of a character that a strength scales, and the layer of each."""
    owners = (character.armature, *(mesh.data.shape_keys for mesh in character.meshes))
    for owner in owners:
        for curve, layer in layers_of(character, owner):
            is_w = curve.data_path.endswith("rotation_quaternion") and curve.array_index == 0
            if not is_w:
                yield curve, layer


def articulators(character: Character) -> dict[str, Articulator]:
    """Return which articulator each curve of the layer of lips moves, by its path."""
    found: dict[str, Articulator] = {'pose.bones["jaw"].rotation_quaternion': "jaw"}
    for mesh in character.meshes:
        for key, factors in character.controls_of(mesh).items():
            if factors:
                control = max(factors, key=lambda name: abs(factors[name]))
                path = fcurves.key_path(key)
                found[path] = articulator_of(control)
    return found


def layers_of(
    character: Character, owner: bpy.types.ID
) -> Iterator[tuple[bpy.types.FCurve, Layer]]:
    """Yield the curves of the armature, or of the keys of a mesh, that are of a layer."""
    if owner == character.armature:
        for curve in fcurves.curves_of(owner):
            layer = _layer_of_bone(curve)
            if layer is not None:
                yield curve, layer
        return
    mesh = next(mesh for mesh in character.meshes if mesh.data.shape_keys == owner)
    layers = character.key_layers(mesh)
    for curve in fcurves.curves_of(owner):
        found = _KEY_PATH.fullmatch(curve.data_path)
        if found is not None:
            name = bpy.utils.unescape_identifier(found[1])
            yield curve, layers.get(name, of_shape(name))


def _layer_of_bone(curve: bpy.types.FCurve) -> Layer | None:
    found = _BONE_PATH.fullmatch(curve.data_path)
    if found is None or TRACK in found[2]:
        return None
    if found[2].startswith("constraints"):  # FLAME's joints move with the expression
        return "expression"
    return BONE_LAYERS.get(found[1])


def _follow(character: Character, bone: str, strength: Gain) -> None:
    """Let an eye follow its target as far as the strength says."""
    armature = character.armature
    path = f'pose.bones["{bone}"].constraints["{TRACK}"].influence'
    fcurves.remove_fcurve(armature, path)
    if len(strength.frames) == 1 or armature.animation_data is None:
        constraint = armature.pose.bones[bone].constraints[TRACK]
        constraint.influence = min(1.0, strength.values[0])
        return
    curve = fcurves.ensure_fcurve(armature, path)
    values = np.clip(strength.values, 0, 1)
    fcurves.set_keys(curve, np.array(strength.frames), values)


def _scale(curve: bpy.types.FCurve, strength: Gain) -> None:
    """Stretch a curve about 0: the envelope maps -1 to 1 onto -strength to strength."""
    for modifier in [m for m in curve.modifiers if m.name == MODIFIER]:
        curve.modifiers.remove(modifier)
    if strength.is_plain:
        return
    modifier = curve.modifiers.new("ENVELOPE")
    modifier.name = MODIFIER
    modifier.reference_value, modifier.default_min, modifier.default_max = 0.0, -1.0, 1.0
    points = modifier.control_points
    for frame in strength.frames:
        points.add(frame)
    # Setting a point's attribute makes Blender 5.0 update a modifier where the point is, and crash.
    points.foreach_set("min", [-value for value in strength.values])
    points.foreach_set("max", list(strength.values))
