"""An animator's changes on a curve that was generated anew, and where they no longer fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .comparison import Edit, Values

#: Frames over which a curve comes from what was generated to what was set, and back.
_BLEND_FRAMES = 5
#: What was generated under a change may differ by this much before somebody should look.
_SAME = 0.15


@dataclass(frozen=True)
class Conflict:
    """A change that was not, or not safely, applied again."""

    edit: Edit
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}"


def apply(
    generated: Values, edits: Sequence[Edit], unit: float = 1.0
) -> tuple[Values, list[Conflict]]:
    """Return a newly generated curve (n_frames,) with the changes made to an older one.

    Offsets are added; what was set instead is set again, and the curve blends into it at both
    ends. Changes beyond the end are left out and listed, those over a curve that has become
    another are applied and listed.

    Args:
        generated: the new curve.
        edits: of this curve, at the same frame rate.
        unit: what counts as much on this curve, such as 1 for a shape key.
    """
    result = generated.copy()
    conflicts = []
    for edit in edits:
        if edit.kind == "muted":
            continue
        n = min(len(edit.values), len(generated) - edit.first)
        if n <= 0:
            conflicts.append(Conflict(edit, "it lies after the end and was left out"))
            continue
        there = slice(edit.first, edit.first + n)
        new, before = generated[there], edit.before[:n]
        if edit.kind == "offset":
            result[there] += edit.values[:n]
        else:
            result[there] = edit.values[:n]
            _blend(result, generated, edit.first, before[0] - new[0], -1)
            _blend(result, generated, edit.first + n - 1, before[-1] - new[-1], 1)
        if n < len(edit.values):
            conflicts.append(Conflict(edit, "it was cut at the new end"))
        elif float(np.sqrt(np.mean((new - before) ** 2))) > _SAME * unit:
            conflicts.append(Conflict(edit, "what was generated there is another now: look at it"))
    return result, conflicts


def _blend(result: Values, generated: Values, edge: int, gap: float, step: int) -> None:
    """Let the frames beside a replacement fade from its level to what was generated."""
    for distance in range(1, _BLEND_FRAMES + 1):
        frame = edge + step * distance
        if not 0 <= frame < len(result):
            return
        if result[frame] != generated[frame]:  # another change begins here
            return
        t = distance / (_BLEND_FRAMES + 1)
        result[frame] += gap * (1 - t * t * (3 - 2 * t))
