"""What a GPU runs gives the numbers of the original; its own types are tested on the CPU."""

import numpy as np
import pytest
import torch
from dualtalk.evaluation.bench import _checkpoint, _dialogue
from dualtalk.inference import checkpoints
from dualtalk.inference.gpu.prepared import prepared
from dualtalk.inference.networks.dualtalk import DualTalk
from dualtalk.inference.two_track.predict import _agreed, _noise
from torch import Tensor

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def published() -> DualTalk:
    """The published network in small, with norms that do something."""
    network = _checkpoint("tiny").network
    torch.manual_seed(3)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "norm" in name:
                parameter.add_(0.2 * torch.randn_like(parameter))
    return network


def sound(network: DualTalk) -> Tensor:
    """Return two prepared tracks of 3 s."""
    return torch.stack([network.prepare(torch.from_numpy(t)) for t in _dialogue(3.0).tracks])


@torch.inference_mode()
def motion(network: DualTalk, tracks: Tensor) -> np.ndarray:
    noise = _noise(network, tracks.shape[1] // 640, 0)
    return _agreed(network, network.encode_dialogue(tracks), noise, "float32").numpy()


def test_joined_encoders_give_what_two_give(published: DualTalk) -> None:
    tracks = sound(published)
    joined = prepared(published, CPU)
    assert joined.joint_encoder.pair is not None
    n_weights = sum(each.numel() for each in joined.joint_encoder.pair.parameters())
    both = published.joint_encoder
    n_before = sum(
        each.numel()
        for one in (both.audio_encoder1, both.audio_encoder2)
        for each in one.parameters()
    )
    assert n_weights < n_before  # and no second copy of them is left beside
    assert not hasattr(joined.joint_encoder, "audio_encoder1")
    assert np.abs(motion(joined, tracks) - motion(published, tracks)).max() < 1e-5


@pytest.mark.parametrize("n_partner", [48_000, 30_000], ids=["alike", "shorter"])
def test_a_reaction_hears_each_track_by_its_own_encoder(
    published: DualTalk, n_partner: int
) -> None:
    own, partner = sound(published).split(1)
    partner = partner[:, :n_partner]
    with torch.inference_mode():
        wanted = published.encode_audio(own, partner)
        found = prepared(published, CPU).encode_audio(own, partner)
    assert torch.allclose(found.own, wanted.own, atol=1e-5)
    assert torch.allclose(found.partner, wanted.partner, atol=1e-5)


def test_encoders_with_convolutions_of_their_own() -> None:
    network = _checkpoint("tiny").network
    joint = network.joint_encoder
    joint.audio_encoder2 = type(joint.audio_encoder1)(network.config.audio).eval()
    tracks = sound(network)
    assert np.abs(motion(prepared(network, CPU), tracks) - motion(network, tracks)).max() < 1e-5


def test_halves_are_near_and_the_motion_is_not_rounded(published: DualTalk) -> None:
    tracks = sound(published)
    half = prepared(published, CPU, torch.float16)
    found = motion(half, tracks)
    assert found.dtype == np.float32
    assert len(np.unique(found)) > len(np.unique(found.astype(np.float16)))
    assert np.abs(found - motion(published, tracks)).max() < 1e-2


def test_the_compact_network_stays_float32() -> None:
    network = checkpoints.load(checkpoints.bundled_path()).network
    tracks = sound(network)
    found = prepared(network, CPU, torch.float16)
    assert {each.dtype for each in found.parameters()} == {torch.float32}
    assert np.abs(motion(found, tracks) - motion(network, tracks)).max() < 1e-4
