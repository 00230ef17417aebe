"""The two characters of a scene, of whichever kind, and the built-in head."""

from dataclasses import dataclass
from typing import Literal

import bpy

from ...core.faces.builtin_head import HeadModel
from ...core.names import ARKIT_SHAPES, Basis
from . import construction
from .construction import to_blender

__all__ = ["Character", "build", "find", "to_blender"]

Kind = Literal["builtin", "flame", "bound"]
_COLLECTION = "DualTalk"

#: Custom properties of an armature: which speaker (1 or 2) it is, what moves it, what it is.
SPEAKER_KEY = "dualtalk_speaker"
BASIS_KEY = "dualtalk_basis"
KIND_KEY = "dualtalk_kind"
#: Of an armature: the meshes that a bound character has, as `dualtalk_mesh_0`, `_1`, ...
MESH_KEY = "dualtalk_mesh"
#: Of an armature that was built and that nobody has put anywhere yet.
UNPLACED_KEY = "dualtalk_unplaced"
#: Of the armature of a bound character: the character's own armature.
RIG_KEY = "dualtalk_rig"


@dataclass(frozen=True)
class Character:
    """The objects of one speaker. Look it up again after undo or a timer: never keep it."""

    armature: bpy.types.Object  #: has the bones that are animated
    meshes: tuple[bpy.types.Object, ...]  #: those with shape keys; at least one
    basis: Basis
    kind: Kind = "builtin"

    @property
    def mesh(self) -> bpy.types.Object:
        """The head itself."""
        return self.meshes[0]


def find(scene: bpy.types.Scene, speaker: int) -> Character | None:
    """Return the character that the scene has for a speaker (1 or 2), if it is whole."""
    for obj in scene.objects:
        if obj.type == "ARMATURE" and obj.get(SPEAKER_KEY) == speaker:
            kind = obj.get(KIND_KEY, "builtin")
            meshes = _bound_meshes(obj, scene) if kind == "bound" else _child_meshes(obj)
            if meshes:
                return Character(obj, meshes, obj.get(BASIS_KEY, "arkit"), kind)
    return None


def problem(scene: bpy.types.Scene, speaker: int) -> str:
    """Return what is wrong with the character of a speaker, or nothing; none is no problem."""
    letter = "AB"[speaker - 1]
    for obj in scene.objects:
        if obj.type != "ARMATURE" or obj.get(SPEAKER_KEY) != speaker:
            continue
        kind = obj.get(KIND_KEY, "builtin")
        if kind == "bound" and len(_bound_meshes(obj, scene)) < len(_mesh_names(obj)):
            return (
                f"A mesh of speaker {letter}'s character was deleted: unbind it, then bind again."
            )
        if kind == "bound" and RIG_KEY in obj and not _is_in(obj[RIG_KEY], scene):
            return f"The armature of speaker {letter}'s character was deleted: unbind it."
        if kind != "bound" and not _child_meshes(obj):
            return f"The head of {obj.name} was deleted: remove the rest of the character too."
    return ""


def mark(armature: bpy.types.Object, speaker: int, basis: Basis, kind: Kind) -> None:
    """Make an armature the character of a speaker; one that was built waits for its place."""
    armature[SPEAKER_KEY] = speaker
    armature[BASIS_KEY] = basis
    armature[KIND_KEY] = kind
    if kind != "bound":
        armature[UNPLACED_KEY] = True


def collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """Return the scene's collection for what the add-on makes; it is made if need be."""
    existing = scene.collection.children.get(_COLLECTION)
    if existing is not None:
        return existing
    made = bpy.data.collections.new(_COLLECTION)
    scene.collection.children.link(made)
    return made


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
    armature = construction.armature(name, joints, collection)
    mark(armature, speaker, "arkit", "builtin")
    mesh = construction.mesh(name, model.vertices, model.face_sizes, model.face_corners, collection)
    _add_materials(mesh, model, name)
    _add_shape_keys(mesh, model)
    construction.skin(mesh, armature, model.weights)
    return Character(armature, (mesh,), "arkit")


def _child_meshes(armature: bpy.types.Object) -> tuple[bpy.types.Object, ...]:
    return tuple(child for child in armature.children if _has_keys(child))


def _bound_meshes(
    armature: bpy.types.Object, scene: bpy.types.Scene
) -> tuple[bpy.types.Object, ...]:
    found = [armature[name] for name in _mesh_names(armature)]
    return tuple(obj for obj in found if _is_in(obj, scene) and _has_keys(obj))


def _mesh_names(armature: bpy.types.Object) -> list[str]:
    prefix = f"{MESH_KEY}_"
    names = [name for name in armature.keys() if name.startswith(prefix)]
    return sorted(names, key=lambda name: int(name.removeprefix(prefix)))


def _is_in(obj: bpy.types.Object | None, scene: bpy.types.Scene) -> bool:
    """Tell whether an object still exists; one that was deleted lives on while it is noted."""
    return obj is not None and obj.name in scene.objects


def _has_keys(obj: bpy.types.Object) -> bool:
    return obj.type == "MESH" and obj.data.shape_keys is not None


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
