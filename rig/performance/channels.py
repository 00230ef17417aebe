"""Where strips are in the sequencer: on which channels, and inside which others."""

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


def _inside(strips: Any) -> Iterator[tuple[Any, Any]]:
    for strip in list(strips):
        yield strips, strip
        if strip.type == "META":
            yield from _inside(compat.strips_inside(strip))
