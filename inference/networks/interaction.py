"""Dual-Speaker Interaction Module (DualTalk, section 3.4): both people in one sequence."""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .attention import Attention
from .config import DualTalkConfig


class InteractionModule(nn.Module):
    """Transformer encoder layers over own sound and partner side by side, then self-attention."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = 2 * config.feature_size
        self.noise_encoder = NoiseEncoder(config) if config.n_noise else None
        self.interaction_encoder = InteractionEncoder(config)
        self.self_attention = Attention(size, config.n_heads, rotary=config.knows_time)
        self.is_residual = config.residual_interaction
        self.dropout = nn.Dropout(0.1 if config.residual_interaction else 0.5)

    def course_of(self, noise: Tensor | None) -> Tensor | None:
        """Turn noise (B, T, n_noise) into what it adds to each frame, (B, T, 2 * size)."""
        if self.noise_encoder is None or noise is None:
            return None
        course: Tensor = self.noise_encoder(noise)
        return course

    def forward(self, own_audio: Tensor, partner: Tensor, course: Tensor | None = None) -> Tensor:
        """(B, T, size), (B, T, size) and `course_of` the noise -> (B, T, 2 * size)."""
        x = torch.cat([own_audio, partner], dim=2)  # (B, T, 2 * size)
        if course is not None:
            x = x + course
        x = self.interaction_encoder(x)
        attended = self.self_attention(x, x)
        dropped: Tensor = self.dropout(x + attended if self.is_residual else attended)
        return dropped


class NoiseEncoder(nn.Module):
    """Turn noise per frame into events and drifts: a decision per frame, then its course in time.

    Ours, not the paper's: see `inference.noise`.
    """

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = 2 * config.feature_size
        self.decision = nn.Linear(config.n_noise, 64)
        self.course = nn.Conv1d(64, size, 25, padding=12)

    def forward(self, noise: Tensor) -> Tensor:
        """(B, T, n_noise) -> (B, T, 2 * size)."""
        decided = F.gelu(self.decision(noise)).transpose(1, 2)
        course: Tensor = self.course(decided).transpose(1, 2)
        return course


class InteractionEncoder(nn.Module):
    """A stack of transformer encoder layers."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            InteractionLayer(config) for _ in range(config.n_interaction_layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, 2 * size) -> (B, T, 2 * size)."""
        for layer in self.layers:
            x = layer(x)
        return x


class InteractionLayer(nn.Module):
    """Self-attention and feed-forward, the norms behind (Vaswani et al. 2017)."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = 2 * config.feature_size
        self.self_attn = Attention(size, config.n_heads, rotary=config.knows_time)
        self.linear1 = nn.Linear(size, config.feed_forward_size)
        self.linear2 = nn.Linear(config.feed_forward_size, size)
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, 2 * size) -> (B, T, 2 * size)."""
        x = self.norm1(x + self.dropout(self.self_attn(x, x)))
        hidden = self.linear2(self.dropout(F.relu(self.linear1(x))))
        out: Tensor = self.norm2(x + self.dropout(hidden))
        return out
