"""Diffusion in continuous time with a shifted cosine schedule, and its deterministic sampler.

x_t = cos(pi t / 2) x + sin(pi t / 2) noise (Nichol & Dhariwal 2021, less their offset); the network
gives the clean x back, and a step of DDIM (Song, Meng & Ermon 2021, equation 12 with sigma = 0)
goes from one noise level to the next. Motion is alike from frame to frame, and a smile is six
shapes at once: all is decided while the noise is still loud, so most steps are taken there (as for
large pictures: Hoogeboom, Heek & Salimans 2023, "simple diffusion", section 3.1).
"""

import math

import torch
from torch import Tensor

#: At 1 nothing of the signal is left to divide by; sampling begins just below.
_FIRST_LEVEL = 0.998
#: Ratio of noise to signal, against that of the cosine schedule, at the levels that are visited.
SHIFT = 3.0


def noised(clean: Tensor, noise: Tensor, level: Tensor) -> Tensor:
    """Return x_t of (B, ...) at the levels (B,)."""
    signal, share = _rates(level.view(-1, *[1] * (clean.ndim - 1)))
    return signal * clean + share * noise


def shifted(level: float, shift: float = SHIFT) -> float:
    """Return the level of 0 to 1 whose ratio of noise to signal is `shift` times as high."""
    return 2 / math.pi * math.atan(shift * math.tan(math.pi / 2 * level))


def levels(n_steps: int) -> list[float]:
    """Return the noise levels that sampling visits, from noise to 0, (n_steps + 1)."""
    return [min(_FIRST_LEVEL, shifted(1 - i / n_steps)) for i in range(n_steps + 1)]


def stepped(noisy: Tensor, clean: Tensor, level: float, following: float) -> Tensor:
    """Go from one noise level to the next, given what the network takes for clean."""
    signal, share = math.cos(math.pi / 2 * level), math.sin(math.pi / 2 * level)
    noise = (noisy - signal * clean) / share
    return math.cos(math.pi / 2 * following) * clean + math.sin(math.pi / 2 * following) * noise


def _rates(level: Tensor) -> tuple[Tensor, Tensor]:
    return torch.cos(math.pi / 2 * level), torch.sin(math.pi / 2 * level)
