"""Looking over an animator's own character before it is bound; nothing is changed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ....core.errors import RigError
from ....core.faces.bone_names import Role, candidates, known_bones
from ....core.faces.shape_names import JAW_CONTROLS, ShapeMatch, match
from ... import property_names
from .. import hindrances
from . import mapping

#: A person's measures, in units of the distance between the eyes: from midway between the eyes to
#: where FLAME has its other joints, along left, up and front.
_FROM_EYES = {"root": (0, -1.8, -1.35), "neck": (0, -1.55, -1.2), "jaw": (0, -0.45, -0.75)}
_EYE_DEPTH = 0.2
_MIN_SHIFT = 1e-6
#: How far an eye's joint may be from the middle of its lid, in distances between the eyes.
_MOST_FROM_LID = 1.0
#: Cosine of the angle within which a spine is taken to be along an axis.
_NEARLY_ALONG = 0.8


@dataclass(frozen=True)
class CharacterMatch:
    """What a character has, and what it lacks."""

    meshes: tuple[bpy.types.Object, ...]  #: those with shapes, the face first
    armature: bpy.types.Object | None
    bones: Mapping[Role, str]  #: those that will be turned
    shapes: ShapeMatch

    @property
    def missing(self) -> tuple[str, ...]:
        """Controls for which the character has neither keys nor bones."""
        return tuple(name for name in self.shapes.missing if not self._is_turned(name))

    @property
    def derived(self) -> dict[str, str]:
        """Controls that other keys stand for, and these keys."""
        found = self.shapes.derived
        return {name: keys for name, keys in found.items() if not self._is_turned(name)}

    @property
    def hindrances(self) -> list[str]:
        """What would hide the motion, with the remedy, a line each."""
        moved = zip(self.meshes, self.shapes.weights, strict=True)
        lines = [line for mesh, weights in moved for line in hindrances.of_mesh(mesh, weights)]
        return [*lines, *hindrances.of_armature(self.armature)]

    def _is_turned(self, control: str) -> bool:
        if control in JAW_CONTROLS:
            return "jaw" in self.bones
        if control.startswith("eyeLook"):
            return ("eye_left" if control.endswith("Left") else "eye_right") in self.bones
        return False


def match_character(
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    bones: Mapping[Role, str] | None = None,
) -> CharacterMatch:
    """Find out what can be animated on a character.

    Args:
        scene: where the character is.
        objects: its face's mesh, others of its meshes, its armature, as the user selected them.
        bones: those that the user chose, "" for none; the others are guessed by name.

    Raises:
        RigError: there is no mesh with shapes of known names, or a chosen bone does not exist.
    """
    given = [obj for obj in objects if obj.type == "MESH"]
    rigs = [obj for obj in objects if obj.type == "ARMATURE"]
    if not given and not rigs:
        instance = next((obj.name for obj in objects if obj.instance_type == "COLLECTION"), "")
        if instance:
            raise RigError(
                f"{instance} is an instance of a collection, in which nothing can be moved: make a "
                "library override of it (Object > Library Override > Make), or make it real "
                "(Object > Apply > Make Instances Real)."
            )
        raise RigError("No mesh is selected: select the character's face.")
    armature = rigs[0] if rigs else _armature_of(given[0])
    meshes = [obj for obj in given if _keys(obj)]
    if armature is not None:
        meshes += [obj for obj in scene.objects if _armature_of(obj) == armature and _keys(obj)]
    meshes = list(dict.fromkeys(meshes))
    if not meshes:
        name = (given or rigs)[0].name
        raise RigError(
            f"{name} has no shape keys: select the mesh that has the face's shapes, or let a rig "
            "without shapes learn poses (Control Rig)."
        )
    meshes = _by_shapes(meshes)
    shapes = match([_keys(obj) for obj in meshes], mapping.table_of(meshes))
    if not shapes.direct and not shapes.derived:
        some = ", ".join(_keys(meshes[0])[:4])
        raise RigError(
            f"{meshes[0].name} has no shape key of a known name (it has {some}): name them as "
            "ARKit does, for instance jawOpen and eyeBlinkLeft, or fill in its Mapping Table."
        )
    found = CharacterMatch(tuple(meshes), armature, {}, shapes)
    return replace(found, bones=_bones(found, bones or {}))


def world_axes(found: CharacterMatch) -> Matrix:
    """Return the character's left, up and front in the world, as the columns of a rotation.

    Left is from the right eye to the left one, or from the shapes that blink; up is the head's
    own, as it is at rest, also of a character that lies.
    """
    up = _up(found)
    places = eye_places(found)
    left = (places[0] - places[1]) if places else Vector((1, 0, 0))
    left -= left.dot(up) * up
    if left.length < _MIN_SHIFT:
        left = up.orthogonal()
    left.normalize()
    return Matrix((left, up, left.cross(up))).transposed()


def _up(found: CharacterMatch) -> Vector:
    """Return where the top of the head is at rest: along the spine, or against the way of the lids.

    Spines lean and lids close a little forwards: it is the axis of the character's own object, or
    of the world, that lies next to them.
    """
    towards = _spine(found) or _open_lids(found) or Vector((0, 0, 1))
    carrier = found.armature or found.meshes[0]
    own = [axis.normalized() for axis in carrier.matrix_world.to_3x3().transposed()]
    axes = [*own, *Matrix.Identity(3)]
    best = max((sign * axis for axis in axes for sign in (1, -1)), key=towards.dot)
    return best if best.dot(towards) > _NEARLY_ALONG else towards


def _spine(found: CharacterMatch) -> Vector | None:
    """Return the way from the lowest bone that carries the head up to the head."""
    if "head" not in found.bones:
        return None
    head = found.armature.data.bones[found.bones["head"]]
    if not head.parent_recursive:
        return None
    spine = head.head_local - head.parent_recursive[-1].head_local
    spine = found.armature.matrix_world.to_3x3() @ spine
    return spine.normalized() if spine.length > _MIN_SHIFT else None


def _open_lids(found: CharacterMatch) -> Vector | None:
    """Return the way that the lids go when they open."""
    for obj, weights in zip(found.meshes, found.shapes.weights, strict=True):
        for key, controls in weights.items():
            if any(controls.get(f"eyeBlink{side}", 0) > 0 for side in ("Left", "Right")):
                blocks = obj.data.shape_keys.key_blocks
                moved = (_points(blocks[key]) - _points(blocks[0])).sum(axis=0)
                opens = obj.matrix_world.to_3x3() @ Vector(-moved)
                if opens.length > _MIN_SHIFT:
                    return opens.normalized()
    return None


def world_joints(found: CharacterMatch, axes: Matrix) -> dict[str, Vector]:
    """Return where the bones of FLAME belong in the character, in the world."""
    eyes = eye_places(found) or _guessed_eyes(found, axes)
    between, spacing = (eyes[0] + eyes[1]) / 2, (eyes[0] - eyes[1]).length
    result = {
        name: between + spacing * (axes @ Vector(offset)) for name, offset in _FROM_EYES.items()
    }
    result["eye_left"], result["eye_right"] = eyes
    for role, bone in found.bones.items():
        joint = "neck" if role == "head" else role
        rest = found.armature.data.bones[bone].head_local
        result[joint] = found.armature.matrix_world @ rest
    if "head" in found.bones:
        result["root"] = result["neck"] - 0.25 * spacing * (axes @ Vector((0, 1, 0)))
    return result


def eye_places(found: CharacterMatch) -> tuple[Vector, Vector] | None:
    """Return where the left and the right eye are in the world, if that can be told."""
    if {"eye_left", "eye_right"} <= found.bones.keys():
        bones = found.armature.data.bones
        matrix = found.armature.matrix_world
        return (
            matrix @ bones[found.bones["eye_left"]].head_local,
            matrix @ bones[found.bones["eye_right"]].head_local,
        )
    left, right = (_place_of(found, f"eyeBlink{side}") for side in ("Left", "Right"))
    if left is None or right is None or (left - right).length < _MIN_SHIFT:
        return None
    spacing = left - right
    behind = -_EYE_DEPTH * spacing.length * spacing.cross(_up(found)).normalized()
    return left + behind, right + behind


def _place_of(found: CharacterMatch, control: str) -> Vector | None:
    """Return the centre of what a shape moves, in the world."""
    for obj, weights in zip(found.meshes, found.shapes.weights, strict=True):
        for key, controls in weights.items():
            if controls.get(control, 0) < 1:
                continue
            blocks = obj.data.shape_keys.key_blocks
            rest, moved = _points(blocks[0]), _points(blocks[key])
            shift = np.linalg.norm(moved - rest, axis=1)
            if shift.sum() > _MIN_SHIFT:
                centre = (rest * shift[:, None]).sum(axis=0) / shift.sum()
                return obj.matrix_world @ Vector(centre)
    return None


def _guessed_eyes(found: CharacterMatch, axes: Matrix) -> tuple[Vector, Vector]:
    """Return where the eyes of a face of a person's proportions would be."""
    face = found.meshes[0]
    corners = np.array([face.matrix_world @ Vector(corner) for corner in face.bound_box])
    local = corners @ np.array(axes)  # along left, up and front
    low, high = local.min(axis=0), local.max(axis=0)
    width = high[0] - low[0]
    middle = Vector(((low[0] + high[0]) / 2, high[1] - 0.75 * width, high[2] - 0.3 * width))
    apart = Vector((0.2 * width, 0, 0))
    return axes @ (middle + apart), axes @ (middle - apart)


def _points(key: bpy.types.ShapeKey) -> NDArray[np.float32]:
    points = np.empty(3 * len(key.points), np.float32)
    key.points.foreach_get("co", points)
    return points.reshape(-1, 3)


def _keys(obj: bpy.types.Object) -> list[str]:
    """Return the names of an object's shape keys without the basis; those of helpers are none."""
    is_own = obj.type == "MESH" and obj.data.shape_keys is not None
    return [key.name for key in obj.data.shape_keys.key_blocks[1:]] if is_own else []


def _by_shapes(meshes: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Return the meshes whose keys are known, the one with the most first; if none, the first."""
    counts = {
        obj.name: sum(map(len, match([_keys(obj)], mapping.table_of([obj])).weights))
        for obj in meshes
    }
    known = [obj for obj in meshes if counts[obj.name]]
    return sorted(known, key=lambda obj: -counts[obj.name]) or meshes[:1]


def _armature_of(obj: bpy.types.Object) -> bpy.types.Object | None:
    for modifier in obj.modifiers if obj.type == "MESH" else ():
        if modifier.type == "ARMATURE" and modifier.object is not None:
            return modifier.object
    parent = obj.parent
    while parent is not None:
        if parent.type == "ARMATURE" and property_names.SPEAKER not in parent:
            return parent
        parent = parent.parent
    return None


def _bones(found: CharacterMatch, chosen: Mapping[Role, str]) -> dict[Role, str]:
    armature = found.armature
    if armature is None:
        if any(chosen.values()):
            raise RigError("The character has no armature, so that it has no bones to choose from.")
        return {}
    there = armature.data.bones
    for role, name in chosen.items():
        if name and name not in there:
            raise RigError(f"{armature.name} has no bone {name!r}: choose another.")
        if name and not _may_be(found, role, name):
            raise RigError(
                f"The bone {name!r} is not in an eye of {found.meshes[0].name} (it may be what the "
                "eye looks at): choose the bone that turns the eyeball."
            )
    guessed = {
        role: next((name for name in names if _may_be(found, role, name)), "")
        for role, names in candidates([bone.name for bone in there]).items()
    }
    if "jawOpen" in found.shapes.direct:
        guessed.pop(
            "jaw", None
        )  # a key of its own opens the mouth; with the bone it would be twice
    return {role: name for role, name in {**guessed, **chosen}.items() if name}


def _may_be(found: CharacterMatch, role: Role, bone: str) -> bool:
    """Tell whether a bone is where it should be: an eye in the eye, not in front of the face.

    Of a rig whose maker is recognised the names say it: its face may hang elsewhere.
    """
    sides: dict[Role, str] = {"eye_left": "Left", "eye_right": "Right"}
    if role not in sides:
        return True
    armature = found.armature
    if bone in known_bones([one.name for one in armature.data.bones]).get(role, ()):
        return True
    place = armature.matrix_world @ armature.data.bones[bone].head_local
    lids = [_place_of(found, f"eyeBlink{side}") for side in ("Left", "Right")]
    if lids[0] is not None and lids[1] is not None and (lids[0] - lids[1]).length > _MIN_SHIFT:
        away = place - lids[0 if sides[role] == "Left" else 1]
        return bool(away.length < _MOST_FROM_LID * (lids[0] - lids[1]).length)
    return any(_is_inside(mesh, place) for mesh in found.meshes)


def _is_inside(mesh: bpy.types.Object, place: Vector) -> bool:
    """Tell whether a point in the world is in the box around a mesh."""
    local = mesh.matrix_world.inverted() @ place
    corners = np.array([tuple(corner) for corner in mesh.bound_box])
    low, high = corners.min(axis=0), corners.max(axis=0)
    margin = 0.05 * (high - low)
    return bool(((low - margin <= np.array(local)) & (np.array(local) <= high + margin)).all())
