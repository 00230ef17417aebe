"""Multi-head attention that keeps no attention maps and can be told about time."""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head attention with the parameter names of `torch.nn.MultiheadAttention`.

    With `rotary`, queries and keys are turned by an angle that grows with the frame number (RoPE,
    Su et al. 2021), so that attention sees how far apart two frames are, wherever the window
    starts. The published network has no such thing: it cannot see *when* the partner moves.
    """

    def __init__(self, size: int, n_heads: int, rotary: bool = False) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.rotary = rotary
        self.in_proj_weight = nn.Parameter(torch.empty(3 * size, size))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * size))
        self.out_proj = nn.Linear(size, size)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, query: Tensor, memory: Tensor) -> Tensor:
        """Let `query` (B, T, size) look at `memory` (B, S, size); return (B, T, size)."""
        w_q, w_k, w_v = self.in_proj_weight.chunk(3)
        b_q, b_k, b_v = self.in_proj_bias.chunk(3)
        q = self._split(F.linear(query, w_q, b_q))  # (B, heads, T, size / heads)
        k = self._split(F.linear(memory, w_k, b_k))  # (B, heads, S, size / heads)
        v = self._split(F.linear(memory, w_v, b_v))
        if self.rotary:
            q, k = _turned(q), _turned(k)
        mixed = F.scaled_dot_product_attention(q, k, v)
        merged: Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))  # (B, T, size)
        return merged

    def _split(self, x: Tensor) -> Tensor:
        n_batch, n_time, size = x.shape
        return x.view(n_batch, n_time, self.n_heads, size // self.n_heads).transpose(1, 2)


def _turned(x: Tensor) -> Tensor:
    """Turn pairs of channels of (B, heads, T, channels) by the frame number."""
    half = x.shape[-1] // 2
    rate = 10_000.0 ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    frame = torch.arange(x.shape[-2], device=x.device, dtype=torch.float32)
    angle = frame[:, None] * rate  # (T, half)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half : 2 * half]
    return torch.cat([a * cos - b * sin, a * sin + b * cos, x[..., 2 * half :]], dim=-1)
