"""Feelings of a description as values and keys of the sliders of mood."""

from collections.abc import Iterable, Mapping, Sequence

import bpy
import numpy as np

from ...core import speakers
from ...core.directing.feelings import Feeling
from .. import fcurves
from ..characters import heads
from ..characters.character import Character
from ..performance.editing import written
from . import acting, sliders


def write(scene: bpy.types.Scene, feelings: Iterable[Feeling]) -> int:
    """Let characters feel what was said; return how many sliders were set.

    What is felt all the time is a value, what changes has keys. Characters that are not there yet
    are left out.
    """
    wanted: dict[tuple[str, str], list[Feeling]] = {}
    for feeling in feelings:
        wanted.setdefault((feeling.person, feeling.slider), []).append(feeling)
    n_set = 0
    for (person, slider), said in wanted.items():
        character = heads.find(scene, speakers.of_letter(person.upper()))
        if character is not None:
            acting.ensure(character)
            _put(scene, character, property_of(slider), said)
            n_set += 1
    return n_set


def take_back(scene: bpy.types.Scene, feelings: Iterable[Feeling]) -> None:
    """Set the sliders that feelings have set to rest, without their keys."""
    for feeling in feelings:
        character = heads.find(scene, speakers.of_letter(feeling.person.upper()))
        name = property_of(feeling.slider)
        if character is not None and name in character.armature:
            fcurves.remove_fcurve(character.armature, sliders.path_of(name))
            character.armature[name] = sliders.SLIDERS[name].default
            character.armature.update_tag()


def property_of(slider: str) -> str:
    """Return the property of a mood or of the energy."""
    return f"mood_{slider}"


def _put(scene: bpy.types.Scene, character: Character, name: str, said: Sequence[Feeling]) -> None:
    armature, slider = character.armature, sliders.SLIDERS[name]
    fcurves.remove_fcurve(armature, sliders.path_of(name))
    times = np.array(sorted({time for feeling in said for time, _ in feeling.course}))
    values = sum(
        feeling.amount * np.interp(times, *np.transpose(feeling.course)) for feeling in said
    )
    values = np.clip(values, slider.lowest, slider.highest)
    armature[name] = float(values[0])
    if len(times) > 1:
        first, last = _range(scene, character)
        curve = fcurves.ensure_fcurve(armature, sliders.path_of(name))
        fcurves.set_keys(curve, np.round(first + times * (last - first)), values, "BEZIER")
    armature.update_tag()


def _range(scene: bpy.types.Scene, character: Character) -> tuple[int, int]:
    """Return the first and last frame of a character's performance."""
    made = written.load(character.armature, written.BODY)
    if made is None:
        return scene.frame_start, scene.frame_end
    return made.first_frame, made.first_frame + made.n_frames - 1


def described(feelings: Iterable[Feeling]) -> Mapping[str, str]:
    """Return feelings as a panel shows them: "A angry" -> "100 %, from 60 % of the time on"."""
    lines = {}
    for feeling in feelings:
        text = f"{feeling.amount:.0%}"
        if len(feeling.course) > 1:
            begin, end = feeling.course[0], feeling.course[-1]
            text += f", until {end[0]:.0%}" if begin[1] > end[1] else f", from {begin[0]:.0%} on"
        lines[f"{feeling.person.upper()} {feeling.slider}"] = text
    return lines
