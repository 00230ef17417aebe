"""One face is captured, and the other one reacts to it."""

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.motion import Motion
from dualtalk.inference.networks.shared_space import Places, angles_to
from dualtalk.inference.two_track import captured
from dualtalk.inference.two_track.captured import Face
from dualtalk.inference.two_track.predict import PredictOptions
from scipy.spatial.transform import Rotation

OPTIONS = PredictOptions(device="cpu", raw=True)


def never() -> None:
    raise AssertionError("two recordings need no network")


def actor(yaw_deg: float, pitch_deg: float, n_frames: int = 250, seed: int = 0) -> Motion:
    """Return somebody who looks there, and for a second 25 degrees past it; the head sways."""
    rng = np.random.default_rng(seed)
    look = np.tile(np.radians([yaw_deg, pitch_deg]), (n_frames, 1))
    look[100:125, 0] += np.radians(25)
    sway = np.cumsum(rng.normal(0, 0.002, (n_frames, 2)), axis=0)
    head_angles = 0.6 * np.tile(np.radians([yaw_deg, pitch_deg]), (n_frames, 1)) + sway
    head = Rotation.from_euler("YX", head_angles * [1, -1])
    way = np.stack(
        [np.sin(look[:, 0]) * np.cos(look[:, 1]), np.sin(look[:, 1]),
         np.cos(look[:, 0]) * np.cos(look[:, 1])], axis=1,
    )  # fmt: skip
    yaw, pitch = angles_to(head.inv().apply(way))
    eyes = Rotation.from_euler("YX", np.stack([yaw, -pitch], axis=1)).as_rotvec()
    return Motion.from_arrays(
        rng.uniform(0, 1, (n_frames, 40)), head=head.as_rotvec(),
        eyes=np.repeat(eyes[:, None], 2, axis=1),
    )  # fmt: skip


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (25, -10), (-40, 15)])
def test_the_partner_is_where_the_gaze_rests(yaw: float, pitch: float) -> None:
    found = captured.facing(actor(yaw, pitch), has_eyes=True)
    np.testing.assert_allclose(np.degrees(found), [yaw, pitch], atol=1.0)


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("preset", ["interview", "bench", "apart"])
def test_looks_and_head_are_those_of_the_recording(preset: str, who: int) -> None:
    staging = PRESETS[preset].staging
    faces = (Face(actor(20, -5)), Face(actor(-30, 5, seed=1)))
    both = captured.perform(captured.silence_for(faces), faces, never, OPTIONS, staging)
    assert both.gaze.own_lids == (True, True)
    looks = both.gaze.looks[who]
    assert [look.aim for look in looks] == ["partner", "away", "partner"]
    assert abs(looks[1].frame - 100) <= 2
    assert np.degrees(looks[1].yaw_rad) == pytest.approx(25, abs=3)
    np.testing.assert_array_equal(both.motions[who].expression, faces[who].motion.expression)
    # What the rig turns by itself and what is left make the recorded head, seen from the partner.
    recorded = Rotation.from_rotvec(faces[who].motion.head)
    rests = captured.facing(faces[who].motion, True)
    towards = Rotation.from_euler("YX", [rests[0], -rests[1]]).inv() * recorded
    yaw, pitch = angles_to(Places.of(staging).partner_m[who])
    wanted = Rotation.from_euler("YX", [yaw, -pitch]) * towards
    led = _led(both, staging, who)
    made = Rotation.from_rotvec(led) * Rotation.from_rotvec(both.motions[who].head)
    assert np.degrees((made.inv() * wanted).magnitude()).max() < 0.01


def test_the_other_one_reacts_to_the_face_and_to_its_sound(seeded) -> None:
    dialogue = Dialogue(np.random.default_rng(3).normal(0, 0.05, (2, 32_000)).astype(np.float32))
    n = dialogue.n_frames
    still, lively = Motion.at_rest(n), actor(0, 0, n)
    first, second = (
        captured.perform(dialogue, (None, Face(face)), lambda: seeded, OPTIONS)
        for face in (still, lively)
    )
    assert first.motions[0].n_frames == n
    assert not np.allclose(first.motions[0].expression, second.motions[0].expression)
    np.testing.assert_array_equal(second.motions[1].expression, lively.expression)
    again = captured.perform(dialogue, (None, Face(lively)), lambda: seeded, OPTIONS)
    np.testing.assert_array_equal(again.motions[0].expression, second.motions[0].expression)


def test_a_face_without_sound_speaks_by_its_mouth(seeded) -> None:
    jaw = np.zeros((200, 3))
    jaw[50:120, 0] = 0.15 + 0.1 * np.sin(np.arange(70) * 1.5)
    face = Face(Motion.from_arrays(np.zeros((200, 40)), jaw))
    made = captured.perform(
        captured.silence_for((face, None)), (face, None), lambda: seeded, OPTIONS
    )
    assert made.motions[1].n_frames == 200
    assert made.speaking[0, 60:110].all()
    assert not made.speaking[1].any()


def _led(both: captured.Together, staging, who: int) -> np.ndarray:
    from dualtalk.core.directing.gaze_curves import gaze_curves, head_share
    from dualtalk.inference.mixed.gaze import gaze_head

    places = staging.placements()
    share = head_share(places[who], places[1 - who])
    curves = gaze_curves(both.gaze, who, share=share)
    return gaze_head(Places.of(staging).partner_m[who], share, curves, both.gaze.n_frames)
