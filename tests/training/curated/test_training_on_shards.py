"""Both networks learn from shards that the pipeline itself wrote, as far as they are trusted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.core.conversation.turns import Turns
from dualtalk.core.errors import InputError
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.curation.records import shards
from dualtalk.curation.records.record import Result, row_of
from dualtalk.curation.verdicts import Reason, Verdict
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.training.curated import clips
from dualtalk.training.mixed import batches, losses
from dualtalk.training.mixed import train as mixed_train
from dualtalk.training.mixed.config import MixedConfig, Weights
from dualtalk.training.mixed.curated import scenes
from dualtalk.training.mixed.data import audio_encoder_of
from dualtalk.training.two_track import train as two_track_train
from dualtalk.training.two_track import video
from dualtalk.training.two_track.config import TrainingConfig
from dualtalk.training.two_track.data import collate
from dualtalk.training.two_track.learner import beginning
from dualtalk.training.two_track.losses import motion_loss

CONFIGS = Path(__file__).resolve().parents[3] / "training"
_WHY = "needs the packages of 'make setup-curation'"
_SEEN, _HIDDEN = ARKIT_INDEX["mouthSmileLeft"], ARKIT_INDEX["tongueOut"]
_BAD = slice(10, 20)
_HEAD = slice(43, 46)


def result(n_frames: int = 60, seed: int = 0) -> Result:
    """Return two people of whom the first is not seen well in `_BAD`."""
    generator = np.random.default_rng(seed)
    motions = [
        Motion.from_arrays(
            generator.uniform(0, 0.5, (n_frames, 40)),
            jaw=generator.uniform(0, 0.1, (n_frames, 3)),
            head=generator.normal(0, 0.1, (n_frames, 3)),
        )
        for _ in range(2)
    ]
    confidence = np.full((2, n_frames, 40), 0.5, np.float32)
    confidence[..., _HIDDEN] = 0.1
    confidence[0, _BAD] = 0
    probability = np.zeros((2, n_frames), np.float32)
    probability[0, : n_frames // 2] = probability[1, n_frames // 2 :] = 1
    sound = (0.1 * np.sin(np.arange(n_frames * 640) / 20)).astype(np.float32)
    staging = {"distance_m": 0.9, "height_difference_m": 0.05, "turn_rad": [-0.5, 0.4]}
    return Result((motions[0], motions[1]), confidence, sound, Turns(probability), staging)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return shards of two clips that were taken and one that was refused between them."""
    pytest.importorskip("pyarrow", reason=_WHY)
    where = tmp_path / "shards"
    where.mkdir()
    refused = Verdict("b.mp4", "b", 0.0, 1.0, (Reason("shots", "too_short"),))
    rows = [
        row_of(Verdict("a.mp4", "a", 0.0, 2.4), result()),
        row_of(refused, None),
        row_of(Verdict("c.mp4", "c", 0.0, 12.0), result(300, seed=1)),
    ]
    shards.write(rows, where / "a.parquet")
    return where


def test_trust_is_that_of_what_was_seen() -> None:
    clip = clips.clip_of(result())
    assert clip.motion.shape == clip.trust.shape == (2, 60, 55)
    assert (clip.trust[0, _BAD] == 0).all()
    assert (clip.trust[1, :, _SEEN] == 0.5).all()
    assert (clip.trust[..., _HIDDEN] == 0).all()  # below what is declared unobservable
    assert (clip.trust[1, :, _HEAD] == 1).all()
    assert clip.tracks[0, :19_200].any()
    assert not clip.tracks[0, 19_200:].any()
    assert clip.staging.seats[1].turn_rad == pytest.approx(0.4)
    assert clip.staging.height_difference_m == pytest.approx(0.05)


def test_a_clip_is_found_among_refused_ones(folder: Path) -> None:
    places = clips.places_in(folder)
    assert [place.row for place in places] == [0, 2]
    read = clips.clip_of(shards.result_at(places[1]))
    assert read.motion == pytest.approx(clips.clip_of(result(300, seed=1)).motion, abs=1e-6)


def test_a_folder_without_a_clip_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason=_WHY)
    with pytest.raises(InputError, match="no clip that was taken"):
        clips.places_in(tmp_path)


def test_windows_cover_a_clip_and_pad_a_short_one(tmp_path: Path) -> None:
    made = scenes.scenes_of(
        [clips.clip_of(result()), clips.clip_of(result(300))], audio_encoder_of(tmp_path, "bundled")
    )
    assert made.motion.shape == (3, 2, 250, 55)
    assert made.trust is not None
    assert (made.trust[0, :, 60:] == 0).all()
    whole = clips.clip_of(result(300)).motion
    assert made.motion[2].astype(np.float32) == pytest.approx(whole[:, 50:], abs=2e-3)
    drawn = batches.draw(made, 4, np.random.default_rng(0))
    assert drawn.trust is not None
    assert drawn.trust.shape == drawn.motion.shape


def test_errors_count_by_their_trust() -> None:
    truth, trust = torch.rand(2, 30, 52), torch.zeros(2, 30, 52)
    trust[..., 43:46] = 0.25
    off = truth + 0.1
    whole, part = motion_loss(off, truth), motion_loss(off, truth, trust=trust)
    assert part.parts["head"] == pytest.approx(0.25 * whole.parts["head"], rel=1e-4)
    assert part.parts["eyes"] == part.parts["aperture"] == 0


def test_lips_and_jaw_can_count_less_than_the_rest(folder: Path, tmp_path: Path) -> None:
    audio_encoder = audio_encoder_of(tmp_path, "bundled")
    made = scenes.scenes_of([clips.clip_of(result(300))], audio_encoder)
    drawn = batches.draw(made, 2, np.random.default_rng(0))
    fainter = drawn.with_mouth(0.25)
    assert drawn.trust is not None
    assert fainter.trust is not None
    share = fainter.trust / drawn.trust.clamp(min=1e-6)
    seen = (drawn.trust > 0).all(dim=(0, 1))
    jaw, smile = len(ARKIT_INDEX), ARKIT_INDEX["mouthSmileLeft"]
    assert share[..., jaw] == pytest.approx(0.25)
    assert {i for i in batches.SPEECH if seen[i]} == {
        i for i in range(55) if seen[i] and (share[..., i] < 0.5).all()
    }
    assert smile not in batches.SPEECH
    assert drawn.with_mouth(1) is drawn


def test_what_is_not_trusted_stays_as_it_was() -> None:
    clean, kept = torch.rand(2, 30, 55), torch.rand(2, 30, 55)
    trust = torch.full((2, 30, 55), 0.3)
    trust[..., 50:] = 0
    places = torch.zeros(1, 2, 3), torch.eye(3).expand(1, 2, 3, 3)
    truth = losses.Truth(clean, *places, trust)
    toward = truth.toward(kept)
    assert torch.equal(toward.clean[..., 50:], kept[..., 50:])
    ours = torch.rand(2, 30, 55, requires_grad=True)
    one = (ours - toward.clean).square().sum()
    both = (trust * (ours - clean).square() + (1 - trust) * (ours - kept).square()).sum()
    torch.testing.assert_close(*(torch.autograd.grad(x, ours)[0] for x in (one, both)))
    scale = losses.Scale(torch.zeros(55), torch.ones(55))
    unseen = replace(truth, trust=torch.zeros_like(trust))
    total, _ = losses.full_loss(kept, unseen, scale, Weights())
    assert float(total) == pytest.approx(0, abs=1e-6)


def test_the_mixed_network_learns_from_a_shard(folder: Path, tmp_path: Path) -> None:
    config = MixedConfig.load(CONFIGS / "mixed" / "configs" / "own_video.toml")
    stage = replace(config.stages[0], steps=2, video=2)
    config = replace(config, shards=str(folder), stages=(stage,))
    audio_encoder = audio_encoder_of(tmp_path, config.begin)
    sets = mixed_train.load_sets(config, tmp_path, audio_encoder)
    assert [made is None for made in sets] == [True, True, False]
    assert sets[2] is not None
    assert list(tmp_path.glob("mixed-shards-*.npz"))
    run = mixed_train.start(config, tmp_path, sets[2], audio_encoder)
    mixed_train.train_stage(run, sets)
    made = checkpoints.load(tmp_path / "own-video-mixed.safetensors", MixedNetwork)
    bundled = checkpoints.load(checkpoints.bundled_path(MixedNetwork), MixedNetwork).network
    assert made.card["begun from"] == "bundled"
    assert torch.equal(made.network.mean, bundled.mean)
    pairs = zip(made.network.unet.parameters(), bundled.unet.parameters(), strict=True)
    moved = max(float((a - b).abs().max()) for a, b in pairs)
    assert 0 < moved < 0.01


def test_the_network_of_two_tracks_learns_from_a_shard(folder: Path, tmp_path: Path) -> None:
    config = TrainingConfig.load(CONFIGS / "two_track" / "configs" / "own_video.toml")
    stage = replace(config.stages[0], steps=2, batch=2, frames=80)
    config = replace(config, shards=str(folder), stages=(stage,))
    data = video.VideoDialogues(folder, stage.frames, config.seed)
    batch = collate([data[0], data[1]])
    assert batch["trust"].shape == batch["motion"].shape == (4, 80, 52)
    assert not batch["trust"][:2, 60:].any()  # the first clip ends there
    assert torch.equal(batch["motion"], collate([data[0], data[1]])["motion"])
    run = two_track_train.start(config, tmp_path, torch.device("cpu"))
    two_track_train.train_stage(run, data, workers=0)
    made = checkpoints.load(tmp_path / "own-video.safetensors").network
    bundled = checkpoints.load(checkpoints.bundled_path()).network
    pairs = zip(made.parameters(), bundled.parameters(), strict=True)
    assert 0 < max(float((a - b).abs().max()) for a, b in pairs) < 0.01


def test_a_new_network_of_two_tracks_learns_all_that_is_trusted(folder: Path) -> None:
    config = TrainingConfig.load(CONFIGS / "two_track" / "configs" / "own_video.toml")
    network = {"n_noise": 0, "n_interaction_layers": 1}
    config = replace(config, begin="", shards=str(folder), network=network)
    data = video.VideoDialogues(folder, 30, config.seed)
    batch = collate([data[0]])
    learner = beginning(config)
    assert float(learner.loss(batch, config.stages[0]).total.detach()) > 0
    batch["trust"] = torch.zeros_like(batch["trust"])
    assert float(learner.loss(batch, config.stages[0]).total.detach()) == pytest.approx(0, abs=1e-6)


def test_a_stage_without_what_it_draws_from_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    run = 'name = "x"\nseed = 1\n[[stages]]\nsteps = 1\nrate = 1e-3\n'
    path.write_text(run + "full = 0\nvideo = 2\n")
    with pytest.raises(InputError, match="needs shards"):
        MixedConfig.load(path)
    path.write_text(run + 'kind = "video"\nbatch = 1\nframes = 9\n')
    with pytest.raises(InputError, match="folder of shards"):
        TrainingConfig.load(path)
