"""One mixed track: the network's parts with seeded weights, and the bundled network on the demo."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from dualtalk import cli
from dualtalk.core.conversation.dialogue import Dialogue, n_frames_of
from dualtalk.core.conversation.turns import speaking
from dualtalk.core.directing.gaze_curves import head_share
from dualtalk.core.directing.staging import PRESETS, Seat, Staging
from dualtalk.core.errors import CancelledError, CheckpointError, InputError
from dualtalk.core.jobs.requests import GenerateRequest
from dualtalk.core.jobs.results import write_turns
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.mixed.gaze import for_gaze_rig, looks_of, with_fixations
from dualtalk.inference.mixed.predict import (
    OVERLAP_FRAMES,
    WINDOW_FRAMES,
    MixedOptions,
    fitted,
    noise_of,
    predict_mixed,
)
from dualtalk.inference.networks import diffusion
from dualtalk.inference.networks.audio import frozen_encoder
from dualtalk.inference.networks.audio.frozen_encoder import FrozenAudioEncoder
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.inference.networks.shared_space import Places, gaze_angles, rotated
from dualtalk.inference.networks.unet import N_MOTION, Conditions, UNet, UNetConfig
from dualtalk.inference.windows import plan
from dualtalk.inference.workers import generate
from scipy.spatial.transform import Rotation

ASSETS = Path(__file__).resolve().parents[3] / "assets"
SMALL = UNetConfig(sizes=(16, 24, 32), condition_size=16, role_size=4)


@pytest.fixture(scope="module")
def audio_encoder() -> FrozenAudioEncoder:
    path = checkpoints.bundled_path(MixedNetwork)
    return checkpoints.load(path, MixedNetwork).network.audio_encoder


def seeded_unet(config: UNetConfig = SMALL) -> UNet:
    torch.manual_seed(3)
    unet = UNet(config)
    for parameter in unet.parameters():  # FiLM starts at zero; here it must show
        torch.nn.init.normal_(parameter, std=0.2)
    return unet.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def seeded_mixed(audio_encoder: FrozenAudioEncoder) -> MixedNetwork:
    scale = 0.05 * torch.ones(N_MOTION)
    return MixedNetwork.of(seeded_unet(), audio_encoder, torch.zeros(N_MOTION), scale)


def scene(n_frames: int) -> tuple[torch.Tensor, torch.Tensor, Conditions]:
    generator = torch.Generator().manual_seed(5)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    conditions = Conditions(draw(1, n_frames, 180), draw(2, n_frames).sigmoid(), draw(2, 8))
    return draw(2, n_frames, N_MOTION), torch.full((2,), 0.6), conditions


@pytest.mark.parametrize("n_frames", [1, 3, 50])
def test_people_share_weights_and_swap_with_their_conditions(n_frames: int) -> None:
    unet = seeded_unet()
    noisy, level, given = scene(n_frames)
    clean = unet(noisy, level, given)
    assert clean.shape == (2, n_frames, N_MOTION)
    other = Conditions(given.features, given.mask.flip(0), given.place.flip(0))
    torch.testing.assert_close(unet(noisy.flip(0), level, other), clean.flip(0))


@pytest.mark.parametrize("has_cross_attention", [True, False])
def test_people_hear_of_each_other_by_cross_attention_alone(has_cross_attention: bool) -> None:
    unet = seeded_unet(replace(SMALL, has_cross_attention=has_cross_attention))
    noisy, level, given = scene(24)
    changed = noisy.clone()
    changed[1] += 1.0
    same = torch.equal(unet(noisy, level, given)[0], unet(changed, level, given)[0])
    assert same is not has_cross_attention


def test_the_mask_mixes_the_role_embeddings() -> None:
    unet = seeded_unet(replace(SMALL, has_mask=False))
    noisy, level, given = scene(8)
    listening = unet(noisy, level, replace(given, mask=torch.zeros(2, 8)))
    speaks = unet(noisy, level, replace(given, mask=torch.ones(2, 8)))
    assert (listening - speaks).abs().max() > 1e-3
    deaf = seeded_unet(replace(SMALL, has_mask=False, has_roles=False))
    listening = deaf(noisy, level, replace(given, mask=torch.zeros(2, 8)))
    assert torch.equal(listening, deaf(noisy, level, replace(given, mask=torch.ones(2, 8))))


def test_sampling_with_a_perfect_network_ends_at_the_truth() -> None:
    generator = torch.Generator().manual_seed(1)
    truth, noise = (torch.randn(4, 5, generator=generator) for _ in range(2))
    levels = diffusion.levels(6)
    assert levels[-1] == 0.0
    noisy = diffusion.noised(truth, noise, torch.full((4,), levels[0]))
    for level, following in pairwise(levels):
        noisy = diffusion.stepped(noisy, truth, level, following)
        expected = diffusion.noised(truth, noise, torch.full((4,), following))
        torch.testing.assert_close(noisy, expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(noisy, truth, atol=1e-4, rtol=1e-4)


def test_most_steps_are_taken_while_the_noise_is_loud() -> None:
    for level in (0.2, 0.5, 0.9):
        ratios = [np.tan(np.pi / 2 * x) for x in (level, diffusion.shifted(level, 3.0))]
        assert ratios[1] == pytest.approx(3 * ratios[0])
        assert diffusion.shifted(level, 1.0) == pytest.approx(level)
    visited = diffusion.levels(8)
    assert visited == sorted(visited, reverse=True)
    assert sum(level > 0.7 for level in visited) >= 5


def test_noise_of_a_frame_does_not_depend_on_the_length() -> None:
    assert np.array_equal(noise_of(300, 4)[:, :120], noise_of(120, 4))
    assert not np.array_equal(noise_of(120, 4), noise_of(120, 5))


def test_a_long_track_is_encoded_as_if_at_once(audio_encoder: FrozenAudioEncoder) -> None:
    sound = torch.randn(640 * 200, generator=torch.Generator().manual_seed(2)) * 0.05
    whole = audio_encoder(sound[None], 200)[0]
    torch.testing.assert_close(audio_encoder.encode(sound, 200, 60), whole, atol=2e-5, rtol=1e-4)


@pytest.fixture(scope="module")
def encoder_of_today() -> FrozenAudioEncoder:
    """What a mixed network holds that is trained now: with the speech encoder."""
    return FrozenAudioEncoder.of(checkpoints.load(checkpoints.bundled_path()).network)


def voice() -> torch.Tensor:
    sound, _ = soundfile.read(ASSETS / "demo_speaker1.flac", dtype="float32")
    return torch.from_numpy(sound[: 16000 * 20])


def test_speech_is_encoded_in_pieces_as_if_at_once(encoder_of_today: FrozenAudioEncoder) -> None:
    sound = voice()
    n_frames = n_frames_of(len(sound))
    with torch.inference_mode():
        whole = encoder_of_today(sound[None], n_frames)[0]
        pieces = encoder_of_today.encode(sound, n_frames, 100)
    torch.testing.assert_close(pieces, whole, atol=5e-4, rtol=1e-3)


def test_a_seam_of_the_speech_encoder_is_not_heard(
    encoder_of_today: FrozenAudioEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = voice()
    n_frames = n_frames_of(len(sound))
    with torch.inference_mode():
        whole = encoder_of_today.encode(sound, n_frames)
        monkeypatch.setattr(frozen_encoder, "_BLOCK_VECTORS", 400)
        monkeypatch.setattr(frozen_encoder, "_FADE_VECTORS", 100)
        seamed = encoder_of_today.encode(sound, n_frames)
    off = (seamed - whole).square().mean().sqrt()
    assert 0 < off < 0.03 * whole.std(dim=0).mean()


def test_rotations_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    vectors, points = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))
    vectors[0] = 0
    ours = rotated(torch.from_numpy(vectors), torch.from_numpy(points)).numpy()
    np.testing.assert_allclose(ours, Rotation.from_rotvec(vectors).apply(points), atol=1e-6)


def test_places_are_what_each_person_sees() -> None:
    facing = Places.of(Staging(1.5))
    np.testing.assert_allclose(facing.partner_m, [[0, 0, 1.5]] * 2, atol=1e-9)
    np.testing.assert_allclose(facing.turn[0] @ [0, 0, 1], [0, 0, -1], atol=1e-9)
    # A body turned to its own left has the partner on its right: x is to the own left.
    turned = Places.of(Staging(2.0, (Seat(turn_rad=0.5), Seat(eye_height_m=1.6))))
    assert turned.partner_m[0][0] < -0.5
    assert turned.partner_m[0][1] == pytest.approx(0.4)
    assert turned.partner_m[1][1] == pytest.approx(-0.4)
    np.testing.assert_allclose(np.linalg.norm(turned.conditions()[:, :3], axis=1), 1, atol=1e-6)


def looking(staging: Staging, n_frames: int = 10) -> tuple[Motion, Motion]:
    """Return two people whose heads take their share and whose eyes meet the partner's face."""
    places, both = Places.of(staging), staging.placements()
    motions = []
    for who in (0, 1):
        x, y, z = places.partner_m[who]
        yaw, pitch = np.arctan2(x, z), np.arctan2(y, np.hypot(x, z))
        share = head_share(both[who], both[1 - who])
        head = Rotation.from_euler("YX", [share * yaw, -share * pitch])
        ax, ay, az = head.inv().apply(places.partner_m[who])
        eye = Rotation.from_euler("YX", [np.arctan2(ax, az), -np.arctan2(ay, np.hypot(ax, az))])
        still = np.zeros((n_frames, 40))
        eyes = np.tile(eye.as_rotvec(), (n_frames, 2, 1))
        motions.append(
            Motion.from_arrays(still, head=np.tile(head.as_rotvec(), (n_frames, 1)), eyes=eyes)
        )
    return motions[0], motions[1]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_eyes_that_meet_have_no_angle_and_leave_nothing_for_the_rig(name: str) -> None:
    staging = PRESETS[name].staging
    motions = looking(staging)
    arrays = [
        np.stack([getattr(m, part) for m in motions]) for part in ("head", "eyes", "translation")
    ]
    angles = gaze_angles(*arrays, Places.of(staging))
    assert np.degrees(angles.max()) < 0.2
    rest, plan = for_gaze_rig(motions, staging)
    assert [[look.aim for look in looks] for looks in plan.looks] == [["partner"], ["partner"]]
    for motion in rest:
        assert np.abs(motion.head).max() < 1e-5
        assert np.abs(motion.eyes).max() < 1e-5
    away = replace(motions[0], eyes=motions[0].eyes + np.array([0, 0.3, 0], np.float32))
    arrays[1][0] = away.eyes
    assert np.degrees(gaze_angles(*arrays, Places.of(staging))[0]).mean() == pytest.approx(
        17.2, abs=1
    )
    assert for_gaze_rig((away, motions[1]), staging)[0][0].eyes[0, 0, 1] == pytest.approx(
        0.3, abs=0.04
    )


def test_looks_are_read_where_the_gaze_rests() -> None:
    off = np.zeros((100, 2))
    off[30:60] = (0.3, -0.1)  # away, with a jump to another place
    off[45:60] = (-0.2, 0.0)
    off[80:83] = (0.4, 0.0)  # too short to be a look
    off += np.random.default_rng(0).normal(0, 0.01, off.shape)
    looks = looks_of(off)
    assert [(look.frame, look.aim) for look in looks] == [
        *((0, "partner"), (30, "away"), (45, "away"), (60, "partner"))
    ]
    assert looks[1].yaw_rad == pytest.approx(0.3, abs=0.01)
    assert looks[1].pitch_rad == pytest.approx(-0.1, abs=0.01)


@pytest.mark.parametrize(("missed", "kept"), [(0.06, False), (0.3, True)])
def test_eyes_that_nearly_meet_are_drawn_to_the_face(missed: float, kept: bool) -> None:
    staging = PRESETS["interview"].staging
    first, second = looking(staging)
    nods = np.linspace(0, 0.1, first.n_frames)[:, None, None] * np.array([1, 0, 0])
    off = replace(first, eyes=(first.eyes + np.array([0, missed, 0]) - nods).astype(np.float32))
    nodding = replace(off, head=(off.head + nods[:, 0]).astype(np.float32))

    def angle(motion: Motion) -> np.ndarray:
        pair = (motion, second)
        arrays = [np.stack([getattr(m, k) for m in pair]) for k in ("head", "eyes", "translation")]
        return gaze_angles(*arrays, Places.of(staging))[0]

    fixated_angle = angle(with_fixations((nodding, second), Places.of(staging))[0])
    if kept:
        np.testing.assert_allclose(fixated_angle, angle(nodding), atol=0.03)
    else:
        assert fixated_angle.max() < np.radians(0.5)


def test_the_file_holds_all(tmp_path: Path, seeded_mixed: MixedNetwork) -> None:
    path = tmp_path / "mixed.safetensors"
    checkpoints.save(path, seeded_mixed, is_half=True)
    read = checkpoints.load(path, MixedNetwork).network
    assert read.unet.config == seeded_mixed.unet.config
    noisy, level, given = scene(12)
    expected = seeded_mixed.unet(noisy, level, given)
    torch.testing.assert_close(read.unet(noisy, level, given), expected, atol=0.02, rtol=0.02)
    with pytest.raises(CheckpointError, match="is not the network for one mixed"):
        checkpoints.load(checkpoints.bundled_path(), MixedNetwork)
    with pytest.raises(CheckpointError, match="does not exist"):
        checkpoints.load(tmp_path / "none.safetensors", MixedNetwork)


def test_turns_are_fitted() -> None:
    turns = np.array([[0.0, 1.0], [0.5, 0.25]], np.float32)
    assert fitted(turns, 3).tolist() == [[0, 1, 1], [0.5, 0.25, 0.25]]
    assert fitted(turns, 1).tolist() == [[0], [0.5]]
    for wrong in (
        np.zeros(4, np.float32),
        np.zeros((2, 0), np.float32),
        np.zeros((3, 4), np.float32),
    ):
        with pytest.raises(InputError, match="Turns are"):
            fitted(wrong, 4)


def test_sampling_can_be_stopped(seeded_mixed: MixedNetwork) -> None:
    def stop(fraction: float, text: str) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        predict_mixed(np.zeros(16000, np.float32), np.zeros((2, 25)), seeded_mixed, report=stop)


@pytest.mark.parametrize("n_samples", [1, 640, 16000])
def test_short_sounds_give_their_frames(n_samples: int, seeded_mixed: MixedNetwork) -> None:
    track = np.full(n_samples, 0.01, np.float32)
    options = MixedOptions(steps=2)
    motions = predict_mixed(track, np.ones((2, 3), np.float32), seeded_mixed, options)
    assert [motion.n_frames for motion in motions] == [n_frames_of(n_samples)] * 2


def test_no_sound_is_refused(seeded_mixed: MixedNetwork) -> None:
    with pytest.raises(InputError, match="no sound"):
        predict_mixed(np.zeros(0, np.float32), np.ones((2, 3), np.float32), seeded_mixed)
    with pytest.raises(InputError, match="0 steps"):
        MixedOptions(steps=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give either"),
        (["a.wav", "--mixed", "m.wav"], "Give either"),
        (["a.wav", "--swap-voices"], "--swap-voices goes with --mixed"),
        (["--mixed", "m.wav", "--partner-motion", "b.npz"], "needs separate sounds"),
        (["--mixed", "none.wav"], "none.wav does not exist"),
    ],
)
def test_the_command_line_says_what_does_not_fit(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["predict", *arguments, "--output", str(tmp_path / "out")])
    assert code == 2
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def demo() -> Dialogue:
    return read_dialogue(*(ASSETS / f"demo_speaker{n}.flac" for n in (1, 2)))


@pytest.fixture(scope="module")
def bundled() -> MixedNetwork:
    return checkpoints.load(checkpoints.bundled_path(MixedNetwork), MixedNetwork).network


def test_the_bundled_file_is_small() -> None:
    assert checkpoints.bundled_path(MixedNetwork).stat().st_size <= 25e6


def test_windows_join_without_a_seam(bundled: MixedNetwork, demo: Dialogue) -> None:
    track = demo.tracks.sum(axis=0)
    mask = speaking(demo.tracks).astype(np.float32)
    motions = predict_mixed(track, mask, bundled, MixedOptions(raw=True))
    windows = plan(demo.n_frames, WINDOW_FRAMES, OVERLAP_FRAMES)
    assert len(windows) > 2
    at_seam = np.zeros(demo.n_frames, bool)
    for before, after in pairwise(windows):
        middle = (after.first + before.last) // 2
        at_seam[middle - 2 : middle + 3] = True
    for motion in motions:
        parts = [motion.jaw / 0.04, motion.head / 0.05, motion.translation / 0.02]
        jump = np.linalg.norm(np.diff(np.concatenate(parts, axis=1), n=2, axis=0), axis=1)
        seams = at_seam[1:-1]  # jump: a change of velocity
        assert jump[seams].max() <= np.percentile(jump[~seams], 99)


def test_a_longer_recording_begins_as_the_shorter_one(
    bundled: MixedNetwork, demo: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The level of a whole recording changes with its length.
    monkeypatch.setattr(bundled.audio_encoder, "gain", lambda track: torch.ones(()))
    track, mask = demo.tracks.sum(axis=0), speaking(demo.tracks).astype(np.float32)
    long = predict_mixed(track[: 640 * 900], mask, bundled, MixedOptions(steps=2))[0]
    short = predict_mixed(track[: 640 * 700], mask, bundled, MixedOptions(steps=2))[0]
    # Windows begin at the same frames but for the last one of each.
    np.testing.assert_allclose(long.head[:380], short.head[:380], atol=1e-4)
    np.testing.assert_allclose(long.jaw[:380], short.jaw[:380], atol=1e-4)


def test_roles_follow_the_turns_and_seeds_change_listeners_alone(
    bundled: MixedNetwork, demo: Dialogue
) -> None:
    track, mask = demo.tracks.sum(axis=0), speaking(demo.tracks).astype(np.float32)
    first = predict_mixed(track, mask, bundled, MixedOptions(seed=0))
    swapped = predict_mixed(track, mask[::-1], bundled, MixedOptions(seed=0))
    other = predict_mixed(track, mask, bundled, MixedOptions(seed=1))
    active = mask > 0.5
    for who in (0, 1):
        own, listens = active[who] & ~active[1 - who], active[1 - who] & ~active[who]
        jaw = first[who].jaw[:, 0]
        assert np.std(jaw[listens]) < 0.25 * np.std(jaw[own])
        np_corr = np.corrcoef(jaw[own], swapped[1 - who].jaw[own, 0])[0, 1]
        assert np_corr > 0.95  # whoever the turns give the words to says them
        assert np.corrcoef(jaw[own], other[who].jaw[own, 0])[0, 1] > 0.97
        head = np.corrcoef(first[who].head[listens, 1], other[who].head[listens, 1])[0, 1]
        assert abs(head) < 0.6


def test_silence_gives_two_people_who_only_listen(bundled: MixedNetwork) -> None:
    track, mask = np.zeros(16000 * 12, np.float32), np.zeros((2, 300), np.float32)
    for motion in predict_mixed(track, mask, bundled):
        assert motion.jaw[:, 0].max() < 0.05
        assert np.degrees(motion.head.std()) > 0.1


def test_a_job_of_one_mixed_track(tmp_path: Path, demo: Dialogue) -> None:
    sound, turns = tmp_path / "both.wav", tmp_path / "turns.npz"
    tracks = demo.tracks[:, : 16000 * 8]
    soundfile.write(sound, tracks.sum(axis=0), 16000)
    write_turns(turns, speaking(tracks))
    request = GenerateRequest(str(sound), mixed=True, turns=str(turns), basis_b="flame")
    generate.run(request, tmp_path)
    result = request.result(tmp_path)
    assert result.performance.sounds == (sound,)
    assert result.performance.gaze is not None
    assert result.performance.gaze.n_frames == 200
    assert [motion.basis for motion in result.performance.motions] == ["arkit", "flame"]
    np.testing.assert_array_equal(result.performance.speaking, speaking(tracks))
    swapped = replace(request, swaps_voices=True)
    generate.run(swapped, tmp_path)
    again = swapped.result(tmp_path)
    np.testing.assert_array_equal(again.performance.speaking, speaking(tracks)[::-1])
