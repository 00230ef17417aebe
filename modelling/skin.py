"""The skin: one grid of quads around the head, cut open at the mouth and the eyes.

Columns run around the head, rows from the shoulders to the crown. Along a slit the row of vertices
is doubled, so that lips and lids have an upper and a lower edge that can part and meet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .surface import outermost

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: The vertical axis that rays leave from.
AXIS_Z = -0.075
MOUTH_Y = -0.0655
MOUTH_HALF_WIDTH = 0.0245
EYE_CENTRE = np.array([0.0320, 0.0, -0.0052])
EYE_RADIUS = 0.0142
LID_RADIUS = 1.085 * EYE_RADIUS
#: Columns, counted from the middle, between which the slits lie.
MOUTH_COLUMNS = 7
EYE_COLUMNS = (5, 15)
_FRONT_COLUMNS = 26
_FRONT_STEP = np.radians(2.3)
_BACK_COLUMNS = 40


@dataclass
class Skin:
    """The skin's vertices and where each one is in the grid."""

    vertices: FloatArray  #: (V, 3)
    quads: IntArray  #: (F, 4)
    row: IntArray  #: (V,)
    column: IntArray  #: (V,) 0 in the middle, positive to the person's left
    #: (V,) -1 below and +1 above a slit's line for its edge and the rows near it, 0 elsewhere
    mouth_side: IntArray
    eye_side: IntArray
    upper_lip: IntArray  #: edge vertices from the right corner to the left, corners shared
    lower_lip: IntArray
    upper_lids: tuple[IntArray, IntArray]  #: left eye, right eye; inner corner to outer
    lower_lids: tuple[IntArray, IntArray]
    crown: int


def column_angles() -> tuple[FloatArray, IntArray]:
    """Return the azimuth of each column (0 is the face's middle) and its number."""
    half_front = np.arange(1, _FRONT_COLUMNS + 1) * _FRONT_STEP
    rest = np.pi - half_front[-1]
    back = half_front[-1] + rest * np.arange(1, _BACK_COLUMNS // 2 + 1) / (_BACK_COLUMNS // 2)
    right = np.concatenate([half_front, back[:-1]])
    angles = np.concatenate([-right[::-1], [0.0], right, [np.pi]])
    n = len(right)
    numbers = np.concatenate([np.arange(-n, n + 1), [n + 1]])
    return angles, numbers


def row_heights() -> tuple[FloatArray, FloatArray, int, int]:
    """Return each row's origin height and elevation, and the rows of the mouth and the eyes."""
    below = np.concatenate([np.linspace(-0.236, -0.130, 12), np.linspace(-0.124, -0.092, 9)[:-1]])
    lower_lip = MOUTH_Y - np.array([0.0230, 0.0190, 0.0155, 0.0125, 0.0098, 0.0072, 0.0048, 0.0024])
    upper_lip = MOUTH_Y + np.array([0.0022, 0.0044, 0.0066, 0.0090, 0.0116, 0.0145])
    nose = np.linspace(-0.0475, -0.0185, 11)
    lower_lid = -np.array([0.0150, 0.0118, 0.0090, 0.0065, 0.0042, 0.0020])
    upper_lid = np.array([0.0022, 0.0046, 0.0072, 0.0100, 0.0130])
    brow = np.linspace(0.0165, 0.034, 7)
    heights = np.concatenate(
        [below, lower_lip, [MOUTH_Y], upper_lip, nose, lower_lid, [0.0], upper_lid, brow]
    )
    mouth = len(below) + len(lower_lip)
    eye = mouth + 1 + len(upper_lip) + len(nose) + len(lower_lid)
    elevations = np.zeros(len(heights))
    n_top = 16
    rise = np.linspace(0, np.pi / 2, n_top + 2)[1:-1]
    heights = np.concatenate([heights, np.full(n_top, heights[-1])])
    return heights, np.concatenate([elevations, rise]), mouth, eye


def build() -> Skin:
    """Return the skin at rest: lips closed, eyes open."""
    angles, numbers = column_angles()
    heights, elevations, mouth_row, eye_row = row_heights()
    n_columns = len(angles)
    points = _cast(angles, heights, elevations)  # (rows, columns, 3)
    middle = int(np.flatnonzero(numbers == 0)[0])
    grid = np.arange(points.shape[0] * n_columns).reshape(points.shape[:2])
    vertices = points.reshape(-1, 3)
    above = grid.copy()  # what the quads above a row use: the upper edge of a slit
    extra: list[FloatArray] = []
    rows = np.repeat(np.arange(points.shape[0]), n_columns)
    columns = np.tile(numbers, points.shape[0])
    more_rows, more_columns = [], []
    for row, first, last in _slits(mouth_row, eye_row, middle):
        for column in range(first + 1, last):
            above[row, column] = len(vertices) + len(extra)
            extra.append(points[row, column])
            more_rows.append(row)
            more_columns.append(numbers[column])
    crown = len(vertices) + len(extra)
    top = outermost(np.array([[0, heights[-1], AXIS_Z]]), np.array([[0.0, 1, 0]]))
    vertices = np.concatenate([vertices, np.array(extra), top])
    rows = np.concatenate([rows, more_rows, [points.shape[0]]])
    columns = np.concatenate([columns, more_columns, [0]])
    skin = Skin(
        vertices,
        _quads(grid, above, crown),
        rows.astype(np.int64),
        columns.astype(np.int64),
        _side(rows, columns, above, mouth_row, len(vertices), abs(columns) < MOUTH_COLUMNS),
        _side(rows, columns, above, eye_row, len(vertices), _in_eye(columns)),
        above[mouth_row, middle - MOUTH_COLUMNS : middle + MOUTH_COLUMNS + 1],
        grid[mouth_row, middle - MOUTH_COLUMNS : middle + MOUTH_COLUMNS + 1],
        _eye_edges(above[eye_row], middle),
        _eye_edges(grid[eye_row], middle),
        crown,
    )
    return skin


def _cast(angles: FloatArray, heights: FloatArray, elevations: FloatArray) -> FloatArray:
    azimuth, height = np.meshgrid(angles, heights)
    elevation = np.repeat(elevations[:, None], len(angles), axis=1)
    directions = np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ],
        axis=-1,
    )
    origins = np.stack([np.zeros_like(height), height, np.full_like(height, AXIS_Z)], axis=-1)
    hit = outermost(origins.reshape(-1, 3), directions.reshape(-1, 3))
    return hit.reshape(*azimuth.shape, 3)


def _slits(mouth_row: int, eye_row: int, middle: int) -> list[tuple[int, int, int]]:
    inner, outer = EYE_COLUMNS
    return [
        (mouth_row, middle - MOUTH_COLUMNS, middle + MOUTH_COLUMNS),
        (eye_row, middle + inner, middle + outer),
        (eye_row, middle - outer, middle - inner),
    ]


def _in_eye(columns: IntArray) -> NDArray[np.bool_]:
    return (np.abs(columns) > EYE_COLUMNS[0]) & (np.abs(columns) < EYE_COLUMNS[1])


def _side(
    rows: IntArray, columns: IntArray, above: IntArray, row: int, n: int, inside: NDArray[np.bool_]
) -> IntArray:
    side = np.zeros(n, np.int64)
    side[: len(rows)] = np.sign(rows - row)
    on_row = rows == row
    upper_edge = np.zeros(n, bool)
    upper_edge[above[row]] = True
    lower_edge = on_row & ~upper_edge
    side[on_row & inside & upper_edge] = 1
    side[lower_edge & inside] = -1
    return side


def _eye_edges(edge: IntArray, middle: int) -> tuple[IntArray, IntArray]:
    inner, outer = EYE_COLUMNS
    left = edge[middle + inner : middle + outer + 1]
    right = edge[middle - outer : middle - inner + 1][::-1]
    return left, right


def _quads(grid: IntArray, above: IntArray, crown: int) -> IntArray:
    """Return faces, counter-clockwise from outside; the crown's are triangles (last corner -1)."""
    lower = above[:-1]
    upper = grid[1:]
    right, up_right = np.roll(lower, -1, axis=1), np.roll(upper, -1, axis=1)
    quads = np.stack([lower, right, up_right, upper], axis=-1).reshape(-1, 4)
    top = grid[-1]
    fan = np.stack([top, np.roll(top, -1), np.full_like(top, crown), np.full_like(top, -1)], -1)
    return np.concatenate([quads, fan])
