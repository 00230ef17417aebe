"""The objects and constraints by which a character looks at things.

For each character, all children of its armature object, so that moving a character moves them:

    anchor   where the eyes are at rest; what the partner's head turns to (goes with the body)
    sight    at the eyes, tracks the partner's anchor: the frame in which looks away are measured
      gaze   what the eyes look at: copies the place of the partner's face or of an extra target
             with keyed influence, else stays where its keyed location puts it
      aim    what the head turns to: keyed location
    base     the axes of the bones (FLAME's)
      turn   tracks the aim; its influence is the share of the angle that the head takes
      pose   keyed rotation: tilt and nods that a description asks for
    face     child of the neck bone: what the partner's eyes meet

A bound character may be moved and posed by its own armature. Its armature of ours has two bones
more: `body` follows the bone that carries its head, `skull` its head; anchor, sight and base are
children of `body`, the eyes and `face` of `skull`.

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
from .. import actions, property_names

PREFIX = "DualTalk"
PARTS = ("anchor", "sight", "gaze", "aim", "base", "turn", "pose", "face")
EYE_BONES = ("eye_left", "eye_right")
#: Bones of a bound character's armature that go where its own body and head are.
BODY, SKULL = "body", "skull"
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


def body_matrix(armature: bpy.types.Object) -> Matrix:
    """Return where a character's body has carried its head at rest, in the world; as evaluated."""
    seen = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    if BODY not in armature.data.bones:
        return seen.matrix_world.copy()
    rest = armature.data.bones[BODY].matrix_local
    return seen.matrix_world @ seen.pose.bones[BODY].matrix @ rest.inverted()


def find_parts(armature: bpy.types.Object) -> GazeParts | None:
    """Return the helper objects of a character, or None if it has none (or not all)."""
    found = _parts_there(armature)
    if any(part not in found for part in PARTS):
        return None
    return GazeParts(**{part: found[part] for part in PARTS})


def build(armatures: Pair[bpy.types.Object], collection: bpy.types.Collection) -> Pair[GazeParts]:
    """Give both characters their helpers and constraints.

    Helpers that are there are used again, so that what the user hung on them stays there.
    """
    for armature in armatures:
        eyes_local_m(armature)  # raises before anything is taken away
    for armature in armatures:
        _remove_constraints(armature)
    parts = (_make_parts(armatures[0], collection), _make_parts(armatures[1], collection))
    for who in (0, 1):
        _constrain(armatures[who], parts[who], parts[1 - who])
    return parts


def remove(armature: bpy.types.Object) -> None:
    """Take off all that `build` and `add_extra` put on a character."""
    for helper in [c for c in armature.children_recursive if property_names.GAZE_PART in c]:
        action = actions.playing(helper)
        for child in helper.children:
            if property_names.GAZE_PART not in child:  # the user's: it stays where it is
                release_child(child)
        bpy.data.objects.remove(helper)
        _let_go(action)
    _remove_constraints(armature)


def release_child(child: bpy.types.Object) -> None:
    """Take an object off its parent, where it is."""
    place = child.matrix_world.copy()
    child.parent = None
    child.matrix_world = place


def _let_go(action: bpy.types.Action | None) -> None:
    """Delete an action of a helper; versions that did not mark them named them as the helper."""
    if action is not None and property_names.ACTION not in action:
        actions.mark(action)
    actions.let_go(action)


def _remove_constraints(armature: bpy.types.Object) -> None:
    for bone in armature.pose.bones:
        for constraint in list(bone.constraints):
            if _is_ours(constraint):
                bone.constraints.remove(constraint)


def _is_ours(constraint: bpy.types.Constraint) -> bool:
    """Tell whether `build` made a constraint: by its name, and by where it points."""
    if constraint.name == LIMIT:
        return constraint.type == "LIMIT_ROTATION"
    if constraint.name not in (TRACK, TURN, POSE):
        return False
    return constraint.target is None or property_names.GAZE_PART in constraint.target


def _parts_there(armature: bpy.types.Object) -> dict[str, bpy.types.Object]:
    helpers = [c for c in armature.children_recursive if property_names.GAZE_PART in c]
    return {helper[property_names.GAZE_PART]: helper for helper in reversed(helpers)}


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
    there = _parts_there(armature)

    def empty(part: str) -> bpy.types.Object:
        return _cleared(there[part]) if part in there else _new_helper(armature, part, collection)

    anchor, sight, base, face = (empty(part) for part in ("anchor", "sight", "base", "face"))
    gaze, aim, turn, pose = (empty(part) for part in ("gaze", "aim", "turn", "pose"))
    for helper in (anchor, sight, base):
        _to_body(helper, armature, eyes)
    base.rotation_euler = _FLAME_AXES
    _to_bone(face, armature, SKULL if SKULL in armature.data.bones else "neck", eyes)
    for child, parent in ((gaze, sight), (aim, sight), (turn, base), (pose, base)):
        child.parent = parent
    gaze.location = aim.location = (0.0, -1.0, 0.0)
    gaze.empty_display_type, gaze.empty_display_size = "SPHERE", 0.04
    return GazeParts(anchor, sight, gaze, aim, base, turn, pose, face)


def _new_helper(
    armature: bpy.types.Object, part: str, collection: bpy.types.Collection
) -> bpy.types.Object:
    made = bpy.data.objects.new(f"{armature.name} {part}", None)
    made[property_names.GAZE_PART] = part
    made.empty_display_size = 0.02
    made.hide_render = True
    collection.objects.link(made)
    return made


def _cleared(helper: bpy.types.Object) -> bpy.types.Object:
    """Return a helper of an earlier run without its constraints and keys."""
    for constraint in list(helper.constraints):
        if not constraint.name.startswith(extra_name("")):  # of targets: they are written anew
            helper.constraints.remove(constraint)
    if helper.animation_data is not None:
        action = helper.animation_data.action
        helper.animation_data.action = None
        _let_go(action)
    helper.rotation_euler, helper.location = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    return helper


def _to_body(child: bpy.types.Object, armature: bpy.types.Object, place: Vector) -> None:
    """Let an object go with a character's body, but not with the turns of its head."""
    if BODY in armature.data.bones:
        _to_bone(child, armature, BODY, place)
    else:
        child.parent, child.location = armature, place


def _to_bone(child: bpy.types.Object, armature: bpy.types.Object, bone: str, place: Vector) -> None:
    """Make an object the child of a bone, at a place in the armature's space at rest."""
    rest = armature.data.bones[bone]
    child.parent = armature
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
