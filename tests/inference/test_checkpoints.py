"""Checkpoints round-trip, published ones are converted, and nothing in a file is ever run."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from dualtalk.core.errors import CheckpointError
from dualtalk.inference import checkpoints
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.convert import convert
from dualtalk.inference.networks.audio.compact_audio import CompactAudioConfig
from dualtalk.inference.networks.audio.moonshine import MoonshineConfig
from dualtalk.inference.networks.audio.wav2vec2 import Wav2Vec2Config
from dualtalk.inference.networks.config import DualTalkConfig, compact_config
from dualtalk.inference.networks.director import DirectorConfig, DirectorNetwork
from dualtalk.inference.networks.dualtalk import DualTalk
from dualtalk.inference.networks.mixed import MixedConfig, MixedNetwork
from dualtalk.inference.networks.speaker.voices import VoiceConfig
from dualtalk.inference.networks.unet import UNetConfig
from safetensors.torch import load_file, save_file

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
    odd = {
        "sparse": torch.eye(2).to_sparse(),
        "meta": torch.empty(2, device="meta"),
        "complex": torch.ones(2, dtype=torch.complex64),
    }
    for name, value in odd.items():
        torch.save({name: value}, tmp_path / f"{name}.pth")
    paths = [tmp_path / f"{name}.pth" for name in ("list", "none", *odd)]
    for path in (text, *paths):
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


def small(kind: str) -> torch.nn.Module:
    """Return a small network of each row of the table."""
    audio = CompactAudioConfig(hidden_size=16, dilations=(1, 2))
    compact = replace(compact_config(), audio=audio, feature_size=32, feed_forward_size=32)
    unet = UNetConfig(sizes=(16, 24, 32), condition_size=16, role_size=4)
    configs = {
        "dualtalk": compact,
        "mixed": MixedConfig(unet, compact),
        "voices": VoiceConfig(),
        "moonshine": MoonshineConfig(n_layers=1),
        "director": DirectorConfig(20, 8),
    }
    torch.manual_seed(0)
    return checkpoints.NETWORKS[kind][0](configs[kind]).eval()


@pytest.mark.parametrize("kind", checkpoints.NETWORKS)
def test_every_network_is_read_as_it_was_written(kind: str, tmp_path: Path) -> None:
    path, network = tmp_path / "x.safetensors", small(kind)
    checkpoints.save(path, network, card={"seed": "0"}, is_half=True)
    back = checkpoints.load(path, type(network))
    assert (back.name, back.card) == ("x", {"seed": "0"})
    assert back.network.config == network.config
    half = {name for name, _ in network.named_parameters()}
    for name, value in network.state_dict().items():
        expected = value.half().float() if name in half else value
        assert torch.equal(back.network.state_dict()[name], expected)


def test_names_of_earlier_versions_are_read(tmp_path: Path) -> None:
    audio = CompactAudioConfig(
        hidden_size=16, dilations=(1,), n_phone_classes=4, predicts_lips=True, n_pretrained_layers=1
    )
    compact = replace(compact_config(), audio=audio, feature_size=32, feed_forward_size=32)
    unet = UNetConfig(sizes=(16, 24, 32), condition_size=16, role_size=4)
    earlier = (
        ("audio_encoder1.pretrained_projection.", "audio_encoder1.heard."),
        ("conditioner.features_", "conditioner.heard_"),
        ("audio_encoder.", "ears."),
        ('"predicts_lips"', '"hears_lips"'),
        ('"n_features"', '"n_heard"'),
        ('"audio_encoder"', '"ears"'),
    )
    for network in (DualTalk(compact), MixedNetwork(MixedConfig(unet, compact))):
        path = tmp_path / f"{type(network).__name__}.safetensors"
        checkpoints.save(path, network)
        state, metadata = load_file(path), checkpoints.read_metadata(path)
        for new, old in earlier:
            state = {key.replace(new, old): value for key, value in state.items()}
            metadata["config"] = metadata["config"].replace(new, old)
        assert "hears_lips" in metadata["config"]
        save_file(state, path, metadata)
        back = checkpoints.load(path, type(network)).network
        assert back.config == network.config
        checkpoints.give_speech_encoder(network)
        for name, value in network.state_dict().items():
            assert torch.equal(back.state_dict()[name], value), name


def test_a_missing_speech_encoder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "ASSETS", tmp_path)
    with pytest.raises(CheckpointError, match="Install DualTalk again"):
        checkpoints.give_speech_encoder(small("dualtalk"))


@pytest.mark.parametrize("kind", checkpoints.NETWORKS)
def test_every_bundled_network_is_there_and_of_its_kind(kind: str) -> None:
    cls = checkpoints.NETWORKS[kind][0]
    assert isinstance(checkpoints.load(checkpoints.bundled_path(cls), cls).network, cls)
    other = "voices" if kind != "voices" else "director"
    with pytest.raises(CheckpointError, match="is not"):
        checkpoints.load(checkpoints.bundled_path(cls), checkpoints.NETWORKS[other][0])


def test_an_unchanged_file_is_read_once_and_a_changed_one_again(tmp_path: Path) -> None:
    path, network = tmp_path / "x.safetensors", small("director")
    checkpoints.save(path, network)
    first = checkpoints.load(path, DirectorNetwork)
    assert checkpoints.load(path, DirectorNetwork) is first
    checkpoints.save(path, network, card={"seed": "1"})
    assert checkpoints.load(path, DirectorNetwork).card == {"seed": "1"}


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"config": "{"}, "does not fit"),
        ({"config": "[1]"}, "does not fit"),
        ({"config": "[" * 100_000}, "does not fit"),
        ({"config": '{"n_pieces": 20}'}, "does not fit"),
        ({"config": '{"n_pieces": 20, "n_features": 8, "n_layers": 10000000}'}, "n_layers is 1e"),
        ({"config": '{"n_pieces": 1000000000, "n_features": 8}'}, "n_pieces is 1e"),
        ({"config": '{"n_pieces": 20, "n_features": 8, "new": 1}'}, "new"),
        ({"basis": "human"}, "neither arkit nor flame"),
        ({"card": "[]"}, "does not fit"),
        ({"network": "unknown"}, "is not the network"),
        ({"network": ""}, "is not the network"),
    ],
)
def test_metadata_that_fit_no_network_are_one_line(
    metadata: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.safetensors"
    checkpoints.save(path, small("director"))
    kept = checkpoints.read_metadata(path)
    save_file(load_file(path), path, kept | metadata)
    with pytest.raises(CheckpointError, match=said) as error:
        checkpoints.load(path, DirectorNetwork)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300 + len(str(path))


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path, network = tmp_path / "x.safetensors", small("director")
    network.key.bias.data[3] = torch.nan
    checkpoints.save(path, network)
    with pytest.raises(CheckpointError, match=r"key\.bias holds numbers that are not finite"):
        checkpoints.load(path, DirectorNetwork)


def test_reading_loads_no_compiler() -> None:
    """Torch's own, which takes two seconds of processor time and 800 modules."""
    program = (
        "import sys\n"
        "from dualtalk.inference import checkpoints\n"
        "for network, _ in checkpoints.NETWORKS.values():\n"
        "    checkpoints.load(checkpoints.bundled_path(network), network)\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
