"""Letting a character act by its sliders: all that obeys them, made where it is missing."""

import bpy

from ..characters.character import Character
from . import bearing, faces, sliders


def ensure(character: Character) -> None:
    """Give a character the sliders, and let face, head and looks obey them."""
    sliders.ensure(character.armature)
    faces.ensure(character)
    bearing.ensure(character)


def is_ready(armature: bpy.types.Object) -> bool:
    """Tell whether a character has the sliders."""
    return sliders.are_there(armature)
