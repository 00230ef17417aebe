"""Making meshes, armatures and shape keys from arrays, for every kind of head."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from ...core.errors import RigError
from ...core.names import BONE_PARENTS, BONES
from .. import compat

Floats = NDArray[np.floating]
_BONE_LENGTH_M = 0.04


def to_blender(points: Floats) -> Floats:
    """Turn FLAME's axes (x left, y up, z front) into Blender's of a character that faces -y."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def to_flame(points: Floats) -> Floats:
    """Undo `to_blender`."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def armature(name: str, joints: Floats, collection: bpy.types.Collection) -> bpy.types.Object:
    """Return an armature with FLAME's bones, which point up, their local axes along FLAME's.

    Args:
        name: of the object.
        joints: (5, 3) metres, FLAME's axes.
        collection: where it is linked; it must be in the scene of the context.

    Raises:
        RigError: bones cannot be made there; nothing is left behind.
    """
    obj = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    collection.objects.link(obj)
    try:
        with edited(obj):
            bones = [obj.data.edit_bones.new(bone_name) for bone_name in BONES]
            for bone, joint, parent in zip(bones, to_blender(joints), BONE_PARENTS, strict=True):
                _put(bone, joint)
                if parent >= 0:
                    bone.parent = bones[parent]
    except RigError:
        bpy.data.armatures.remove(obj.data)  # and the object with it
        raise
    obj.data.display_type = "STICK"
    return obj


def move_joints(obj: bpy.types.Object, joints: Floats) -> None:
    """Move the bones of an armature that `armature` made to other joints (5, 3)."""
    with edited(obj):
        for bone_name, joint in zip(BONES, to_blender(joints), strict=True):
            _put(obj.data.edit_bones[bone_name], joint)


@contextmanager
def edited(obj: bpy.types.Object) -> Iterator[None]:
    """Have an armature in edit mode, the only one in which bones can be changed.

    Raises:
        RigError: another object is being edited, or this one cannot be.
    """
    layer = bpy.context.view_layer
    if bpy.context.mode != "OBJECT":
        raise RigError("Switch to Object Mode first.")
    layer.update()  # of a scene that no window shows it is not told of new objects
    if layer.objects.get(obj.name) != obj or obj.data.library is not None:
        raise RigError(f"The bones of {obj.name} cannot be changed: it is excluded or linked.")
    previous = layer.objects.active
    with _seen(obj):
        layer.objects.active = obj
        try:
            with bpy.context.temp_override(active_object=obj, object=obj):
                bpy.ops.object.mode_set(mode="EDIT")
                try:
                    yield
                finally:
                    bpy.ops.object.mode_set(mode="OBJECT")
        finally:
            layer.objects.active = previous


@contextmanager
def _seen(obj: bpy.types.Object) -> Iterator[None]:
    """Have an object visible, whatever hides it; bones of a hidden one cannot be edited."""
    were_hidden = obj.hide_get(), obj.hide_viewport
    obj.hide_set(False)
    obj.hide_viewport = False
    root = bpy.context.scene.collection
    is_guest = not obj.visible_get() and obj.name not in root.objects  # its collection is hidden
    if is_guest:
        root.objects.link(obj)
    try:
        yield
    finally:
        if is_guest:
            root.objects.unlink(obj)
        obj.hide_viewport = were_hidden[1]
        obj.hide_set(were_hidden[0])


def mesh(
    name: str,
    vertices: Floats,
    face_sizes: NDArray[np.integer],
    face_corners: NDArray[np.integer],
    collection: bpy.types.Collection,
) -> bpy.types.Object:
    """Return a smooth mesh object of vertices (V, 3) in FLAME's axes."""
    made = bpy.data.meshes.new(name)
    starts = np.concatenate([[0], np.cumsum(face_sizes)[:-1]]).astype(np.int32)
    made.vertices.add(len(vertices))
    made.loops.add(len(face_corners))
    made.polygons.add(len(face_sizes))
    made.vertices.foreach_set("co", _flat(vertices))
    made.loops.foreach_set("vertex_index", face_corners.astype(np.int32))
    made.polygons.foreach_set("loop_start", starts)
    made.polygons.foreach_set("use_smooth", np.ones(len(face_sizes), bool))
    made.update(calc_edges=True)
    obj = bpy.data.objects.new(f"{name} head", made)
    collection.objects.link(obj)
    return obj


def skin(obj: bpy.types.Object, rig: bpy.types.Object, weights: Floats) -> None:
    """Hang a mesh on an armature, with weights (V, 5) in the order of BONES."""
    for bone_name, column in zip(BONES, weights.T, strict=True):
        group = obj.vertex_groups.new(name=bone_name)
        for index in np.flatnonzero(column > 0).tolist():
            group.add((index,), float(column[index]), "REPLACE")
    obj.parent = rig
    obj.modifiers.new("Armature", "ARMATURE").object = rig


def add_key(
    obj: bpy.types.Object, name: str, vertices: Floats, limits: tuple[float, float], value: float
) -> bpy.types.ShapeKey:
    """Add a shape key at which the vertices are (V, 3) in FLAME's axes."""
    key = obj.shape_key_add(name=name, from_mix=False)
    set_key_points(key, vertices)
    key.slider_min, key.slider_max = limits
    key.value = value  # Blender makes some with 1
    return key


def set_key_points(key: bpy.types.ShapeKey, vertices: Floats) -> None:
    """Put the vertices of a shape key at (V, 3) in FLAME's axes."""
    key.points.foreach_set("co", _flat(vertices))


def set_points(obj: bpy.types.Object, vertices: Floats) -> None:
    """Put the vertices of a mesh without shape keys at (V, 3) in FLAME's axes."""
    obj.data.vertices.foreach_set("co", _flat(vertices))
    obj.data.update()


def key_points(key: bpy.types.ShapeKey) -> Floats:
    """Return where a shape key puts the vertices, (V, 3) in FLAME's axes."""
    points = np.empty(3 * len(key.points), np.float32)
    key.points.foreach_get("co", points)
    return to_flame(points.reshape(-1, 3).astype(np.float64))


def read_rotation(
    target: bpy.types.DriverTarget,
    armature: bpy.types.Object,
    bone: str,
    letter: str,
    mode: str = "QUATERNION",
) -> None:
    """Let a driver's variable read one number (w, x, y or z) of a bone's turn, gaze included."""
    target.id = armature
    target.bone_target = bone
    target.transform_type = f"ROT_{letter.upper()}"
    target.rotation_mode = mode
    target.transform_space = "LOCAL_SPACE"  # with constraints, relative to the parent bone


def material(name: str, color: tuple[float, ...], roughness: float) -> bpy.types.Material:
    """Return a new material, linear RGBA, that looks alike in Workbench and in renders."""
    made = bpy.data.materials.new(name)
    made.diffuse_color = color
    made.roughness = roughness
    compat.use_nodes(made)
    for node in made.node_tree.nodes:
        if node.type == "BSDF_PRINCIPLED":
            node.inputs["Base Color"].default_value = color
            node.inputs["Roughness"].default_value = roughness
    return made


def _flat(points: Floats) -> NDArray[np.float32]:
    return to_blender(points).astype(np.float32).ravel()


def _put(bone: bpy.types.EditBone, joint: Floats) -> None:
    bone.head = joint
    bone.tail = Vector(joint) + Vector((0, 0, _BONE_LENGTH_M))
    bone.align_roll((0, -1, 0))
