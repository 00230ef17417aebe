"""Staging: what the numbers mean in the scene."""

import math

import numpy as np
import pytest
from dualtalk.core.directing.shots import SENSOR_MM, cameras, cuts
from dualtalk.core.directing.staging import PRESETS, Seat, Staging
from dualtalk.core.errors import InputError


@pytest.mark.parametrize("name", PRESETS)
def test_presets_put_the_eyes_at_their_distance_and_height(name: str) -> None:
    staging = PRESETS[name].staging
    first, second = staging.placements()
    apart = second.eyes_m - first.eyes_m
    assert np.hypot(apart[0], apart[1]) == pytest.approx(staging.distance_m)
    assert apart[2] == pytest.approx(staging.height_difference_m)
    assert first.eyes_m[0] < 0 < second.eyes_m[0]


def test_without_turn_each_faces_the_other() -> None:
    first, second = Staging().placements()
    assert first.facing == pytest.approx([1, 0, 0], abs=1e-12)
    assert second.facing == pytest.approx([-1, 0, 0], abs=1e-12)


@pytest.mark.parametrize("angle", [0, 40, 90, 180])
def test_the_angle_is_the_one_between_the_faces_and_opens_to_the_cameras(angle: float) -> None:
    staging = Staging().with_angle(math.radians(angle))
    first, second = staging.placements()
    between = math.acos(np.clip(first.facing @ second.facing, -1, 1))
    assert math.degrees(between) == pytest.approx(angle, abs=1e-4)
    assert staging.angle_rad == pytest.approx(between, abs=1e-6)
    assert first.facing[1] <= 1e-9
    assert second.facing[1] <= 1e-9


@pytest.mark.parametrize("turn", [0.0, 1.2])
def test_leaning_in_brings_both_closer_however_they_sit(turn: float) -> None:
    seats = (Seat(turn_rad=-turn, lean_rad=0.3), Seat(turn_rad=turn, lean_rad=0.2))
    first, second = Staging(1.0, seats).placements()
    assert second.eyes_m[0] - first.eyes_m[0] < 1.0 - 0.77 * (math.sin(0.3) + math.sin(0.2)) + 1e-9
    assert first.eyes_m[2] < 1.2


def test_numbers_outside_the_sliders_are_refused() -> None:
    with pytest.raises(InputError, match="distance"):
        Staging(distance_m=0.1)
    with pytest.raises(InputError, match="lean"):
        Seat(lean_rad=2.0)
    with pytest.raises(InputError, match="eyes"):
        Seat(eye_height_m=9)


@pytest.mark.parametrize("name", PRESETS)
def test_cameras_stay_on_one_side_and_show_whom_they_name(name: str) -> None:
    staging = PRESETS[name].staging
    eyes = [placement.eyes_m for placement in staging.placements()]
    for camera in cameras(staging):
        assert camera.position_m[1] < -0.05
        shown = {"two_shot": (0, 1), "over_a": (0, 1), "over_b": (0, 1)}.get(
            camera.name, (0,) if camera.name == "close_a" else (1,)
        )
        for who in shown:
            across, up = _in_picture(camera, eyes[who])
            # Of the one whose shoulder we look past, the eyes may be outside.
            if camera.name == f"over_{'ab'[who]}":
                continue
            assert abs(across) < 0.45, (camera.name, who)
            assert abs(up) < 0.45 * 9 / 16, (camera.name, who)


def test_over_the_shoulder_sees_the_far_face_beside_the_near_head() -> None:
    for preset in PRESETS.values():
        eyes = [placement.eyes_m for placement in preset.staging.placements()]
        camera = next(c for c in cameras(preset.staging) if c.name == "over_a")
        near, far = eyes
        sight = far - camera.position_m
        along = sight / np.linalg.norm(sight)
        offset = near - camera.position_m
        beside = offset - (offset @ along) * along
        assert np.linalg.norm(beside) > 0.12, preset.label  # a head's half width is 0.08 m


def test_cuts_follow_the_turns_and_not_the_feedback() -> None:
    speaking = np.zeros((2, 1000), np.bool_)
    speaking[0, 50:400] = True
    speaking[1, 200:210] = True  # "mhm"
    speaking[1, 420:800] = True
    result = cuts(speaking)
    assert [(cut.frame, cut.shot) for cut in result] == [
        (0, "two_shot"),
        (50, "over_b"),
        (420, "over_a"),
    ]
    assert [cut.shot for cut in cuts(speaking, "close")][1:] == ["close_a", "close_b"]


def test_every_shot_lasts() -> None:
    rng = np.random.default_rng(0)
    speaking = np.repeat(rng.random((2, 300)) < 0.5, 20, axis=1)
    frames = [cut.frame for cut in cuts(speaking, min_shot_frames=50)]
    assert np.diff(frames)[1:].min() >= 50


def _in_picture(camera, point):
    """Return where a point is in the picture, in widths from its middle."""
    forward = camera.target_m - camera.position_m
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    offset = point - camera.position_m
    scale = camera.focal_mm / SENSOR_MM / (offset @ forward)
    return (offset @ right) * scale, (offset @ up) * scale
