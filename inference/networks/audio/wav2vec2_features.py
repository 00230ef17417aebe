"""The convolutional front of wav2vec2: on a CPU time-major and in chunks, else all at once.

A GPU, and any device that computes in mixed types, takes torch's own convolutions over all tracks.
On a CPU these are slow: there a strided convolution over (time, channels) is a product of matrices
without any copy, as the frames that one output needs lie side by side in memory. Chunks of some
seconds stay in the processor's cache, and what a chunk needs of its neighbours is computed with it,
so the result is exact.
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
        if audio.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
            return self._at_once(audio)
        taps = [layer.taps() for layer in self._layers()]
        return torch.stack([self._track(track, taps) for track in audio])

    def _at_once(self, audio: Tensor) -> Tensor:
        """(B, n_samples) -> (B, T50, channels), without a loop over tracks or time."""
        x = audio[:, None]  # (B, 1, n_samples)
        for layer in self._layers():
            x = layer.channel_major(x)
        return x.transpose(1, 2)

    def _track(self, audio: Tensor, taps: list[list[Tensor]]) -> Tensor:
        """(n_samples,) -> (T50, channels)."""
        n_out = (audio.shape[0] - WINDOW_SAMPLES) // HOP_SAMPLES + 1
        chunks = []
        for first in range(0, n_out, CHUNK_FRAMES):
            last = min(first + CHUNK_FRAMES, n_out)
            end = (last - 1) * HOP_SAMPLES + WINDOW_SAMPLES
            x = audio[first * HOP_SAMPLES : end, None]  # (n, 1)
            for layer, layer_taps in zip(self._layers(), taps, strict=True):
                x = layer(x, layer_taps)
            chunks.append(x)
        return torch.cat(chunks)

    def _layers(self) -> list["ConvolutionLayer"]:
        return cast(list[ConvolutionLayer], list(self.conv_layers))


class ConvolutionLayer(nn.Module):
    """Convolution without padding, layer norm over the channels, GELU."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(n_in, n_out, kernel, stride)
        self.layer_norm = nn.LayerNorm(n_out)
        self.kernel, self.stride = kernel, stride

    def taps(self) -> list[Tensor]:
        """Return the weight as one matrix (width * n_in, n_out) per stride that it covers."""
        weight = self.conv.weight.permute(2, 1, 0)  # (kernel, n_in, n_out)
        return [part.flatten(0, 1).contiguous() for part in torch.split(weight, self.stride)]

    def forward(self, x: Tensor, taps: list[Tensor]) -> Tensor:
        """(T, n_in) -> ((T - kernel) // stride + 1, n_out)."""
        return F.gelu(self.layer_norm(self._convolved(x, taps)))

    def channel_major(self, x: Tensor) -> Tensor:
        """(B, n_in, T) -> (B, n_out, (T - kernel) // stride + 1)."""
        normed = self.layer_norm(self.conv(x).transpose(1, 2))
        return F.gelu(normed).transpose(1, 2)

    def _convolved(self, x: Tensor, taps: list[Tensor]) -> Tensor:
        n_time, _ = x.shape
        n_out = (n_time - self.kernel) // self.stride + 1
        result = cast(Tensor, self.conv.bias)
        for index, weight in enumerate(taps):
            # Neighbouring frames as one row; rows are `stride` frames apart.
            rows = x.as_strided(
                (n_out, len(weight)),
                (self.stride * x.stride(0), 1),
                x.storage_offset() + index * self.stride * x.stride(0),
            )
            result = result.addmm_(rows, weight) if index else torch.addmm(result, rows, weight)
        return result
