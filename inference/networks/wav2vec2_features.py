"""The convolutional front of wav2vec2, time-major and in chunks.

A strided convolution over (time, channels) is a product of matrices without any copy: the frames
that one output needs lie side by side in memory. Chunks of some seconds stay in the processor's
cache, and what a chunk needs of its neighbours is computed with it, so the result is exact.
"""

from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

#: Kernel and stride of each layer (wav2vec2, Baevski et al. 2020, section 4.2).
LAYERS = ((10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2))
#: Samples from one output frame to the next, and samples that one output frame hears.
HOP_SAMPLES = 320
WINDOW_SAMPLES = 400
#: Output frames per chunk: 2 s.
CHUNK_FRAMES = 100


class FeatureExtractor(nn.Module):
    """Seven convolutions from sound to 50 frames per second."""

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList(
            ConvolutionLayer(n_channels if index else 1, n_channels, kernel, stride)
            for index, (kernel, stride) in enumerate(LAYERS)
        )

    def forward(self, audio: Tensor) -> Tensor:
        """(B, n_samples) -> (B, T50, channels); sound shorter than one window is padded."""
        audio = F.pad(audio, (0, max(0, WINDOW_SAMPLES - audio.shape[1])))
        n_out = (audio.shape[1] - WINDOW_SAMPLES) // HOP_SAMPLES + 1
        chunks = []
        for first in range(0, n_out, CHUNK_FRAMES):
            last = min(first + CHUNK_FRAMES, n_out)
            end = (last - 1) * HOP_SAMPLES + WINDOW_SAMPLES
            x = audio[:, first * HOP_SAMPLES : end].unsqueeze(2)  # (B, n, 1)
            for layer in self.conv_layers:
                x = layer(x)
            chunks.append(x)
        return torch.cat(chunks, dim=1)


class ConvolutionLayer(nn.Module):
    """Convolution without padding, layer norm over the channels, GELU."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(n_in, n_out, kernel, stride)
        self.layer_norm = nn.LayerNorm(n_out)
        self.kernel, self.stride = kernel, stride

    @property
    def bias(self) -> Tensor:
        """The convolution's bias (n_out,)."""
        return cast(Tensor, self.conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, n_in) -> (B, (T - kernel) // stride + 1, n_out)."""
        return F.gelu(self.layer_norm(self._convolved(x)))

    def _convolved(self, x: Tensor) -> Tensor:
        n_batch, n_time, n_in = x.shape
        n_out = (n_time - self.kernel) // self.stride + 1
        taps = self.conv.weight.permute(0, 2, 1)  # (n_out, kernel, n_in)
        result: Tensor = self.bias
        for first in range(0, self.kernel, self.stride):
            width = min(self.stride, self.kernel - first)
            # `width` neighbouring frames as one row; rows are `stride` frames apart.
            rows = x.as_strided(
                (n_batch, n_out, width * n_in),
                (x.stride(0), self.stride * x.stride(1), 1),
                x.storage_offset() + first * x.stride(1),
            )
            result = result + rows @ taps[:, first : first + width].flatten(1).T
        return result
