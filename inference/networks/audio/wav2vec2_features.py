"""The convolutional front of wav2vec2, time-major: products of matrices instead of convolutions.

A strided convolution over (time, channels) needs no copy for that, as the frames that one output
hears lie side by side in memory. A library's convolution wants (channels, time), while the layer
norms between want (time, channels): what turns them costs as much as the convolutions.

A GPU takes all tracks at once. A CPU takes chunks of some seconds, which stay in its cache; what a
chunk needs of its neighbours is computed with it, so the result is exact.
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
        audio = audio.to(self._layers()[0].conv.weight.dtype)
        taps = [layer.taps() for layer in self._layers()]
        if audio.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
            return self._at_once(audio, taps)
        return torch.stack([self._track(track, taps) for track in audio])

    def _at_once(self, audio: Tensor, taps: list[list[Tensor]]) -> Tensor:
        """(B, n_samples) -> (B, T50, channels), without a loop over tracks or time."""
        x = audio[..., None]  # (B, n_samples, 1)
        for layer, layer_taps in zip(self._layers(), taps, strict=True):
            x = layer(x, layer_taps)
        return x

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
        """(T, n_in) or (B, T, n_in) -> the same with (T - kernel) // stride + 1 and n_out."""
        convolved = self._of_a_track(x, taps) if x.dim() == 2 else self._of_tracks(x, taps)
        return F.gelu(self.layer_norm(convolved))

    def _of_a_track(self, x: Tensor, taps: list[Tensor]) -> Tensor:
        result = cast(Tensor, self.conv.bias)
        for index, weight in enumerate(taps):
            rows = self._rows(x, index, len(weight))
            result = result.addmm_(rows, weight) if index else torch.addmm(result, rows, weight)
        return result

    def _of_tracks(self, x: Tensor, taps: list[Tensor]) -> Tensor:
        result = cast(Tensor, self.conv.bias)
        for index, weight in enumerate(taps):
            rows = self._rows(x, index, len(weight))
            weight = weight.expand(len(x), -1, -1)
            if (
                index and result.dtype == rows.dtype == weight.dtype
            ):  # not where autocast mixes them
                result = result.baddbmm_(rows, weight)
            else:
                result = torch.baddbmm(result, rows, weight)
        return result

    def _rows(self, x: Tensor, index: int, width: int) -> Tensor:
        """Return neighbouring frames as one row each, `stride` frames apart: (..., n_out, width).

        Args:
            x: (..., T, n_in).
            index: how many strides behind its output's first frame a row begins.
            width: numbers of a row.
        """
        *outer, n_time, _ = x.shape
        *steps, step, _ = x.stride()
        n_out = (n_time - self.kernel) // self.stride + 1
        offset = x.storage_offset() + index * self.stride * step
        return x.as_strided((*outer, n_out, width), (*steps, self.stride * step, 1), offset)
