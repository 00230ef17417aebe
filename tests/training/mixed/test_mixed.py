"""The training of the network of one mixed track, and what the bundled one must reach."""

from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.core.conversation import turns
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.errors import InputError
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.evaluation.intervals import Interval
from dualtalk.inference import checkpoints
from dualtalk.inference.mixed.predict import MixedOptions, predict_mixed
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.inference.networks.shared_space import Places, gaze_angles
from dualtalk.inference.networks.unet import N_MOTION, UNetConfig
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training.mixed import batches, evaluate, losses, report, scores, train
from dualtalk.training.mixed.config import MixedConfig, MixedStage, Weights
from dualtalk.training.mixed.data import Scenes, audio_encoder_of
from dualtalk.training.mixed.targets import placed, random_staging
from dualtalk.training.two_track.evaluation import conditions, measure
from scipy.ndimage import gaussian_filter1d

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT / ".." / "shared"
CONFIGS = sorted((ROOT / "training" / "mixed" / "configs").glob("*.toml"))
N_FEATURES = 6


def bundled_network() -> MixedNetwork:
    """Return the network that ships."""
    return checkpoints.load(checkpoints.bundled_path(MixedNetwork), MixedNetwork).network


def talk(n_frames: int = 500) -> np.ndarray:
    """Return two people who take turns of three seconds."""
    first = (np.arange(n_frames) // 75) % 2 == 0
    return np.stack([first, ~first])


def made(seed: int = 0, n_scenes: int = 3, n_frames: int = 300) -> Scenes:
    """Return scenes whose faces are noise and whose gaze is exact."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n_scenes):
        staging = random_staging(rng)
        space = placed(staging, talk(n_frames), 0.03 * rng.normal(size=(2, n_frames, 3)), rng)
        motion = 0.1 * rng.random((2, n_frames, N_MOTION))
        motion[..., scores.HEAD], motion[..., scores.PLACE] = space.head, space.translation
        motion[..., scores.EYES] = space.eyes.reshape(2, n_frames, 6)
        places = Places.of(staging)
        rows.append((motion, places.partner_m, places.turn, places.conditions()))
    motion, partner, turn, place = (np.stack(x) for x in zip(*rows, strict=True))
    features = rng.normal(size=(n_scenes, n_frames, N_FEATURES)).astype(np.float16)
    speaking = np.repeat(talk(n_frames)[None], n_scenes, axis=0).astype(np.float16)
    return Scenes(
        features,
        motion.astype(np.float16),
        speaking,
        partner.astype(np.float32),
        turn.astype(np.float32),
        place.astype(np.float32),
    )


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_looks_meet_the_moving_face_while_the_head_nods(name: str) -> None:
    staging, rng = PRESETS[name].staging, np.random.default_rng(2)
    nods = np.zeros((2, 2000, 3))
    nods[..., 0] = 0.08 * np.sin(np.arange(2000) / 2)
    space = placed(staging, talk(2000), nods, rng)
    angles = np.degrees(gaze_angles(space.head, space.eyes, space.translation, Places.of(staging)))
    assert 0.4 < (angles < 1.0).mean() < 0.75
    between = (angles > 2.0) & (angles < 7.0)  # only on the way
    assert between.mean() < 0.1
    assert np.abs(space.translation).max() < 0.15
    if name not in ("bench", "close"):
        assert np.degrees(np.abs(space.eyes)).max() < 39


def test_leans_are_answered_a_second_later() -> None:
    space = placed(
        PRESETS["table"].staging, talk(6000), np.zeros((2, 6000, 3)), np.random.default_rng(0)
    )
    lean = space.translation[..., 2]
    answered = np.corrcoef(lean[0, :-25], lean[1, 25:])[0, 1]
    assert answered > 0.3
    assert answered > np.corrcoef(lean[0, :-150], lean[1, 150:])[0, 1]


def test_masks_are_as_wrong_as_estimates() -> None:
    exact = talk(250).astype(np.float32)
    masks = [batches.estimated(exact, np.random.default_rng(seed)) for seed in range(60)]
    assert all(0 <= mask.min() and mask.max() <= 1 for mask in masks)
    right = [((mask > 0.5) == (exact > 0.5)).mean() for mask in masks]
    assert 0.2 < np.mean([r == 1.0 for r in right]) < 0.6
    assert 0.75 < min(right) < 0.95
    np.testing.assert_array_equal(masks[7], batches.estimated(exact, np.random.default_rng(7)))


def test_windows_keep_together_what_belongs_together() -> None:
    scenes = made()
    n_windows = 48
    batch = batches.draw(scenes, n_windows, np.random.default_rng(1))
    known = batch.place[:, -1] == 1
    assert torch.equal(known[0::2], known[1::2])  # the place is withheld from both or neither
    assert 0.02 < float((~known).float().mean()) < 0.3
    for row in range(2 * n_windows):
        motion, partner = batch.motion[row].numpy(), batch.partner_m[row // 2, row % 2]
        found = [
            (s, who)
            for s in range(3)
            for who in (0, 1)
            if np.allclose(scenes.partner_m[s, who], partner.numpy())
        ]
        scene, who = found[0]
        starts = np.flatnonzero(scenes.motion[scene, who, :, 0] == motion[0, 0].astype(np.float16))
        assert any(
            np.array_equal(scenes.motion[scene, who, at : at + 250].astype(np.float32), motion)
            for at in starts
        )
        if known[row]:
            np.testing.assert_allclose(batch.place[row].numpy(), scenes.conditions[scene, who])


def truth_of(scenes: Scenes, scale: losses.Scale) -> losses.Truth:
    motion = torch.from_numpy(scenes.motion.astype(np.float32)).flatten(0, 1)
    clean = (motion - scale.mean) / scale.std
    return losses.Truth(clean, torch.from_numpy(scenes.partner_m), torch.from_numpy(scenes.turn))


def test_losses_are_zero_at_the_truth_and_name_what_is_off() -> None:
    scenes = made()
    scale = train.scale_of(scenes)
    truth = truth_of(scenes, scale)
    _, parts = losses.full_loss(truth.clean, truth, scale, Weights())
    assert set(parts) == {
        *("expression", "rotation", "translation", "velocity", "lips", "gaze", "meeting")
    }
    assert all(float(value) == pytest.approx(0, abs=1e-6) for value in parts.values())
    head_off = truth.clean.clone()
    head_off[..., scores.HEAD] += 1.0
    _, parts = losses.full_loss(head_off, truth, scale, Weights())
    assert parts["meeting"] > 0.1  # the eyes in the head are right, and yet look past the face
    assert float(parts["gaze"]) == pytest.approx(0, abs=1e-6)
    _, parts = losses.lip_loss(head_off, truth, scale, Weights())
    assert all(float(value) == pytest.approx(0, abs=1e-6) for value in parts.values())
    _, parts = losses.full_loss(head_off, truth, scale, Weights(gaze=0, meeting=0))
    assert "gaze" not in parts
    assert "meeting" not in parts


def test_smiles_can_count_more_than_other_shapes() -> None:
    scenes = made()
    scale = train.scale_of(scenes)
    truth = truth_of(scenes, scale)
    for name, grows in (("cheekSquintLeft", True), ("browInnerUp", False)):
        off = truth.clean.clone()
        off[..., ARKIT_INDEX[name]] += 1.0
        plain, more = (
            float(losses.full_loss(off, truth, scale, Weights(), smiles=smiles)[1]["expression"])
            for smiles in (1.0, 4.0)
        )
        assert more == pytest.approx(plain * (4 if grows else 1))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_can_be_read(path: Path) -> None:
    config = MixedConfig.load(path)
    if path.stem == "own_video":
        assert config.begin == "bundled"
        return
    assert config.sets[0].path(Path("x")).name == "mixed-voices-2500.npz"
    if path.stem != "bundled":
        assert path.stem == f"ablation-{config.name}"
        assert config.stages == MixedConfig.load(path.with_name("ablation-short.toml")).stages


def test_what_is_no_config_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("name = 'x'\n[[stages]]\nsteps = 1\n")
    with pytest.raises(InputError, match="not a config"):
        MixedConfig.load(path)


def small(stage_steps: int = 4) -> MixedConfig:
    network = UNetConfig(n_features=N_FEATURES, sizes=(8, 8, 8), condition_size=8, role_size=4)
    stages = (MixedStage(stage_steps, 1e-3, full=2, lips=1),)
    config = MixedConfig.load(CONFIGS[0].with_name("bundled.toml"))
    return replace(config, name="small", network=network, stages=stages)


def test_a_run_that_stops_goes_on_as_if_it_had_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "_SAVE_EVERY", 2)
    sets, audio_encoder = (made(0), made(1)), audio_encoder_of(tmp_path)
    assert (tmp_path / "mixed-audio-encoder.safetensors").is_file()
    whole = train.start(small(), tmp_path, sets[0], audio_encoder)
    train.train_stage(whole, sets)
    kept = checkpoints.load(tmp_path / "small-mixed.safetensors", MixedNetwork)
    assert kept.card["stage"] == "1, step 4"
    (tmp_path / "small-mixed-state.pt").unlink()
    broken = train.start(small(), tmp_path, sets[0], audio_encoder)
    drawn = train.steps_of(broken, sets)
    for step in range(2):
        train.train_step(broken, drawn[step])
        broken.step = step + 1
    train.save(broken)
    resumed = train.start(small(), tmp_path, sets[0], audio_encoder)
    train.resume(resumed)
    assert (resumed.stage, resumed.step) == (0, 2)
    train.train_stage(resumed, sets)
    for key, value in whole.network.state_dict().items():
        torch.testing.assert_close(resumed.network.state_dict()[key], value)
        torch.testing.assert_close(resumed.average[key], whole.average[key])


def test_scores_know_the_truth() -> None:
    scenes = made(n_frames=300)
    places = [
        Places(p.astype(float), t.astype(float))
        for p, t in zip(scenes.partner_m, scenes.turn, strict=True)
    ]
    truth = scores.Set(scenes.motion.astype(np.float32), scenes.speaking > 0.5, places)
    exact = scores.scores_of(truth, truth)
    assert exact["lips_r"].value == pytest.approx(1)
    assert exact["fd_head"] == pytest.approx(0, abs=1e-6)
    assert exact["gaze_error_deg"] == 0
    assert 0.3 < exact["at_partner"] < 0.8
    blind = truth.motion.copy()
    blind[..., scores.EYES] = 0
    worse = scores.scores_of(replace(truth, motion=blind), truth)
    assert worse["at_partner"] < 0.5 * exact["at_partner"]
    assert worse["gaze_error_deg"] > 3


def test_tables_go_between_the_marks(tmp_path: Path) -> None:
    path = tmp_path / "mixed.md"
    path.write_text("before\n<!-- measured: begin -->\noutdated<!-- measured: end -->\nafter\n")
    person = {one.key: 0.5 for one in report._PEOPLE}
    both = {"people": [person, person], "mutual": 0.3, "decisions_right": 0.9, "frames_right": 0.8}
    conversation = {"found turns": both, "exact turns": both, "two tracks": {"people": [{}, {}]}}
    row = {key: 0.1 for key, _, _ in report._SCENES} | {"lips_r": asdict(Interval(0.64, 0.6, 0.7))}

    def jaw(share: float) -> dict[str, Interval]:
        found = asdict(Interval(share, share - 0.1, share + 0.1))
        return {"r": found, "share": found}

    cost = {"times_real_time": 30.0, "times_real_time_cpu": 31.0}
    cost |= {"peak_mb": 500.0, "sound_mb": 2.0, "loaded_mb": 400.0}
    report.write(
        {
            "lips": {"two tracks": jaw(1.0), "mixed, found turns, 8 steps": jaw(0.6)},
            "clip": conversation,
            "readers": conversation,
            "seeds": {
                "alike": {"lips, speaking": asdict(Interval(0.99, 0.98, 1.0))},
                "valid": [person | {"mutual": 0.3}, person | {"mutual": 0.4}],
            },
            "scenes": {"bundled": row, "short": row | {"lips_r": 0.62}},
            "kept": ["short"],
            "guidance": {"1.5": row},
            "footprint": {"30": cost, "600": cost},
            "steps": {"8": cost},
            "megabytes": 30.0,
            "parameters": 3_000_000,
        },
        path,
    )
    text = path.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "outdated" not in text
    assert "| mixed, found turns, 8 steps | 0.60 (0.50 to 0.70) | 60 (50 to 70) |" in text
    assert "| both look at each other | **0.30** | 0.40 |" in text
    assert "right in 90% of the decisions" in text
    assert "0.64 (0.60 to 0.70)" in text
    assert "not again: whole network, short run" in text
    assert text.count(": **missed**") == 2  # lips and size
    assert text.count("**Missed**") == 2  # of both conversations' people, and of the seeds


def test_what_is_not_measured_now_stays_and_is_named() -> None:
    before = {"lips": 1, "scenes": {"bundled": {"lips_r": 0.6}, "short": {"lips_r": 0.5}}}
    now = {"scenes": {"bundled": {"lips_r": 0.7}}}
    numbers = evaluate.updated(before, now)
    assert numbers["lips"] == 1
    assert numbers["scenes"] == {"bundled": {"lips_r": 0.7}, "short": {"lips_r": 0.5}}
    assert numbers["kept"] == ["short"]
    assert evaluate.updated(before, {"lips": 2})["kept"] == ["bundled", "short"]
    assert evaluate.updated(numbers, {"lips": 2})["kept"] == ["short"]  # bundled was, just before


def test_a_share_is_of_the_same_moments() -> None:
    truth, other = gaussian_filter1d(np.random.default_rng(0).standard_normal((2, 750)), 2, axis=1)
    curves = {"first": truth + other, "same": 2 * (truth + other), "noise": other}
    found = evaluate.compared_jaws(curves, truth, np.ones(750, bool))
    assert found["same"]["share"].low == pytest.approx(1)
    assert found["same"]["share"].high == pytest.approx(1)
    assert found["noise"]["share"].low < 0.5 < found["first"]["r"].low


needs_shared = pytest.mark.skipif(
    not (SHARED / "clips").is_dir(), reason="needs ../shared/clips, the real conversation"
)


@needs_shared
def test_lips_on_a_mixed_recording_follow_the_voice_as_those_of_two_tracks() -> None:
    clip = conditions.real_clip(SHARED)
    exact = turns.speaking(clip.dialogue.tracks)
    active = exact[0][: len(clip.jaw)]
    mixed = predict_mixed(
        clip.dialogue.tracks.sum(axis=0), exact.astype(np.float32), bundled_network()
    )
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    two = predict_both(clip.dialogue, checkpoint, PredictOptions(device="cpu"))
    r = [measure.jaw_correlation(m[0].jaw[:, 0], clip.jaw, active) for m in (mixed, two)]
    assert r[0] >= 0.85 * r[1]
    assert r[0] >= 0.45
    for who in (0, 1):
        assert measure.role_energy_ratio(mixed[who], exact[who], exact[1 - who]) <= 0.1
        assert measure.silence_closed_share(mixed[who], ~exact[who]) >= 0.9


@needs_shared
def test_heads_and_eyes_of_a_mixed_recording_are_those_of_people() -> None:
    dialogue = conditions.real_turns(SHARED, 8)
    exact = turns.speaking(dialogue.tracks)
    options = MixedOptions()
    track, network = dialogue.tracks.sum(axis=0), bundled_network()
    motions = predict_mixed(track, exact.astype(np.float32), network, options)
    angle = scores.gaze_in(motions, Places.of(options.staging))
    assert 0.15 < (angle < scores.AT_FACE_RAD).all(axis=0).mean() < 0.65
    for who in (0, 1):
        numbers = scores.person(motions[who], angle[who], exact[who], exact[1 - who])
        assert numbers["gaze_on_share_listening"] > numbers["gaze_on_share_speaking"]
        assert 0.15 < numbers["head_speed_speaking"] < 0.5
        assert 0.08 < numbers["head_speed_listening"] < 0.25
        assert 0.3 < numbers["translation_deviation_cm"] < 4
        assert numbers["blinks_per_minute"] > 3


def test_a_step_keeps_everything_on_its_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a device whose tensors have no numbers: torch mixes them with none of the CPU."""
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    sets, audio_encoder = (made(0), made(1)), audio_encoder_of(tmp_path)
    run = train.start(small(), tmp_path, sets[0], audio_encoder, torch.device("meta"))
    numbers = train.train_step(run, train.steps_of(run, sets)[0])
    kept = [*run.network.parameters(), *run.average.values(), run.scale.mean, run.scale.std]
    assert {each.device.type for each in kept} == {"meta"}
    assert all(each.grad is not None for each in run.network.parameters())
    assert {"expression", "gaze", "mouth"} <= set(numbers)


def test_processes_draw_scenes_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train.processes, "average_gradients", lambda _: None)
    sets, audio_encoder = (made(0), made(1)), audio_encoder_of(tmp_path)
    drawn = []
    for rank in (0, 0, 1):
        monkeypatch.setattr(train.processes, "rank", lambda rank=rank: rank)
        run = train.start(small(), tmp_path, sets[0], audio_encoder)
        train.train_step(run, train.steps_of(run, sets)[0])
        drawn.append(torch.cat([each.grad.flatten() for each in run.network.parameters()]))
        train.save(run)
        assert run.state_path.exists() == (rank == 0)
        run.state_path.unlink(missing_ok=True)
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2])
