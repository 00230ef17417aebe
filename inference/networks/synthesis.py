"""Expressive Synthesis Module (DualTalk, section 3.5): features become motion."""

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .attention import Attention
from .config import DualTalkConfig


class SynthesisModule(nn.Module):
    """One transformer decoder layer, adaptive modulation, and the way to the motion's numbers."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = 2 * config.feature_size
        self.synthesis_decoder = SynthesisDecoder(config)
        self.modulation_layer = nn.Linear(size, size)
        self.blendshape_predictor = nn.Linear(size, config.n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, 2 * size) -> (B, T, n_outputs)."""
        x = self.synthesis_decoder(x)
        modulated = x + 0.1 * self.modulation_layer(x)
        dtype = self.blendshape_predictor.weight.dtype
        motion: Tensor = self.blendshape_predictor(modulated.to(dtype))
        return motion


class SynthesisDecoder(nn.Module):
    """A stack of one decoder layer, as published."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList([SynthesisLayer(config)])

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, 2 * size) -> (B, T, 2 * size); what the layer remembers is what it decodes."""
        memory = x
        for layer in self.layers:
            x = layer(x, memory)
        return x


class SynthesisLayer(nn.Module):
    """Self-attention, attention to the memory, feed-forward; the norms behind."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = 2 * config.feature_size
        self.self_attn = Attention(size, config.n_heads, rotary=config.knows_time)
        self.multihead_attn = Attention(size, config.n_heads, rotary=config.knows_time)
        self.linear1 = nn.Linear(size, config.feed_forward_size)
        self.linear2 = nn.Linear(config.feed_forward_size, size)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(size) for _ in range(3))
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """(B, T, 2 * size) twice -> (B, T, 2 * size)."""
        x = self.norm1(x + self.dropout(self.self_attn(x, x)))
        x = self.norm2(x + self.dropout(self.multihead_attn(x, memory)))
        hidden = self.linear2(self.dropout(F.relu(self.linear1(x))))
        out: Tensor = self.norm3(x + self.dropout(hidden))
        return out
