"""A performance that the user pushed down into the NLA: found, and brought back.

What is changed after generating acts on the action that plays. In a strip it does not, whose times
and influence are the user's; the panels say so.
"""

from collections.abc import Iterator
from typing import NamedTuple

import bpy

from ....core.errors import RigError
from ... import compat, property_names
from ...characters import heads
from . import written

_EXACT = 1e-4


class Pushed(NamedTuple):
    """A strip that holds a part of a performance."""

    owner: bpy.types.ID
    track: bpy.types.NlaTrack
    strip: bpy.types.NlaStrip


def strips(scene: bpy.types.Scene) -> Iterator[Pushed]:
    """Yield the strips of what does not play as an action, the uppermost of each data-block."""
    for character in heads.find_pair(scene):
        for role, owner in written.owners(character) if character is not None else ():
            data, name = owner.animation_data, written.record_name(role)
            if data is None or (data.action is not None and name in data.action):
                continue
            found = [
                Pushed(owner, track, strip)
                for track in data.nla_tracks
                for strip in track.strips
                if strip.action is not None
                and name in strip.action
                and property_names.LAYER not in strip.action
            ]
            yield from found[-1:]


def pushed_down_reason(scene: bpy.types.Scene) -> str:
    """Return that a performance was pushed down, or nothing."""
    found = next(strips(scene), None)
    if found is None:
        return ""
    return (
        f"The performance lies in the NLA track {found.track.name}, where sliders, retakes and "
        "edits do not reach it."
    )


def bring_back(scene: bpy.types.Scene) -> int:
    """Let performances play as actions again; return how many strips were taken away.

    Raises:
        RigError: one would not play as it does now; all is as it was.
    """
    found = list(strips(scene))
    for owner, track, strip in found:
        data = owner.animation_data
        if data.action is not None:
            raise RigError(
                f"{owner.name} plays {data.action.name}: push that down into the NLA as well, or "
                "take it off, and bring the performance back then."
            )
        offset = strip.frame_start - strip.action_frame_start * strip.scale
        if abs(offset) > _EXACT or abs(strip.scale - 1) > _EXACT or strip.repeat != 1:
            raise RigError(
                f"The strip {strip.name} was moved or stretched: put it back to where the sound "
                f"is, or leave it and set the strengths before it is pushed down ({track.name})."
            )
    for owner, track, strip in found:
        data, action, slot = owner.animation_data, strip.action, compat.slot_of(strip)
        track.strips.remove(strip)
        if not len(track.strips):
            data.nla_tracks.remove(track)
        compat.play(owner, action, slot)
    return len(found)
