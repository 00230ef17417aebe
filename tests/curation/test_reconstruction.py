"""Heads in one space, faces from landmarks: what is known comes out again."""

import math
from typing import Any

import numpy as np
import pytest
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.curation.reconstruction.canonical import canonical, fitted
from dualtalk.curation.reconstruction.features import Watch, features
from dualtalk.curation.reconstruction.pose import Camera, Pose, poses, seen_from
from dualtalk.curation.reconstruction.regressor import (
    LEAST_CONFIDENCE,
    N_TARGETS,
    as_face,
    bundled,
    rested,
)  # fmt: skip
from dualtalk.curation.reconstruction.smoothing import filled, smoothed_rotations
from dualtalk.curation.reconstruction.space import shared_space
from scipy.spatial.transform import Rotation


def _watch(n_frames: int, turn_rad: float = 0.0, scale: float = 100.0) -> Watch:
    """Return a face of random landmarks that turns about y."""
    face = np.random.default_rng(1).normal(0, 0.5, (478, 3))
    turns = Rotation.from_rotvec([[0, turn_rad * i, 0] for i in range(n_frames)]).as_matrix()
    seen = np.einsum("tij,nj->tni", turns, face) * scale
    landmarks = seen * np.array([1, -1, -1]) + np.array([640.0, 360.0, 0.0])
    transforms = np.tile(np.eye(4), (n_frames, 1, 1))
    transforms[:, :3, :3] = turns
    return Watch(landmarks, np.zeros((n_frames, 52)), transforms)


def test_a_turn_of_the_head_moves_no_face() -> None:
    face = canonical(*(lambda w: (w.landmarks, w.transforms[:, :3, :3]))(_watch(20, 0.03)))
    assert np.abs(face.moved).max() < 1e-6


def test_a_turn_that_is_known_badly_is_mended_by_what_is_stable() -> None:
    watch = _watch(20, 0.03)
    face = canonical(watch.landmarks, np.tile(np.eye(3), (20, 1, 1)))
    assert np.abs(face.moved).max() < 1e-6


def test_points_are_laid_over_each_other() -> None:
    source = np.random.default_rng(2).normal(size=(9, 3))
    turn = Rotation.from_rotvec([0.3, -0.2, 0.5]).as_matrix()
    rotation, scale, shift = fitted(source, 2.5 * source @ turn.T + [1.0, 2.0, 3.0])
    assert rotation == pytest.approx(turn)
    assert scale == pytest.approx(2.5)
    assert shift == pytest.approx([1.0, 2.0, 3.0])


def test_twice_as_far_is_half_as_large() -> None:
    camera = Camera(1000.0, (640.0, 360.0))
    near, far = (poses(_watch(3, scale=s), camera, 0.055).eyes_m[0] for s in (100.0, 50.0))
    assert far[2] == pytest.approx(2 * near[2], rel=1e-6)
    assert near[2] < 0


def test_a_face_at_the_side_is_turned_by_where_it_is() -> None:
    turned = seen_from(np.array([math.tan(0.4), 0.0])) @ np.array([0.0, 0.0, 1.0])
    assert math.atan2(turned[0], turned[2]) == pytest.approx(-0.4)  # it looks at the camera


def test_what_is_not_seen_is_filled_and_rotations_stay_rotations() -> None:
    values = np.array([[0.0], [9.0], [2.0], [3.0]])
    assert filled(values, np.array([True, False, True, True]))[1] == pytest.approx(1.0)
    rough = Rotation.from_rotvec(np.random.default_rng(3).normal(0, 0.1, (40, 3))).as_matrix()
    smooth = smoothed_rotations(rough)
    assert np.einsum("tij,tik->tjk", smooth, smooth) == pytest.approx(
        np.tile(np.eye(3), (40, 1, 1))
    )


def _facing(yaw_rad: float, eyes_m: tuple[float, float, float], n_frames: int = 30) -> Pose:
    turn = Rotation.from_rotvec([0, yaw_rad, 0]).as_matrix()
    return Pose(np.tile(turn, (n_frames, 1, 1)), np.tile(np.array(eyes_m), (n_frames, 1)))


def test_two_who_face_each_other_do_so_in_the_shared_space() -> None:
    space = shared_space(
        (_facing(math.pi / 2, (-0.6, 0, -2)), _facing(-math.pi / 2, (0.6, 0.1, -2)))
    )
    assert space.distance_m == pytest.approx(1.2)
    assert space.turns_rad() == pytest.approx((0.0, 0.0), abs=1e-9)
    assert space.as_json()["height_difference_m"] == pytest.approx(0.1)
    assert np.abs(space.heads).max() < 1e-9


def test_bodies_that_open_to_the_camera_turn_to_opposite_sides() -> None:
    space = shared_space((_facing(0.0, (-0.6, 0, -2)), _facing(0.0, (0.6, 0, -2))))
    assert space.turns_rad() == pytest.approx((-math.pi / 2, math.pi / 2))


def test_a_nod_about_the_neck_is_no_walk() -> None:
    from dualtalk.curation.reconstruction.space import _lever_m

    nods = Rotation.from_rotvec([[0.2 * math.sin(i / 5), 0, 0] for i in range(60)]).as_matrix()
    nodding = Pose(nods, nods @ _lever_m() + np.array([-0.5, 0, -2]))
    space = shared_space((nodding, _facing(0.0, (0.5, 0, -2), 60)))
    assert np.abs(space.translations[0]).max() < 0.004
    assert np.ptp(space.heads[0][:, 0]) == pytest.approx(0.4, abs=0.02)


def test_lips_close_no_further_than_the_jaw_is_open() -> None:
    values = np.full((2, 45), 2.0)
    values[:, 40] = [0.0, JAW_OPEN_RAD / 2]
    face = as_face(values)
    assert face.expression[:, ARKIT_INDEX["mouthClose"]] == pytest.approx([0.0, 0.5])
    assert face.expression.max() <= 1.0


def test_a_mouth_is_closed_where_it_closes_most() -> None:
    values = np.full((100, N_TARGETS), 0.3)
    jaw, lower = len(ARKIT_INDEX), ARKIT_INDEX["mouthLowerDownLeft"]
    values[:, jaw] = 0.02 + 0.1 * np.sin(np.arange(100) / 5).clip(0)
    silent = np.full((100, N_TARGETS), 0.02)
    opened = rested(values)
    assert np.quantile(opened[:, jaw], 0.1) == pytest.approx(0)
    assert np.ptp(opened[:, jaw]) == pytest.approx(1.2 * np.ptp(values[:, jaw]))
    assert opened[:, lower] == pytest.approx(0)
    assert opened[:, ARKIT_INDEX["browDownLeft"]] == pytest.approx(0.3)
    assert rested(silent)[:, jaw] == pytest.approx(0)
    assert values[0, lower] == 0.3  # what is given stays


def test_the_bundled_weights_fit_the_features() -> None:
    regressor = bundled()
    found = regressor.predict(features(_watch(4)))
    assert found.shape == (4, 45)
    assert np.isfinite(found).all()


def test_what_landmarks_do_not_show_is_not_to_be_trusted() -> None:
    trust: dict[str, Any] = dict(zip(ARKIT_INDEX, bundled().confidence, strict=True))
    assert trust["eyeBlinkLeft"] > 0.6
    assert trust["mouthSmileLeft"] > 0.5
    for hidden in ("tongueOut", "noseSneerLeft", "mouthDimpleLeft", "cheekPuff"):
        assert trust[hidden] < LEAST_CONFIDENCE
