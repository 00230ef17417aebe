"""Clips that curation took, as both trainings read them, with how far each number is to be trusted.

What a shard holds is what was seen: shapes with the confidence that the regressor has of them, and
0 where a face was not seen well. Rotations and places have none of their own: they count in frames
that are good.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, n_frames_of
from dualtalk.core.directing.staging import DISTANCE_RANGE_M, SEATED_EYE_HEIGHT_M, Seat, Staging
from dualtalk.core.errors import InputError
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.curation.reconstruction.regressor import LEAST_CONFIDENCE
from dualtalk.curation.records import shards
from dualtalk.curation.records.record import Result
from dualtalk.inference.networks.unet import N_MOTION
from dualtalk.inference.postprocess.motion import values_of
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_E = len(ARKIT_SHAPES)
#: Rotations of the jaw about y and z and of the eyes about z are not looked for in pictures; the
#: eyes' pitch is found with r 0.58, a third of its variance (docs/curation.md).
_UNSEEN = [_E + 1, _E + 2, _E + 8, _E + 11]
_GAZE_PITCH, _PITCH_TRUST = [_E + 6, _E + 9], 0.34


@dataclass(frozen=True)
class Clip:
    """Two people of a video; index 0 of each array but `sound` is the person."""

    sound: FloatArray  #: (n_frames * 640,) of both, 16 kHz
    tracks: FloatArray  #: (2, n_frames * 640) the same while each speaks
    motion: FloatArray  #: (2, n_frames, 55)
    trust: FloatArray  #: (2, n_frames, 55) 0 to 1
    speaking: FloatArray  #: (2, n_frames) likelihood
    staging: Staging

    @property
    def n_frames(self) -> int:
        """Length at 25 frames per second."""
        return self.motion.shape[1]


def clip_of(result: Result) -> Clip:
    """Return what training reads of a clip."""
    n = min(
        result.motions[0].n_frames, n_frames_of(len(result.sound)),
        result.turns.probability.shape[1],
    )  # fmt: skip
    n_samples = n * FRAME_SAMPLES
    sound = np.zeros(n_samples, np.float32)
    tracks = np.zeros((2, n_samples), np.float32)
    heard = min(n_samples, len(result.sound))
    sound[:heard], tracks[:, :heard] = result.sound[:heard], result.tracks()[:, :heard]
    return Clip(
        sound, tracks,
        np.stack([values_of(motion)[:n] for motion in result.motions]),
        trust_of(result.confidence[:, :n]),
        result.turns.probability[:, :n].astype(np.float32),
        staging_of(result),
    )  # fmt: skip


def trust_of(confidence: FloatArray) -> FloatArray:
    """Return how far each of 55 channels is to be trusted, from that of 40 shapes (2, T, 40)."""
    trust = np.zeros((*confidence.shape[:2], N_MOTION), np.float32)
    trust[..., :_E] = np.where(confidence < LEAST_CONFIDENCE, 0.0, confidence)
    is_good = confidence.max(axis=2, keepdims=True) > 0
    trust[..., _E:] = is_good
    trust[..., _GAZE_PITCH] *= _PITCH_TRUST
    trust[..., _UNSEEN] = 0.0
    return trust


def staging_of(result: Result) -> Staging:
    """Return where both are, as the networks know it; what no staging can be is brought near."""
    said = result.staging
    distance, higher = (float(str(said[key])) for key in ("distance_m", "height_difference_m"))
    turns = said["turn_rad"]
    if not isinstance(turns, list) or len(turns) != 2:
        raise InputError(
            f"A clip's staging has the turns {turns!r}, not two numbers: make it anew."
        )
    higher = min(max(higher, -0.8), 0.8)
    seats = (
        Seat(SEATED_EYE_HEIGHT_M, float(turns[0])),
        Seat(SEATED_EYE_HEIGHT_M + higher, float(turns[1])),
    )
    return Staging(float(np.clip(distance, *DISTANCE_RANGE_M)), seats)


def places_in(folder: Path) -> list[shards.Place]:
    """Return where the clips are that were taken, of a folder of shards.

    Raises:
        InputError: there is none, or a shard is damaged.
    """
    found = shards.taken(folder)
    if not found:
        raise InputError(
            f"{folder} holds no clip that was taken: give the folder of shards that "
            "'python -m dualtalk.curation' wrote."
        )
    return found


def clips_in(folder: Path) -> Iterator[Clip]:
    """Yield every clip that was taken, of a folder of shards.

    Raises:
        InputError: there is none, or a shard is damaged.
    """
    for place in places_in(folder):
        yield clip_of(shards.result_at(place))
