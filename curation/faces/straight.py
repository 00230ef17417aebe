"""How a head is turned where it was not in the middle of what the face model looked at.

The model says how a head is turned against the camera of the picture that it is given. Where the
face is off the middle of a picture, that camera sees a face of the same looks as turned: by 9
degrees for one of two crops side by side. Looks at one face alone have no such error; what they
show of a person's form tells the turn in the others.
"""

from dataclasses import replace

import numpy as np

from ..reconstruction.canonical import STABLE, Floats, fitted
from .landmarker import Face

_STABLE = list(STABLE)
_UPRIGHT = np.array([1.0, -1.0, -1.0])


def straightened(faces: list[Face | None]) -> list[Face | None]:
    """Return a person's faces with every turn as a camera would give it that looks at the face.

    A person who was never looked at alone stays as found.
    """
    alone = [face for face in faces if face is not None and face.is_centred]
    if not alone:
        return faces
    form = np.mean([_stable(face) @ face.transform[:3, :3] for face in alone], axis=0)
    return [
        face if face is None or face.is_centred else _turned(face, fitted(form, _stable(face))[0])
        for face in faces
    ]


def _stable(face: Face) -> Floats:
    """Return the points that no expression moves, (n, 3), of one size, y up and z to the camera."""
    points = face.landmarks[_STABLE] * _UPRIGHT
    points = points - points.mean(axis=0)
    unit: Floats = points / np.sqrt(np.square(points).sum(axis=1).mean())
    return unit


def _turned(face: Face, rotation: Floats) -> Face:
    transform = face.transform.copy()
    transform[:3, :3] = rotation
    return replace(face, transform=transform)
