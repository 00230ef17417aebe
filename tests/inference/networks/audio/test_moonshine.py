"""The pretrained encoder: equal to the original, and long sound without seams."""

from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.audio import moonshine
from dualtalk.inference.networks.audio.compact_audio import (
    CompactAudio,
    CompactAudioConfig,
    at_rate_50,
)
from dualtalk.inference.networks.audio.moonshine import HOP_SAMPLES, Moonshine
from dualtalk.inference.weights import pretrained

#: A sound and what onnxruntime makes of it (`training.pretrained.moonshine_reference`).
REFERENCE = Path(__file__).parent / "moonshine_reference.npz"


@pytest.fixture(scope="module")
def reference() -> dict[str, torch.Tensor]:
    with np.load(REFERENCE) as file:
        return {name: torch.from_numpy(file[name].astype(np.float32)) for name in file.files}


@pytest.fixture(scope="module")
def encoder() -> Moonshine:
    return checkpoints.load(checkpoints.bundled_path(Moonshine), Moonshine).network


@pytest.fixture(scope="module")
def speech(reference: dict[str, torch.Tensor]) -> torch.Tensor:
    """26 s of one voice."""
    return (reference["sound"] / 32768).repeat(16)


@torch.inference_mode()
def test_equals_the_original(encoder: Moonshine, reference: dict[str, torch.Tensor]) -> None:
    seen = []
    handle = encoder.layers[-1].register_forward_hook(lambda *given: seen.append(given[2]))
    encoder((reference["sound"] / 32768)[None], by_its_own_level=True)
    handle.remove()
    assert len(encoder.layers) == reference["n_layers"]
    error = seen[0][0] - reference["heard"]
    assert error.square().mean().sqrt() < 1e-2 * reference["heard"].std()


@torch.inference_mode()
def test_windows_hear_as_one_whole(
    encoder: Moonshine, speech: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_windows = encoder.features(speech)
    monkeypatch.setattr(moonshine, "WINDOW_FRAMES", 10_000)
    whole = encoder.features(speech)
    assert len(in_windows) == len(whole) == -(-len(speech) // HOP_SAMPLES)
    error = (in_windows - whole).square().mean(dim=1).sqrt() / whole.std()
    assert error.median() < 0.2  # attention reaches as far as the window
    # No step where windows meet: neighbours differ there as they do elsewhere.
    step = (in_windows[1:] - in_windows[:-1]).square().mean(dim=1).sqrt()
    seams = torch.cat([step[k - 42 : k + 2] for k in (376, 752)])
    assert seams.max() < 1.2 * step.max()
    assert 0.7 < seams.mean() / step.mean() < 1.3


@torch.inference_mode()
def test_a_vector_is_where_its_sound_is(encoder: Moonshine) -> None:
    sound = 0.01 * torch.randn(3 * 16_000, generator=torch.Generator().manual_seed(1))
    click = 100 * HOP_SAMPLES
    clicked = sound.clone()
    clicked[click - 8 : click + 8] = 0.5
    change = (encoder.features(clicked) - encoder.features(sound)).norm(dim=1)
    assert abs(int(change.argmax()) - 100) <= 2


@torch.inference_mode()
def test_silence_costs_nothing(encoder: Moonshine, speech: torch.Tensor) -> None:
    quiet = torch.zeros(5 * 16_000)
    track = torch.cat([quiet, speech[: 4 * 16_000], quiet])
    heard = encoder.features(track).norm(dim=1)
    spans = moonshine.sounding(track)
    assert len(spans) == 1
    first, last = spans[0]
    assert 4.4 < first * HOP_SAMPLES / 16_000 < 5.1
    assert 8.9 < last * HOP_SAMPLES / 16_000 < 9.6
    assert (heard[first:last] > 0).all()
    assert not heard[:first].any()
    assert not heard[last:].any()
    assert not encoder.features(quiet).any()


def test_at_rate_50_keeps_time() -> None:
    times = (torch.arange(500) * HOP_SAMPLES / 16_000)[None, :, None]
    brought = at_rate_50(times, 400)[0, :, 0]
    assert torch.allclose(brought, torch.arange(400) / 50, atol=1e-5)


def test_a_checkpoint_leaves_the_encoder_out(encoder: Moonshine) -> None:
    config = CompactAudioConfig(hidden_size=16, dilations=(1,), n_pretrained_layers=1)
    audio = CompactAudio(config)
    assert not any(p.requires_grad for p in audio.pretrained.parameters())
    kept = pretrained.without(audio.state_dict(), audio)
    assert not any(key.startswith("pretrained.") for key in kept)
    again = CompactAudio(config)
    again.load_state_dict(pretrained.completed(kept, again, encoder.state_dict()))
    assert torch.equal(again.pretrained.conv1.weight, encoder.conv1.weight)
    sound = 0.1 * torch.randn(2, 16_000)
    known = again.pretrained.features_of(sound)
    assert torch.equal(again(sound, 25), again.at_motion_rate(again.at_50(sound, 25, known)))
