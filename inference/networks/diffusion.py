"""Diffusion in continuous time with the cosine schedule, and its deterministic sampler.

x_t = cos(pi t / 2) x + sin(pi t / 2) noise (Nichol & Dhariwal 2021, less their offset); the network
gives the clean x back, and a step of DDIM (Song, Meng & Ermon 2021, equation 12 with sigma = 0)
goes from one noise level to the next.
"""

import math

import torch
from torch import Tensor

#: At 1 nothing of the signal is left to divide by; sampling begins just below.
_FIRST_LEVEL = 0.995


def noised(clean: Tensor, noise: Tensor, level: Tensor) -> Tensor:
    """Return x_t of (B, ...) at the levels (B,)."""
    signal, share = _rates(level.view(-1, *[1] * (clean.ndim - 1)))
    return signal * clean + share * noise


def levels(n_steps: int) -> list[float]:
    """Return the noise levels that sampling visits, from noise to 0, (n_steps + 1)."""
    return [_FIRST_LEVEL * (1 - i / n_steps) for i in range(n_steps + 1)]


def stepped(noisy: Tensor, clean: Tensor, level: float, following: float) -> Tensor:
    """Go from one noise level to the next, given what the network takes for clean."""
    signal, share = math.cos(math.pi / 2 * level), math.sin(math.pi / 2 * level)
    noise = (noisy - signal * clean) / share
    return math.cos(math.pi / 2 * following) * clean + math.sin(math.pi / 2 * following) * noise


def _rates(level: Tensor) -> tuple[Tensor, Tensor]:
    return torch.cos(math.pi / 2 * level), torch.sin(math.pi / 2 * level)
