"""Several processes that torchrun starts train one network of one mixed track."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.training.mixed.config import MixedConfig

from .test_mixed import made

_CONFIG = """
name = "together"
seed = 1

[[sets]]
name = "synthetic"
sources = ["espeak"]
shares = [1.0]
count = 3
seed = 11

[[stages]]
steps = 2
rate = 1e-3
full = 2

[network]
n_features = 6
sizes = [8, 8, 8]
condition_size = 8
role_size = 4
"""


def _trained(folder: Path, n_processes: int) -> dict[str, torch.Tensor]:
    """Train the config and return the weights of the run's last step."""
    folder.mkdir()
    (folder / "run.toml").write_text(_CONFIG)
    made().save(MixedConfig.load(folder / "run.toml").sets[0].path(folder))
    words = ["--config", "run.toml", "--cache", ".", "--device", "cpu"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", str(n_processes), "-m", "dualtalk.training.mixed.train", *words),
        ],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    network = checkpoints.load(folder / "together-mixed.safetensors", MixedNetwork)
    assert network.card["stage"] == "1, step 2"
    state = torch.load(folder / "together-mixed-state.pt", weights_only=True)
    return dict(state["network"])


def test_two_processes_train_one_network(tmp_path: Path) -> None:
    alone, together = _trained(tmp_path / "alone", 1), _trained(tmp_path / "together", 2)
    with pytest.raises(AssertionError):  # what the second process drew counts as well
        torch.testing.assert_close(together, alone)
    assert all(torch.isfinite(each).all() for each in together.values())
