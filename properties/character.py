"""What is kept with an animator's own character: which control moves which of its keys."""

import bpy
from bpy.props import (
    CollectionProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..core.faces.learned import LEARNED
from ..core.faces.shape_names import CONTROLS
from ..core.faces.shape_table import MOST_FACTOR
from . import words


class DUALTALK_PG_map_row(bpy.types.PropertyGroup):
    """One control of one shape key."""

    key: StringProperty(name="Key", description="The shape key that moves")
    control: StringProperty(
        name="Control", description="What moves it, by ARKit's name; empty: the key is left alone",
        search=lambda _self, _context, text: [c for c in CONTROLS if text.lower() in c.lower()],
        search_options={"SORT"},
    )  # fmt: skip
    factor: FloatProperty(
        name="Factor", description="Value of the key where the control is 1", default=1.0,
        min=-MOST_FACTOR, max=MOST_FACTOR, soft_min=0.0, soft_max=1.0,
    )  # fmt: skip


class DUALTALK_PG_character(bpy.types.PropertyGroup):
    """Settings of an own character's mesh or control rig, and what the armature of any says."""

    rows: CollectionProperty(type=DUALTALK_PG_map_row, description="The mapping table")
    row: IntProperty(description="Index of the chosen row")
    control: StringProperty(
        name="Control", description="What the rig is posed as at its full; a head is turned by 30 "
        "degrees", default="jawOpen",
        search=lambda _self, _context, text: [c for c in LEARNED if text.lower() in c.lower()],
        search_options={"SORT"},
    )  # fmt: skip
    says: PointerProperty(
        type=words.DUALTALK_PG_words, description="What the character says, and when"
    )


def register() -> None:
    """Give every object the settings."""
    bpy.types.Object.dualtalk = PointerProperty(
        type=DUALTALK_PG_character, name="DualTalk", description="What is kept with a character"
    )


def unregister() -> None:
    """Take the settings away."""
    del bpy.types.Object.dualtalk


CLASSES = (*words.CLASSES, DUALTALK_PG_map_row, DUALTALK_PG_character)
