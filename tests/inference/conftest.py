"""A small seeded network that stands for any checkpoint."""

import pytest
import torch
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.networks.config import compact_config
from dualtalk.inference.networks.dualtalk import DualTalk


@pytest.fixture(scope="session")
def seeded() -> Checkpoint:
    """Return a compact network with random weights and with noise."""
    torch.manual_seed(0)
    network = DualTalk(compact_config(n_noise=4)).eval().requires_grad_(False)
    return Checkpoint(network, "arkit", "seeded")
