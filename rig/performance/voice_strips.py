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
    for strip in strips:
        path = _path(strip)
        if strip.sound.packed_file is not None and not path.is_file():
            raise RigError(f"The sound of {strip.name} is packed into the file: unpack it first.")
        if not path.is_file():
            raise RigError(f"The sound {path} is not there any more: choose it again.")
    first_frame = min(compat.ends_of(strip)[0] for strip in strips)
    last_frame = max(compat.ends_of(strip)[1] for strip in strips)
    fps = timing.scene_fps(scene)
    length_s = (last_frame - first_frame) / fps
    one, other = (
        CueSheet(tuple(_cue(strip, first_frame, fps) for strip in group), length_s)
        for group in groups.values()
    )
    first, second = groups
    return Voices((one, other), (first, second), first_frame)


def _strips(scene: bpy.types.Scene) -> list[Any]:
    muted = _muted_channels(scene)
    found = [
        strip
        for home, strip in channels.every_strip(scene)
        if strip.type == "SOUND"
        and strip.sound is not None
        and not strip.mute
        and property_names.SOUND not in strip
        and strip.channel not in muted
    ]
    return sorted(found, key=lambda strip: compat.ends_of(strip)[0])


def _muted_channels(scene: bpy.types.Scene) -> set[int]:
    rows = scene.sequence_editor.channels if scene.sequence_editor is not None else ()
    return {number for number, channel in enumerate(rows) if channel.mute}


def _grouped(scene: bpy.types.Scene, strips: Sequence[Any], by: By) -> dict[str, list[Any]]:
    """Return the strips of two people, A's first."""
    by_channel = _groups(strips, [f"channel {strip.channel}" for strip in strips])
    by_name = _groups(strips, [_name(strip) for strip in strips])
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


def _groups(strips: Sequence[Any], names: Sequence[str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
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


def _cue(strip: Any, first_frame: int, fps: float) -> Cue:
    begin, end = compat.ends_of(strip)
    return Cue(
        _path(strip),
        at_s=(begin - first_frame) / fps,
        from_s=max(0.0, (begin - compat.content_start(strip)) / fps),
        length_s=(end - begin) / fps,
        gain=float(strip.volume),
    )
