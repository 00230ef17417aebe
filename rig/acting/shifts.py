"""Layers earlier or later than they were generated: their keys, and their record, are moved.

By how much is noted on the actions, so that the keys can be moved back to the bit; steps are a
256th of a frame, which frames up to 65,536 hold exactly.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import bpy
import numpy as np

from ...core.edits.curve import Curve
from ...core.motion_layers import ARTICULATORS, Articulator, Layer
from .. import property_names
from ..characters.character import Character
from ..performance import layer_strengths
from ..performance.editing import written

_STEPS = 256
#: The layers that can be moved in time, and parts of that of lips, which are moved with it and on
#: their own; looks are moved by their own keys.
SHIFTED: tuple[Layer | Articulator, ...] = ("lips", "expression", "head", "blinks", *ARTICULATORS)


def of(character: Character) -> dict[Layer | Articulator, float]:
    """Return by how many frames the layers of the performance that plays are moved."""
    noted: dict[Layer | Articulator, float] = dict.fromkeys(SHIFTED, 0.0)
    for role, owner in written.owners(character):
        action = written.action_of(owner)
        if action is not None:
            noted.update(json.loads(action.get(_property(role), "{}")))
    return noted


def move(character: Character, frames: Mapping[Layer | Articulator, float]) -> int:
    """Let layers be this many frames later than generated; return how many curves moved."""
    wanted = {layer: round(value * _STEPS) / _STEPS for layer, value in frames.items()}
    n_moved = 0
    for role, owner in written.owners(character):
        action = written.action_of(owner)
        if action is None or written.record_name(role) not in action:
            continue
        now = json.loads(action.get(_property(role), "{}"))
        steps = {layer: wanted[layer] - now.get(layer, 0.0) for layer in wanted}
        if any(steps.values()):
            n_moved += _move(character, role, owner, steps)
            action[_property(role)] = json.dumps({k: v for k, v in wanted.items() if v})
    return n_moved


@contextmanager
def taken_back(character: Character) -> Iterator[None]:
    """Have all layers when they were generated for what is done inside."""
    noted = of(character)
    move(character, dict.fromkeys(SHIFTED, 0.0))
    try:
        yield
    finally:
        move(character, noted)


def _move(
    character: Character,
    role: str,
    owner: bpy.types.ID,
    steps: Mapping[Layer | Articulator, float],
) -> int:
    parts = layer_strengths.articulators(character)
    made = written.load(owner, role)
    curves = dict(made.curves)
    n_moved = 0
    for curve, layer in layer_strengths.layers_of(character, owner):
        step = steps.get(layer, 0.0)
        if layer == "lips" and curve.data_path in parts:
            step += steps.get(parts[curve.data_path], 0.0)
        if not step:
            continue
        _move_keys(curve, step)
        name = (curve.data_path, curve.array_index)
        if name in curves:
            old = curves[name]
            curves[name] = Curve((old.frames + np.float32(step)), old.values, old.handles)
        n_moved += 1
    written.store(owner, role, replace(made, curves=curves))
    return n_moved


def _move_keys(curve: bpy.types.FCurve, step: float) -> None:
    points, n = curve.keyframe_points, len(curve.keyframe_points)
    for name in ("co", "handle_left", "handle_right"):
        row = np.empty(2 * n, np.float32)
        points.foreach_get(name, row)
        row[::2] += np.float32(step)
        points.foreach_set(name, row)
    curve.update()


def _property(role: str) -> str:
    return f"{property_names.SHIFTED}_{role.replace(' ', '_')}"
