"""Where strips are in the sequencer: on which channels, and inside which others."""

import math
from collections.abc import Iterator
from typing import Any

import bpy

from ...core.errors import RigError
from .. import compat

#: Blender has no channel above this one.
_N_CHANNELS = 128


def every_strip(scene: bpy.types.Scene) -> Iterator[tuple[Any, Any]]:
    """Yield every strip with the collection that it is in, also those inside meta strips."""
    if scene.sequence_editor is not None:
        yield from _inside(compat.strips_of(scene))


def heard_strips(scene: bpy.types.Scene) -> Iterator[tuple[Any, int, int]]:
    """Yield every sound strip that is heard, the first frame of it and the frame after its last.

    One inside a meta strip is heard as far as that shows it; whatever is muted, or lies inside
    what is muted, is not.
    """
    if scene.sequence_editor is not None:
        editor = scene.sequence_editor
        yield from _heard(compat.strips_of(scene), editor.channels, (-math.inf, math.inf))


def selected(scene: bpy.types.Scene) -> list[tuple[int, int]]:
    """Return the frames, first and last, of the strips that are selected, those that touch as one.

    Inside an open meta strip it is those in it that count.
    """
    editor = scene.sequence_editor
    if editor is None:
        return []
    shown = compat.strips_inside(editor.meta_stack[-1]) if len(editor.meta_stack) else None
    chosen = [strip for strip in shown or compat.strips_of(scene) if strip.select]
    found: list[tuple[int, int]] = []
    for first, end in sorted(compat.ends_of(strip) for strip in chosen):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end - 1))
        else:
            found.append((first, end - 1))
    return found


def free(scene: bpy.types.Scene, n_wanted: int) -> list[int]:
    """Return channels that no strip is on, above all others as long as there are any.

    Raises:
        RigError: the sequencer has not so many channels left.
    """
    used = {strip.channel for strip in compat.strips_of(scene)}
    above = max(used, default=0)
    order = [*range(above + 1, _N_CHANNELS + 1), *range(above, 0, -1)]
    found = [channel for channel in order if channel not in used][:n_wanted]
    if len(found) < n_wanted:
        raise RigError("All 128 channels of the sequencer are in use: free some of them.")
    return found


def _heard(strips: Any, rows: Any, shown: tuple[float, float]) -> Iterator[tuple[Any, int, int]]:
    for strip in list(strips):
        begin, end = compat.ends_of(strip)
        first, last = max(begin, shown[0]), min(end, shown[1])
        if strip.mute or rows[strip.channel].mute:
            continue
        if strip.type == "META":
            yield from _heard(compat.strips_inside(strip), strip.channels, _window(strip, shown))
        elif strip.type == "SOUND" and strip.sound is not None and first < last:
            yield strip, int(first), int(last)


def _window(meta: Any, shown: tuple[float, float]) -> tuple[float, float]:
    """Return what a meta strip shows; one that a script made is a frame long until it is set."""
    begin, end = compat.ends_of(meta)
    return (max(begin, shown[0]), min(end, shown[1])) if end - begin > 1 else shown


def _inside(strips: Any) -> Iterator[tuple[Any, Any]]:
    for strip in list(strips):
        yield strips, strip
        if strip.type == "META":
            yield from _inside(compat.strips_inside(strip))
