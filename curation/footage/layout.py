"""What lies in the picture: a split screen in either direction, or a card that stands still.

Where two pictures meet, one edge goes through all of the picture and stays where it is. Edges of
doors and shelves do neither: they are interrupted by who sits before them. Where both walls are of
one colour the edge is no longer than a person is wide; two people in one room are not one above the
other with such an edge between their faces.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..options import DEFAULTS, Options
from ..verdicts import Reason
from .video import Picture

#: Left, top, right and bottom of a face, shares of the picture's width and height.
Box = tuple[float, float, float, float]

#: Of a face that the seam cuts off, so much was made up by the face model.
_SLACK = 0.25
#: The same where the two would lie on each other, which faces in one room do not: as much as the
#: model makes up before it finds no face. Chosen by `evaluation.seams` on people of the training.
SLACK_ON_EACH_OTHER = 0.5

_GLANCE_PX = 320
#: Of a shot's pictures one in so many is measured.
_EVERY = 3
#: A step of so many grey levels between neighbours, in most frames, is a standing edge.
_STEP = 12.0
_STANDING = 0.8
#: Edges nearer to the border than this share are letterboxes, not splits.
_BORDER = 0.15


@dataclass(frozen=True)
class Layout:
    """What was measured over a shot."""

    upright_edge: float  #: largest share of the height with a standing vertical edge
    level_edge: float  #: largest share of the width with a standing horizontal edge
    #: (n_lines,) the same share for every line from top to bottom, but those near the border
    level_edges: NDArray[np.float64]
    is_wide: bool  #: wider than high: there is room for two beside each other
    movement: float  #: by how many grey levels the thousandth part that changes most does


class Meter:
    """Measures the layout of a shot from its pictures."""

    def __init__(self) -> None:
        self.size_px = (0, 0)  #: width and height of the pictures
        self._count = 0
        self._across = self._down = self._low = self._high = np.zeros((1, 1), np.float32)

    def through(self, pictures: Iterable[Picture]) -> Iterator[Picture]:
        """Yield pictures on, measuring some: what stands or moves is seen in a third of them."""
        for number, picture in enumerate(pictures):
            self.size_px = (picture.shape[1], picture.shape[0])
            if number % _EVERY == 0:
                self.add(picture)
            yield picture

    def add(self, picture: Picture) -> None:
        """Measure the next picture of the shot."""
        grey = _glance(picture)
        across, down = np.abs(np.diff(grey, axis=1)) > _STEP, np.abs(np.diff(grey, axis=0)) > _STEP
        if self._count == 0:
            self._across, self._down = (x.astype(np.float32) for x in (across, down))
            self._low = self._high = grey
        elif grey.shape == self._low.shape:
            self._across, self._down = self._across + across, self._down + down
            self._low, self._high = np.minimum(self._low, grey), np.maximum(self._high, grey)
        self._count += 1

    @property
    def layout(self) -> Layout:
        """What was measured so far."""
        if not self._count:
            return Layout(0.0, 0.0, np.zeros(1), False, 0.0)
        upright = _edges((self._across / self._count > _STANDING).T)
        level = _edges(self._down / self._count > _STANDING)
        movement = float(np.quantile(self._high - self._low, 0.999))
        is_wide = self._low.shape[1] > self._low.shape[0]
        return Layout(float(upright.max()), float(level.max()), level, is_wide, movement)


def reasons(layout: Layout, options: Options = DEFAULTS, faces: Sequence[Box] = ()) -> list[Reason]:
    """Return why a shot of this layout is refused.

    Args:
        layout: what was measured.
        options: thresholds.
        faces: where each face usually is.
    """
    found = []
    if max(layout.upright_edge, layout.level_edge) >= options.standing_edge:
        way = "upright" if layout.upright_edge >= layout.level_edge else "level"
        share = round(max(layout.upright_edge, layout.level_edge), 2)
        found.append(Reason("scene", "split_screen", {f"{way} edge": share}))
    elif (share := parting_edge(layout, faces)) >= options.parting_edge:
        measured = {"level edge between the faces": round(share, 2)}
        found.append(Reason("scene", "split_screen", measured))
    if layout.movement < options.least_movement:
        found.append(Reason("scene", "dub_card", {"movement": round(layout.movement, 3)}))
    return found


def parting_edge(
    layout: Layout, faces: Sequence[Box], slack_on_each_other: float = SLACK_ON_EACH_OTHER
) -> float:
    """Return the largest share of a level edge between two faces of which one is below the other.

    0 where they are not two, or beside each other, and in upright pictures, where one may sit below
    the other.
    """
    if len(faces) != 2 or not layout.is_wide:
        return 0.0
    upper, lower = sorted(faces, key=lambda box: box[1])
    common = min(upper[2], lower[2]) - max(upper[0], lower[0])
    is_on = common > 0.5 * min(upper[2] - upper[0], lower[2] - lower[0])
    slack = slack_on_each_other if is_on else _SLACK
    slack *= min(upper[3] - upper[1], lower[3] - lower[1])
    places = _BORDER + (1 - 2 * _BORDER) * np.linspace(0, 1, len(layout.level_edges))
    between = layout.level_edges[(places > upper[3] - slack) & (places < lower[1] + slack)]
    return float(between.max(initial=0.0)) if lower[1] > upper[3] - slack else 0.0


def _glance(picture: Picture) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    scale = _GLANCE_PX / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA
    )
    found: NDArray[np.float32] = small.astype(np.float32)
    return found


def _edges(standing: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of each line, two neighbours taken as one, that is a standing edge.

    Args:
        standing: (n_lines, length); lines near the border are left out.
    """
    n_lines = len(standing)
    inside = standing[round(n_lines * _BORDER) : round(n_lines * (1 - _BORDER))]
    if not len(inside):
        return np.zeros(1)
    joined = inside[:-1] | inside[1:] if len(inside) > 1 else inside
    found: NDArray[np.float64] = joined.mean(axis=1)
    return found
