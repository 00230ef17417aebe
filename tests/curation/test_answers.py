"""The face model's memory is read as it lies, without an object for each landmark."""

import ctypes
from types import SimpleNamespace

import numpy as np
import pytest
from dualtalk.curation.faces import answers


class _Point(ctypes.Structure):
    _fields_ = (
        ("x", ctypes.c_float), ("y", ctypes.c_float), ("z", ctypes.c_float),
        ("is_seen", ctypes.c_bool), ("name", ctypes.c_char_p),
    )  # fmt: skip


class _Shape(ctypes.Structure):
    _fields_ = (("index", ctypes.c_int), ("score", ctypes.c_float), ("name", ctypes.c_char_p))


def _result() -> SimpleNamespace:
    points = (_Point * 3)(*(_Point(i, 0.5 * i, -i, True, b"point") for i in range(3)))
    shapes = (_Shape * 2)(_Shape(0, 0.25, b"one"), _Shape(1, 0.75, b"other"))
    return SimpleNamespace(
        held=(points, shapes),  # as long as the result
        face_landmarks=[
            SimpleNamespace(
                landmarks=ctypes.cast(points, ctypes.POINTER(_Point)), landmarks_count=3
            )
        ],
        face_landmarks_count=1,
        face_blendshapes=[
            SimpleNamespace(
                categories=ctypes.cast(shapes, ctypes.POINTER(_Shape)), categories_count=2
            )
        ],
        face_blendshapes_count=1,
        facial_transformation_matrixes=[SimpleNamespace(to_numpy=lambda: np.eye(4))],
        facial_transformation_matrixes_count=1,
    )


def test_structures_are_read_as_arrays_and_copied() -> None:
    result = _result()
    found = answers._read(result)
    result.held[0][2].x = 9.0  # MediaPipe frees it afterwards
    assert found.landmarks[0].dtype == np.float32
    np.testing.assert_array_equal(found.landmarks[0], [[0, 0, 0], [1, 0.5, -1], [2, 1, -2]])
    np.testing.assert_array_equal(found.scores[0], [0.25, 0.75])
    np.testing.assert_array_equal(found.transforms[0], np.eye(4))
    assert answers.answer_of(found) is found


def test_objects_of_other_versions_are_understood() -> None:
    point = SimpleNamespace(x=1.0, y=2.0, z=3.0)
    result = SimpleNamespace(
        face_landmarks=[[point, point]],
        face_blendshapes=[[SimpleNamespace(score=0.5)]],
        facial_transformation_matrixes=[np.eye(4)],
    )
    found = answers.answer_of(result)
    np.testing.assert_array_equal(found.landmarks[0], [[1, 2, 3], [1, 2, 3]])
    assert found.scores[0] == pytest.approx([0.5])


def test_a_class_that_reads_no_memory_stays() -> None:
    class Other:
        pass

    answers.read_as_arrays(Other)
    assert not hasattr(Other, "from_ctypes")
