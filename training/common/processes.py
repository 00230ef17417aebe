"""Training on several processes, one per device: `torchrun --nproc-per-node N -m ...`."""

import os

import torch
import torch.distributed as dist
from torch import nn


def rank() -> int:
    """Return the number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def join(device: str) -> torch.device:
    """Join the processes that torchrun started, if it did, and return this one's device.

    Args:
        device: `auto`, or as torch names it.
    """
    if "LOCAL_RANK" in os.environ:
        dist.init_process_group()
        if torch.cuda.is_available():
            return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def average_gradients(module: nn.Module) -> None:
    """Give every process the mean of all processes' gradients."""
    if count() == 1:
        return
    for parameter in (p for p in module.parameters() if p.requires_grad):
        if parameter.grad is None:  # every process must take part in every sum
            parameter.grad = torch.zeros_like(parameter)
        dist.all_reduce(parameter.grad)  # gloo, for CPUs, cannot average
        parameter.grad /= count()
