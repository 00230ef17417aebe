"""Staging: what the numbers mean in the scene."""

import math
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from dualtalk.core.conversation.turns import speaking
from dualtalk.core.directing.shots import SENSOR_MM, cameras, cuts, faces
from dualtalk.core.directing.stage_set import furniture, lights
from dualtalk.core.directing.staging import PRESETS, Seat, Staging
from dualtalk.core.errors import InputError
from dualtalk.core.paths import ASSETS


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


ASPECTS = (16 / 9, 1.0, 9 / 16)
#: Hairline and chin over the eyes, metres.
FACE_M = (0.076, -0.114)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", PRESETS)
def test_cameras_stay_on_one_side_and_show_whom_they_name(name: str, aspect: float) -> None:
    staging = PRESETS[name].staging
    eyes = [face.eyes_m for face in faces(staging)]
    for camera in cameras(staging, aspect):
        assert camera.position_m[1] < -0.05
        shown = {"two_shot": (0, 1), "over_a": (1,), "over_b": (0,), "close_a": (0,)}.get(
            camera.name, (1,)
        )
        for who in shown:
            across, up = _in_picture(camera, eyes[who])
            assert abs(across) < 0.47, (camera.name, who)
            if camera.name == "two_shot":  # one may sit and the other stand
                assert abs(up * aspect) < 0.32, who
            else:
                assert 0 < up * aspect < 0.3, (camera.name, who)  # above the middle, head room


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", PRESETS)
def test_over_the_shoulder_the_far_face_stands_on_a_third(name: str, aspect: float) -> None:
    staging = PRESETS[name].staging
    first, second = faces(staging)
    for camera, near, far in (
        (cameras(staging, aspect)[1], first, second),
        (cameras(staging, aspect)[2], second, first),
    ):
        side = np.sign(_in_picture(camera, far.eyes_m)[0])
        across, up = _in_picture(camera, far.eyes_m)
        assert abs(across) == pytest.approx(1 / 6, abs=0.01)
        assert up * aspect == pytest.approx(0.13, abs=0.02)
        top = _in_picture(camera, far.eyes_m + np.array([0.0, 0.0, 0.19]))[1]
        assert (top - up) * aspect == pytest.approx(0.33, abs=0.03)  # a face's share of the height
        # The near head stands on the other side, and its middle outside the picture.
        assert _in_picture(camera, near.eyes_m)[0] * side < -0.2


@pytest.mark.parametrize("name", PRESETS)
def test_close_ups_leave_room_where_the_face_looks(name: str) -> None:
    staging = PRESETS[name].staging
    first, second = faces(staging)
    for camera, shown, partner in (
        (cameras(staging)[3], first, second),
        (cameras(staging)[4], second, first),
    ):
        across, up = _in_picture(camera, shown.eyes_m)
        towards = _in_picture(camera, shown.eyes_m + 0.1 * (partner.eyes_m - shown.eyes_m))[0]
        assert np.sign(towards - across) == -np.sign(across)
        crown = _in_picture(camera, shown.eyes_m + np.array([0.0, 0.0, 0.13]))[1] * 16 / 9
        assert up * 16 / 9 < crown < 0.5


@pytest.mark.parametrize("name", PRESETS)
def test_nothing_of_the_stage_stands_between_a_camera_and_a_face(name: str) -> None:
    staging = PRESETS[name].staging
    for camera in cameras(staging):
        for who, placement in enumerate(faces(staging)):
            if camera.name in (f"over_{'ab'[who]}", f"close_{'ba'[who]}"):
                continue
            for share in np.linspace(0.02, 0.98, 60):
                point = camera.position_m + share * (placement.eyes_m - camera.position_m)
                for box in furniture(staging):
                    assert not _is_inside(point, box), (camera.name, box.name)


def test_the_key_light_of_each_comes_from_before_the_face() -> None:
    for preset in PRESETS.values():
        placed = preset.staging.placements()
        by_name = {light.name: light for light in lights(preset.staging)}
        for who, placement in zip("AB", placed, strict=True):
            partner = placed[1] if who == "A" else placed[0]
            ahead = partner.eyes_m - placement.eyes_m
            key = by_name[f"Key of {who}"].position_m - placement.eyes_m
            rim = by_name[f"Rim of {who}"].position_m - placement.eyes_m
            assert key @ ahead > 0 > rim @ ahead
            assert key[1] < 0 < rim[1]  # the key on the cameras' side, the rim behind


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("name", PRESETS)
def test_faces_of_a_two_shot_take_their_share_of_the_height(name: str, aspect: float) -> None:
    staging = PRESETS[name].staging
    least = {16 / 9: 0.17, 1.0: 0.13, 9 / 16: 0.075}[aspect]
    camera = cameras(staging, aspect)[0]
    for face in faces(staging):
        top, low = (_in_picture(camera, face.eyes_m + np.array([0.0, 0.0, z]))[1] for z in FACE_M)
        assert (top - low) * aspect > least


def test_upright_pictures_begin_with_who_speaks() -> None:
    speaking = np.zeros((2, 400), np.bool_)
    speaking[1, 50:150] = True
    speaking[0, 180:380] = True
    wide, upright = (cuts(speaking, aspect=aspect) for aspect in (16 / 9, 9 / 16))
    assert [cut.shot for cut in wide] == ["two_shot", "over_a", "over_b"]
    assert [cut.shot for cut in upright] == ["over_a", "over_b"]
    assert upright[0].frame == 0
    assert upright[1:] == wide[2:]


def test_cuts_follow_the_turns_and_not_the_feedback() -> None:
    speaking = np.zeros((2, 1000), np.bool_)
    speaking[0, 50:240] = True
    speaking[1, 200:210] = True  # "mhm"
    speaking[1, 260:440] = True
    result = cuts(speaking)
    assert [(cut.frame, cut.shot) for cut in result] == [
        (0, "two_shot"),
        (50, "over_b"),
        (260, "over_a"),
    ]
    assert [cut.shot for cut in cuts(speaking, "close")][1:] == ["close_a", "close_b"]


def test_a_turn_over_the_other_s_last_words_is_cut_to_in_the_next_pause() -> None:
    speaking = np.zeros((2, 400), np.bool_)
    speaking[0, 20:120] = True
    speaking[1, 110:140] = speaking[1, 148:300] = True
    assert [cut.frame for cut in cuts(speaking)] == [0, 20, 140]


def test_long_turns_show_the_listener_between_words() -> None:
    speaking = np.zeros((2, 900), np.bool_)
    for start in range(25, 875, 60):
        speaking[0, start : start + 52] = True  # a pause of 8 frames every 60
    shots = cuts(speaking)
    listener = [(a, b) for a, b in pairwise(shots) if a.shot == "close_b"]
    assert listener, "nobody sees the listener for half a minute"
    for shown, after in listener:
        assert not speaking[:, shown.frame].any()
        assert not speaking[:, after.frame].any()
        assert 38 <= after.frame - shown.frame <= 100
        assert after.shot == "over_b"


@pytest.mark.parametrize("style", ["over", "close"])
def test_no_cut_of_the_bundled_dialogue_falls_into_a_word(style: Literal["over", "close"]) -> None:
    soundfile = pytest.importorskip("soundfile", reason="reads the bundled dialogue")
    tracks = [soundfile.read(ASSETS / f"demo_speaker{i}.flac", dtype="float32")[0] for i in (1, 2)]
    active = speaking(np.stack([track[: min(map(len, tracks))] for track in tracks]))
    frames = [cut.frame for cut in cuts(active, style)][1:]
    assert len(frames) >= 5
    for frame in frames:
        assert not (active[:, frame - 1] & active[:, frame]).any()


def test_every_shot_lasts() -> None:
    rng = np.random.default_rng(0)
    speaking = np.repeat(rng.random((2, 300)) < 0.5, 20, axis=1)
    frames = [cut.frame for cut in cuts(speaking, min_shot_frames=50)]
    assert np.diff(frames)[1:].min() >= 50


def _is_inside(point, box) -> bool:
    c, s = np.cos(box.turn_rad), np.sin(box.turn_rad)
    x, y, z = point - box.center_m
    local = np.array([c * x + s * y, -s * x + c * y, z])
    return bool((np.abs(local) < box.size_m / 2).all())


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
