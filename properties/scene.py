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

from ..core.formats import captured
from ..rig import compat
from ..rig.performance.editing import comparing
from ..rig.performance.editing.retaking import RETAKEN
from ..rig.performance.editing.rows import Wanted
from ..rig.performance.speech import rows
from . import changes
from .choices import LAYERS_AS, MODES, RETAKE_OVER, RETAKEN_LAYERS, SPEAKERS
from .staging import DUALTALK_PG_staging
from .strengths import DUALTALK_PG_strengths, DUALTALK_PG_timing, apply_strengths

#: Raised when the meaning of the settings changes; `handlers/migration.py` brings files up to it.
VERSION = 4
_PATH = {"ANIMATABLE", *compat.PATH_OPTIONS}


def _sound_changed(_settings: "DUALTALK_PG_scene", _context: bpy.types.Context) -> None:
    changes.tell_sounds()


def _share_changed(settings: "DUALTALK_PG_scene", _context: bpy.types.Context) -> None:
    scene = settings.id_data
    if comparing.is_on(scene):
        compared = settings.compared
        wanted = retake_wanted(settings, compared.frame_start, compared.frame_end)
        comparing.show(scene, settings.compared_share, wanted)
        apply_strengths(scene)


def retake_wanted(settings: "DUALTALK_PG_scene", first: int, last: int) -> Wanted:
    """Return a range for the persons and layers that are chosen for a retake.

    Raises:
        RigError: nothing is chosen, or the range has no length.
    """
    chosen = ((1, settings.retakes_a), (2, settings.retakes_b))
    return Wanted(
        first, last, tuple(speaker for speaker, is_on in chosen if is_on),
        tuple(layer for layer in RETAKEN if layer in settings.retaken_layers),
    )  # fmt: skip


def _layers_changed(settings: "DUALTALK_PG_scene", _context: bpy.types.Context) -> None:
    apply_strengths(settings.id_data)


def _shows_words_changed(settings: "DUALTALK_PG_scene", _context: bpy.types.Context) -> None:
    rows.show(settings.shows_words)


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
    character_a: StringProperty(description="For which character of A it was made")
    character_b: StringProperty(description="For which character of B it was made")
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
        subtype="FILE_PATH", options=_PATH, update=_sound_changed,
    )  # fmt: skip
    sound_b: StringProperty(
        name="Sound B",
        description="Sound of the second speaker, if each has a file of their own",
        subtype="FILE_PATH", options=_PATH, update=_sound_changed,
    )  # fmt: skip
    voice_a: StringProperty(
        name="Voice of A",
        description="A few seconds of the first speaker alone, so that a mixed recording's voices "
        "go to the right heads: a file, or where in the recording in seconds (12.5-15); empty: "
        "who speaks first is A",
        subtype="FILE_PATH",
        options=_PATH,
    )  # fmt: skip
    face_a: StringProperty(
        name="Face of A",
        description="A recording of the first speaker's face (Live Link Face .csv, or .npz of the "
        "DualTalk data set): A does what was recorded, and B reacts to it",
        subtype="FILE_PATH", options=_PATH,
    )  # fmt: skip
    face_b: StringProperty(
        name="Face of B",
        description="A recording of the second speaker's face (Live Link Face .csv, or .npz of "
        "the DualTalk data set): B does what was recorded, and A reacts to it",
        subtype="FILE_PATH", options=_PATH,
    )  # fmt: skip
    face_start_a: FloatProperty(
        name="Starts At", description="When in the sound the recording of A's face begins, "
        "seconds; below zero if the camera ran before the sound",
        min=-captured.MOST_SHIFT_S, max=captured.MOST_SHIFT_S, step=4, precision=3,
    )  # fmt: skip
    face_start_b: FloatProperty(
        name="Starts At", description="When in the sound the recording of B's face begins, "
        "seconds; below zero if the camera ran before the sound",
        min=-captured.MOST_SHIFT_S, max=captured.MOST_SHIFT_S, step=4, precision=3,
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
        options=_PATH,
    )
    turns_start: IntProperty(description="Frame at which the sound of the turns begins", default=1)
    first_frame: IntProperty(
        name="Start Frame", description="Scene frame at which the sound begins", default=1
    )
    seed: IntProperty(
        name="Variation",
        description="Another number (seed) gives another, equally likely performance",
        default=0,
        min=0,
    )
    staging: PointerProperty(
        type=DUALTALK_PG_staging, description="Where the two are, where they look, what is shown"
    )
    strengths_a: PointerProperty(type=DUALTALK_PG_strengths, description="Layers of speaker A")
    strengths_b: PointerProperty(type=DUALTALK_PG_strengths, description="Layers of speaker B")
    timing_a: PointerProperty(type=DUALTALK_PG_timing, description="When speaker A's layers come")
    timing_b: PointerProperty(type=DUALTALK_PG_timing, description="When speaker B's layers come")
    acting_person: EnumProperty(
        name="Person", description="Whose acting the panel shows", items=SPEAKERS
    )
    takes: CollectionProperty(type=DUALTALK_PG_take, description="The performances so far")
    take: IntProperty(description="Index of the take that the heads play", default=-1)
    compared: PointerProperty(
        type=DUALTALK_PG_take, description="The present take as it is without the compared one"
    )
    compared_with: IntProperty(description="Index of the take that is compared")
    compared_share: FloatProperty(
        name="Other Take", description="0: the take that plays, 1: the other one, in the range, "
        "for the persons and layers chosen for a retake",
        default=0.0, min=0.0, max=1.0, subtype="FACTOR", update=_share_changed,
    )  # fmt: skip
    n_retakes: IntProperty(description="Count of retakes so far: each has another seed")
    retakes_a: BoolProperty(name="A", description="Retake the first speaker", default=True)
    retakes_b: BoolProperty(name="B", description="Retake the second speaker", default=True)
    retaken_layers: EnumProperty(
        name="Layers", description="Which layers are generated anew in the range",
        items=RETAKEN_LAYERS, options={"ENUM_FLAG"},
        default={"lips", "expression", "brows", "head", "blinks"},
    )  # fmt: skip
    retake_over: EnumProperty(
        name="Time", description="What is generated anew in time", items=RETAKE_OVER
    )
    has_few_keys: BoolProperty(
        name="Few Keyframes",
        description="Write about a tenth of the keys, as curves with handles that stay within 0.2 "
        "mm and 0.2 degrees, in place of one key per frame",
        default=True,
    )
    layers_as: EnumProperty(
        name="Layers", items=LAYERS_AS, update=_layers_changed,
        description="What the performance is in the action and NLA editors; actions and tracks of "
        "your own are not touched",
    )  # fmt: skip
    transcript: PointerProperty(
        name="Transcript", type=bpy.types.Text,
        description="What is said: a line a person (Anna: Hello.), or subtitles (.srt)",
    )  # fmt: skip
    words_person: EnumProperty(name="Person", description="Whose words are shown", items=SPEAKERS)
    shows_words: BoolProperty(
        name="Show in Timelines", update=_shows_words_changed,
        description="Draw loudness, words and phones at the bottom of the Dope Sheet and of the "
        "sequencer: drag an edge there, double-click a word to change it",
    )  # fmt: skip
    keeps_edits: BoolProperty(
        name="Keep My Edits",
        description="Make what you changed by hand again on a performance that is generated anew; "
        "the take that you changed is kept in any case",
        default=True,
    )
    conflicts: StringProperty(
        description="Edits that were left out or should be looked at, a line each"
    )


def next_seed(settings: DUALTALK_PG_scene) -> int:
    """Return the lowest seed above all that the takes were made with."""
    return max([take.seed for take in settings.takes] + [settings.seed]) + 1


def register() -> None:
    """Give every scene the settings."""
    bpy.types.Scene.dualtalk = PointerProperty(
        type=DUALTALK_PG_scene, name="DualTalk", description="Settings of the dialogue"
    )
    # Saved presets and scripts of version 2 and older call the staging by this name.
    bpy.types.Scene.dualtalk_staging = property(lambda scene: scene.dualtalk.staging)


def unregister() -> None:
    """Take the settings away."""
    del bpy.types.Scene.dualtalk_staging
    del bpy.types.Scene.dualtalk


CLASSES = (DUALTALK_PG_part, DUALTALK_PG_take, DUALTALK_PG_scene)
