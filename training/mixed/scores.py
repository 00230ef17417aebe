"""Numbers for how two people of a mixed recording move, look and answer each other."""

from dataclasses import dataclass

import numpy as np
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from dualtalk.evaluation import intervals
from dualtalk.evaluation.intervals import Interval
from dualtalk.evaluation.metrics import frechet_distance
from dualtalk.inference.networks.shared_space import Places, gaze_angles
from dualtalk.training.speech import visemes
from dualtalk.training.two_track.evaluation import measure
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_E = len(ARKIT_SHAPES)
HEAD, EYES, PLACE = slice(_E + 3, _E + 6), slice(_E + 6, _E + 12), slice(_E + 12, _E + 15)
#: Within this angle of the partner's eyes a look is at the face: half a head's width at 1 m.
AT_FACE_RAD = np.radians(5.0)
#: Delays at which smiles and leans are answered in what the network learned from, frames.
_SMILE_DELAY, _LEAN_DELAY = 12, 25


@dataclass(frozen=True)
class Set:
    """Motion of many scenes, (n_scenes, 2, T, 55), with what belongs to it."""

    motion: FloatArray
    speaking: NDArray[np.bool_]  #: (n_scenes, 2, T)
    places: list[Places]


def scores_of(ours: Set, truth: Set) -> dict[str, float | Interval]:
    """Compare made-up motion with the truth of the same scenes, as the ablations are compared.

    Whole scenes are drawn for the intervals of correlations.
    """
    lips = [_aperture(s.motion) for s in (ours, truth)]
    talk, listen = truth.speaking, ~truth.speaking
    looks = [gaze_of(s) for s in (ours, truth)]
    energy = [np.square(np.diff(lips[0], axis=-1))[part[..., 1:]].mean() for part in (listen, talk)]
    return {
        "fd_face": frechet_distance(_rows(truth, slice(0, _E + 3)), _rows(ours, slice(0, _E + 3))),
        "fd_head": frechet_distance(_rows(truth, HEAD), _rows(ours, HEAD)),
        "fd_eyes": frechet_distance(_rows(truth, EYES), _rows(ours, EYES)),
        "lips_r": _correlation(lips[0], lips[1], talk),
        "listener_energy": float(energy[0] / energy[1]),
        "at_partner": float((looks[0] < AT_FACE_RAD).mean()),
        "mutual": float(np.mean([mutual_share(angle) for angle in looks[0]])),
        "gaze_error_deg": _gaze_distance(*looks),
        "smile_answered": _answered(ours, ARKIT_INDEX["mouthSmileLeft"], _SMILE_DELAY),
        "lean_answered": _answered(ours, _E + 14, _LEAN_DELAY),
    }


def gaze_of(given: Set) -> NDArray[np.float64]:
    """Return the angle between eye ray and partner's head, (n_scenes, 2, T) radians."""
    return np.stack(
        [
            gaze_angles(m[..., HEAD], m[..., EYES].reshape(2, -1, 2, 3), m[..., PLACE], places)
            for m, places in zip(given.motion, given.places, strict=True)
        ]
    )


def gaze_in(motions: tuple[Motion, Motion], places: Places) -> NDArray[np.float64]:
    """Return the angle between eye ray and partner's head of two motions, (2, T) radians."""
    parts = ("head", "eyes", "translation")
    return gaze_angles(*(np.stack([getattr(m, part) for m in motions]) for part in parts), places)


def person(motion: Motion, angle: NDArray[np.float64], own: NDArray, other: NDArray) -> dict:
    """Return rates and shares of one person of a conversation, `angle` (T,) to the partner."""
    numbers = measure.behaviour_of(motion, own, other)
    at_partner = angle < AT_FACE_RAD
    listening = other & ~own
    speed = np.linalg.norm(np.gradient(motion.translation, axis=0), axis=1) * NETWORK_FPS
    return numbers | {
        "gaze_on_share_speaking": float(at_partner[own].mean()),
        "gaze_on_share_listening": float(at_partner[listening].mean()),
        "head_deviation_deg": head_deviation_deg(motion.head),
        "translation_deviation_cm": 100 * float(np.linalg.norm(motion.translation.std(axis=0))),
        "translation_speed_cm_s": 100 * float(speed.mean()),
    }


def head_deviation_deg(head: NDArray) -> float:
    """Return the standard deviation of a head's rotation (n_frames, 3) over all axes, degrees."""
    return float(np.degrees(np.linalg.norm(head.std(axis=0))))


def mutual_share(angle: NDArray[np.float64]) -> float:
    """Return the share of time in which both look at each other's face, `angle` (2, T) radians."""
    return float((angle < AT_FACE_RAD).all(axis=0).mean())


def _rows(given: Set, part: slice) -> NDArray[np.float64]:
    values = given.motion[..., part]
    return values.reshape(-1, values.shape[-1]).astype(np.float64)


def _aperture(motion: FloatArray) -> FloatArray:
    flat = motion.reshape(-1, motion.shape[-1])
    aperture = visemes.lip_aperture(flat[:, :_E], flat[:, _E : _E + 3])
    return aperture.reshape(motion.shape[:-1])


def _gaze_distance(ours: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return how far the distributions of the angle are apart (Wasserstein-1), degrees."""
    first, second = (np.sort(np.degrees(x).ravel()) for x in (ours, truth))
    return float(np.abs(first - second).mean())


def _answered(given: Set, channel: int, delay: int) -> Interval:
    """Return how one's course correlates with the other's this much earlier, over all scenes."""
    course = given.motion[..., channel].astype(np.float64)
    course = course - course.mean(axis=-1, keepdims=True)
    early, late = course[..., :-delay], course[:, ::-1, delay:]
    sums = [part.sum(axis=(1, 2)) for part in (early * late, np.square(early), np.square(late))]
    weights = np.concatenate([np.ones((1, len(course))), intervals.drawn(len(course), 1)])
    both, first, second = (weights @ part for part in sums)
    r = both / np.sqrt(np.maximum(first * second, 1e-12))
    return intervals.around(float(r[0]), r[1:])


def _correlation(ours: FloatArray, truth: FloatArray, part: NDArray[np.bool_]) -> Interval:
    """Return r of two curves (n_scenes, 2, T) where `part` is true."""
    scene = np.broadcast_to(np.arange(len(ours))[:, None, None], ours.shape)[part]
    weights = np.concatenate([np.ones((1, len(ours)), np.float32), intervals.drawn(len(ours), 1)])
    x, y = (curve[part].astype(np.float64) for curve in (ours, truth))
    r = intervals.correlations(x, y, weights[:, scene])
    return intervals.around(float(r[0]), r[1:])
