"""What is kept of a face's pixels: a small mouth, and how sharp the face is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..footage.video import Picture
from .landmarker import Face

#: Corners of the mouth, MediaPipe's numbering: the person's right and left.
MOUTH_CORNERS = (61, 291)
_MOUTH_PX = (32, 24)
_FACE_PX = 64


@dataclass(frozen=True)
class Patches:
    """Of one face in one frame."""

    mouth: NDArray[np.uint8]  #: (24, 32) grey, upright, the mouth's corners in fixed places
    sharpness: float  #: variance of the Laplacian of the face at 64 px


def patches_of(picture: Picture, face: Face) -> Patches:
    """Cut them out of a picture."""
    return Patches(_mouth(picture, face), _sharpness(picture, face))


def _mouth(picture: Picture, face: Face) -> NDArray[np.uint8]:
    """Return the mouth as if the head were upright; the chin moves, the corners do not.

    The scale is that of the face, not of the mouth, so that a smile stays one.
    """
    right, left = face.landmarks[MOUTH_CORNERS[0], :2], face.landmarks[MOUTH_CORNERS[1], :2]
    middle, across = (right + left) / 2, left - right
    angle = np.degrees(np.arctan2(across[1], across[0]))
    width, height = _MOUTH_PX
    scale = 0.55 * width / max(0.3 * face.size_px, 1.0)
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), float(angle), scale)
    turn[:, 2] += np.array([width / 2, height / 2]) - middle
    part = cv2.warpAffine(picture, turn, _MOUTH_PX, flags=cv2.INTER_AREA)
    grey: NDArray[np.uint8] = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    return grey


def _sharpness(picture: Picture, face: Face) -> float:
    height, width = picture.shape[:2]
    left, top, right, bottom = face.box
    x = np.clip([left, right], 0, width).astype(int)
    y = np.clip([top, bottom], 0, height).astype(int)
    part = picture[y[0] : y[1], x[0] : x[1]]
    if min(part.shape[:2]) < 8:
        return 0.0
    grey = cv2.cvtColor(cv2.resize(part, (_FACE_PX, _FACE_PX)), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())
