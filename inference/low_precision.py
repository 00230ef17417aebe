"""A network whose costliest weights are kept and multiplied in a smaller number type."""

import copy
from typing import TypeVar

import torch
from torch import nn

from .networks.audio.wav2vec2 import FeedForward, SelfAttention

N = TypeVar("N", bound=nn.Module)


def in_low_precision(network: N, dtype: torch.dtype) -> N:
    """Return a copy whose attention and feed-forward layers in wav2vec2 work in `dtype`.

    They take most of the time. Everything else stays float32, the residual stream and the
    convolutions too, whose errors every later layer would hear, and shares its memory with the
    original. A network without wav2vec2 comes back unchanged in its numbers.
    """
    shared = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    result = copy.deepcopy(network, shared)
    for module in result.modules():
        if isinstance(module, SelfAttention | FeedForward):
            for layer in module.children():
                _reduce(layer, dtype)
    return result


def _reduce(layer: nn.Module, dtype: torch.dtype) -> None:
    for name, value in list(layer.named_parameters()):
        setattr(layer, name, nn.Parameter(value.detach().to(dtype), requires_grad=False))
