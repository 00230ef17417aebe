"""Lights and simple furniture for a staging, as numbers.

Three-point light for each of two people who face each other: on a film set one lamp serves as key
for one and as rim for the other (cross-keying); a large soft fill stands beside the cameras.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .staging import SEATED_EYE_HEIGHT_M, Placement, Staging, Vector

Material = Literal["floor", "wood", "cloth", "shade", "paper"]

#: People whose eyes are lower than this sit, metres.
_STANDS_FROM_M = 1.4
#: Heights of furniture, metres (Panero & Zelnik 1979, Human Dimension and Interior Space).
_TABLE_M, _DESK_M, _COUNTER_M, _SEAT_M = 0.79, 0.98, 1.16, 0.44
#: Bodies face each other above the first angle and stand side by side below the second, radians.
_FACING, _BESIDE = math.radians(120), math.radians(60)
#: Further than this from each other, those who sit share no table, metres.
_TOGETHER_M = 2.2
#: Books on the sideboard: place along it, thickness and height, metres.
_BOOKS = ((0.10, 0.035, 0.21), (0.145, 0.045, 0.18), (0.195, 0.04, 0.22), (0.24, 0.03, 0.19))
#: What stands behind the middle of the two, so that a wide picture is not empty there: how far
#: behind them, and how far below the eyes its top is, metres.
_BEHIND_M, _BELOW_EYES_M = 1.5, 0.24
_WARM, _COOL, _NEUTRAL = (1.0, 0.86, 0.72), (0.74, 0.85, 1.0), (1.0, 0.96, 0.92)


@dataclass(frozen=True)
class AreaLight:
    """A rectangular lamp."""

    name: str
    position_m: Vector  #: (3,)
    target_m: Vector  #: (3,)
    size_m: float
    power_w: float
    color: tuple[float, float, float]


@dataclass(frozen=True)
class Box:
    """A piece of furniture: a box with rounded edges."""

    name: str
    center_m: Vector  #: (3,)
    size_m: Vector  #: (3,) along its own axes
    turn_rad: float  #: about the vertical
    material: Material


def lights(staging: Staging) -> tuple[AreaLight, ...]:
    """Return key and rim for both, and a fill beside the cameras."""
    first, second = staging.placements()
    middle = (first.eyes_m + second.eyes_m) / 2
    apart = float(np.linalg.norm(second.eyes_m - first.eyes_m))
    reach = 1.2 + apart / 2
    power = 24.0 * reach**2
    corners = {
        # Behind each person and above the partner's sight line: key of one, rim of the other.
        "Key of A": (np.array([reach, -0.75 * reach, 0.95 * reach]), first.eyes_m, 0.9, 1.0, _WARM),
        "Key of B": (
            np.array([-reach, -0.75 * reach, 0.8 * reach]),
            second.eyes_m,
            0.9,
            0.8,
            _WARM,
        ),
        "Rim of A": (np.array([-reach, 0.9 * reach, 1.0 * reach]), first.eyes_m, 0.5, 0.7, _COOL),
        "Rim of B": (np.array([reach, 0.9 * reach, 1.0 * reach]), second.eyes_m, 0.5, 0.7, _COOL),
        "Fill": (np.array([0.0, -1.7 * reach, 0.3 * reach]), middle, 1.6, 0.25, _NEUTRAL),
    }
    return tuple(
        AreaLight(name, middle + offset, target, size, share * power, color)
        for name, (offset, target, size, share, color) in corners.items()
    )


def furniture(staging: Staging) -> tuple[Box, ...]:
    """Return what the two sit or stand at; it hides where busts end from the side of the cameras.

    Seated across: a table. Side by side: a bench. At an angle: two chairs and a low table.
    Standing: a counter, however long it must be. One of both: a chair, and a desk to stand at.
    """
    placed = staging.placements()
    stands = [seat.eye_height_m > _STANDS_FROM_M for seat in staging.seats]
    boxes: list[Box] = []
    if not any(stands):
        if staging.angle_rad < _BESIDE:
            boxes += _bench(placed)
        else:
            for name, placement in zip("AB", placed, strict=True):
                boxes += _chair(name, placement)
            boxes += _table(placed, _TABLE_M) if staging.distance_m < _TOGETHER_M else []
    elif all(stands):
        boxes += _table(placed, _COUNTER_M)
    else:
        for name, placement, is_standing in zip("AB", placed, stands, strict=True):
            boxes += _desk(placement) if is_standing else _chair(name, placement)
    return (*boxes, *_sideboard(placed))


def _sideboard(placed: tuple[Placement, Placement]) -> list[Box]:
    """Return a sideboard with a lamp and some books behind the middle of the two."""
    middle = (placed[0].eyes_m + placed[1].eyes_m) / 2
    high = float(min(place.eyes_m[2] for place in placed)) - _BELOW_EYES_M
    at = np.array([middle[0], middle[1] + _BEHIND_M, 0.0])

    def box(
        name: str, x: float, low: float, size: tuple[float, float, float], material: Material
    ) -> Box:
        center = at + np.array([x, 0.0, low + size[2] / 2])
        return Box(name, center, np.array(size), 0.0, material)

    found = [
        box("Sideboard", 0.0, 0.0, (1.0, 0.36, high), "wood"),
        box("Lamp foot", -0.14, high, (0.10, 0.10, 0.02), "cloth"),
        box("Lamp stem", -0.14, high, (0.025, 0.025, 0.20), "cloth"),
        box("Lamp shade", -0.14, high + 0.17, (0.26, 0.26, 0.20), "shade"),
    ]
    for book, (x, thick, tall) in enumerate(_BOOKS, start=1):
        size = (thick, 0.16, tall)
        found.append(box(f"Book {book}", x, high, size, "paper" if book % 2 else "cloth"))
    return found


def _table(placed: tuple[Placement, Placement], height_m: float) -> list[Box]:
    """Return a table before both, its long side along the line between them."""
    first, second = (placement.eyes_m for placement in placed)
    middle = (first + second) / 2
    length = float(np.linalg.norm((second - first)[:2])) + 0.9
    depth = 0.62 if height_m < _COUNTER_M else 0.4
    across = -0.31 - depth / 2  # clear of both chests, towards the cameras
    center = np.array([middle[0], middle[1] + across, 0.0])
    top = center + np.array([0.0, 0.0, height_m - 0.02])
    panel = center + np.array([0.0, -depth / 2 + 0.04, height_m / 2 - 0.02])
    return [
        Box("Table top", top, np.array([length, depth, 0.04]), 0.0, "wood"),
        Box("Table front", panel, np.array([length - 0.1, 0.03, height_m - 0.04]), 0.0, "wood"),
    ]


def _desk(placement: Placement) -> list[Box]:
    """Return a desk to stand at, between a person and the cameras, out of the other's close-up."""
    width, depth = 0.95, 0.4
    aside = math.copysign(0.14, float(placement.eyes_m[0]))
    center = placement.eyes_m * np.array([1.0, 1.0, 0.0]) + np.array([aside, -0.31 - depth / 2, 0])
    top = center + np.array([0.0, 0.0, _DESK_M - 0.02])
    panel = center + np.array([0.0, 0.04 - depth / 2, _DESK_M / 2 - 0.02])
    return [
        Box("Desk top", top, np.array([width, depth, 0.04]), 0.0, "wood"),
        Box("Desk front", panel, np.array([width - 0.1, 0.03, _DESK_M - 0.04]), 0.0, "wood"),
    ]


def _chair(name: str, placement: Placement) -> list[Box]:
    """Return a seat and a back behind a seated person."""
    facing = placement.facing * np.array([1.0, 1.0, 0.0])
    facing = facing / np.linalg.norm(facing)
    turn = math.atan2(facing[0], -facing[1])
    hip = placement.eyes_m * np.array([1.0, 1.0, 0.0])
    lowered = placement.eyes_m[2] - SEATED_EYE_HEIGHT_M
    seat = hip + np.array([0.0, 0.0, _SEAT_M + lowered - 0.04])
    back = hip - 0.27 * facing + np.array([0.0, 0.0, 0.70 + lowered])
    return [
        Box(f"Seat of {name}", seat, np.array([0.48, 0.5, 0.08]), turn, "cloth"),
        Box(f"Back of {name}", back, np.array([0.44, 0.06, 0.42]), turn, "cloth"),
    ]


def _bench(placed: tuple[Placement, Placement]) -> list[Box]:
    """Return one seat and one back for both."""
    middle = (placed[0].eyes_m + placed[1].eyes_m) / 2
    length = float(np.linalg.norm((placed[1].eyes_m - placed[0].eyes_m)[:2])) + 1.0
    seat = np.array([middle[0], middle[1], _SEAT_M - 0.03])
    back = np.array([middle[0], middle[1] + 0.28, 0.66])
    return [
        Box("Bench seat", seat, np.array([length, 0.5, 0.06]), 0.0, "wood"),
        Box("Bench back", back, np.array([length, 0.05, 0.4]), 0.0, "wood"),
    ]
