"""Two tracked people become two motions in one space, with a confidence per shape and frame."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.motion import Motion
from ..faces.quality import Quality
from ..faces.tracks import Track
from ..options import DEFAULTS, Options
from .features import DISTANCES, Watch, distances, features
from .pose import Camera, Pose, poses
from .regressor import Regressor, as_face, bundled, rested
from .smoothing import FACE_WINDOW, PLACE_WINDOW, filled, smoothed, smoothed_rotations
from .space import Space, shared_space

Floats = NDArray[np.floating[Any]]

_MOUTH = [list(DISTANCES).index(name) for name in ("lip_gap", "mouth_width")]


@dataclass(frozen=True)
class Reconstruction:
    """Both people of a clip, the left one first."""

    motions: tuple[Motion, Motion]
    confidence: NDArray[np.float32]  #: (2, n_frames, 40) 0 to 1
    space: Space
    mouths: Floats  #: (2, n_frames, 2) of `mouth_of`


@dataclass(frozen=True)
class _Person:
    values: Floats
    pose: Pose
    confidence: Floats
    mouth: Floats


def reconstruct(
    tracks: tuple[Track, Track],
    qualities: tuple[Quality, Quality],
    camera: Camera,
    options: Options = DEFAULTS,
    regressor: Regressor | None = None,
) -> Reconstruction:
    """Return what both do, filled where they were not seen and smoothed in time."""
    regressor = regressor or bundled()
    people = [
        _person(track, quality.usable(options), camera, regressor)
        for track, quality in zip(tracks, qualities, strict=True)
    ]
    space = shared_space((people[0].pose, people[1].pose))
    motions = []
    for who, person in enumerate(people):
        face = as_face(rested(person.values))
        motions.append(
            Motion.from_arrays(
                face.expression, jaw=face.jaw, head=space.heads[who], eyes=face.eyes,
                translation=space.translations[who],
            )
        )  # fmt: skip
    return Reconstruction(
        (motions[0], motions[1]),
        np.stack([person.confidence for person in people]).astype(np.float32),
        space,
        np.stack([person.mouth for person in people]),
    )


def watch_of(track: Track) -> tuple[Watch, NDArray[np.bool_]]:
    """Return a person's landmarks, filled where the face was not seen, and where it was."""
    seen = np.array([face is not None for face in track.faces])
    faces = [face for face in track.faces if face is not None]
    n_frames = len(seen)

    def spread(rows: list[NDArray[np.float32]]) -> Floats:
        whole = np.zeros((n_frames, *rows[0].shape))
        whole[seen] = np.stack(rows)
        return whole if seen.all() else filled(whole, seen)

    watch = Watch(
        spread([face.landmarks for face in faces]),
        spread([face.blendshapes for face in faces]),
        spread([face.transform for face in faces]),
    )
    return watch, seen


def _person(
    track: Track, usable: NDArray[np.bool_], camera: Camera, regressor: Regressor
) -> _Person:
    watch, seen = watch_of(track)
    values = smoothed(regressor.predict(features(watch)), FACE_WINDOW)
    pose = poses(watch, camera, regressor.face_m)
    pose = Pose(smoothed_rotations(pose.rotation), smoothed(pose.eyes_m, PLACE_WINDOW))
    trust = regressor.confidence * np.where(usable & seen, 1.0, 0.0)[:, None]
    return _Person(values, pose, trust, mouth_of(watch))


def mouth_of(watch: Watch) -> Floats:
    """Return how far the lips and the mouth's corners are apart, (n_frames, 2), of the own face."""
    found: Floats = distances(watch.canonical.points)[:, _MOUTH]
    return found
