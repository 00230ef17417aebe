"""What is done when a device is short of memory: less at once, then the CPU, and it is said."""

import numpy as np
import pytest
import torch
from dualtalk.inference import devices, executor
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.executor import WindowExecutor, run_on
from dualtalk.inference.networks.dualtalk import DualTalk
from dualtalk.inference.windows import Window
from torch import Tensor, nn

#: A device that this machine has beside the CPU: its tensors have no numbers, only shapes.
OTHER = torch.device("meta")


@pytest.fixture(autouse=True)
def other_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let another device than the CPU be chosen, and threads stay as they are."""
    monkeypatch.setattr(devices, "choose_or_fall_back", lambda name: OTHER)
    monkeypatch.setattr(executor, "_use_cpu_well", lambda network: None)


def windows(count: int) -> list[Window]:
    return [Window(10 * index, 10 * index + 10) for index in range(count)]


def short_of_memory(most: int, sizes: list[int]) -> executor.Compute:
    """Return what computes at most this many windows at once on the other device."""

    def solve(network: DualTalk, audio: Tensor, given: list[Window]) -> Tensor:
        where = next(network.parameters()).device
        sizes.append(len(given) if where == OTHER else -len(given))
        if where == OTHER:
            raise torch.OutOfMemoryError("CUDA out of memory")
        if len(given) > most:
            raise AssertionError
        first = torch.tensor([float(window.first) for window in given])
        return first[:, None, None] + audio[0::2, :1, None]

    return solve


def test_pieces_are_halved_and_then_the_cpu_goes_on(
    seeded: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    short = WindowExecutor(seeded.network, "auto", "float32")
    sizes: list[int] = []
    values = short.compute(short_of_memory(2, sizes), torch.zeros(8, 640), windows(4))
    np.testing.assert_array_equal(values[:, 0, 0], [0, 10, 20, 30])
    assert sizes == [4, 2, 1, -1, -1, -2]  # on the CPU from the first window that did not fit
    assert "trying smaller pieces" in caplog.text
    assert "going on with the CPU" in caplog.text


def test_the_cpu_has_nowhere_to_go(seeded: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "choose_or_fall_back", lambda name: torch.device("cpu"))

    def solve(network: DualTalk, audio: Tensor, given: list[Window]) -> Tensor:
        raise torch.OutOfMemoryError("out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        WindowExecutor(seeded.network, "auto", "float32").compute(
            solve, torch.zeros(2, 640), windows(1)
        )


def test_work_begins_anew_on_the_cpu(caplog: pytest.LogCaptureFixture) -> None:
    network, tried = nn.Linear(2, 2), []

    def work(network: nn.Linear, device: torch.device) -> str:
        tried.append((network.weight.device, device))
        if device == OTHER:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return "done"

    assert run_on(network, "cuda", work) == "done"
    assert tried == [(OTHER, OTHER), (torch.device("cpu"), torch.device("cpu"))]
    assert "out of memory: going on with the CPU" in caplog.text
