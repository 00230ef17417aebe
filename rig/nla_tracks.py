"""NLA tracks of the add-on's: a track for each layer of a performance that was split.

Only tracks of ours are touched: those named as a layer's, with an action that notes the layer's
slot. Whoever asks for the curves of a data-block (`fcurves.curves_of`) gets those of the layers
too, so that edits, retakes and strengths work in tracks as they do in one action.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import bpy

from . import compat, property_names

Blend = Literal["REPLACE", "ADD"]
#: How the names of the tracks begin.
TRACK = "DualTalk "
#: "Combine" adds shapes and multiplies rotations.
BLENDS: Mapping[Blend, str] = {"REPLACE": "REPLACE", "ADD": "COMBINE"}


def strips(owner: bpy.types.ID) -> Iterator[tuple[bpy.types.NlaTrack, bpy.types.NlaStrip]]:
    """Yield the tracks of ours on a data-block, each with its strips."""
    data = owner.animation_data
    for track in data.nla_tracks if data is not None else ():
        if track.name.startswith(TRACK):
            for strip in track.strips:
                if strip.action is not None and property_names.LAYER in strip.action:
                    yield track, strip


def curves(owner: bpy.types.ID) -> list[bpy.types.FCurve]:
    """Return the curves of all layers of a data-block that are tracks."""
    found: list[bpy.types.FCurve] = []
    for _, strip in strips(owner):
        found += compat.curves_in(strip.action, strip.action[property_names.LAYER])
    return found


def are_there(owner: bpy.types.ID) -> bool:
    """Tell whether layers of a data-block are tracks."""
    return next(strips(owner), None) is not None


def blend_of(owner: bpy.types.ID) -> Blend | None:
    """Return how the tracks of a data-block act on what is below them, None without any."""
    found = next(strips(owner), None)
    if found is None:
        return None
    return "ADD" if found[1].blend_type == BLENDS["ADD"] else "REPLACE"
