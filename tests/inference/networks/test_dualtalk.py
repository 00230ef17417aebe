"""The network agrees with the reference on every intermediate, and has its names and shapes."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from dualtalk.inference.networks.audio.compact_audio import CompactAudioConfig
from dualtalk.inference.networks.audio.wav2vec2 import Wav2Vec2Config
from dualtalk.inference.networks.config import DualTalkConfig, compact_config
from dualtalk.inference.networks.dualtalk import DualTalk

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden"
needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="needs ../shared/golden")

TINY = DualTalkConfig(
    audio=Wav2Vec2Config(
        hidden_size=64,
        n_layers=2,
        n_heads=4,
        feed_forward_size=128,
        n_channels=32,
        position_kernel=16,
        position_groups=4,
    ),
    feature_size=32,
)


def weights_recipe() -> ModuleType:
    spec = importlib.util.spec_from_file_location("recipe", GOLDEN / "weights_recipe.py")
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    return recipe


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(GOLDEN / "dualtalk_tiny.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def tiny(golden: dict[str, np.ndarray]) -> DualTalk:
    fill: Callable[..., np.ndarray] = weights_recipe().fill
    network = DualTalk(TINY).eval()
    state = {
        name: torch.from_numpy(np.asarray(fill(name, tuple(value.shape))))
        for name, value in network.state_dict().items()
    }
    projection = "joint_encoder.audio_projection"
    state[f"{projection}.weight"] *= float(golden["override_audio_projection_gain"])
    state[f"{projection}.bias"] = torch.from_numpy(golden["override_audio_projection_bias"])
    network.load_state_dict(state)
    return network


@needs_golden
@pytest.mark.parametrize("case", ["clip", "synthetic"])
def test_every_intermediate_matches_the_reference(
    case: str, tiny: DualTalk, golden: dict[str, np.ndarray]
) -> None:
    def given(name: str) -> torch.Tensor:
        return torch.from_numpy(golden[f"{case}_{name}"])

    with torch.inference_mode():
        # The golden file's sound is already at zero mean and unit variance.
        features = tiny.encode_audio(given("audio1")[None], given("audio2")[None])
        motion = tiny.joint_encoder.encode_motion(given("motion2")[None])
        partner = tiny.temporal_enhancer(features.partner, motion)
        interaction = tiny.interaction_module(features.own, partner)
        output = tiny.synthesis_module(interaction)
        direct = tiny.decode(features, given("motion2")[None])
    found = {
        "audio_feat1": features.own,
        "audio_feat2": features.partner,
        "blendshape_feat": motion,
        "temporal_feat": partner,
        "interaction_feat": interaction,
        "output": output,
    }
    for name, value in found.items():
        np.testing.assert_allclose(value[0], given(name), atol=1e-4, rtol=0, err_msg=name)
    assert torch.equal(output, direct)


@needs_golden
@pytest.mark.parametrize(("name", "config"), [("tiny", TINY), ("full", DualTalkConfig())])
def test_names_and_shapes_are_the_published_ones(name: str, config: DualTalkConfig) -> None:
    published = json.loads((GOLDEN / f"keys_{name}.json").read_text())
    with torch.device("meta"):
        network = DualTalk(config)
    ours = {key: list(value.shape) for key, value in network.state_dict().items()}
    assert ours == published
    if name == "full":
        assert sum(p.numel() for p in network.parameters()) == pytest.approx(647e6, rel=1e-3)


@needs_golden
def test_the_published_network_cannot_see_when_but_ours_can(
    tiny: DualTalk, golden: dict[str, np.ndarray]
) -> None:
    audio = torch.from_numpy(golden["clip_audio1"])[None, :32_000]
    generator = torch.Generator().manual_seed(0)

    def change_when_shuffled(network: DualTalk) -> float:
        motion = 10 * torch.randn(1, 50, network.config.n_outputs, generator=generator)
        order = torch.randperm(50, generator=generator)
        with torch.inference_mode():
            there, shuffled = (network(audio, audio, m) for m in (motion, motion[:, order]))
        return float((there - shuffled).abs().max())

    torch.manual_seed(0)
    assert change_when_shuffled(tiny) < 1e-4
    assert change_when_shuffled(DualTalk(compact_config()).eval()) > 1e-3


@pytest.mark.parametrize("n_samples", [1, 399, 640 * 7, 16_000, 38_560])
@pytest.mark.parametrize("config", [TINY, compact_config(n_noise=4)])
def test_frame_count_follows_the_length(n_samples: int, config: DualTalkConfig) -> None:
    torch.manual_seed(0)
    network = DualTalk(config).eval()
    n_frames = int(np.ceil(n_samples / 16_000 * 25))
    audio = 0.1 * torch.randn(1, n_samples)
    noise = torch.zeros(1, n_frames, config.n_noise) if config.n_noise else None
    with torch.inference_mode():
        motion = network(audio, audio, torch.zeros(1, n_frames, config.n_outputs), noise)
    assert motion.shape == (1, n_frames, config.n_outputs)
    assert motion.isfinite().all()


def test_compact_features_are_local_in_time() -> None:
    torch.manual_seed(0)
    encoder = DualTalk(compact_config()).eval().joint_encoder.audio_encoder1
    audio = 0.1 * torch.randn(1, 16_000 * 8)
    shift_frames = 50
    with torch.inference_mode():
        whole = encoder(audio, 200)
        part = encoder(audio[:, shift_frames * 640 :], 150)
    margin = 25
    difference = (whole[:, shift_frames + margin :] - part[:, margin:]).abs()
    assert float(difference.max()) < 1e-4


TAUGHT = CompactAudioConfig(n_phone_classes=40, predicts_lips=True, dropout=0.1)


def test_config_round_trip() -> None:
    for config in (DualTalkConfig(), TINY, compact_config(8, TAUGHT)):
        assert DualTalkConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
