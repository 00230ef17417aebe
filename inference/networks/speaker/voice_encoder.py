"""What a voice is like: WeSpeaker's ResNet34 as a module of torch.

After Wang et al. 2023 (WeSpeaker, arXiv 2210.17016): log-mels as a picture, a residual network of
34 layers (He et al. 2016, arXiv 1512.03385) whose batch norms are folded into its convolutions, the
mean and the deviation over the frames in which a person speaks, and one linear layer. It has heard
the 7,200 people of VoxCeleb. `training/turns/pretrained.py` brings its weights into assets/.
"""

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

VOICE_SIZE = 256
#: Log-mel frames of one frame that is pooled: 80 ms.
POOLED_FRAMES = 8
#: Samples between log-mel frames (10 ms) and of the window of each (25 ms).
HOP_SAMPLES, MEL_WINDOW_SAMPLES = 160, 400
N_MELS = 80
_N_FFT = 512
#: Channels and residual blocks of the four stages.
_CHANNELS, BLOCKS = (32, 64, 128, 256), (3, 4, 6, 3)
#: As Kaldi makes log-mels: 16-bit samples, pre-emphasis, from 20 Hz on.
_FULL_SCALE, _PRE_EMPHASIS, _LOWEST_HZ = 32768.0, 0.97, 20.0
_SAMPLE_RATE = 16_000
_SMALLEST = torch.finfo(torch.float32).eps


class Residual(nn.Module):
    """Two convolutions around which the picture also goes unchanged."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(n_in, n_out, 3, stride, 1)
        self.second = nn.Conv2d(n_out, n_out, 3, 1, 1)
        self.around = nn.Conv2d(n_in, n_out, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, n_out, mels / stride, frames / stride)."""
        return F.relu_(self.second(F.relu_(self.first(x))).add_(self.around(x)))


class VoiceEncoder(nn.Module):
    """Give the frames of a sound features, and a person who speaks in some of them a vector."""

    mel_filters: Tensor
    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, _CHANNELS[0], 3, 1, 1)
        blocks: list[nn.Module] = []
        before = _CHANNELS[0]
        for channels, count in zip(_CHANNELS, BLOCKS, strict=True):
            for index in range(count):
                stride = 2 if index == 0 and channels > _CHANNELS[0] else 1
                blocks.append(Residual(before, channels, stride))
                before = channels
        self.blocks = nn.Sequential(*blocks)
        self.linear = nn.Linear(2 * before * N_MELS // POOLED_FRAMES, VOICE_SIZE)
        self.register_buffer("mel_filters", _mel_filters())
        self.register_buffer("window", torch.hamming_window(MEL_WINDOW_SAMPLES, periodic=False))

    def log_mels(self, sound: Tensor, speech: Tensor | None = None) -> Tensor:
        """Return the log-mels (n_frames, 80) of a sound (n_samples,), less their mean over time.

        Args:
            sound: 16 kHz.
            speech: (n_frames,) how much each frame counts for the mean. Silence between turns is
                no part of a voice, and moves the mean by more than voices differ.
        """
        frames = (sound * _FULL_SCALE).unfold(0, MEL_WINDOW_SAMPLES, HOP_SAMPLES)
        frames = frames - frames.mean(dim=1, keepdim=True)  # (n_frames, 400)
        before = torch.cat([frames[:, :1], frames[:, :-1]], dim=1)
        frames = (frames - _PRE_EMPHASIS * before) * self.window
        power = torch.fft.rfft(frames, _N_FFT).abs().square()
        mels = (power @ self.mel_filters.T).clamp(min=_SMALLEST).log()
        mean = mels.mean(dim=0) if speech is None else speech @ mels / speech.sum()
        centred: Tensor = mels - mean
        return centred

    def features(self, log_mels: Tensor) -> Tensor:
        """Return the features (B, ceil(n / 8), 2560) of log-mels (B, n, 80)."""
        x = F.relu_(self.first(log_mels.transpose(1, 2)[:, None]))  # (B, 32, 80, n)
        x = self.blocks(x)  # (B, 256, 10, n / 8)
        features: Tensor = x.flatten(1, 2).transpose(1, 2)
        return features

    def voices(self, features: Tensor, weights: Tensor) -> Tensor:
        """Return the vectors (P, 256) of people who speak in frames of features (T, 2560).

        Args:
            features: of one window.
            weights: (P, T) how much each frame tells of each person.
        """
        total = weights.sum(dim=1, keepdim=True).clamp(min=1e-8)  # (P, 1)
        mean = weights @ features / total  # (P, 2560)
        # The deviation as weighted samples have it: by what the weights are worth in frames.
        worth = total - weights.square().sum(dim=1, keepdim=True) / total
        square = weights @ features.square() - total * mean.square()
        deviation = (square.clamp(min=0) / worth.clamp(min=1e-8)).sqrt()
        voices: Tensor = self.linear(torch.cat([mean, deviation], dim=1))
        return voices


def _mel_filters() -> Tensor:
    """Return Kaldi's triangles on O'Shaughnessy's mel scale, (80, 257); the last bin is unused."""

    def mel(hertz: float) -> float:
        return 1127.0 * math.log(1.0 + hertz / 700.0)

    bins = torch.arange(_N_FFT // 2, dtype=torch.float64) * _SAMPLE_RATE / _N_FFT
    bin_mels = 1127.0 * torch.log(1.0 + bins / 700.0)
    edges = torch.linspace(mel(_LOWEST_HZ), mel(_SAMPLE_RATE / 2), N_MELS + 2, dtype=torch.float64)
    left, centre, right = (edges[i : i + N_MELS, None] for i in range(3))
    up, down = (bin_mels - left) / (centre - left), (right - bin_mels) / (right - centre)
    filters = torch.minimum(up, down).clamp(min=0)
    return F.pad(filters, (0, 1)).float()
