"""The pretrained networks in torch against what the package's own models make of the demo."""

from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.core.errors import CheckpointError
from dualtalk.core.paths import ASSETS
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.networks.speaker.speaker_segmentation import SETS, WINDOW_SAMPLES, people
from dualtalk.inference.networks.speaker.voices import VoiceConfig, VoiceNetwork
from dualtalk.inference.weights import eight_bits

GOLDEN = Path(__file__).parent / "golden" / "voices.npz"


@pytest.fixture(scope="module")
def bundled() -> VoiceNetwork:
    return checkpoints.load(checkpoints.bundled_path(VoiceNetwork), VoiceNetwork).network


@pytest.fixture(scope="module")
def sound() -> torch.Tensor:
    dialogue = read_dialogue(ASSETS / "demo_speaker1.flac", ASSETS / "demo_speaker2.flac")
    return torch.from_numpy(dialogue.tracks.sum(axis=0)[:WINDOW_SAMPLES])


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    """Made by `python -m training.turns.pretrained --golden`."""
    with np.load(GOLDEN) as file:
        return dict(file)


def test_who_speaks_is_what_the_original_says(
    bundled: VoiceNetwork, sound: torch.Tensor, golden: dict[str, np.ndarray]
) -> None:
    logits = bundled.segmentation(sound[None])[0]
    found = np.zeros_like(golden["speaks"])
    for row, number in zip(found, logits.argmax(dim=-1), strict=True):
        row[list(SETS[int(number)])] = 1
    assert (found == golden["speaks"]).mean() > 0.998


def test_voices_are_what_the_original_makes_of_them(
    bundled: VoiceNetwork, sound: torch.Tensor, golden: dict[str, np.ndarray]
) -> None:
    features = bundled.encoder.features(bundled.encoder.log_mels(sound)[None])[0]  # (125, 2560)
    weights = torch.zeros(2, len(features))
    weights[0], weights[1, torch.arange(125) * 998 // 125 < 400] = 1, 1
    voices = bundled.encoder.voices(features, weights)
    # Half-precision biases differ in the fourth digit; the vectors' length is about 3.
    np.testing.assert_allclose(voices.numpy(), golden["voices"], atol=0.02)


def test_likelihoods_of_people_add_up_from_sets() -> None:
    logits = torch.full((1, 7), -30.0)
    logits[0, SETS.index((0, 2))] = 30.0
    torch.testing.assert_close(people(logits), torch.tensor([[1.0, 0.0, 1.0]]))


def test_weights_on_a_grid_are_kept_in_8_bits_without_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    grid = torch.randint(0, 256, (40, 40), generator=generator).float() * 0.013 - 1.7
    kept = eight_bits.packed("a.weight", grid)
    assert kept["a.weight"].dtype == torch.uint8
    torch.testing.assert_close(eight_bits.unpacked(kept)["a.weight"], grid)
    free = torch.randn(40, 40, generator=generator)
    assert eight_bits.packed("b", free)["b"].dtype == torch.float16
    assert eight_bits.packed("c", torch.zeros(40, 40))["c"].dtype == torch.float16


def test_weights_that_rounding_moved_off_their_grid_are_not_kept_in_8_bits() -> None:
    generator = torch.Generator().manual_seed(0)
    grid = torch.randint(0, 200, (40, 40), generator=generator).float() * 0.013 - 1.7
    kept = eight_bits.packed("a.weight", grid.half().float())
    torch.testing.assert_close(eight_bits.unpacked(kept)["a.weight"].float(), grid.half().float())


def test_the_network_is_read_as_it_was_written(bundled: VoiceNetwork, tmp_path: Path) -> None:
    checkpoints.save(tmp_path / "again.safetensors", bundled, is_half=True)
    again = checkpoints.load(tmp_path / "again.safetensors", VoiceNetwork).network
    assert again.config == VoiceConfig()
    kept = bundled.state_dict()
    for key, value in again.state_dict().items():
        torch.testing.assert_close(value, kept[key], rtol=1e-5, atol=1e-6)


def test_another_network_is_refused() -> None:
    with pytest.raises(CheckpointError, match="who speaks when"):
        checkpoints.load(ASSETS / "dualtalk.safetensors", VoiceNetwork)
