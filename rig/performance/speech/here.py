"""What a character says at the current frame."""

from dataclasses import dataclass

import bpy

from ....core.speech import words
from ... import timing
from ...characters import heads
from . import rows, stored


@dataclass(frozen=True)
class Here:
    """The word at the current frame, as a panel shows it."""

    index: int | None  #: None: nothing is said
    text: str
    note: str  #: its phones, or why there is no word


def word_here(scene: bpy.types.Scene, speaker: int) -> Here:
    """Return what a speaker says at the current frame."""
    character = heads.find(scene, speaker)
    said = () if character is None else stored.words_of(character.armature)
    if not said:
        return Here(None, "", "No words are known yet")
    index = words.at(said, time_now(scene, speaker))
    if index is None:
        return Here(None, "", f"No word here ({len(said)} in all)")
    phones = " ".join(phone.name for phone in said[index].phones)
    return Here(index, said[index].text, phones)


def time_now(scene: bpy.types.Scene, speaker: int) -> float:
    """Return the current frame as seconds from the beginning of a speaker's sound."""
    return time_of(scene, speaker, scene.frame_current)


def time_of(scene: bpy.types.Scene, speaker: int, frame: float) -> float:
    """Return a scene frame as seconds from the beginning of a speaker's sound."""
    character = heads.find(scene, speaker)
    first = scene.dualtalk.first_frame if character is None else rows.first_frame_of(character)
    return float((frame - first) / timing.scene_fps(scene))
