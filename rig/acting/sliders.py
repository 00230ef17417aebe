"""The sliders of acting: custom properties of a character's armature, each 0 to 1 or so.

They are plain custom properties so that they are keyed, drawn, driven, saved and rendered without
the add-on. Their curves are in the character's action and go on when it is generated anew.
"""

from collections.abc import Mapping
from typing import NamedTuple

import bpy

from ...core.acting.moods import FACES, MOODS, Mood
from .. import fcurves

#: Names of the moods in drivers, whose expressions must be short.
SHORT: Mapping[Mood, str] = dict(zip(MOODS, "nwhsadiut", strict=True))
ENERGY, EXAGGERATION, ASYMMETRY = "mood_energy", "acting_exaggeration", "acting_asymmetry"


class Slider(NamedTuple):
    """What a slider is called and how far it goes."""

    label: str
    hint: str
    default: float
    lowest: float
    highest: float


def name_of(mood: Mood) -> str:
    """Return the property of a mood."""
    return f"mood_{mood}"


#: Every slider, by the name of its property.
SLIDERS: Mapping[str, Slider] = {
    **{
        name_of(mood): Slider(
            mood.title(), f"{FACES[mood].says}; 1 is full. Press I over it to key", 0.0, 0.0, 1.0
        )
        for mood in MOODS
    },
    ENERGY: Slider(
        "Energy", "How lively face and head move: -1 still, as in a whisper, 1 excited. Press I "
        "over it to key", 0.0, -1.0, 1.0,
    ),
    EXAGGERATION: Slider(
        "Exaggeration", "How large expressions and moves of the head are, 1 is as generated; lips "
        "still say the words", 1.0, 0.0, 2.0,
    ),
    ASYMMETRY: Slider(
        "Asymmetry", "How much stronger the own left half of the face is; negative: the right",
        0.0, -1.0, 1.0,
    ),
}  # fmt: skip


def ensure(armature: bpy.types.Object) -> None:
    """Give a character the sliders that it has not, at their defaults."""
    for name, slider in SLIDERS.items():
        if name in armature:
            continue
        armature[name] = slider.default
        armature.id_properties_ui(name).update(
            min=slider.lowest, max=slider.highest, default=slider.default, step=5, precision=2,
            description=slider.hint,
        )  # fmt: skip
        armature.property_overridable_library_set(path_of(name), True)


def are_there(armature: bpy.types.Object) -> bool:
    """Tell whether a character has all sliders."""
    return all(name in armature for name in SLIDERS)


def path_of(name: str) -> str:
    """Return the path by which a slider is keyed and driven."""
    return f'["{name}"]'


def curve_of(armature: bpy.types.Object, name: str) -> bpy.types.FCurve | None:
    """Return the keys of a slider, None if it has none."""
    return fcurves.find_fcurve(armature, path_of(name))


def reset(armature: bpy.types.Object) -> int:
    """Set all sliders to their defaults and take their keys away; return how many had any."""
    n_changed = 0
    for name, slider in SLIDERS.items():
        is_keyed = curve_of(armature, name) is not None
        n_changed += is_keyed or armature.get(name, slider.default) != slider.default
        if is_keyed:
            fcurves.remove_fcurve(armature, path_of(name))
        armature[name] = slider.default
    armature.update_tag()
    return n_changed
