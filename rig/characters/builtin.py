"""The built-in head: a mesh with ARKit's shape keys and those of a person's identity."""

from dataclasses import dataclass
from typing import ClassVar

import bpy

from ...core.faces.builtin_head import HeadModel
from ...core.motion import Motion
from ...core.names import ARKIT_SHAPES, Basis
from . import construction
from .built import BuiltHead
from .character import KeyTrack

#: The keys that close the lids.
LIDS = ("eyeBlinkLeft", "eyeBlinkRight")


@dataclass(frozen=True)
class BuiltinHead(BuiltHead):
    """One of the heads that come with the add-on."""

    kind: ClassVar[str] = "builtin"
    label: ClassVar[str] = "Built-in head"
    basis: ClassVar[Basis] = "arkit"

    def key_tracks(self, motion: Motion) -> list[tuple[bpy.types.Object, list[KeyTrack]]]:
        """Return a track for each of ARKit's shapes that the head still has."""
        return [(self.mesh, named_tracks(self.mesh, ARKIT_SHAPES, motion))]

    def lid_weights(self, mesh: bpy.types.Object) -> dict[str, dict[str, float]]:
        """Return the two lids, which are keys of their own."""
        return {name: {name: 1.0} for name in LIDS}


def named_tracks(mesh: bpy.types.Object, names: tuple[str, ...], motion: Motion) -> list[KeyTrack]:
    """Return a motion's coefficients as keys of these names, without those that are not there."""
    there = mesh.data.shape_keys.key_blocks
    rows = zip(names, motion.expression.T, strict=True)
    return [(name, values) for name, values in rows if name in there]


def build(
    model: HeadModel, variant_name: str, speaker: int, name: str, collection: bpy.types.Collection
) -> BuiltinHead:
    """Build a head at the scene's origin, facing -y.

    Args:
        model: the head.
        variant_name: one of `model.variants`.
        speaker: 1 or 2.
        name: what the objects are called.
        collection: where they are linked; it must be in the scene of the context.
    """
    model = model.variant(variant_name)
    identity = model.variants[0].identity
    joints = model.joints.copy()
    for index, key in enumerate(model.identity_names):
        joints += identity.get(key, 0.0) * model.identity_joints[index]
    armature = construction.armature(name, joints, collection)
    BuiltinHead.mark(armature, speaker)
    mesh = construction.mesh(name, model.vertices, model.face_sizes, model.face_corners, collection)
    _add_materials(mesh, model, name)
    _add_shape_keys(mesh, model)
    construction.skin(mesh, armature, model.weights)
    return BuiltinHead(armature, (mesh,))


def _add_materials(obj: bpy.types.Object, model: HeadModel, name: str) -> None:
    rows = zip(model.material_names, model.material_colors, model.material_roughness, strict=True)
    for material_name, color, roughness in rows:
        obj.data.materials.append(
            construction.material(f"{name} {material_name}", color, roughness)
        )
    obj.data.polygons.foreach_set("material_index", model.face_materials)


def _add_shape_keys(obj: bpy.types.Object, model: HeadModel) -> None:
    """Add the ARKit keys at 0 and the identity's at this person's values."""
    identity = model.variants[0].identity
    obj.shape_key_add(name="Basis", from_mix=False)
    for key_name, delta in zip(ARKIT_SHAPES, model.shapes, strict=True):
        construction.add_key(obj, key_name, model.vertices + delta, (0.0, 1.0), 0.0)
    for key_name, delta in zip(model.identity_names, model.identities, strict=True):
        points, value = model.vertices + delta, identity.get(key_name, 0.0)
        construction.add_key(obj, f"identity.{key_name}", points, (-2.0, 2.0), value)
