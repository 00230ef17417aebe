"""On an NVIDIA card: the CPU's numbers, the same bytes each time, graphs that change nothing."""

import numpy as np
import pytest
import torch
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.evaluation.bench import _checkpoint, _dialogue
from dualtalk.inference import checkpoints, resident
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.devices import Precision
from dualtalk.inference.gpu import graphs
from dualtalk.inference.two_track.predict import PredictOptions, predict_both

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA card")


@pytest.fixture(params=["tiny", "bundled"])
def checkpoint(request: pytest.FixtureRequest) -> Checkpoint:
    if request.param == "bundled":
        return checkpoints.load(checkpoints.bundled_path())
    return _checkpoint("tiny")


def numbers(
    checkpoint: Checkpoint, dialogue: Dialogue, device: str, precision: Precision = "float32"
) -> np.ndarray:
    options = PredictOptions(device=device, precision=precision, raw=True)  # type: ignore[arg-type]
    motions = predict_both(dialogue, checkpoint, options)
    return np.stack([np.concatenate([m.expression, m.jaw, m.head], axis=1) for m in motions])


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-3), ("fast", 2e-2)])
def test_the_cards_numbers_are_the_cpus(
    checkpoint: Checkpoint, precision: Precision, tolerance: float
) -> None:
    dialogue = _dialogue(5.0)
    wanted = numbers(checkpoint, dialogue, "cpu")
    n_recorded = graphs.n_recorded
    all_runs = [numbers(checkpoint, dialogue, "cuda", precision) for _ in range(6)]
    assert graphs.n_recorded > n_recorded
    assert np.abs(all_runs[0] - wanted).max() < tolerance
    assert np.array_equal(all_runs[-1], all_runs[-2])
    assert np.abs(all_runs[0] - all_runs[-1]).max() < tolerance / 10


def test_a_graph_forgets_the_dialogue_before(checkpoint: Checkpoint) -> None:
    other = Dialogue(np.ascontiguousarray(_dialogue(5.0).tracks[::-1]))
    wanted = numbers(checkpoint, other, "cuda")
    for _ in range(6):
        numbers(checkpoint, _dialogue(5.0), "cuda")
    assert np.abs(numbers(checkpoint, other, "cuda") - wanted).max() < 1e-4


def test_many_windows_of_one_batch(checkpoint: Checkpoint) -> None:
    dialogue = _dialogue(70.0)
    wanted, found = (numbers(checkpoint, dialogue, device) for device in ("cpu", "cuda"))
    assert np.abs(found - wanted).max() < 1e-3


def test_the_fast_mode_keeps_one_copy(checkpoint: Checkpoint) -> None:
    resident.forget_devices(checkpoint.network)
    for _ in range(2):
        numbers(checkpoint, _dialogue(3.0), "cuda", "fast")
    assert [key[1] for key in resident._copies[checkpoint.network]] == [torch.float16]
