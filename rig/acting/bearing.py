"""How head and looks obey the moods: the head's pose is driven, looks are moved by a helper.

The neck copies the `pose` helper before its own keys, so that the bearing of a mood is added to
what the network does. `bias`, a helper beside those of the gaze, stands as far beside the place
that is looked at as the mood moves the look, for any distance between the two.
"""

import math

import bpy

from ...core.acting.moods import FACES, MOODS
from .. import property_names
from ..characters.character import Character
from ..gaze import gaze_rig
from ..gaze.gaze_rig import GazeParts
from . import drivers, sliders

BIAS = "bias"
CONSTRAINT = f"{gaze_rig.PREFIX} mood"


def ensure(character: Character) -> None:
    """Let a character's head and looks obey its sliders; without a gaze there is nothing to do."""
    parts = gaze_rig.find_parts(character.armature)
    if parts is None:
        return
    for axis in range(3):
        _drive_head(parts, axis, character.armature)
    helper = _helper(character.armature, parts)
    for axis, which in ((0, 0), (2, 1)):  # in the axes of `sight`, x is the own left and z up
        _drive_look(helper, axis, which, parts, character.armature)
    _move_looks(parts.gaze, helper)


def _drive_head(parts: GazeParts, axis: int, armature: bpy.types.Object) -> None:
    # About x a positive turn bows, about y it turns to the own left; about the axis out of the
    # face it brings the top to the own right.
    sign = -1 if axis == 2 else 1
    turns = {m: sign * math.radians(FACES[m].head_deg[axis]) for m in MOODS}
    moods = {sliders.SHORT[mood]: turn for mood, turn in turns.items()}
    sources: dict[str, drivers.Source] = {
        sliders.SHORT[mood]: (armature, sliders.path_of(sliders.name_of(mood)))
        for mood, turn in turns.items()
        if turn
    }
    sources["g"] = (armature, sliders.path_of(sliders.EXAGGERATION))
    expression = f"g*({drivers.total(moods)})"
    drivers.write(parts.pose, "delta_rotation_euler", axis, expression, sources)


def _helper(armature: bpy.types.Object, parts: GazeParts) -> bpy.types.Object:
    for child in parts.sight.children:
        if child.get(property_names.GAZE_PART) == BIAS:
            return child
    helper = bpy.data.objects.new(f"{armature.name} {BIAS}", None)
    helper[property_names.GAZE_PART] = BIAS
    helper.empty_display_size, helper.hide_render = 0.02, True
    parts.sight.users_collection[0].objects.link(helper)
    helper.parent = parts.sight
    return helper


def _drive_look(
    helper: bpy.types.Object, axis: int, which: int, parts: GazeParts, armature: bpy.types.Object
) -> None:
    shifts = {mood: math.tan(math.radians(FACES[mood].look_deg[which])) for mood in MOODS}
    sources: dict[str, drivers.Source] = {
        sliders.SHORT[mood]: (armature, sliders.path_of(sliders.name_of(mood)))
        for mood, shift in shifts.items()
        if shift
    }
    total = drivers.total({sliders.SHORT[mood]: shift for mood, shift in shifts.items()})
    driver = drivers.write(helper, "location", axis, f"far*({total})", sources)
    variable = driver.variables.new()
    variable.name, variable.type = "far", "LOC_DIFF"
    for target, obj in zip(variable.targets, (parts.sight, _looked_at(parts)), strict=True):
        target.id = obj


def _looked_at(parts: GazeParts) -> bpy.types.Object:
    """Return where the partner's eyes are at rest."""
    return parts.sight.constraints["sight"].target


def _move_looks(gaze: bpy.types.Object, helper: bpy.types.Object) -> None:
    found = gaze.constraints.get(CONSTRAINT)
    if found is None:
        found = gaze.constraints.new("COPY_LOCATION")
        found.name = CONSTRAINT
    found.target = helper
    found.use_offset = True
    found.owner_space = found.target_space = "LOCAL"
    # Behind the partner, before the things that are looked at, which a mood does not move.
    partner = gaze.constraints.find(gaze_rig.PARTNER)
    gaze.constraints.move(gaze.constraints.find(CONSTRAINT), partner + 1)
