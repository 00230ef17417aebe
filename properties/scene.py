"""The add-on's settings in a scene; they are saved with the file."""

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

#: Raised when the meaning of the settings changes; `handlers/migration.py` brings files up to it.
VERSION = 2

MODES = [
    ("TRACKS", "Two Tracks", "A sound file for each speaker"),
    ("STEREO", "One Stereo File", "A speaker on each channel"),
    ("MIXED", "One Mixed Recording", "Both voices in one track: a podcast, a phone call, a film"),
]
_LAYER_HINT = "1 is as generated, 0 nothing, 2 twice as much. The keys stay as they are"


def _sound_changed(settings: "DUALTALK_PG_scene", _context: bpy.types.Context) -> None:
    from ..handlers import waveform

    waveform.forget()


def _strength_changed(strengths: "DUALTALK_PG_strengths", _context: bpy.types.Context) -> None:
    from ..operators import takes

    takes.apply_strengths(strengths.id_data)


def _strength(name: str, what: str, highest: float = 2.0) -> FloatProperty:
    return FloatProperty(
        name=name, description=f"Share of {what} in the performance. {_LAYER_HINT}",
        default=1.0, min=0.0, max=highest, subtype="FACTOR", update=_strength_changed,
    )  # fmt: skip


class DUALTALK_PG_strengths(bpy.types.PropertyGroup):
    """How much of each layer of a performance a character shows."""

    lips: _strength("Lips", "lips and jaw")
    expression: _strength("Expression", "smiles, brows, cheeks")
    head: _strength("Head", "the network's head motion")
    blinks: _strength("Blinks", "blinks")
    gaze: FloatProperty(
        name="Gaze", default=1.0, min=0.0, max=1.0, subtype="FACTOR", update=_strength_changed,
        description="Share of the looks in the performance: 1 as generated, 0 eyes straight ahead",
    )  # fmt: skip


class DUALTALK_PG_part(bpy.types.PropertyGroup):
    """The action of one part of a character in a take."""

    role: StringProperty(description="Which part of which character")
    action: PointerProperty(type=bpy.types.Action, description="Its keys")
    slot: StringProperty(description="Its slot in the action, from Blender 4.4 on")


class DUALTALK_PG_take(bpy.types.PropertyGroup):
    """A generated performance, with what was edited by hand since."""

    name: StringProperty(name="Name", description="What the take is called", default="Take")
    seed: IntProperty(name="Seed", description="The number that it was generated with, no unit")
    parts: CollectionProperty(type=DUALTALK_PG_part, description="Its actions")
    gaze: StringProperty(description="The plan of gaze that its keys were made from")
    share_a: FloatProperty(description="Share of the gaze's angle that A's head takes, 0 to 1")
    share_b: FloatProperty(description="Share of the gaze's angle that B's head takes, 0 to 1")
    frame_start: IntProperty(description="The scene's first frame")
    frame_end: IntProperty(description="The scene's last frame")


class DUALTALK_PG_scene(bpy.types.PropertyGroup):
    """What the panels show and `dualtalk.generate` starts from."""

    version: IntProperty(description="Version of the settings, no unit; 0: older than versions")
    mode: EnumProperty(
        name="Sound", description="How the conversation was recorded", items=MODES,
        update=_sound_changed,
    )  # fmt: skip
    sound_a: StringProperty(
        name="Sound A",
        description="Sound of the first speaker, or the one file with both",
        subtype="FILE_PATH", update=_sound_changed,
    )  # fmt: skip
    sound_b: StringProperty(
        name="Sound B",
        description="Sound of the second speaker, if each has a file of their own",
        subtype="FILE_PATH", update=_sound_changed,
    )  # fmt: skip
    voice_a: StringProperty(
        name="Voice of A",
        description="A few seconds of the first speaker alone, so that a mixed recording's voices "
        "go to the right heads; empty: who speaks first is A",
        subtype="FILE_PATH",
    )  # fmt: skip
    swaps_voices: BoolProperty(
        name="Swap Voices",
        description="Give A the second voice, or channel, and B the first",
        update=_sound_changed,
    )
    turns_of: StringProperty(
        name="Turns Of",
        description="The recording whose turns the strips in the sequencer are",
        subtype="FILE_PATH",
    )
    turns_start: IntProperty(description="Frame at which the sound of the turns begins", default=1)
    first_frame: IntProperty(
        name="Start Frame", description="Scene frame at which the sound begins", default=1
    )
    seed: IntProperty(
        name="Seed",
        description="Another number gives another, equally likely performance",
        default=0,
        min=0,
    )
    strengths_a: PointerProperty(type=DUALTALK_PG_strengths, description="Layers of speaker A")
    strengths_b: PointerProperty(type=DUALTALK_PG_strengths, description="Layers of speaker B")
    takes: CollectionProperty(type=DUALTALK_PG_take, description="The performances so far")
    take: IntProperty(description="Index of the take that the heads play", default=-1)


def register() -> None:
    """Give every scene the settings."""
    bpy.types.Scene.dualtalk = PointerProperty(
        type=DUALTALK_PG_scene, name="DualTalk", description="Settings of the dialogue"
    )


def unregister() -> None:
    """Take the settings away."""
    del bpy.types.Scene.dualtalk


CLASSES = (DUALTALK_PG_strengths, DUALTALK_PG_part, DUALTALK_PG_take, DUALTALK_PG_scene)
