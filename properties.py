"""The add-on's settings in a scene; they are saved with the file."""

import bpy
from bpy.props import IntProperty, StringProperty


class DUALTALK_PG_scene(bpy.types.PropertyGroup):
    """What the panels show and `dualtalk.generate` starts from."""

    sound_a: StringProperty(
        name="Sound A",
        description="Sound of the first speaker, or a stereo file with a speaker per channel",
        subtype="FILE_PATH",
    )
    sound_b: StringProperty(
        name="Sound B",
        description="Sound of the second speaker; empty if sound A is a stereo file",
        subtype="FILE_PATH",
    )
    first_frame: IntProperty(
        name="Start Frame", description="Scene frame at which the sound begins", default=1
    )
    seed: IntProperty(
        name="Seed",
        description="Another number gives another, equally likely performance",
        default=0,
        min=0,
    )


def register() -> None:
    """Give every scene the settings."""
    bpy.types.Scene.dualtalk = bpy.props.PointerProperty(type=DUALTALK_PG_scene)


def unregister() -> None:
    """Take the settings away."""
    del bpy.types.Scene.dualtalk


CLASSES = (DUALTALK_PG_scene,)
