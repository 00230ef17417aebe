"""The dialogue's sound in the sequencer, a strip per file."""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bpy

from ...core.conversation import cues
from ...core.errors import RigError
from ...core.files import for_blender
from ...core.speakers import LETTERS
from .. import compat, paths, property_names, timing
from . import channels

_log = logging.getLogger(__name__)
_PREFIX = "DualTalk sound"
#: Names of strips that older versions wrote, without a mark.
_OLD_NAME = re.compile(rf"{_PREFIX} ([{LETTERS}])(\.\d+)?$")
#: What an animator sets on a strip, and finds again on the one that replaces it.
_KEPT = ("volume", "pan", "mute", "lock", "color_tag", "show_waveform")


def check(sounds: Sequence[Path]) -> None:
    """Refuse sounds that are not there: Blender would make silent strips of them.

    Raises:
        RigError: a file is missing.
    """
    for path in sounds:
        if not path.is_file():
            raise RigError(f"The sound {path} is not there any more: choose it again.")


def write_strips(
    scene: bpy.types.Scene,
    sounds: Sequence[Path],
    first_frame: int,
    last_frame: int,
    letters: str = LETTERS,
) -> None:
    """Put each sound file on a channel of its own; strips of an earlier run are replaced.

    The files are those of the people in `letters`, in this order; one alone may hold both voices.

    A strip ends at `last_frame` where its sound is longer than the performance. One that replaces
    another is where that was, on its channel and inside the same meta strip, and as loud.
    """
    if not bpy.app.build_options.audaspace:
        _log.warning("This Blender was built without sound: the scene has no sound strips.")
        return
    top = compat.strips_of(scene)
    before = {}
    for letter, home, strip in list(_ours(scene)):
        kept = {name: getattr(strip, name) for name in _KEPT if has_setting(strip, name)}
        before[letter] = (home, strip.channel, kept)
        heard = strip.sound
        home.remove(strip)
        if heard is not None and heard.users == 0:
            bpy.data.sounds.remove(heard)
    for letter, path in zip(letters, sounds, strict=False):
        if cues.is_sheet(path):  # its pieces lie in the sequencer already
            continue
        home, channel, kept = before.get(letter, (top, 0, {"show_waveform": True}))
        channel = channel or channels.free(scene, 1)[0]
        file = for_blender(path.resolve())
        strip = home.new_sound(f"{_PREFIX} {letter}", file, channel, first_frame)
        strip[property_names.SOUND], strip.select = letter, False
        strip.sound.filepath = paths.kept(file)
        compat.cut_strip(strip, last_frame + 1)
        for name, value in kept.items():
            setattr(strip, name, value)


def strips(scene: bpy.types.Scene) -> list[Any]:
    """Return the strips that `write_strips` made, also those inside meta strips."""
    return [strip for _, _, strip in _ours(scene)]


def heard(scene: bpy.types.Scene) -> list[Any]:
    """Return the dialogue's strips: those of `write_strips`, or else every sound that there is."""
    every = [strip for _, strip in channels.every_strip(scene) if strip.type == "SOUND"]
    return strips(scene) or every


def mixed_bytes(scene: bpy.types.Scene) -> int:
    """Return how large a file of 16 bits is that holds the scene's sound mixed down, at least."""
    seconds = (scene.frame_end - scene.frame_start + 1) / timing.scene_fps(scene)
    n_channels = {"MONO": 1, "STEREO": 2}.get(scene.render.ffmpeg.audio_channels, 8)
    return int(seconds * scene.render.ffmpeg.audio_mixrate) * 2 * n_channels


def has_setting(strip: Any, name: str) -> bool:
    """Tell whether a kind of strip has a setting."""
    return name in strip.bl_rna.properties


def _ours(scene: bpy.types.Scene) -> Iterator[tuple[str, Any, Any]]:
    """Yield whose sound each strip of ours is, the collection that it is in, and the strip."""
    for home, strip in channels.every_strip(scene):
        if strip.type != "SOUND":
            continue
        old = _OLD_NAME.match(strip.name)
        letter = strip.get(property_names.SOUND, old[1] if old else "")
        if letter:
            yield letter, home, strip
