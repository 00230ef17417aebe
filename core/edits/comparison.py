"""An animator's changes to a generated curve, found by comparing it with what was written."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..conversation.turns import spans
from .curve import Name

Kind = Literal["offset", "replacement", "muted"]
Values = NDArray[np.float64]

#: Less than this is no change: a ten thousandth of a shape, a hundredth of a degree.
TOLERANCE = 1e-4
#: Changes that are this close belong together.
_GAP_FRAMES = 3
#: Where the generated curve moves less than this from frame to frame, there is nothing to replace.
_STILL = 1e-3
#: Share of the generated movement below which it counts as taken out.
_KEPT_SHARE = 0.5


@dataclass(frozen=True)
class Edit:
    """A change of one curve over a span of time."""

    owner: str  #: which data-block of which speaker: "1 body", "2 face 0"
    name: Name
    kind: Kind
    first: int  #: frame of the span's beginning, counted from the sound's
    values: Values  #: (n,) an offset: what was added; a replacement: what was set instead
    before: Values  #: (n,) what was generated there

    @property
    def last(self) -> int:
        """The span's last frame, counted from the sound's beginning."""
        return self.first + len(self.values) - 1

    def at_rate(self, ratio: float) -> "Edit":
        """Return the same change at another frame rate, `ratio` times as many frames a second."""
        if ratio == 1.0 or self.kind == "muted":
            return self
        first, last = round(self.first * ratio), round(self.last * ratio)
        old = np.clip(np.arange(first, last + 1) / ratio - self.first, 0, len(self.values) - 1)
        steps = np.arange(len(self.values))
        return replace(
            self,
            first=first,
            values=np.interp(old, steps, self.values),
            before=np.interp(old, steps, self.before),
        )


def find(owner: str, name: Name, generated: Values, current: Values) -> list[Edit]:
    """Return the changes that make `current` of `generated`, (n_frames,) each."""
    change = current - generated
    edits = []
    for first, end in _joined(np.abs(change) > TOLERANCE):
        there = slice(first, end)
        kind = _kind(generated[there], current[there])
        values = (change if kind == "offset" else current)[there].copy()
        edits.append(Edit(owner, name, kind, first, values, generated[there].copy()))
    return edits


def muted(owner: str, name: Name, generated: Values) -> Edit:
    """Return the change of a curve that was muted or deleted."""
    return Edit(owner, name, "muted", 0, generated.copy(), generated.copy())


def _joined(changed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return spans (first, end) of changed frames; those with a small gap between are one."""
    joined: list[tuple[int, int]] = []
    for first, end in spans(changed):
        if joined and first - joined[-1][1] <= _GAP_FRAMES:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((first, end))
    return joined


def _kind(generated: Values, current: Values) -> Kind:
    """Tell an offset, which leaves the generated movement in, from a replacement."""
    moved, moves = np.diff(generated), np.diff(current)
    energy = float((moved**2).sum())
    if len(moved) < 2 or energy / len(moved) < _STILL**2:
        return "offset"
    return "replacement" if float((moves * moved).sum()) < _KEPT_SHARE * energy else "offset"
