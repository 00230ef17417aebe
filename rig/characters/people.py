"""What panels show of the two speakers: who they are, and the sliders by which they act."""

from dataclasses import dataclass

import bpy

from ...core import speakers
from ..acting import sliders
from . import heads
from .built import BuiltHead
from .builtin import BuiltinHead
from .flame import FlameHead


@dataclass(frozen=True)
class Person:
    """What a panel shows of a speaker."""

    letter: str
    problem: str = ""  #: what is wrong with the character
    label: str = ""  #: what kind of character it is; empty: there is none yet
    facts: tuple[tuple[str, str], ...] = ()  #: what is worth knowing: texts and icons
    has_correctives: bool | None = None  #: of a FLAME head, whether its pose correctives are on
    name: str = ""  #: whom of the cast a built-in head is
    sliders: tuple[bpy.types.ShapeKey, ...] = ()  #: a built-in head's, for this drawing only
    can_be_replaced: bool = False  #: by a character of the user's: the add-on built it
    is_fitted: bool = True  #: whether the rest of the head fits them


def person_of(scene: bpy.types.Scene, speaker: int) -> Person:
    """Return what there is to show of a speaker, 1 or 2."""
    letter = speakers.letter(speaker)
    wrong = heads.problem(scene, speaker)
    found = heads.find(scene, speaker)
    if wrong or found is None:
        return Person(letter, wrong)
    if isinstance(found, BuiltinHead):
        return Person(
            letter, "", found.label, found.facts(), None, found.person, tuple(found.sliders),
            True, found.is_fitted(),
        )  # fmt: skip
    correctives = found.are_correctives_on if isinstance(found, FlameHead) else None
    is_built = isinstance(found, BuiltHead)
    return Person(letter, "", found.label, found.facts(), correctives, can_be_replaced=is_built)


@dataclass(frozen=True)
class Acting:
    """The sliders by which a speaker acts, for this drawing only."""

    reason: str = ""  #: why there are none
    can_add: bool = False  #: a button can add them
    armature: bpy.types.Object | None = None  #: has them
    #: Title and the sliders under it: path of the property, and label.
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


def acting_of(scene: bpy.types.Scene, speaker: int) -> Acting:
    """Return the sliders by which a speaker, 1 or 2, acts."""
    found = heads.find(scene, speaker)
    if found is None:
        return Acting(f"{speakers.label(speaker)} has no head yet: press Generate first.")
    if not sliders.are_there(found.armature):
        return Acting("This character has no sliders of acting yet.", True)
    named = [(name, sliders.path_of(name), one.label) for name, one in sliders.SLIDERS.items()]
    moods = tuple((path, label) for name, path, label in named if name.startswith("mood_"))
    others = tuple((path, label) for name, path, label in named if not name.startswith("mood_"))
    return Acting("", False, found.armature, (("Mood", moods), ("All of it", others)))
