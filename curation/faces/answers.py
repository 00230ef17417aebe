"""What MediaPipe answers, read as arrays.

Its own reading makes a Python object of each of 478 landmarks of every face, a twentieth of the
time of the whole pipeline; the numbers are the same.
"""

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """What was found in a picture; each list has an array per face."""

    landmarks: list[Floats]  #: (478, 3) shares of the picture's size
    scores: list[Floats]  #: (52,) of the blend shapes
    transforms: list[Floats]  #: (4, 4)


def read_as_arrays(result_class: Any) -> None:
    """Let MediaPipe's class of results read its memory by `_read`, once; others stay as they are.

    Versions before 0.10.33 have other memory: `answer_of` understands what they read too.
    """
    if "from_ctypes" in vars(result_class):
        result_class.from_ctypes = staticmethod(_read)


def answer_of(result: Any) -> Answer:
    """Return the arrays of an answer, whoever read it."""
    if isinstance(result, Answer):
        return result
    return Answer(
        [np.array([(p.x, p.y, p.z) for p in each], np.float32) for each in result.face_landmarks],
        [np.array([s.score for s in each], np.float32) for each in result.face_blendshapes],
        [np.array(each, np.float32) for each in result.facial_transformation_matrixes],
    )


def _read(result: Any) -> Answer:
    """Return copies of what MediaPipe holds, which it frees afterwards."""
    points = (result.face_landmarks[i] for i in range(result.face_landmarks_count))
    shapes = (result.face_blendshapes[i] for i in range(result.face_blendshapes_count))
    n_transforms = result.facial_transformation_matrixes_count
    transforms = (result.facial_transformation_matrixes[i] for i in range(n_transforms))
    return Answer(
        [_columns(each.landmarks, each.landmarks_count, ("x", "y", "z")) for each in points],
        [_columns(each.categories, each.categories_count, ("score",))[:, 0] for each in shapes],
        [np.array(each.to_numpy(), np.float32) for each in transforms],
    )


def _columns(first: Any, count: int, names: tuple[str, ...]) -> Floats:
    """Return fields of `count` structures that lie one after the other, (count, n_names)."""
    kind = first._type_
    held = np.frombuffer(ctypes.string_at(first, count * ctypes.sizeof(kind)), _layout(kind, names))
    return np.stack([held[name] for name in names], axis=1)


@cache
def _layout(kind: Any, names: tuple[str, ...]) -> np.dtype[Any]:
    """Return where the floats of a structure lie."""
    offsets = [getattr(kind, name).offset for name in names]
    formats = ["f4"] * len(names)
    size = ctypes.sizeof(kind)
    return np.dtype(
        {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": size}
    )
