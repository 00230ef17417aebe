"""Gaze in the viewport as two thin rays, and who does what as strips in the timeline.

The strips show what the keys say now: an animator moves the keys of a character's `gaze` object,
which are the strips' edges.
"""

from dataclasses import dataclass
from typing import NamedTuple

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader
from mathutils import Vector

from ...core.conversation.turns import spans
from ...core.directing.gaze_plan import GazePlan, GazeState
from ...core.speakers import LETTERS, Pair
from .. import timing
from ..characters import heads
from . import gaze_keys
from .gaze_rig import EYE_BONES, find_parts

Color = tuple[float, float, float, float]
RAY_COLORS: Pair[Color] = ((1.0, 0.55, 0.1, 0.9), (0.2, 0.65, 1.0, 0.9))
_STATE_COLORS: dict[GazeState, Color] = {
    GazeState.AVERTED: (0.35, 0.35, 0.38, 0.85),
    GazeState.AT_PARTNER: (0.2, 0.5, 0.75, 0.85),
    GazeState.MUTUAL: (0.25, 0.75, 0.4, 0.9),
    GazeState.AT_EXTRA: (0.75, 0.5, 0.8, 0.85),
}
_SPEAKING_COLOR: Color = (0.95, 0.75, 0.25, 0.95)


class _Sizes(NamedTuple):
    """Of the strips, pixels."""

    strip: int
    speaking: int
    gap: int
    above: int  #: the lower edge of the region
    letter: int


#: Where there is room, above the markers; and in a timeline as low as Blender's own layout has it.
_LARGE, _SMALL = _Sizes(12, 4, 4, 46, 12), _Sizes(7, 2, 2, 1, 9)
_ROOM_PX = 120
_LETTER_X_PX = 6

_handlers: list[tuple[type, object]] = []
_plans: dict[str, tuple[tuple[float, ...], GazePlan]] = {}


@dataclass(frozen=True)
class Strip:
    """A piece of a timeline strip, in scene frames."""

    first: float
    last: float
    row: int  #: the speaker, 0 or 1
    color: Color
    is_speaking: bool = False


def show(is_shown: bool) -> None:
    """Switch the drawing of rays and strips on or off; both calls may be repeated."""
    while _handlers:
        space, handle = _handlers.pop()
        space.draw_handler_remove(handle, "WINDOW")
    _plans.clear()
    if is_shown:
        view, sheet = bpy.types.SpaceView3D, bpy.types.SpaceDopeSheetEditor
        _handlers.append((view, view.draw_handler_add(_draw_rays, (), "WINDOW", "POST_VIEW")))
        _handlers.append((sheet, sheet.draw_handler_add(_draw_strips, (), "WINDOW", "POST_PIXEL")))


def is_shown() -> bool:
    """Tell whether rays and strips are drawn."""
    return bool(_handlers)


def rays(scene: bpy.types.Scene) -> list[tuple[Vector, Vector, Color]]:
    """Return start, end and color of the line of sight of every eye, in the scene."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found = []
    for character, color in zip(heads.find_pair(scene), RAY_COLORS, strict=True):
        parts = character and find_parts(character.armature)
        if not parts:
            continue
        seen = character.armature.evaluated_get(depsgraph)
        goal = parts.gaze.evaluated_get(depsgraph).matrix_world.translation
        for name in EYE_BONES:
            eye = seen.matrix_world @ seen.pose.bones[name].matrix
            start = eye.translation
            ray = (eye.to_3x3() @ Vector((0.0, 0.0, 1.0))).normalized()
            end = start + ray * (goal - start).length
            found.append((start, end, color))
    return found


def strips(scene: bpy.types.Scene) -> list[Strip]:
    """Return the strips of both characters as their keys make them now."""
    first, second = heads.find_pair(scene)
    if first is None or second is None:
        return []
    armatures = (first.armature, second.armature)
    known = gaze_keys.written(armatures[0])
    if known is None or not all(find_parts(armature) for armature in armatures):
        return []
    plan = _current_plan(armatures, known)
    step = timing.scene_fps(scene) / plan.fps
    states = plan.states()
    found = []
    for row in (0, 1):
        for state, color in _STATE_COLORS.items():
            found += [
                Strip(known.first_frame + a * step, known.first_frame + b * step, row, color)
                for a, b in spans(states[row] == state)
            ]
        found += [
            Strip(
                known.first_frame + a * step,
                known.first_frame + b * step,
                row,
                _SPEAKING_COLOR,
                is_speaking=True,
            )
            for a, b in spans(known.speaking[row])
        ]
    return found


def _current_plan(armatures, known) -> GazePlan:  # type: ignore[no-untyped-def]
    """Read the plan from the keys again only if a key has moved: drawing must stay cheap."""
    marks = tuple(mark for armature in armatures for mark in gaze_keys.edges(armature))
    cached = _plans.get(armatures[0].name)
    if cached is not None and cached[0] == marks:
        return cached[1]
    plan = gaze_keys.read_plan(armatures, known.plan, known.first_frame)
    _plans[armatures[0].name] = (marks, plan)
    return plan


def _draw_rays() -> None:
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.bind()
    gpu.state.blend_set("ALPHA")
    gpu.state.line_width_set(1.5)
    for start, end, color in rays(bpy.context.scene):
        batch = batch_for_shader(shader, "LINES", {"pos": [start, end]})
        shader.uniform_float("color", color)
        batch.draw(shader)
    gpu.state.blend_set("NONE")


def _draw_strips() -> None:
    region = bpy.context.region
    to_region = region.view2d.view_to_region
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.bind()
    gpu.state.blend_set("ALPHA")
    by_color: dict[Color, list[tuple[float, float]]] = {}
    shown = strips(bpy.context.scene)
    sizes = _LARGE if region.height > _ROOM_PX else _SMALL
    for strip in shown:
        left, right = (to_region(frame, 0, clip=False)[0] for frame in (strip.first, strip.last))
        if right < 0 or left > region.width:
            continue
        by_color.setdefault(strip.color, []).extend(_rectangle(strip, left, right, sizes))
    for color, corners in by_color.items():
        batch = batch_for_shader(shader, "TRIS", {"pos": corners})
        shader.uniform_float("color", color)
        batch.draw(shader)
    gpu.state.blend_set("NONE")
    for row, letter in enumerate(LETTERS if shown else ""):
        blf.size(0, sizes.letter)
        blf.color(0, 1.0, 1.0, 1.0, 1.0)
        blf.position(0, _LETTER_X_PX, _low(row, sizes) + 1, 0)
        blf.draw(0, letter)


def _low(row: int, sizes: _Sizes) -> int:
    """Return the lower edge of a speaker's strips, A's above B's, at the bottom of the region."""
    return sizes.above + (1 - row) * (sizes.strip + sizes.speaking + sizes.gap)


def _rectangle(strip: Strip, left: float, right: float, sizes: _Sizes) -> list[tuple[float, float]]:
    """Return the two triangles of a strip."""
    low = _low(strip.row, sizes) + (sizes.strip if strip.is_speaking else 0)
    high = low + (sizes.speaking if strip.is_speaking else sizes.strip)
    corners = np.array([(left, low), (right, low), (right, high), (left, high)])
    return [tuple(corners[i]) for i in (0, 1, 2, 0, 2, 3)]
