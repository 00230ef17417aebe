"""Checkpoints round-trip, published ones are converted, and nothing in a file is ever run."""

import os
import pickle
from pathlib import Path

import pytest
import torch
from dualtalk.core.errors import CheckpointError
from dualtalk.inference import checkpoints
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.convert import convert
from dualtalk.inference.networks.config import DualTalkConfig
from dualtalk.inference.networks.dualtalk import DualTalk
from dualtalk.inference.networks.wav2vec2 import Wav2Vec2Config

TINY = DualTalkConfig(
    audio=Wav2Vec2Config(64, 2, 4, 128, 32, 16, 4), feature_size=32, feed_forward_size=64
)


@pytest.fixture(scope="module")
def published() -> dict[str, torch.Tensor]:
    """Return weights as published: both encoders' frozen convolutions are equal."""
    torch.manual_seed(0)
    state = DualTalk(TINY).state_dict()
    prefix = "joint_encoder.audio_encoder1.feature_extractor"
    for name in list(state):
        if name.startswith(prefix):
            state[name.replace("encoder1", "encoder2")] = state[name]
    return state


def test_round_trip(seeded: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    checkpoints.save(path, seeded.network, "arkit", "mine", {"seed": "0"})
    back = checkpoints.load(path)
    assert (back.basis, back.name, back.card) == ("arkit", "mine", {"seed": "0"})
    for name, value in seeded.network.state_dict().items():
        assert torch.equal(back.network.state_dict()[name], value)
    assert [(f.network, f.basis) for f in checkpoints.find(tmp_path)] == [("dualtalk", "arkit")]


def test_half_precision_halves_the_file_and_comes_back_as_float32(
    seeded: Checkpoint, tmp_path: Path
) -> None:
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    checkpoints.save(whole, seeded.network, "arkit", "mine")
    checkpoints.save(half, seeded.network, "arkit", "mine", is_half=True)
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    for name, value in checkpoints.load(half).network.state_dict().items():
        assert value.dtype == torch.float32
        torch.testing.assert_close(value, seeded.network.state_dict()[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("spelling", ["old", "new"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_published_files_of_both_spellings_convert(
    published: dict[str, torch.Tensor], spelling: str, prefix: str, tmp_path: Path
) -> None:
    renamed = {}
    for name, value in published.items():
        if spelling == "new":
            name = name.replace("conv.weight_g", "conv.parametrizations.weight.original0")
            name = name.replace("conv.weight_v", "conv.parametrizations.weight.original1")
        renamed[prefix + name] = value
    torch.save(renamed, tmp_path / "in.pth")
    done = convert(tmp_path / "in.pth", tmp_path / "out.safetensors", TINY)
    assert done.has_one_extractor
    back = checkpoints.load(done.path)
    assert back.basis == "flame"
    joint = back.network.joint_encoder
    assert joint.audio_encoder1.feature_extractor is joint.audio_encoder2.feature_extractor
    for name, value in published.items():
        assert torch.equal(back.network.state_dict()[name], value)


def test_what_is_missing_left_over_or_misshapen_is_said(
    published: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    wrong = dict(published)
    del wrong["synthesis_module.modulation_layer.bias"]
    wrong["extra.weight"] = torch.zeros(1)
    wrong["synthesis_module.blendshape_predictor.bias"] = torch.zeros(7)
    torch.save(wrong, tmp_path / "in.pth")
    with pytest.raises(CheckpointError) as error:
        convert(tmp_path / "in.pth", tmp_path / "out.safetensors", TINY)
    for said in ("modulation_layer.bias", "extra.weight", "(7,) instead of (56,)"):
        assert said in str(error.value)
    assert not (tmp_path / "out.safetensors").exists()


def test_a_malicious_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "owned"),)

    with open(tmp_path / "plain.pth", "wb") as file:
        pickle.dump({"weight": Evil()}, file)
    torch.save({"weight": Evil()}, tmp_path / "zipped.pth")
    for name in ("plain.pth", "zipped.pth"):
        with pytest.raises(CheckpointError, match="weights alone"):
            convert(tmp_path / name, tmp_path / "out.safetensors")
    assert not (tmp_path / "owned").exists()


def test_other_files_are_refused_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "text.pth"
    text.write_text("no weights")
    torch.save([1, 2], tmp_path / "list.pth")
    for path in (text, tmp_path / "list.pth", tmp_path / "none.pth"):
        with pytest.raises(CheckpointError) as error:
            convert(path, tmp_path / "out.safetensors")
        assert "\n" not in str(error.value)
    with pytest.raises(CheckpointError, match="dualtalk convert"):
        checkpoints.load(text)
    with pytest.raises(CheckpointError, match="does not exist"):
        checkpoints.load(tmp_path / "none.safetensors")


def test_the_bundled_checkpoint_loads_and_is_small() -> None:
    path = checkpoints.bundled_path()
    assert path.stat().st_size <= 20e6
    assert checkpoints.load(path).basis == "arkit"
