"""Writing parts of a curve: keys outside the part stay as they are, to the bit."""

from collections.abc import Sequence
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ....core.conversation.turns import spans
from ....core.edits.curve import Curve
from ....core.edits.reduction import reduced_keys
from .written import sampled

_LINEAR, _BEZIER, _FREE = 1, 2, 0
#: Kinds of handles that Blender moves with the keys beside: automatic, vector, auto clamped.
_FOLLOWING = (1, 2, 4)
#: Attributes of a key: count of numbers, and type.
_NUMBERS = {"co": 2, "handle_left": 2, "handle_right": 2, "back": 1, "amplitude": 1, "period": 1}
_CHOICES = ("interpolation", "easing", "type", "handle_left_type", "handle_right_type")
_FLAGS = ("select_control_point", "select_left_handle", "select_right_handle")


class Few(NamedTuple):
    """Where a curve shall have few keys, and by how much it may miss a frame there."""

    inside: NDArray[np.bool_]  #: (n_frames,) what is written, changed or not
    keep: NDArray[np.bool_]  #: (n_frames,) where there must be a key
    tolerance: float


def write(
    curve: bpy.types.FCurve,
    first_frame: int,
    before: NDArray[np.floating],
    values: NDArray[np.floating],
    few: Few | None = None,
) -> None:
    """Give a curve other values where they differ, a linear key at each of these frames.

    Args:
        curve: to change.
        first_frame: scene frame of the first value.
        before: (n_frames,) what the curve gives now.
        values: (n_frames,) what it shall give; where equal, the keys stay as they are.
        few: write few keys with handles instead.
    """
    changed = np.asarray(before != values)
    if not changed.any():
        return
    changed = changed if few is None else few.inside
    keys = _read(curve)
    frames = keys["co"][:, 0]
    for first, end in spans(changed):
        begin, stop = _to_keys(frames - first_frame, first, end, len(values))
        here = first_frame + np.arange(begin, stop)
        around = (here < first_frame + first) | (here >= first_frame + end)
        # What Blender gives there now, to the bit: its own arithmetic rounds otherwise than ours.
        there = values[begin:stop].astype(np.float64)
        there[around] = sampled(curve, here[around])
        keep = (frames < here[0]) | (frames > here[-1])
        kept = {name: row[keep] for name, row in keys.items()}
        _freeze(kept, int((frames < here[0]).sum()))
        new = _linear(kept, here, there)
        if few is not None:
            edges = _linear(kept, here[around], there[around])
            new = _merged(edges, _reduced(kept, first_frame, first, end, values, few))
        keys = _merged(kept, new)
        frames = keys["co"][:, 0]
    _write(curve, keys)


def splice(
    curve: bpy.types.FCurve,
    frames: NDArray[np.floating],
    values: NDArray[np.floating],
    first: float,
    last: float | None,
) -> None:
    """Give a range of a curve other keys, linear and as few as they are.

    At both ends the curve is where it was. Where a segment moves that an end of the range cuts,
    it keeps its value at every frame up to the next key outside.

    Args:
        curve: to change.
        frames: (n,) scene frames of keys, increasing; those outside the range do not count.
        values: (n,) their values.
        first: first scene frame of the range.
        last: its last one; None: all that follows is new.
    """
    keys = _read(curve)
    there = keys["co"][:, 0]
    is_left, is_right = there < first, there > (np.inf if last is None else last)
    pinned: list[float] = []
    if is_left.any():
        pinned += _pins(keys, int(np.flatnonzero(is_left)[-1]), first, is_left=True)
    if last is not None:
        after = int(np.flatnonzero(is_right)[0]) if is_right.any() else len(there)
        pinned += _pins(keys, after - 1, last, is_left=False)
    inside = (frames >= first) & (frames <= (np.inf if last is None else last))
    inside &= ~np.isin(np.round(frames, 3), np.round(pinned, 3))
    at = np.concatenate([np.array(pinned), frames[inside]])
    put = np.concatenate([sampled(curve, np.array(pinned)), values[inside]])
    order = np.argsort(at, kind="stable")
    kept = {name: row[is_left | is_right] for name, row in keys.items()}
    _freeze(kept, int(is_left.sum()))
    _write(curve, _merged(kept, _linear(kept, at[order], put[order])))


def _pins(
    keys: dict[str, NDArray[np.generic]], index: int, end: float, is_left: bool
) -> list[float]:
    """Return the frames at which the segment after a key keeps its values where a range cuts it."""
    co, n = keys["co"], len(keys["co"])
    if index < 0 or index + 1 >= n or co[index, 1] == co[index + 1, 1]:
        return [end]
    near, far = float(co[index, 0]), float(co[index + 1, 0])
    if is_left:
        return [*np.arange(np.floor(near) + 1, end), end]
    return [end, *np.arange(np.floor(end) + 1, np.ceil(far))]


def replace(curve: bpy.types.FCurve, made: Curve) -> None:
    """Replace all keys of a curve by recorded ones."""
    n = len(made.frames)
    points = curve.keyframe_points
    points.clear()
    points.add(n)
    co = np.stack([made.frames, made.values], axis=1)
    points.foreach_set("co", co.ravel())
    kind = _LINEAR if made.handles is None else _BEZIER
    points.foreach_set("interpolation", np.full(n, kind, np.int32))
    if made.handles is not None:
        set_handles(curve, made)
    curve.update()


def set_handles(curve: bpy.types.FCurve, made: Curve) -> None:
    """Give keys that are there free handles a third of the way to their neighbours."""
    points = curve.keyframe_points
    free = np.full(len(made.frames), _FREE, np.int32)
    points.foreach_set("handle_left_type", free)
    points.foreach_set("handle_right_type", free)
    left, right = _handles(made)
    points.foreach_set("handle_left", left.ravel())
    points.foreach_set("handle_right", right.ravel())


def _handles(made: Curve) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return frames and values of left and right handles, (n_keys, 2) each."""
    steps = np.diff(made.frames) / 3
    before = np.concatenate([steps[:1], steps])
    after = np.concatenate([steps, steps[-1:]])
    left = np.stack([made.frames - before, made.handles[:, 0]], axis=1)
    right = np.stack([made.frames + after, made.handles[:, 1]], axis=1)
    return left.astype(np.float32), right.astype(np.float32)


def select(curve: bpy.types.FCurve, ranges: Sequence[tuple[int, int]]) -> None:
    """Select the keys of a curve in ranges of scene frames, first and last, and no others."""
    points = curve.keyframe_points
    co = np.empty(2 * len(points), np.float32)
    points.foreach_get("co", co)
    chosen = np.zeros(len(points), np.bool_)
    for first, last in ranges:
        chosen |= (co[::2] >= first - 0.5) & (co[::2] <= last + 0.5)
    for name in _FLAGS:
        points.foreach_set(name, chosen)
    curve.select = bool(chosen.any())


def _read(curve: bpy.types.FCurve) -> dict[str, NDArray[np.generic]]:
    points, n = curve.keyframe_points, len(curve.keyframe_points)
    rows: dict[str, NDArray[np.generic]] = {}
    for name, width in _NUMBERS.items():
        row = np.empty(n * width, np.float32)
        points.foreach_get(name, row)
        rows[name] = row.reshape(n, width)
    for names, kind in ((_CHOICES, np.int32), (_FLAGS, np.bool_)):
        for name in names:
            flat = np.empty(n, kind)
            points.foreach_get(name, flat)
            rows[name] = flat
    return rows


def _write(curve: bpy.types.FCurve, keys: dict[str, NDArray[np.generic]]) -> None:
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys["co"]))
    for name in ("co", *_CHOICES, *_FLAGS, "back", "amplitude", "period"):
        points.foreach_set(name, keys[name].ravel())
    for name in ("handle_left", "handle_right"):
        points.foreach_set(name, keys[name].ravel())
    curve.update()


def _freeze(keys: dict[str, NDArray[np.generic]], n_left: int) -> None:
    """Keep the handles of the keys beside a gap where they are: others would follow new keys."""
    curved = keys["interpolation"] == _BEZIER
    beside = [
        i
        for i in (n_left - 1, n_left)
        if 0 <= i < len(curved) and curved[max(0, i - 1) : i + 1].any()
    ]
    for name in ("handle_left_type", "handle_right_type"):
        keys[name] = keys[name].copy()
        keys[name][beside] = np.where(
            np.isin(keys[name][beside], _FOLLOWING), _FREE, keys[name][beside]
        )


def _linear(
    like: dict[str, NDArray[np.generic]],
    frames: NDArray[np.integer],
    values: NDArray[np.floating],
) -> dict[str, NDArray[np.generic]]:
    """Return linear keys, with the attributes that others have."""
    n = len(frames)
    new: dict[str, NDArray[np.generic]] = {}
    for name, row in like.items():
        new[name] = np.zeros((n, *row.shape[1:]), row.dtype)
    new["co"] = np.stack([frames, values], axis=1).astype(np.float32)
    new["handle_left"], new["handle_right"] = new["co"].copy(), new["co"].copy()
    new["interpolation"] = np.full(n, _LINEAR, np.int32)
    return new


def _reduced(
    like: dict[str, NDArray[np.generic]],
    first_frame: int,
    first: int,
    end: int,
    values: NDArray[np.floating],
    few: Few,
) -> dict[str, NDArray[np.generic]]:
    """Return few keys for values[first:end]; after the last one the curve is linear."""
    made = reduced_keys(
        first_frame + first, values[None, first:end], np.array([few.tolerance]),
        few.keep[None, first:end],
    )[0]  # fmt: skip
    new = _linear(like, made.frames, made.values)
    if made.handles is not None:
        left, right = _handles(made)
        new["handle_left"], new["handle_right"] = left, right
        new["interpolation"][:-1] = _BEZIER
    return new


def _merged(
    keys: dict[str, NDArray[np.generic]], new: dict[str, NDArray[np.generic]]
) -> dict[str, NDArray[np.generic]]:
    """Return keys with others added, in the order of time."""
    both = {name: np.concatenate([keys[name], new[name]]) for name in keys}
    order = np.argsort(both["co"][:, 0], kind="stable")
    return {name: row[order] for name, row in both.items()}


def _to_keys(frames: NDArray[np.floating], first: int, end: int, n_frames: int) -> tuple[int, int]:
    """Widen a span to the keys around it, whose curve between would change with it."""
    left, right = frames[frames <= first - 1], frames[frames >= end]
    begin = first if not len(left) else int(np.floor(left.max())) + 1
    stop = end if not len(right) else int(np.ceil(right.min()))
    return max(0, min(first, begin)), min(n_frames, max(end, stop))
