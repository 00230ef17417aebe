"""Training: a few real steps on real formats, resumable, and a checkpoint that loads."""

import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.core.errors import InputError
from dualtalk.inference import checkpoints
from dualtalk.training import train
from dualtalk.training.config import TrainingConfig
from dualtalk.training.data import SyntheticDialogues
from dualtalk.training.dialogues import Voices
from dualtalk.training.dualtalk_dataset import DualTalkDataset, partner_of
from dualtalk.training.synthesis.espeak import Espeak

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "clips"
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
    train.average_gradients(layers)
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
            *("--nproc-per-node", "2", "-m", "dualtalk.training.train", "--workers", "0"),
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
