"""A performance as NLA tracks, a track per layer, and back into one action, losslessly.

The action that plays keeps what is no layer, such as the keys of moods, and the record of what was
generated. Actions, tracks and keys of the user's are not touched.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import bpy
import numpy as np
from numpy.typing import NDArray

from ... import actions, compat, fcurves, nla_tracks, property_names
from ...characters.character import Character
from ...nla_tracks import BLENDS, TRACK, Blend
from .. import layer_strengths
from . import written

_EXACT = 1e-5


def blend(character: Character) -> Blend | None:
    """Return how a character's tracks act on what is below them, None if it has one action."""
    found = (nla_tracks.blend_of(owner) for _, owner in written.owners(character))
    return next((one for one in found if one is not None), None)


def unflatten(character: Character, how: Blend) -> int:
    """Give each layer of a character's performance a track; return how many curves moved."""
    n_moved = 0
    for _, owner in written.owners(character):
        if actions.playing(owner) is None or nla_tracks.are_there(owner):
            continue
        layers: dict[str, list[bpy.types.FCurve]] = {}
        for curve, layer in layer_strengths.layers_of(character, owner):
            layers.setdefault(layer, []).append(curve)
        _split(owner, layers, how)
        n_moved += sum(map(len, layers.values()))
    return n_moved


def flatten(character: Character) -> int:
    """Move the curves of all tracks back into one action; return how many.

    A strip that was moved or stretched gives its keys these times, one that was muted mutes them,
    and an influence becomes values at every frame.
    """
    return sum(_join(owner) for _, owner in written.owners(character))


@contextmanager
def flat(character: Character) -> Iterator[None]:
    """Have one action in place of tracks for what is done inside."""
    how = blend(character)
    flatten(character)
    try:
        yield
    finally:
        if how is not None:
            unflatten(character, how)


def _split(
    owner: bpy.types.ID, layers: Mapping[str, Sequence[bpy.types.FCurve]], how: Blend
) -> None:
    """Move curves of the action that plays into a track per layer, above all others.

    Args:
        owner: the data-block.
        layers: name of each layer, and its curves.
        how: whether a track replaces what is below it, or is added to it.
    """
    data = owner.animation_data
    base, slot = data.action, compat.slot_name(data)
    moved: list[bpy.types.FCurve] = []
    for layer, found in layers.items():
        made = actions.new(f"{owner.name} {layer}")
        channels = compat.animate(owner, made)
        made[property_names.LAYER] = compat.slot_name(data)
        for curve in found:
            fcurves.copy_curve(curve, channels)
        _add_track(data, layer, made, compat.slot_name(data), how)
        moved += found
        compat.play(owner, base, slot)
    there = compat.curves_there(owner)
    for curve in moved:
        there.remove(curve)


def _join(owner: bpy.types.ID) -> int:
    data = owner.animation_data
    n_moved = 0
    if not nla_tracks.are_there(owner):
        return 0
    if data.action is None:
        data.action = actions.new(owner.name)
    channels = compat.channels_for_keys(owner)
    for track, strip in list(nla_tracks.strips(owner)):
        there = compat.curves_there(owner)
        for curve in compat.curves_in(strip.action, strip.action[property_names.LAYER]):
            before = there.find(curve.data_path, index=curve.array_index)
            if before is not None:
                continue  # baked keys, which are shown in place of the layer's
            made = fcurves.copy_curve(curve, channels)
            _as_in_strip(made, track, strip)
            n_moved += 1
    for name in {track.name for track, _ in nla_tracks.strips(owner)}:
        layer = data.nla_tracks[name]
        gone = [strip.action for strip in layer.strips]
        data.nla_tracks.remove(layer)
        for action in gone:
            actions.let_go(action)
    return n_moved


def _add_track(
    data: bpy.types.AnimData, layer: str, action: bpy.types.Action, slot: str, how: Blend
) -> None:
    first, last = (float(value) for value in action.frame_range)
    track = data.nla_tracks.new()
    track.name = f"{TRACK}{layer}"
    strip = track.strips.new(action.name, round(first), action)
    compat.choose_slot(strip, slot)
    strip.action_frame_start, strip.action_frame_end = first, max(last, first + 1)
    strip.frame_start = first
    strip.frame_end = max(last, first + 1)
    strip.blend_type = BLENDS[how]
    strip.extrapolation = "HOLD"


def _as_in_strip(
    curve: bpy.types.FCurve, track: bpy.types.NlaTrack, strip: bpy.types.NlaStrip
) -> None:
    curve.mute = curve.mute or track.mute or strip.mute
    offset = strip.frame_start - strip.action_frame_start * strip.scale
    if abs(offset) > _EXACT or abs(strip.scale - 1) > _EXACT:
        _retime(curve, strip.scale, offset)
    if not strip.use_animated_influence and not strip.blend_in and not strip.blend_out:
        return
    frames = np.arange(np.ceil(curve.range()[0]), np.floor(curve.range()[1]) + 1)
    is_w = curve.data_path.endswith("rotation_quaternion") and curve.array_index == 0
    rest = 1.0 if is_w else 0.0
    values = written.sampled(curve, frames)
    fcurves.set_keys(curve, frames, rest + _influence(strip, frames) * (values - rest))


def _influence(strip: bpy.types.NlaStrip, frames: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how much a strip counts at frames: its keys, or how it fades in and out."""
    if strip.use_animated_influence:
        curve = strip.fcurves.find("influence")
        if curve is None or not len(curve.keyframe_points):
            return np.full(len(frames), strip.influence)
        return np.array([curve.evaluate(float(frame)) for frame in frames])
    share = np.ones(len(frames))
    if strip.blend_in:
        share = np.minimum(share, (frames - strip.frame_start) / strip.blend_in)
    if strip.blend_out:
        share = np.minimum(share, (strip.frame_end - frames) / strip.blend_out)
    return np.clip(share, 0, 1)


def _retime(curve: bpy.types.FCurve, scale: float, offset: float) -> None:
    points, n = curve.keyframe_points, len(curve.keyframe_points)
    for name in ("co", "handle_left", "handle_right"):
        row = np.empty(2 * n, np.float32)
        points.foreach_get(name, row)
        row[::2] = row[::2] * np.float32(scale) + np.float32(offset)
        points.foreach_set(name, row)
    curve.update()
