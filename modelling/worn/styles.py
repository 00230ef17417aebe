"""The hair styles: a row of numbers each, and in which direction its locks grow.

Places are measured from between the eyes: x to the person's left, y up, z out of the face.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from dualtalk.modelling.body.topology import step
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Style:
    """How locks grow."""

    n_locks: int
    length_m: Callable[[Floats], Floats]  #: of roots (n, 3) from between the eyes
    width_m: float
    way: Callable[[Floats], Floats]  #: direction (n, 3) at places (n, 3) from between the eyes
    cap_m: tuple[float, float]  #: how thick the cap is at the sides and on top
    height_m: tuple[float, float]  #: how far off the skin locks lie, at root and tip
    hang: float = 0.0  #: how much gravity pulls, 0 to 1
    hug: float = 0.7  #: how much locks keep to the skull, 0 to 1
    rough: float = 0.12  #: how much the directions of neighbours differ
    curl_m: float = 0.0  #: radius of a curl
    turns: float = 0.0  #: how often it turns along a lock
    seed: int = 1
    is_rooted: Callable[[Floats], NDArray[np.bool_]] = lambda p: np.ones(len(p), bool)
    fringe_m: float = 0.002  #: roots this far behind the hairline and further only
    tip: float = 0.25  #: how wide a lock is at its tip, as a share of its width
    uneven: float = 0.14  #: how much lengths differ
    n_steps: int = 8  #: rows of vertices along a lock


#: The middle of the bun.
BUN = np.array([0.0, 0.055, -0.192])


def _const(value: float) -> Callable[[Floats], Floats]:
    return lambda roots: np.full(len(roots), value)


def _swept(places: Floats) -> Floats:
    """From a parting on the left over the top and back, down at the sides and behind."""
    x, y, z = places.T
    top = step((y - 0.05) / 0.035)
    aside = np.where(x > 0.028, 1.0, -1.0)
    forward = step((z + 0.045) / 0.04)
    sideways = np.stack([0.9 * aside, 0.45 * forward - 0.1, 0.25 - 0.95 * forward], axis=1)
    crown = step((-z - 0.085) / 0.05)[:, None]  # from there hair falls back, and does not stand up
    sideways = (1 - crown) * sideways + crown * np.stack(
        [4 * x, -0.5 + 0 * x, -0.8 + 0 * x], axis=1
    )
    down = np.stack([0.05 * np.sign(x), -1 + 0 * x, np.where(z > -0.08, -0.7, -0.1)], axis=1)
    return top[:, None] * sideways + (1 - top)[:, None] * down


def _back(places: Floats) -> Floats:
    """To the bun, from everywhere."""
    return BUN - places


def _parted(places: Floats) -> Floats:
    """From a parting a little off the middle down both sides, and straight down behind."""
    x, y, z = places.T
    behind = step((-z - 0.09) / 0.06)
    aside = np.tanh((x - 0.012) / 0.010)
    front = np.stack([aside, -0.5 + 0 * x, -0.75 * step((z + 0.075) / 0.05)], axis=1)
    back = np.stack([0.35 * aside, -1 + 0 * x, -0.75 * step((y - 0.02) / 0.08)], axis=1)
    return (1 - behind)[:, None] * front + behind[:, None] * back


def _outwards(places: Floats) -> Floats:
    """Away from the middle of the head, in front a little up and back."""
    way = places - np.array([0, 0.02, -0.085])
    way = way / np.linalg.norm(way, axis=1, keepdims=True)
    front = step((places[:, 2] + 0.06) / 0.05)
    return way + np.stack([0 * front, 0.3 * front - 0.25, -0.35 * front], axis=1)


def _is_top(places: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = places[:, 1] > 0.052 - 0.25 * np.clip(-places[:, 2] - 0.12, 0, 1)
    return found


def _short_length(roots: Floats) -> Floats:
    found: Floats = 0.020 + 0.034 * step((roots[:, 1] - 0.035) / 0.05) * step(
        (roots[:, 2] + 0.20) / 0.12
    )
    return found


def _bob_length(roots: Floats) -> Floats:
    # Down to the jaw, wherever it starts.
    found: Floats = (
        np.clip(roots[:, 1] + 0.105, 0.03, 1) * 1.12 + 0.012 * np.abs(roots[:, 0]) / 0.06
    )
    return found


def _long_length(roots: Floats) -> Floats:
    found: Floats = np.clip(roots[:, 1] + 0.235, 0.05, 1) * 1.06
    return found


STYLES: dict[str, tuple[Style, ...]] = {
    "short": (
        Style(270, _short_length, 0.0105, _swept, (0.002, 0.006), (0.003, 0.0075), hug=0.85,
              rough=0.13, seed=3, n_steps=5),
        Style(140, _short_length, 0.0095, _swept, (0, 0), (0.005, 0.009), hug=0.9, rough=0.13,
              seed=4, is_rooted=_is_top, n_steps=5),
    ),
    "fade": (
        Style(420, _const(0.015), 0.0095, _outwards, (-0.002, 0.007), (0.004, 0.0135), hug=0.25,
              rough=0.45, curl_m=0.0022, turns=1.2, seed=6, is_rooted=_is_top),
    ),
    "bob": (
        Style(120, _bob_length, 0.020, _parted, (0.003, 0.005), (0.004, 0.012), hang=0.9, hug=0.8,
              rough=0.05, seed=8, tip=0.6, uneven=0.04),
        Style(80, _bob_length, 0.017, _parted, (0, 0), (0.007, 0.018), hang=0.9, hug=0.7,
              rough=0.07, seed=9, tip=0.5, uneven=0.06),
    ),
    "bun": (
        Style(190, lambda r: np.clip(np.linalg.norm(r - BUN, axis=1) * 1.02 - 0.012, 0.012, 0.3),
              0.0125, _back, (0.001, 0.003), (0.002, 0.007), hug=0.98, rough=0.02, seed=11,
              fringe_m=-0.004),
    ),
    "curls": (
        Style(400, _const(0.052), 0.0125, _outwards, (0.008, 0.014), (0.008, 0.030), hang=0.3,
              hug=0.35, rough=0.35, curl_m=0.0062, turns=1.9, seed=12, tip=0.7, n_steps=13),
        Style(110, _const(0.046), 0.0125, _outwards, (0, 0), (0.012, 0.031), hug=0.35,
              rough=0.35, curl_m=0.0062, turns=1.7, seed=13, is_rooted=_is_top, tip=0.7,
              n_steps=13),
    ),
    "long": (
        Style(120, _long_length, 0.022, _parted, (0.003, 0.005), (0.004, 0.013), hang=0.92,
              hug=0.75, rough=0.045, seed=14, tip=0.4, uneven=0.08),
        Style(85, _long_length, 0.019, _parted, (0, 0), (0.007, 0.021), hang=0.92, hug=0.7,
              rough=0.06, seed=15, tip=0.3, uneven=0.12),
    ),
}  # fmt: skip
