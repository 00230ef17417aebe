"""The voices that lie in the sequencer: many sound strips, whose they are, and what each is heard.

By channel where the sounds are on two; else by the word with which their names begin (`anna_03`),
which may be the name of a character of the scene.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import bpy

from ...core.conversation.cues import Cue, CueSheet
from ...core.errors import RigError
from ...core.speakers import Pair
from .. import compat, property_names, timing
from ..characters import heads
from . import channels

By = Literal["AUTO", "CHANNEL", "NAME"]
_MOST_NAMED = 4


@dataclass(frozen=True)
class _Heard:
    """A strip, and between which frames of the scene it is heard."""

    strip: Any
    begin: int
    end: int


@dataclass(frozen=True)
class Voices:
    """A track per speaker, put together from strips."""

    sheets: Pair[CueSheet]
    names: Pair[str]  #: by which the strips were told apart
    first_frame: int  #: scene frame at which both tracks begin


def gather(scene: bpy.types.Scene, by: By = "AUTO") -> Voices:
    """Return the scene's voices; strips that are muted, and those of an earlier run, do not count.

    Raises:
        RigError: there are no sounds, they are not of two people, or a file is gone.
    """
    strips = _strips(scene)
    if not strips:
        raise RigError("The sequencer has no sound strips of voices: add them first.")
    groups = _grouped(scene, strips, by)
    for strip in (one.strip for one in strips):
        path = _path(strip)
        if strip.sound.packed_file is not None and not path.is_file():
            raise RigError(f"The sound of {strip.name} is packed into the file: unpack it first.")
        if not path.is_file():
            raise RigError(f"The sound {path} is not there any more: choose it again.")
    first_frame, last_frame = min(one.begin for one in strips), max(one.end for one in strips)
    length_s = (last_frame - first_frame) / timing.scene_fps(scene)
    one, other = (
        CueSheet(tuple(_cue(scene, heard, first_frame) for heard in group), length_s)
        for group in groups.values()
    )
    first, second = groups
    return Voices((one, other), (first, second), first_frame)


def _strips(scene: bpy.types.Scene) -> list[_Heard]:
    found = [
        _Heard(strip, begin, end)
        for strip, begin, end in channels.heard_strips(scene)
        if property_names.SOUND not in strip
    ]
    return sorted(found, key=lambda one: one.begin)


def _grouped(scene: bpy.types.Scene, strips: Sequence[_Heard], by: By) -> dict[str, list[_Heard]]:
    """Return the strips of two people, A's first."""
    by_channel = _groups(strips, [f"channel {one.strip.channel}" for one in strips])
    by_name = _groups(strips, [_name(one.strip) for one in strips])
    if by == "CHANNEL" or (by == "AUTO" and len(by_channel) == 2):
        groups = by_channel
    else:
        groups = by_name
    if len(groups) != 2:
        some = ", ".join(list(groups)[:_MOST_NAMED])
        raise RigError(
            f"The sound strips are of {len(groups)} people by their "
            f"{'channels' if groups is by_channel else 'names'} ({some}), and two can talk: put "
            "each person's on a channel of their own, or let names begin with the person's."
        )
    order = sorted(groups, key=lambda name: _rank(scene, name))
    return {name: groups[name] for name in order}


def _groups(strips: Sequence[_Heard], names: Sequence[str]) -> dict[str, list[_Heard]]:
    groups: dict[str, list[_Heard]] = {}
    for strip, name in zip(strips, names, strict=True):
        groups.setdefault(name, []).append(strip)
    return groups


def _rank(scene: bpy.types.Scene, name: str) -> int:
    """Return 0 for whoever is A: a name of a character's says it; else who is heard first."""
    if name.lower() in ("a", "b"):
        return "ab".index(name.lower())
    for row, character in enumerate(heads.find_pair(scene)):
        titles = "" if character is None else f"{character.armature.name} {character.mesh.name}"
        if name.lower() in re.split(r"[\W_]+", titles.lower()):
            return 2 * row
    return 1


def _name(strip: Any) -> str:
    """Return the word that a strip's file, or else the strip, begins with."""
    for text in (_path(strip).stem, strip.name):
        match = re.match(r"[^\W\d_]+", text)
        if match:
            return match[0].lower()
    return str(strip.name)


def _path(strip: Any) -> Path:
    sound = strip.sound
    return Path(bpy.path.abspath(sound.filepath, library=sound.library))


def _cue(scene: bpy.types.Scene, heard: _Heard, first_frame: int) -> Cue:
    """Return what of a file is heard; a strip that is faster or slower as it is throughout."""
    strip, fps = heard.strip, timing.scene_fps(scene)
    cut = heard.begin - compat.content_start(strip) + compat.cut_away(strip)
    skipped_s = cut / fps - getattr(strip, "sound_offset", 0.0)
    late_s, speed = max(0.0, -skipped_s), _speed(scene, strip)
    return Cue(
        _path(strip),
        at_s=(heard.begin - first_frame) / fps + late_s,
        from_s=max(0.0, skipped_s) * speed,
        length_s=max(0.0, (heard.end - heard.begin) / fps - late_s),
        gain=float(strip.volume),
        speed=speed,
    )


def _speed(scene: bpy.types.Scene, strip: Any) -> float:
    """Return how much faster than recorded a strip is played.

    Raises:
        RigError: it changes within the strip, where Blender does not say what is heard when.
    """
    marks = sorted(key.timeline_frame for key in strip.retiming_keys)
    if len(marks) < 2:
        return 1.0
    if len(marks) > 2:
        raise RigError(
            f"The speed of {strip.name} changes within the strip: render it to a file of its own "
            "(Render > Render Audio), or reset its retiming."
        )
    strips = compat.strips_of(scene)
    whole = strips.new_sound("DualTalk measure", strip.sound.filepath, 1, 1)  # retimed, none says
    sound, n_frames = whole.sound, whole.frame_duration
    strips.remove(whole)
    if sound is not None and sound.users == 0:
        bpy.data.sounds.remove(sound)
    return float(n_frames / (marks[1] - marks[0]))
