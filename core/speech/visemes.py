"""From phones and their times to the mouth: coarticulated articulators, then ARKit shapes and jaw.

Each phone pulls each articulator towards a target; how strongly and for how long is its dominance
function, a negative exponential of the distance in time (Cohen & Massaro, "Modeling coarticulation
in synthetic visual speech", 1993, equations 1 to 4). What must be reached whatever the neighbours
are, lips together for P, B and M and the lip at the teeth for F and V, is not averaged but laid
over the rest (after Pelachaud et al. 1996, who rank visemes by how little they give way).
"""

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..motion import NETWORK_FPS
from ..names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD
from ..paths import ASSETS
from .phones import PHONES

FloatArray = NDArray[np.float32]

#: Articulators per frame, each 0 to 1: `jaw` in units of `JAW_OPEN_RAD`, lips together, lower lip
#: at the teeth, corners apart, lips pushed forward and narrowed, lips funnelled, lips parted.
ARTICULATORS: tuple[str, ...] = ("jaw", "closure", "labiodental", "wide", "round", "funnel", "part")
AVERAGED = ("jaw", "wide", "round", "funnel", "part")
#: Frames per second at which articulators are computed, a whole multiple of the motion's 25.
ARTICULATOR_FPS = 100

#: Falling rates of the dominance before and after a phone's middle, 1/s. Anticipation of the lips
#: is slower than that of the jaw (Cohen & Massaro's labial parameters; carry-over is faster).
_RATE_BEFORE = {"jaw": 16.0, "wide": 11.0, "round": 9.0, "funnel": 11.0, "part": 14.0}
_RATE_AFTER = {"jaw": 17.0, "wide": 14.0, "round": 12.0, "funnel": 14.0, "part": 16.0}
#: Lips begin to close before the closure that is heard, and open while it ends, seconds.
_CLOSING_S, _OPENING_S = 0.07, 0.06
#: The part of the opening that lies before the release, so that lips come apart as it is heard.
_EARLY_S = 0.02


@dataclass(frozen=True)
class _Table:
    """Targets and strengths of every phone, rows in the order of `PHONES`."""

    targets: FloatArray  #: (n_phones, n_averaged)
    strengths: FloatArray  #: (n_phones, n_averaged)
    closure: FloatArray  #: (n_phones,) how far the lips come together
    labiodental: FloatArray  #: (n_phones,) how far the lower lip reaches the teeth


@cache
def _table() -> _Table:
    with open(ASSETS / "visemes.csv", newline="") as file:
        rows = {row["phone"]: row for row in csv.DictReader(file)}

    def column(name: str) -> FloatArray:
        return np.array([float(rows[phone][name]) for phone in PHONES], np.float32)

    return _Table(
        np.stack([column(name) for name in AVERAGED], axis=1),
        np.stack([column(f"{name}_strength") for name in AVERAGED], axis=1),
        column("closure"),
        column("labiodental"),
    )


def articulators(
    phones: NDArray[np.int64],
    starts: FloatArray,
    ends: FloatArray,
    releases: FloatArray,
    n_frames: int,
) -> FloatArray:
    """Return the articulators of phones, (n_frames, 7) at `ARTICULATOR_FPS`.

    Args:
        phones: (n_phones,) indices into `PHONES`.
        starts: (n_phones,) seconds.
        ends: (n_phones,) seconds.
        releases: (n_phones,) when lips that are closed come apart, seconds.
        n_frames: how many.
    """
    times = (np.arange(n_frames, dtype=np.float32)) / ARTICULATOR_FPS
    averaged = _averaged(times, starts, ends, phones)
    table = _table()
    closure = _held(times, starts, releases, table.closure[phones])
    labiodental = _held(times, starts, ends, table.labiodental[phones])
    labiodental *= 1 - closure
    jaw = np.minimum(averaged[:, 0], 1 - 0.85 * labiodental)
    return np.stack([jaw, closure, labiodental, *averaged[:, 1:].T], axis=1)


def _averaged(
    times: FloatArray, starts: FloatArray, ends: FloatArray, phones: NDArray[np.int64]
) -> FloatArray:
    """Blend targets by dominance: sum(D T) / sum(D), (n_frames, n_averaged)."""
    table = _table()
    before = np.array([_RATE_BEFORE[name] for name in AVERAGED], np.float32)
    after = np.array([_RATE_AFTER[name] for name in AVERAGED], np.float32)
    total = np.zeros((len(times), len(AVERAGED)), np.float32)
    weight = np.full_like(total, 1e-9)
    for phone, start, end in zip(phones, starts, ends, strict=True):
        near = slice(*np.searchsorted(times, (start - 0.6, end + 0.6)))
        # Distance beyond the middle half of the phone, in which it rules.
        quarter = 0.25 * (end - start)
        early = np.maximum(start + quarter - times[near], 0)[:, None]
        late = np.maximum(times[near] - end + quarter, 0)[:, None]
        dominance = table.strengths[phone] * np.exp(-before * early - after * late)
        weight[near] += dominance
        total[near] += dominance * table.targets[phone]
    result: FloatArray = total / weight
    return result


def _held(
    times: FloatArray, starts: FloatArray, ends: FloatArray, heights: FloatArray
) -> FloatArray:
    """Return the highest of the bumps that phones of a height above zero make, (n_frames,)."""
    result = np.zeros(len(times), np.float32)
    for i in np.flatnonzero(heights):
        rise = np.clip((times - starts[i]) / _CLOSING_S + 1, 0, 1)
        fall = np.clip((ends[i] - _EARLY_S - times) / _OPENING_S + 1, 0, 1)
        bump = np.minimum(rise, fall)
        result = np.maximum(result, heights[i] * bump * bump * (3 - 2 * bump))
    return result


def at_motion_rate(values: FloatArray, n_frames: int) -> FloatArray:
    """Bring articulators (n, 7) to `n_frames` of motion, frame t at t / 25 s.

    Closures take the maximum around a frame and the rest the mean, so that a short closure is not
    lost (of bilabials 98 % stay closed instead of 94 %).
    """
    step = round(ARTICULATOR_FPS / NETWORK_FPS)
    padded = np.zeros((n_frames * step + step, values.shape[1]), np.float32)
    half = step // 2
    kept = values[: n_frames * step + half]
    padded[half : half + len(kept)] = kept
    blocks = padded[: n_frames * step].reshape(n_frames, step, -1)
    result: FloatArray = blocks.mean(axis=1)
    result[:, 1:3] = blocks[:, :, 1:3].max(axis=1)
    return result


@cache
def _shape_weights() -> FloatArray:
    """Return how much of each ARKit shape each articulator makes, (7, 40)."""
    weights = np.zeros((len(ARTICULATORS), len(ARKIT_SHAPES)), np.float32)
    with open(ASSETS / "viseme_shapes.csv", newline="") as file:
        for row in csv.DictReader(file):
            index = ARTICULATORS.index(row["articulator"])
            weights[index, ARKIT_INDEX[row["shape"]]] = float(row["weight"])
    return weights


def mouth(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turn articulators (n, 7) into ARKit shapes (n, 40) and the jaw's rotation (n, 3), radians.

    `mouthClose` is closure times the jaw's opening, which brings the lips together over an open
    jaw exactly (`core.names.JAW_OPEN_RAD`).
    """
    jaw_open, closure, labiodental = values[:, 0], values[:, 1], values[:, 2]
    free = values.copy()
    free[:, 3:] *= (1 - 0.7 * np.maximum(closure, labiodental))[:, None]
    shapes = free @ _shape_weights()
    shapes[:, ARKIT_INDEX["mouthClose"]] = closure * jaw_open
    jaw = np.zeros((len(values), 3), np.float32)
    jaw[:, 0] = jaw_open * JAW_OPEN_RAD
    return np.clip(shapes, 0, 1).astype(np.float32), jaw
