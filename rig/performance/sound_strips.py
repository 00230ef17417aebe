"""The dialogue's sound in the sequencer, a strip per file."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy

from .. import compat, paths

_log = logging.getLogger(__name__)
_PREFIX = "DualTalk sound"


def write_strips(
    scene: bpy.types.Scene, sounds: Sequence[Path], first_frame: int, last_frame: int
) -> None:
    """Put each sound file on a channel of its own; strips of an earlier run are replaced.

    A strip ends at `last_frame` where its sound is longer than the performance. One that replaces
    another is on its channel, below what belongs to it.
    """
    if not bpy.app.build_options.audaspace:
        _log.warning("This Blender was built without sound: the scene has no sound strips.")
        return
    strips = compat.strips_of(scene)
    old = [strip for strip in strips if strip.name.startswith(_PREFIX)]
    channels = {strip.name: strip.channel for strip in old}
    for strip in old:
        heard = strip.sound
        strips.remove(strip)
        if heard is not None and heard.users == 0:
            bpy.data.sounds.remove(heard)
    for index, path in enumerate(sounds):
        name = f"{_PREFIX} {'AB'[index]}"
        above = max((strip.channel for strip in strips), default=0) + 1
        channel = channels.get(name, above)
        strip = strips.new_sound(name, str(path.resolve()), channel, first_frame)
        strip.sound.filepath = paths.kept(path.resolve())
        compat.cut_strip(strip, last_frame + 1)
        strip.show_waveform = True
    if scene.sync_mode == "NONE":  # else lips lag behind the voice where drawing is slow
        scene.sync_mode = "AUDIO_SYNC"


def strips(scene: bpy.types.Scene) -> list[Any]:
    """Return the strips that `write_strips` made."""
    return [strip for strip in compat.strips_of(scene) if strip.name.startswith(_PREFIX)]
