"""The objects and constraints by which a character looks at things.

For each character, all children of its armature object, so that moving a character moves them:

    anchor   where the eyes are at rest; what the partner's head turns to
    sight    at the eyes, tracks the partner's anchor: the frame in which looks away are measured
      gaze   what the eyes look at: copies the place of the partner's face or of an extra target
             with keyed influence, else stays where its keyed location puts it
      aim    what the head turns to: keyed location
    base     the axes of the bones (FLAME's)
      turn   tracks the aim; its influence is the share of the angle that the head takes
      pose   keyed rotation: tilt and nods that a description asks for
    face     child of the neck bone: what the partner's eyes meet

Bone constraints: the neck copies the local rotations of `turn` and `pose` *before* its own keys, so
that the network's head motion is composed with them, and each eye has a Damped Track to `gaze`
and a Limit Rotation. Nothing that a head turns to depends on the other head's bones, only on its
object; eyes do, but no head depends on eyes: hence no dependency cycle.
"""

from dataclasses import dataclass

import bpy
from mathutils import Euler, Matrix, Vector

from ...core.directing.gaze_curves import EYE_LIMITS_RAD
from ...core.errors import InputError
from ...core.speakers import Pair
from .. import property_names

PREFIX = "DualTalk"
PARTS = ("anchor", "sight", "gaze", "aim", "base", "turn", "pose", "face")
EYE_BONES = ("eye_left", "eye_right")
#: Constraint names, on the `gaze` object and on the bones.
PARTNER = f"{PREFIX} partner"
TRACK = f"{PREFIX} gaze"
LIMIT = f"{PREFIX} limits"
TURN = f"{PREFIX} turn"
POSE = f"{PREFIX} pose"
#: Rotation from FLAME's axes (x left, y up, z out of the face) to the scene's at rest.
_FLAME_AXES = Euler((1.5707963267948966, 0.0, 0.0))


@dataclass(frozen=True)
class GazeParts:
    """The helper objects of one character; look them up again after undo."""

    anchor: bpy.types.Object
    sight: bpy.types.Object
    gaze: bpy.types.Object
    aim: bpy.types.Object
    base: bpy.types.Object
    turn: bpy.types.Object
    pose: bpy.types.Object
    face: bpy.types.Object


def eyes_local_m(armature: bpy.types.Object) -> Vector:
    """Return the point midway between the eyes at rest, in the armature's space.

    Raises:
        InputError: the armature has no eye bones.
    """
    bones = armature.data.bones
    missing = [name for name in ("neck", *EYE_BONES) if name not in bones]
    if missing:
        raise InputError(
            f"{armature.name} has no bone {missing[0]!r}; bind the rig first, then stage it."
        )
    return (bones[EYE_BONES[0]].head_local + bones[EYE_BONES[1]].head_local) / 2


def find_parts(armature: bpy.types.Object) -> GazeParts | None:
    """Return the helper objects of a character, or None if it has none (or not all)."""
    found = {
        child.get(property_names.GAZE_PART): child
        for child in armature.children_recursive
        if property_names.GAZE_PART in child
    }
    if any(part not in found for part in PARTS):
        return None
    return GazeParts(**{part: found[part] for part in PARTS})


def build(armatures: Pair[bpy.types.Object], collection: bpy.types.Collection) -> Pair[GazeParts]:
    """Give both characters their helpers and constraints; what they already have is replaced."""
    for armature in armatures:
        remove(armature)
    parts = (_make_parts(armatures[0], collection), _make_parts(armatures[1], collection))
    for who in (0, 1):
        _constrain(armatures[who], parts[who], parts[1 - who])
    return parts


def remove(armature: bpy.types.Object) -> None:
    """Take off all that `build` and `add_extra` put on a character."""
    for child in list(armature.children_recursive):
        if property_names.GAZE_PART in child:
            action = child.animation_data.action if child.animation_data else None
            bpy.data.objects.remove(child)
            if action is not None and action.users == 0:
                bpy.data.actions.remove(action)
    for bone in armature.pose.bones:
        for constraint in list(bone.constraints):
            if constraint.name in (TRACK, LIMIT, TURN, POSE):
                bone.constraints.remove(constraint)


def add_extra(parts: GazeParts, target: bpy.types.Object) -> bpy.types.CopyLocationConstraint:
    """Let a character look at another object; the constraint has the object's name."""
    name = extra_name(target.name)
    existing = parts.gaze.constraints.get(name)
    if existing is not None:
        return existing
    constraint = parts.gaze.constraints.new("COPY_LOCATION")
    constraint.name = name
    constraint.target = target
    constraint.influence = 0.0
    return constraint


def extra_name(target_name: str) -> str:
    """Return the name of the constraint for an additional target."""
    return f"{PREFIX} extra {target_name}"[:63]


def _make_parts(armature: bpy.types.Object, collection: bpy.types.Collection) -> GazeParts:
    eyes = eyes_local_m(armature)

    def empty(part: str, parent: bpy.types.Object, location=(0.0, 0.0, 0.0), size=0.02):  # type: ignore[no-untyped-def]
        made = bpy.data.objects.new(f"{armature.name} {part}", None)
        made[property_names.GAZE_PART] = part
        made.empty_display_size = size
        made.parent = parent
        made.location = location
        made.hide_render = True
        collection.objects.link(made)
        return made

    anchor = empty("anchor", armature, eyes)
    sight = empty("sight", armature, eyes)
    gaze = empty("gaze", sight, (0.0, -1.0, 0.0), 0.04)
    gaze.empty_display_type = "SPHERE"
    aim = empty("aim", sight, (0.0, -1.0, 0.0))
    base = empty("base", armature, eyes)
    base.rotation_euler = _FLAME_AXES
    turn = empty("turn", base)
    pose = empty("pose", base)
    face = empty("face", armature)
    _to_bone(face, armature, "neck", eyes)
    return GazeParts(anchor, sight, gaze, aim, base, turn, pose, face)


def _to_bone(child: bpy.types.Object, armature: bpy.types.Object, bone: str, place: Vector) -> None:
    """Make an object the child of a bone, at a place in the armature's space at rest."""
    rest = armature.data.bones[bone]
    child.parent_type = "BONE"
    child.parent_bone = bone
    # Children of bones are measured from the bone's tail.
    tail = rest.matrix_local @ Matrix.Translation((0.0, rest.length, 0.0))
    child.matrix_parent_inverse = tail.inverted()
    child.location = place


def _constrain(armature: bpy.types.Object, parts: GazeParts, partner: GazeParts) -> None:
    _track(parts.sight, "sight", partner.anchor, "TRACK_NEGATIVE_Y")
    copy = parts.gaze.constraints.new("COPY_LOCATION")
    copy.name = PARTNER
    copy.target = partner.face
    _track(parts.turn, TURN, parts.aim, "TRACK_Z")
    neck = armature.pose.bones["neck"]
    for name, source in ((POSE, parts.pose), (TURN, parts.turn)):
        turned = neck.constraints.new("COPY_ROTATION")
        turned.name = name
        turned.target = source
        turned.mix_mode = "BEFORE"
        turned.owner_space = turned.target_space = "LOCAL"
    for bone in EYE_BONES:
        eye = armature.pose.bones[bone]
        _track(eye, TRACK, parts.gaze, "TRACK_Z")
        _limit(eye)


def _track(owner, name: str, target: bpy.types.Object, axis: str) -> None:  # type: ignore[no-untyped-def]
    constraint = owner.constraints.new("DAMPED_TRACK")
    constraint.name = name
    constraint.target = target
    constraint.track_axis = axis


def _limit(eye: bpy.types.PoseBone) -> None:
    sideways, up, down = EYE_LIMITS_RAD
    limit = eye.constraints.new("LIMIT_ROTATION")
    limit.name = LIMIT
    limit.owner_space = "LOCAL"
    limit.use_limit_x = limit.use_limit_y = True
    # About the bone's x, downwards is positive; about its y, the own left is.
    limit.min_x, limit.max_x = -up, down
    limit.min_y, limit.max_y = -sideways, sideways
