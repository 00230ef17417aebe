"""Binding an animator's own character to DualTalk.

A bound character gets an armature of ours beside it, with FLAME's bones at its joints; keys, gaze
and staging go there. Its own head, jaw and eye bones copy the turns, and its shape keys get keys of
their own. Nothing of the character is changed but what `bound.release` takes back: constraints,
keys on shapes, and for meshes that are linked or shared a copy of the data.

A turn reaches a bone of any rest orientation by way of a bone `follow.ROLE` in our armature that
has that orientation in the world: it copies the turn corrected for its own rest, the character's
bone copies that one number by number. So it does not matter where the armature's axes point.
"""

from collections.abc import Mapping, Sequence

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ....core import speakers
from ....core.errors import RigError
from ....core.faces.bone_names import Role
from ....core.names import BONES
from ... import notes, property_names
from ...gaze.gaze_rig import BODY, EYE_BONES, SKULL
from .. import construction, heads, removal
from ..built import BuiltHead
from ..character import speaker_letter
from . import bound, bound_keys
from .bound import FOLLOW, BoundCharacter
from .matching import CharacterMatch, match_character, world_axes, world_joints

_BONE_OF: dict[Role, str] = {
    "head": "neck", "jaw": "jaw", "eye_left": "eye_left", "eye_right": "eye_right",
}  # fmt: skip
_HELPER_LENGTH_M = 0.02
#: Axes that are square to each other but for this (a cosine) are.
_SKEWED = 0.05


def bind(
    scene: bpy.types.Scene,
    speaker: int,
    objects: Sequence[bpy.types.Object],
    collection: bpy.types.Collection,
    bones: Mapping[Role, str] | None = None,
) -> BoundCharacter:
    """Make a character of the animator's a speaker; `match_character` says what it has and lacks.

    It takes the place of a head that the add-on built for this speaker.

    Args:
        scene: the context's.
        speaker: 1 or 2.
        objects: the face's mesh, and what else is selected of the character.
        collection: where the armature is linked.
        bones: as for `match_character`.

    Raises:
        RigError: it cannot be bound; nothing is changed then.
    """
    found = match_character(scene, objects, bones)
    _check(scene, speaker, found)
    if any(heads.marked(scene, speaker)):
        removal.remove(scene, speaker)
    axes = world_axes(found)
    control = _control(speaker, found, axes, collection)
    try:
        _follow(control, found)
        _go_along(control, found)
        for top in _tops(found):
            _carry(top, control, "root" if "head" in found.bones else "neck")
        _remember(control, found)
        BoundCharacter.mark(control, speaker)
        bound_keys.take(control, found)
    except Exception:
        bound.release(control)
        raise
    return BoundCharacter(control, found.meshes)


def _check(scene: bpy.types.Scene, speaker: int, found: CharacterMatch) -> None:
    letter = speakers.letter(speaker)
    for obj in scene.objects:
        if obj.get(property_names.SPEAKER) == speaker and not _is_replaced(obj, found):
            raise RigError(f"Speaker {letter} has a head already ({obj.name}): remove it first.")
        part = _taken_by(obj, found)
        if part is not None:
            raise RigError(
                f"{part.name} belongs to speaker {speaker_letter(obj)} already: choose another for "
                f"{letter}."
            )
    _check_other_scenes(scene, found)
    for obj in (*found.meshes, *_tops(found), found.armature):
        if obj is not None and obj.library is not None:
            raise RigError(
                f"{obj.name} is linked from another file: make a library override of the character "
                "first (Object > Library Override > Make)."
            )
    for obj in (found.armature, *found.meshes):
        if obj is not None:
            _check_axes(obj)


def _taken_by(obj: bpy.types.Object, found: CharacterMatch) -> bpy.types.Object | None:
    """Return which part of a character is a part of a speaker that is there, if any."""
    if property_names.SPEAKER not in obj:
        return None
    taken = {obj, *bound_keys.meshes(obj), obj.get(property_names.RIG), *obj.children}
    parts = (*found.meshes, found.armature)
    return next((part for part in parts if part is not None and part in taken), None)


def _check_other_scenes(scene: bpy.types.Scene, found: CharacterMatch) -> None:
    """Refuse a character that another scene's speaker moves: two would turn the same bones."""
    for other in bpy.data.scenes:
        for obj in other.objects if other != scene else ():
            part = _taken_by(obj, found)
            if part is not None:
                raise RigError(
                    f"{part.name} is speaker {speaker_letter(obj)} of the scene {other.name} "
                    "already: duplicate the character for this scene, or remove it there."
                )


def _check_axes(obj: bpy.types.Object) -> None:
    """Refuse a rig or a face whose axes are no turned ones: no turn can be handed to them."""
    world = obj.matrix_world.to_3x3()
    if world.determinant() < 0:
        raise RigError(
            f"{obj.name} is mirrored (a scale of it is negative), and turns cannot be handed to "
            "it: apply its scale first (Object > Apply > Scale)."
        )
    x, y, z = (axis.normalized() for axis in world.col)
    if max(abs(x.dot(y)), abs(y.dot(z)), abs(z.dot(x))) > _SKEWED:
        raise RigError(
            f"{obj.name} is skewed: a parent of it is scaled along one axis, and turns cannot be "
            "handed to it. Apply the parent's scale first (Object > Apply > Scale)."
        )


def _is_replaced(head: bpy.types.Object, found: CharacterMatch) -> bool:
    """Tell whether a speaker's head may go: the add-on built it, and it is not what was chosen."""
    chosen = {*found.meshes, found.armature}
    return issubclass(heads.kind_of(head), BuiltHead) and not chosen & {head, *head.children}


def _control(
    speaker: int, found: CharacterMatch, axes: Matrix, collection: bpy.types.Collection
) -> bpy.types.Object:
    """Return our armature, placed and turned as the character is, faces -y in its own space."""
    name = (found.armature or found.meshes[0]).name
    joints = world_joints(found, axes)
    # Columns: where our x (left), y (behind) and z (up) are in the world.
    left, up, front = axes.col
    turn = Matrix((left, -front, up)).transposed()
    place = (found.armature or found.meshes[0]).matrix_world.translation
    local = {joint: turn.transposed() @ (point - place) for joint, point in joints.items()}
    points = construction.to_flame(np.array([local[bone] for bone in BONES]))
    control = construction.armature(
        f"{name} DualTalk {speakers.letter(speaker)}", points, collection
    )
    control.matrix_world = Matrix.Translation(place) @ turn.to_4x4()
    bpy.context.view_layer.update()
    return control


def _follow(control: bpy.types.Object, found: CharacterMatch) -> None:
    """Let the character's bones turn as ours do, each about its own joint."""
    rests = {}
    with construction.edited(control):
        for role, name in found.bones.items():
            bone = found.armature.data.bones[name]
            turn = control.matrix_world.to_3x3().normalized().inverted()
            turn @= found.armature.matrix_world.to_3x3().normalized() @ bone.matrix_local.to_3x3()
            helper = control.data.edit_bones.new(f"follow.{role}")
            helper.head, helper.tail = Vector(), Vector((0, _HELPER_LENGTH_M, 0))
            place = control.data.edit_bones[_BONE_OF[role]].head
            helper.matrix = Matrix.Translation(place) @ turn.to_4x4()
            helper.parent = control.data.edit_bones["root"]
            rests[role] = helper.name
    for role, helper_name in rests.items():
        control.data.bones[helper_name].hide = True
        copy = _copy_turn(control.pose.bones[helper_name], control, _BONE_OF[role])
        copy.target_space = "LOCAL_OWNER_ORIENT"
        own = found.armature.pose.bones[found.bones[role]]
        bound.remove_constraints(own)
        _copy_turn(own, control, helper_name).mix_mode = "BEFORE"


def _go_along(control: bpy.types.Object, found: CharacterMatch) -> None:
    """Let bones of ours go where the character's body and head go, whoever moves and poses them.

    Eyes hang on `skull`, so that they aim from where the real ones are; `body` carries what the
    gaze is measured from. No cycle: neither moves anything that they follow.
    """
    followed = _carriers(found)
    with construction.edited(control):
        bones = control.data.edit_bones
        into = control.matrix_world.inverted()
        for name, (carrier, bone) in followed.items():
            made = bones.new(name)
            made.head, made.tail = Vector(), Vector((0, _HELPER_LENGTH_M, 0))
            rest = carrier.data.bones[bone].matrix_local if bone else Matrix.Identity(4)
            place, turn, _ = (into @ carrier.matrix_world @ rest).decompose()
            made.matrix = Matrix.Translation(place) @ turn.to_matrix().to_4x4()
            made.parent = bones["neck" if name == SKULL else "root"]
        for eye in EYE_BONES:
            bones[eye].parent = bones[SKULL]
    for name, (carrier, bone) in followed.items():
        control.data.bones[name].hide = True
        for kind in ("COPY_LOCATION", "COPY_ROTATION"):
            copy = control.pose.bones[name].constraints.new(kind)
            copy.name = FOLLOW
            copy.target, copy.subtarget = carrier, bone


def _carriers(found: CharacterMatch) -> dict[str, tuple[bpy.types.Object, str]]:
    """Return what the bones of ours follow: an object, and a bone of it or nothing."""
    if "head" not in found.bones:  # it turns as a whole, with what carries it
        return {SKULL: (found.armature or found.meshes[0], "")}
    head = found.armature.data.bones[found.bones["head"]]
    below = head.parent.name if head.parent is not None else ""
    return {SKULL: (found.armature, head.name), BODY: (found.armature, below)}


def _copy_turn(
    owner: bpy.types.PoseBone, control: bpy.types.Object, bone: str
) -> bpy.types.CopyRotationConstraint:
    copy = owner.constraints.new("COPY_ROTATION")
    copy.name = FOLLOW
    copy.target, copy.subtarget = control, bone
    copy.owner_space = copy.target_space = "LOCAL"
    return copy


def _carry(top: bpy.types.Object, control: bpy.types.Object, bone: str) -> None:
    """Let an object of the character move with our armature, from where it is now."""
    bound.remove_constraints(top)
    carry = top.constraints.new("CHILD_OF")
    carry.name = FOLLOW
    carry.target, carry.subtarget = control, bone
    rest = control.matrix_world @ control.data.bones[bone].matrix_local
    carry.inverse_matrix = rest.inverted()


def _tops(found: CharacterMatch) -> list[bpy.types.Object]:
    """Return the objects that carry the character: the highest that carry no other one too."""
    tops = []
    for part in (found.armature, *found.meshes):
        top = part
        while top is not None and top.parent is not None and not _carries_others(top.parent, found):
            top = top.parent
        if top is not None and not any(_is_below(top, known) for known in tops):
            tops.append(top)
    return tops


def _carries_others(obj: bpy.types.Object, found: CharacterMatch) -> bool:
    below = obj.children_recursive
    return any(
        child.type == "ARMATURE" and child != found.armature and property_names.SPEAKER not in child
        for child in below
    )


def _is_below(obj: bpy.types.Object, other: bpy.types.Object) -> bool:
    return obj == other or obj in other.children_recursive


def _remember(control: bpy.types.Object, found: CharacterMatch) -> None:
    """Note on our armature what belongs to the character; pointers follow renaming and saving."""
    if found.armature is not None:
        control[property_names.RIG] = found.armature
    notes.write(control, property_names.BONES, dict(found.bones))
    lacks = {"missing": found.missing, "derived": found.derived}
    notes.write(control, property_names.MISSING, lacks)
