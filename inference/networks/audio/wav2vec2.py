"""wav2vec2 (Baevski et al. 2020) in the variant of `wav2vec2-large-960h-lv60-self`.

Written for this project rather than taken from a library: DualTalk resamples the convolution's
features to the frame rate of the motion *before* the transformer, and the speed of the whole
network is decided here (docs/performance.md). Parameter names are those of published checkpoints.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .wav2vec2_features import FeatureExtractor


@dataclass(frozen=True)
class Wav2Vec2Config:
    """Sizes of the encoder; the defaults are wav2vec2-large's."""

    hidden_size: int = 1024
    n_layers: int = 24
    n_heads: int = 16
    feed_forward_size: int = 4096
    n_channels: int = 512
    position_kernel: int = 128
    position_groups: int = 16

    @property
    def output_size(self) -> int:
        """Size of the features per frame."""
        return self.hidden_size


class Wav2Vec2(nn.Module):
    """Sound in, features per frame of motion out."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.feature_extractor = FeatureExtractor(config.n_channels)
        self.feature_projection = FeatureProjection(config)
        self.encoder = Encoder(config)
        # Trained with, never used at inference; kept so that a published checkpoint fits whole.
        self.masked_spec_embed = nn.Parameter(torch.zeros(config.hidden_size))

    def forward(self, audio: Tensor, n_frames: int) -> Tensor:
        """Turn audio (B, n_samples), zero mean and unit variance, into (B, n_frames, hidden)."""
        return self.encode(self.feature_extractor(audio), n_frames)

    def encode(self, features: Tensor, n_frames: int) -> Tensor:
        """Turn the convolution's features (B, T50, channels) into (B, n_frames, hidden)."""
        resampled = F.interpolate(
            features.transpose(1, 2), size=n_frames, mode="linear", align_corners=True
        ).transpose(1, 2)  # (B, n_frames, channels)
        encoded: Tensor = self.encoder(self.feature_projection(resampled))
        return encoded


class FeatureProjection(nn.Module):
    """Layer norm and a linear layer from the convolution's channels to the hidden size."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(config.n_channels)
        self.projection = nn.Linear(config.n_channels, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, channels) -> (B, T, hidden)."""
        projected: Tensor = self.projection(self.layer_norm(x))
        return projected


class Encoder(nn.Module):
    """Convolutional positions, then transformer layers with the norm in front."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.pos_conv_embed = PositionalConvolution(config)
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.n_layers))
        self.layer_norm = nn.LayerNorm(config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, hidden) -> (B, T, hidden)."""
        x = x + self.pos_conv_embed(x)
        for layer in self.layers:
            x = layer(x)
        normed: Tensor = self.layer_norm(x)
        return normed


class PositionalConvolution(nn.Module):
    """A wide grouped convolution that tells the transformer about order."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.conv = WeightNormConvolution(
            config.hidden_size, config.position_kernel, config.position_groups
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, hidden) -> (B, T, hidden)."""
        return F.gelu(self.conv(x.transpose(1, 2))).transpose(1, 2)


class WeightNormConvolution(nn.Module):
    """A grouped convolution whose weight is normalised for each position of the kernel.

    Published checkpoints call the two parameters weight_g and weight_v; newer libraries call them
    parametrizations.weight.original0 and original1 (`inference.convert` maps both).
    """

    def __init__(self, size: int, kernel: int, groups: int) -> None:
        super().__init__()
        self.groups = groups
        self.weight_g = nn.Parameter(torch.ones(1, 1, kernel))
        self.weight_v = nn.Parameter(torch.empty(size, size // groups, kernel))
        self.bias = nn.Parameter(torch.zeros(size))
        nn.init.normal_(self.weight_v, std=2 / (kernel * size) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """(B, size, T) -> (B, size, T)."""
        weight = self.normed_weight()
        kernel = weight.shape[-1]
        same = F.conv1d(x, weight, self.bias, padding=kernel // 2, groups=self.groups)
        return same[..., : x.shape[-1]]  # an even kernel gives one frame too many

    def normed_weight(self) -> Tensor:
        """Return the weight that the convolution has, (size, size / groups, kernel)."""
        norm = self.weight_v.flatten(0, 1).norm(dim=0)
        weight: Tensor = self.weight_g * self.weight_v / norm
        return weight


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each behind a layer norm and with a residual.

    The two may hold weights of a smaller number type than the residual's
    (`inference.low_precision`).
    """

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(config.hidden_size)
        self.attention = SelfAttention(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size)
        self.feed_forward = FeedForward(config)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, hidden) -> (B, T, hidden)."""
        x = x + self.attention(self.layer_norm(x))
        out: Tensor = x + self.feed_forward(self.final_layer_norm(x))
        return out


class SelfAttention(nn.Module):
    """Multi-head self-attention that keeps no maps."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        size = config.hidden_size
        self.n_heads = config.n_heads
        self.q_proj, self.k_proj = nn.Linear(size, size), nn.Linear(size, size)
        self.v_proj, self.out_proj = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, hidden) -> (B, T, hidden)."""
        n_batch, n_time, size = x.shape
        x = x.to(self.q_proj.weight.dtype)
        q, k, v = (
            projection(x).view(n_batch, n_time, self.n_heads, size // self.n_heads).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )  # each (B, heads, T, hidden / heads)
        mixed = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return out


class FeedForward(nn.Module):
    """Two linear layers with GELU between."""

    def __init__(self, config: Wav2Vec2Config) -> None:
        super().__init__()
        self.intermediate_dense = nn.Linear(config.hidden_size, config.feed_forward_size)
        self.output_dense = nn.Linear(config.feed_forward_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, hidden) -> (B, T, hidden)."""
        x = x.to(self.intermediate_dense.weight.dtype)
        out: Tensor = self.output_dense(F.gelu(self.intermediate_dense(x)))
        return out
