"""The add-on's settings in a scene; they are saved with the file."""

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from .core.staging import PRESETS

_STAGINGS = [(key, preset.label, preset.hint) for key, preset in PRESETS.items()]


class DUALTALK_PG_scene(bpy.types.PropertyGroup):
    """What the panel shows and `dualtalk.generate` starts from."""

    sound_a: StringProperty(
        name="Sound A",
        description="Sound of the first speaker, or a stereo file with a speaker per channel",
        subtype="FILE_PATH",
    )
    sound_b: StringProperty(
        name="Sound B",
        description="Sound of the second speaker; empty if sound A is stereo",
        subtype="FILE_PATH",
    )
    staging: EnumProperty(
        name="Staging",
        description="How the two are placed when they are built",
        items=_STAGINGS,
        default="interview",
    )
    first_frame: IntProperty(
        name="Start Frame", description="Scene frame at which the sound begins", default=1
    )
    seed: IntProperty(
        name="Seed",
        description="Another number gives another, equally likely listener",
        default=0,
        min=0,
    )
    attention_a: FloatProperty(
        name="Attention A",
        description="How much speaker A looks at the partner; 0.5 is what people do on average",
        default=0.5,
        min=0.0,
        max=1.0,
    )
    attention_b: FloatProperty(
        name="Attention B",
        description="How much speaker B looks at the partner; 0.5 is what people do on average",
        default=0.5,
        min=0.0,
        max=1.0,
    )


CLASSES = (DUALTALK_PG_scene,)
