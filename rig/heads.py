"""The built-in head in a scene: a mesh with ARKit shape keys on an armature with FLAME's bones."""

from collections.abc import Mapping
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ..core.head_model import HeadModel
from ..core.names import ARKIT_SHAPES, BONE_PARENTS, BONES, Basis

#: Which speaker (1 or 2) an armature is, and which armature a mesh belongs to.
SPEAKER_KEY = "dualtalk_speaker"
BASIS_KEY = "dualtalk_basis"
_BONE_LENGTH_M = 0.04
_WEIGHT_STEPS = 64


@dataclass(frozen=True)
class Character:
    """The objects of one speaker. Look it up again after undo or a timer: never keep it."""

    armature: bpy.types.Object
    mesh: bpy.types.Object
    basis: Basis


def find(scene: bpy.types.Scene, speaker: int) -> Character | None:
    """Return the character that the scene has for a speaker (1 or 2), if it has one."""
    for obj in scene.objects:
        if obj.get(SPEAKER_KEY) == speaker and obj.type == "ARMATURE":
            meshes = [child for child in obj.children if child.type == "MESH" and _has_keys(child)]
            if meshes:
                return Character(obj, meshes[0], obj.get(BASIS_KEY, "arkit"))
    return None


def build(
    model: HeadModel, variant_name: str, speaker: int, name: str, collection: bpy.types.Collection
) -> Character:
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
    armature = _armature(name, joints, collection)
    armature[SPEAKER_KEY] = speaker
    armature[BASIS_KEY] = "arkit"
    mesh = _mesh(model, name, collection)
    _add_materials(mesh, model, name)
    _add_weights(mesh, model.weights)
    _add_shape_keys(mesh, model, identity)
    mesh.parent = armature
    modifier = mesh.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    return Character(armature, mesh, "arkit")


def to_blender(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn FLAME's axes (x left, y up, z front) into Blender's of a character that faces -y."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def _has_keys(obj: bpy.types.Object) -> bool:
    return obj.data.shape_keys is not None


def _armature(
    name: str, joints: NDArray[np.float32], collection: bpy.types.Collection
) -> bpy.types.Object:
    """Return an armature whose bones point up, their local axes along FLAME's."""
    obj = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    collection.objects.link(obj)
    layer = bpy.context.view_layer
    previous = layer.objects.active
    layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    bones = []
    for bone_name, joint in zip(BONES, to_blender(joints), strict=True):
        bone = obj.data.edit_bones.new(bone_name)
        bone.head = joint
        bone.tail = Vector(joint) + Vector((0, 0, _BONE_LENGTH_M))
        bone.align_roll((0, -1, 0))
        bones.append(bone)
    for bone, parent in zip(bones, BONE_PARENTS, strict=True):
        if parent >= 0:
            bone.parent = bones[parent]
    bpy.ops.object.mode_set(mode="OBJECT")
    layer.objects.active = previous
    obj.data.display_type = "STICK"
    return obj


def _mesh(model: HeadModel, name: str, collection: bpy.types.Collection) -> bpy.types.Object:
    mesh = bpy.data.meshes.new(name)
    starts = np.concatenate([[0], np.cumsum(model.face_sizes)[:-1]]).astype(np.int32)
    mesh.vertices.add(len(model.vertices))
    mesh.loops.add(len(model.face_corners))
    mesh.polygons.add(len(model.face_sizes))
    mesh.vertices.foreach_set("co", to_blender(model.vertices).ravel())
    mesh.loops.foreach_set("vertex_index", model.face_corners)
    mesh.polygons.foreach_set("loop_start", starts)
    mesh.polygons.foreach_set("material_index", model.face_materials)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(model.face_sizes), bool))
    mesh.update(calc_edges=True)
    obj = bpy.data.objects.new(f"{name} head", mesh)
    collection.objects.link(obj)
    return obj


def _add_materials(obj: bpy.types.Object, model: HeadModel, name: str) -> None:
    rows = zip(model.material_names, model.material_colors, model.material_roughness, strict=True)
    for material_name, color, roughness in rows:
        material = bpy.data.materials.new(f"{name} {material_name}")
        material.diffuse_color = color
        material.roughness = roughness
        if material.node_tree is None:
            material.use_nodes = True  # 5.0 makes the nodes by itself
        for node in material.node_tree.nodes:
            if node.type == "BSDF_PRINCIPLED":
                node.inputs["Base Color"].default_value = color
                node.inputs["Roughness"].default_value = roughness
        obj.data.materials.append(material)


def _add_weights(obj: bpy.types.Object, weights: NDArray[np.float32]) -> None:
    """Make a vertex group per bone; equal weights are written together, in 64 steps."""
    steps = np.round(weights * _WEIGHT_STEPS).astype(int)
    for bone_name, column in zip(BONES, steps.T, strict=True):
        group = obj.vertex_groups.new(name=bone_name)
        for step in np.unique(column[column > 0]):
            indices = np.flatnonzero(column == step).tolist()
            group.add(indices, float(step) / _WEIGHT_STEPS, "REPLACE")


def _add_shape_keys(obj: bpy.types.Object, model: HeadModel, identity: Mapping[str, float]) -> None:
    """Add the ARKit keys at 0 and the identity's at this person's values."""
    obj.shape_key_add(name="Basis", from_mix=False)
    for key_name, delta in zip(ARKIT_SHAPES, model.shapes, strict=True):
        _add_key(obj, model, key_name, delta, 0.0, 1.0, 0.0)
    for key_name, delta in zip(model.identity_names, model.identities, strict=True):
        value = identity.get(key_name, 0.0)
        _add_key(obj, model, f"identity.{key_name}", delta, -2.0, 2.0, value)


def _add_key(
    obj: bpy.types.Object,
    model: HeadModel,
    name: str,
    delta: NDArray[np.float32],
    low: float,
    high: float,
    value: float,
) -> None:
    key = obj.shape_key_add(name=name, from_mix=False)
    key.data.foreach_set("co", to_blender(model.vertices + delta).ravel())
    key.slider_min, key.slider_max = low, high
    key.value = value  # 5.0 makes keys with value 1
