"""Who speaks when, as coloured strips in the sequencer that an animator moves, cuts and adds.

Each person has a channel of their own above the sound. A colour strip in it says that the person
speaks, whoever put it there; taken to another channel, one that was written here stays its
person's. The channels are muted, or Blender would render the colours in place of the heads; a strip
that is muted itself says nothing. Until 4.4 a muted strip is rendered as black: there the scene is
rendered without its sequencer as long as that has nothing to show but turns.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.conversation.turns import spans
from ...core.conversation.waveform import COLORS
from ...core.motion import NETWORK_FPS
from ...core.speakers import LETTERS
from .. import compat, property_names, timing
from . import sound_strips

_CHANNELS = ("DualTalk A speaks", "DualTalk B speaks")
#: The tags of colour that come closest to `COLORS`; they colour the whole strip.
_COLOR_TAGS = ("COLOR_02", "COLOR_05")


class _Turn(NamedTuple):
    person: int  # 0, 1
    first: int
    end: int  # the frame after the last
    is_muted: bool = False


def write(scene: bpy.types.Scene, speaking: NDArray[np.bool_], first_frame: int) -> None:
    """Write a strip per turn in place of those that are there.

    Args:
        scene: to write to.
        speaking: (2, n_frames) at 25 frames per second, who speaks.
        first_frame: of the sound, in the scene.
    """
    per_frame = timing.scene_fps(scene) / NETWORK_FPS
    turns = [
        _Turn(person, first_frame + round(first * per_frame), first_frame + round(end * per_frame))
        for person, row in enumerate(speaking)
        for first, end in spans(row)
    ]
    remove(scene)
    _put(scene, turns)


def read(scene: bpy.types.Scene, first_frame: int) -> NDArray[np.bool_] | None:
    """Return who speaks, as the strips say it.

    Args:
        scene: to read.
        first_frame: where the sound begins if it has no strip.

    Returns:
        (2, n_frames) at 25 frames per second from the beginning of the sound to after the last
        strip, where nobody speaks; None if there is no strip.
    """
    if not has_strips(scene):
        return None
    turns = [turn for turn in _turns(scene) if not turn.is_muted]
    per_second, begin = timing.scene_fps(scene), start(scene, first_frame)
    end_s = max((turn.end - begin for turn in turns), default=0) / per_second
    middles_s = (np.arange(max(0, int(end_s * NETWORK_FPS)) + 2) + 0.5) / NETWORK_FPS
    speaking = np.zeros((2, len(middles_s)), np.bool_)
    for turn in turns:
        is_after = middles_s >= (turn.first - begin) / per_second
        speaking[turn.person] |= is_after & (middles_s < (turn.end - begin) / per_second)
    return speaking


def spans_s(
    scene: bpy.types.Scene, first_frame: int
) -> tuple[tuple[tuple[float, float], ...], ...] | None:
    """Return when A and B have the floor by the strips, seconds from the beginning of the sound.

    None if there is no strip that says so.
    """
    if not has_strips(scene):
        return None
    begin, fps = start(scene, first_frame), timing.scene_fps(scene)
    found: tuple[list[tuple[float, float]], ...] = ([], [])
    for turn in _turns(scene):
        if not turn.is_muted:
            times = ((turn.first - begin) / fps, (turn.end - begin) / fps)
            found[turn.person].append((round(times[0], 3), round(times[1], 3)))
    return tuple(tuple(row) for row in found)


def start(scene: bpy.types.Scene, first_frame: int) -> int:
    """Return the frame at which the sound begins: its strip's, or `first_frame` without one."""
    return min(
        (compat.content_start(strip) for strip in sound_strips.strips(scene)), default=first_frame
    )


def has_strips(scene: bpy.types.Scene) -> bool:
    """Tell whether there is a strip that says who speaks."""
    return next(_strips(scene), None) is not None


def exchange(scene: bpy.types.Scene) -> None:
    """Give the turns of each person to the other one."""
    turns = [turn._replace(person=1 - turn.person) for turn in _turns(scene)]
    remove(scene)
    _put(scene, turns)


def move(scene: bpy.types.Scene, frames: int) -> None:
    """Move all turns in time."""
    turns = [turn._replace(first=turn.first + frames, end=turn.end + frames)
             for turn in _turns(scene)]  # fmt: skip
    if frames:
        remove(scene)
        _put(scene, turns)


def remove(scene: bpy.types.Scene) -> None:
    """Take all turns away; the channels keep their names."""
    strips = compat.strips_of(scene)
    for _, strip in list(_strips(scene)):
        strips.remove(strip)
    if property_names.NO_SEQUENCER in scene:
        del scene[property_names.NO_SEQUENCER]
        scene.render.use_sequencer = True


def _strips(scene: bpy.types.Scene) -> Iterator[tuple[int, Any]]:
    """Yield each strip that is a turn, and whose."""
    channels = _channels(scene)
    for strip in compat.strips_of(scene) if scene.sequence_editor else ():
        if strip.type == "COLOR":
            letter = strip.get(property_names.TURN, "")
            person = channels.get(strip.channel, LETTERS.find(letter) if letter else -1)
            if person >= 0:
                yield person, strip


def _turns(scene: bpy.types.Scene) -> list[_Turn]:
    """Return the turns in the order of time, which their numbers follow."""
    turns = [_Turn(person, *compat.ends_of(strip), strip.mute) for person, strip in _strips(scene)]
    return sorted(turns, key=lambda turn: turn.first)


def _put(scene: bpy.types.Scene, turns: Sequence[_Turn]) -> None:
    strips = compat.strips_of(scene)
    rows = _people_channels(scene)
    numbers = [0, 0]
    for person, first, end, is_muted in turns:
        numbers[person] += 1
        name = f"{LETTERS[person]} {numbers[person]}"
        strip = compat.new_color_strip(strips, name, rows[person], first, max(end, first + 1))
        strip[property_names.TURN] = LETTERS[person]
        strip.color = COLORS[person]
        strip.color_tag = _COLOR_TAGS[person]
        strip.mute, strip.select = is_muted, False  # a retake is of those that are selected
    if turns and compat.RENDERS_MUTED_STRIPS:
        _keep_renders(scene)


def _keep_renders(scene: bpy.types.Scene) -> None:
    """Render the scene, not the muted strips, unless the sequencer has something to show."""
    own = {strip.name for _, strip in _strips(scene)}
    others = [strip for strip in compat.strips_of(scene) if strip.name not in own]
    if scene.render.use_sequencer and all(strip.type == "SOUND" for strip in others):
        scene.render.use_sequencer = False
        scene[property_names.NO_SEQUENCER] = True


def _channels(scene: bpy.types.Scene) -> dict[int, int]:
    """Return whose the channels are that are somebody's, by their numbers."""
    if scene.sequence_editor is None:
        return {}
    return {
        number: _CHANNELS.index(channel.name)
        for number, channel in enumerate(scene.sequence_editor.channels)
        if channel.name in _CHANNELS
    }


def _people_channels(scene: bpy.types.Scene) -> list[int]:
    """Return the channels of A and B, named and muted; new ones are above all strips."""
    used = {person: number for number, person in _channels(scene).items()}
    top = max((strip.channel for strip in compat.strips_of(scene)), default=0)
    top = max(top, *used.values(), 0)
    for person in (1, 0):  # A, who is drawn above B in the waveform, is above B here too
        if person not in used:
            top += 1
            used[person] = top
        channel = scene.sequence_editor.channels[used[person]]
        channel.name, channel.mute = _CHANNELS[person], True
    return [used[0], used[1]]
