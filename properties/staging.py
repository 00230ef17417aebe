"""The sliders of staging and gaze as the scene keeps them, in `Scene.dualtalk.staging`."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace

import bpy

from ..core.directing.description import Scene
from ..core.directing.feelings import Feeling
from ..core.directing.gaze_plan import GazeHabit
from ..core.directing.staging import (
    DEFAULT_PRESET,
    DISTANCE_RANGE_M,
    LEAN_RANGE_RAD,
    PRESETS,
    SEATED_EYE_HEIGHT_M,
    HeadHabit,
    Seat,
    Staging,
    default_staging,
)
from ..rig.gaze import gaze_view
from . import changes

#: Sliders of each person; a preset and a description set them.
PERSON_SLIDERS = (
    *("eye_height", "turn", "lean", "lean_changes", "lean_end", "head_turn", "head_turn_changes"),
    *("head_turn_end", "tilt", "nodding", "attention", "shyness"),
)
_SAME = 1e-4
_DEFAULT = default_staging()
_PRESET_ITEMS = [(name, preset.label, preset.hint) for name, preset in PRESETS.items()]


def _show_changed(settings: "DUALTALK_PG_staging", _context: bpy.types.Context) -> None:
    gaze_view.show(settings.show_gaze)


def _staging_changed(_settings: bpy.types.PropertyGroup, _context: bpy.types.Context) -> None:
    changes.tell_staging()


def _turn(default_rad: float) -> bpy.props.FloatProperty:
    return bpy.props.FloatProperty(
        name="Body Turn",
        description="Turn of the body from facing the partner, to the own left",
        default=default_rad, min=-math.pi, max=math.pi, subtype="ANGLE",
        update=_staging_changed,
    )  # fmt: skip


class _Person:
    """Sliders of one character, and what a description calls them."""

    called: bpy.props.StringProperty(
        name="Name", description="What the description calls this character, beside A or B"
    )
    eye_height: bpy.props.FloatProperty(
        name="Eye Height",
        description="Height of the eyes above the ground when upright",
        default=SEATED_EYE_HEIGHT_M, min=0.2, max=3.0, subtype="DISTANCE", unit="LENGTH",
        update=_staging_changed,
    )  # fmt: skip
    lean: bpy.props.FloatProperty(
        name="Lean",
        description="Lean towards the partner, negative is back",
        default=0.0, min=LEAN_RANGE_RAD[0], max=LEAN_RANGE_RAD[1], subtype="ANGLE",
        update=_staging_changed,
    )  # fmt: skip
    lean_changes: bpy.props.BoolProperty(
        name="Lean Changes",
        description="Lean differently at the end of the scene",
        update=_staging_changed,
    )
    lean_end: bpy.props.FloatProperty(
        name="Lean at End", description="Lean at the last frame of the scene",
        default=0.0, min=LEAN_RANGE_RAD[0], max=LEAN_RANGE_RAD[1], subtype="ANGLE",
        update=_staging_changed,
    )  # fmt: skip
    head_turn: bpy.props.FloatProperty(
        name="Head Turn",
        description="-1 turns the head away from the partner, 1 fully towards",
        default=0.0, min=-1.0, max=1.0,
        update=_staging_changed,
    )  # fmt: skip
    head_turn_changes: bpy.props.BoolProperty(
        name="Head Turn Changes",
        description="Turn the head differently at the end of the scene",
        update=_staging_changed,
    )
    head_turn_end: bpy.props.FloatProperty(
        name="Head Turn at End", description="Turn of the head at the end of the scene",
        default=0.0, min=-1.0, max=1.0,
        update=_staging_changed,
    )  # fmt: skip
    tilt: bpy.props.FloatProperty(
        name="Head Tilt", description="Tilt of the head to the own left shoulder",
        default=0.0, min=-0.6, max=0.6, subtype="ANGLE",
        update=_staging_changed,
    )  # fmt: skip
    nodding: bpy.props.FloatProperty(
        name="Nodding", description="Nods while the partner talks, beside the network's",
        default=0.0, min=0.0, max=1.0, subtype="FACTOR",
        update=_staging_changed,
    )  # fmt: skip
    attention: bpy.props.FloatProperty(
        name="Attention", description="How much they look at the partner; 0.5 is the usual share",
        default=0.5, min=0.0, max=1.0, subtype="FACTOR",
        update=_staging_changed,
    )  # fmt: skip
    shyness: bpy.props.FloatProperty(
        name="Shyness", description="How soon they break mutual gaze, and look down then",
        default=0.0, min=0.0, max=1.0, subtype="FACTOR",
        update=_staging_changed,
    )  # fmt: skip


class DUALTALK_PG_person_a(_Person, bpy.types.PropertyGroup):
    """Sliders of the first speaker"""

    turn: _turn(_DEFAULT.seats[0].turn_rad)


class DUALTALK_PG_person_b(_Person, bpy.types.PropertyGroup):
    """Sliders of the second speaker"""

    turn: _turn(_DEFAULT.seats[1].turn_rad)


class DUALTALK_PG_staging(bpy.types.PropertyGroup):
    """Sliders of the scene."""

    distance: bpy.props.FloatProperty(
        name="Distance", description="Between the eyes of both, along the ground",
        default=_DEFAULT.distance_m,
        min=DISTANCE_RANGE_M[0], max=DISTANCE_RANGE_M[1], subtype="DISTANCE", unit="LENGTH",
        update=_staging_changed,
    )  # fmt: skip
    preset: bpy.props.EnumProperty(
        name="Preset", description="A usual way to stand or sit", items=_PRESET_ITEMS,
        default=DEFAULT_PRESET,
    )  # fmt: skip
    first: bpy.props.PointerProperty(type=DUALTALK_PG_person_a)
    second: bpy.props.PointerProperty(type=DUALTALK_PG_person_b)
    look_share: bpy.props.FloatProperty(
        name="Share of Looks Away",
        description="Which share of the looks away go to an added target",
        default=0.25, min=0.0, max=1.0, subtype="FACTOR",
    )  # fmt: skip
    description: bpy.props.StringProperty(
        name="Description",
        description="What the two do, such as: they sit side by side, she rarely looks at him",
    )
    pronouns: bpy.props.EnumProperty(
        name="Pronouns", description="Whom the description's pronouns mean",
        items=[
            ("SHE_HE", "She is A, he is B", "Also the woman and the man, the mother and ..."),
            ("HE_SHE", "He is A, she is B", "Also the man and the woman, the father and ..."),
            ("NONE", "Only Names", "A and B, their names, the first, the one on the right ..."),
        ],
    )  # fmt: skip
    described: bpy.props.StringProperty(
        description="What the last description set: sliders before and after it, and feelings"
    )
    understood: bpy.props.StringProperty()
    not_understood: bpy.props.StringProperty()
    cut_style: bpy.props.EnumProperty(
        name="Shots", description="How the speaker is shown",
        items=[
            ("over", "Over the Shoulder", "Past the listener at the speaker"),
            ("close", "Close-ups", "The speaker alone"),
        ],
    )  # fmt: skip
    show_gaze: bpy.props.BoolProperty(
        name="Show Gaze",
        description="Draw lines of sight in the viewport and strips in the timeline",
        update=_show_changed,
    )


def to_scene(settings: DUALTALK_PG_staging) -> Scene:
    """Return the sliders as core knows them."""
    people = (settings.first, settings.second)
    seats = [Seat(p.eye_height, p.turn, p.lean) for p in people]
    heads = [
        HeadHabit(
            p.head_turn,
            p.head_turn_end if p.head_turn_changes else None,
            p.tilt,
            p.nodding,
            p.lean_end if p.lean_changes else None,
        )
        for p in people
    ]
    gaze = [GazeHabit(p.attention, p.shyness) for p in people]
    staging = Staging(settings.distance, (seats[0], seats[1]))
    return Scene(staging, (heads[0], heads[1]), (gaze[0], gaze[1]))


def from_scene(settings: DUALTALK_PG_staging, scene: Scene) -> None:
    """Set the sliders, without putting them into effect one by one."""
    with changes.quiet():
        _from_scene(settings, scene)


def _from_scene(settings: DUALTALK_PG_staging, scene: Scene) -> None:
    settings.distance = scene.staging.distance_m
    people = (settings.first, settings.second)
    for i, person in enumerate(people):
        seat, head, gaze = scene.staging.seats[i], scene.heads[i], scene.gaze[i]
        person.eye_height, person.turn, person.lean = (
            seat.eye_height_m,
            seat.turn_rad,
            seat.lean_rad,
        )
        person.lean_changes = head.lean_end_rad is not None
        person.lean_end = head.lean_end_rad or 0.0
        person.head_turn, person.tilt, person.nodding = head.turn, head.tilt_rad, head.nodding
        person.head_turn_changes = head.turn_end is not None
        person.head_turn_end = head.turn_end or 0.0
        person.attention, person.shyness = gaze.attention, gaze.shyness


def note_description(
    settings: DUALTALK_PG_staging, before: dict[str, float], feelings: Sequence[Feeling]
) -> None:
    """Note what a description has just set, so that the next one can replace it."""
    now = values(settings)
    changed = {name: [was, now[name]] for name, was in before.items() if was != now[name]}
    felt = [asdict(feeling) for feeling in feelings]
    settings.described = json.dumps({"sliders": changed, "feelings": felt})


def feelings_of(settings: DUALTALK_PG_staging) -> tuple[Feeling, ...]:
    """Return the feelings that the last description set."""
    noted = json.loads(settings.described or "{}").get("feelings", ())
    return tuple(
        replace(Feeling(**said), course=tuple((t, v) for t, v in said["course"])) for said in noted
    )


def take_back_description(settings: DUALTALK_PG_staging) -> None:
    """Give sliders that the last description set the values from before; what moved since stays."""
    noted = json.loads(settings.described or "{}").get("sliders", {})
    now = values(settings)
    with changes.quiet():
        for name, (before, after) in noted.items():
            if name in now and abs(now[name] - after) < _SAME:
                owner, attribute = _owner(settings, name)
                kind = type(getattr(owner, attribute))
                setattr(owner, attribute, kind(before))
    settings.described = settings.understood = settings.not_understood = ""


def values(settings: DUALTALK_PG_staging) -> dict[str, float]:
    """Return all sliders by name, such as "first.turn"."""
    names = [f"{who}.{name}" for who in ("first", "second") for name in PERSON_SLIDERS]
    return {name: getattr(*_owner(settings, name)) for name in ("distance", *names)}


def _owner(settings: DUALTALK_PG_staging, name: str) -> tuple[bpy.types.PropertyGroup, str]:
    who, dot, attribute = name.rpartition(".")
    return (getattr(settings, who) if dot else settings), attribute


CLASSES = (DUALTALK_PG_person_a, DUALTALK_PG_person_b, DUALTALK_PG_staging)
