"""Training: a few real steps on real formats, resumable, and a checkpoint that loads."""

import subprocess
import sys
from ctypes.util import find_library
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dualtalk.core.errors import InputError
from dualtalk.inference import checkpoints
from dualtalk.training.common import processes
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.two_track import train
from dualtalk.training.two_track.config import TrainingConfig
from dualtalk.training.two_track.data import SyntheticDialogues
from dualtalk.training.two_track.dialogues import Voices
from dualtalk.training.two_track.dualtalk_dataset import DualTalkDataset, partner_of
from dualtalk.training.two_track.learner import network_config

CLIPS = Path(__file__).resolve().parents[4] / "shared" / "clips"
needs_espeak = pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")
needs_clips = pytest.mark.skipif(not CLIPS.is_dir(), reason="no ../shared/clips")

CONFIG = """
name = "tiny"
seed = 5
sources = ["espeak"]
[[stages]]
kind = "monologues"
steps = 2
batch = 1
frames = 40
rate = 1e-3
shares = [1.0]
[[stages]]
kind = "dialogues"
steps = 2
batch = 1
frames = 40
rate = 1e-3
shares = [1.0]
"""


@pytest.fixture(scope="module")
def voices() -> Voices:
    espeak = Espeak()
    texts = ("my puppy met a fabulous beaver", "yeah", "what about people")
    spoken = [espeak.speak(t, v, 160, 50, 50) for t in texts for v in ("en-us+f1", "en-us+m3")]
    return Voices(tuple(spoken))


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    path = tmp_path / "tiny.toml"
    path.write_text(CONFIG)
    return TrainingConfig.load(path)


def trained(config: TrainingConfig, voices: Voices, folder: Path) -> train.Run:
    folder.mkdir(exist_ok=True)
    run = train.start(config, folder, torch.device("cpu"))
    train.resume(run)
    while run.stage < len(config.stages):
        train.train_stage(run, SyntheticDialogues([voices], config, run.stage), workers=0)
    return run


@needs_espeak
def test_a_run_trains_saves_and_is_not_trained_again(
    config: TrainingConfig, voices: Voices, tmp_path: Path
) -> None:
    run = trained(config, voices, tmp_path)
    checkpoint = checkpoints.load(tmp_path / "tiny.safetensors")
    assert checkpoint.network.config.n_noise == 16
    again = train.start(config, tmp_path, torch.device("cpu"))
    train.resume(again)
    assert again.stage == len(config.stages)
    for key, value in run.learner.state_dict().items():
        assert torch.equal(value, again.learner.state_dict()[key])


@needs_espeak
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not(
    config: TrainingConfig, voices: Voices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "_SAVE_EVERY", 1)
    config = replace(config, audio={"dropout": 0.1})
    whole = trained(config, voices, tmp_path / "whole")
    (tmp_path / "stopped").mkdir()
    stopped = train.start(config, tmp_path / "stopped", torch.device("cpu"))
    take_step = train.train_step

    def one_step(*arguments: Any) -> dict[str, float]:
        if stopped.step == 1:
            raise KeyboardInterrupt
        return take_step(*arguments)

    monkeypatch.setattr(train, "train_step", one_step)
    with pytest.raises(KeyboardInterrupt):
        train.train_stage(stopped, SyntheticDialogues([voices], config, 0), workers=0)
    monkeypatch.setattr(train, "train_step", take_step)
    again = trained(config, voices, tmp_path / "stopped")
    for key, value in whole.learner.state_dict().items():
        torch.testing.assert_close(again.learner.state_dict()[key], value, msg=key)


@needs_espeak
def test_an_encoder_that_only_listens_stays_as_it_is(
    config: TrainingConfig, voices: Voices, tmp_path: Path
) -> None:
    listening = replace(config.stages[1], encoder_rate=0.0)
    config = replace(config, stages=(listening,))
    run = train.start(config, tmp_path, torch.device("cpu"))
    before = {key: value.clone() for key, value in run.learner.state_dict().items()}
    train.train_stage(run, SyntheticDialogues([voices], config, 0), workers=0)
    after = run.learner.state_dict()
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert not any("audio_encoder1" in key for key in changed)
    assert any("synthesis_module" in key for key in changed)


@needs_espeak
def test_half_of_what_a_stage_learned_is_kept(
    config: TrainingConfig, voices: Voices, tmp_path: Path
) -> None:
    first, second = config.stages
    ends = []
    for blend in (1.0, 0.5):
        stages = (first, replace(second, blend=blend))
        run = trained(replace(config, stages=stages), voices, tmp_path / str(blend))
        ends.append((run.before, run.average))
    (before, whole), (_, half) = ends
    for key, value in half.items():
        torch.testing.assert_close(value, 0.5 * (before[key] + whole[key]), msg=key)


def test_a_config_changes_the_network(tmp_path: Path) -> None:
    changes = "[network]\nn_noise = 0\nknows_time = false\n[audio]\ndilations = [1, 2]\n"
    path = tmp_path / "other.toml"
    path.write_text(CONFIG.replace("[[stages]]", changes + "[[stages]]", 1))
    network = network_config(TrainingConfig.load(path))
    assert (network.n_noise, network.knows_time, network.audio.dilations) == (0, False, (1, 2))


@needs_espeak
def test_an_example_depends_on_its_number_alone(config: TrainingConfig, voices: Voices) -> None:
    data = SyntheticDialogues([voices], config, 1)
    first, again, other = data[7], data[7], data[8]
    assert np.array_equal(first.audio, again.audio)
    assert np.array_equal(first.motion, again.motion)
    assert not np.array_equal(first.audio, other.audio)
    assert first.motion.shape == (2, 40, 52)
    assert first.phones.shape == (2, 80)


@needs_clips
def test_a_step_on_the_dualtalk_data_sets_files(tmp_path: Path) -> None:
    path = tmp_path / "flame.toml"
    path.write_text(
        'name = "flame"\nseed = 1\nbasis = "flame"\n'
        '[[stages]]\nkind = "dualtalk"\nsteps = 2\nbatch = 2\nframes = 50\nrate = 1e-3\n'
    )
    config = TrainingConfig.load(path)
    data = DualTalkDataset(CLIPS, 50, seed=1)
    audio, motion = data[0]
    assert audio.shape == (2, 50 * 640)
    assert motion.shape == (2, 50, 56)
    assert np.abs(motion[0]).max() > 0
    run = train.start(config, tmp_path, torch.device("cpu"))
    train.train_stage(run, data, workers=0)
    assert checkpoints.load(tmp_path / "flame.safetensors").basis == "flame"


def test_processes_average_their_gradients(tmp_path: Path) -> None:
    torch.multiprocessing.spawn(averaged, (f"file://{tmp_path / 'store'}", tmp_path), nprocs=2)
    for rank in range(2):
        used, unused = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        torch.testing.assert_close(used, torch.tensor([[1.5]]))
        torch.testing.assert_close(unused, torch.tensor([[2.0]]))


def averaged(rank: int, store: str, folder: Path) -> None:
    torch.distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=2)
    layers = torch.nn.ModuleList(torch.nn.Linear(1, 1, bias=False) for _ in range(2))
    layers[0].weight.grad = torch.tensor([[1.0 + rank]])
    if rank == 1:  # the first process's batch does not reach this layer
        layers[1].weight.grad = torch.tensor([[4.0]])
    processes.average_gradients(layers)
    torch.save([layer.weight.grad for layer in layers], folder / f"{rank}.pt")
    torch.distributed.destroy_process_group()


@needs_clips
def test_torchrun_trains_with_two_processes(tmp_path: Path) -> None:
    (tmp_path / "flame.toml").write_text(
        'name = "flame"\nseed = 1\nbasis = "flame"\n'
        '[[stages]]\nkind = "dualtalk"\nsteps = 1\nbatch = 1\nframes = 50\nrate = 1e-3\n'
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", "2", "-m", "dualtalk.training.two_track.train", "--workers", "0"),
            *("--config", tmp_path / "flame.toml", "--data", CLIPS, "--output", tmp_path),
        ],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert checkpoints.load(tmp_path / "flame.safetensors").basis == "flame"


def test_the_partner_is_the_other_speaker_of_the_same_name() -> None:
    assert partner_of(Path("a/x_speaker1")) == Path("a/x_speaker2")
    assert partner_of(Path("a/x_speaker2")) == Path("a/x_speaker1")


def test_a_folder_without_conversations_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no conversation"):
        DualTalkDataset(tmp_path, 50, seed=1)


def test_a_config_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = 3")
    with pytest.raises(InputError, match="not a training config"):
        TrainingConfig.load(tmp_path / "bad.toml")
