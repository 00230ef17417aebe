"""The compact audio encoder of the bundled checkpoint: log-mels and dilated convolutions.

Beside the log-mels it may use the features of a pretrained encoder (`moonshine`), which knows what
is said but smears in time; the log-mels have bursts and onsets. Every layer of its own is local in
time and normalises over channels alone, so that neighbouring windows of a long dialogue give the
same features for the same sound.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from ....core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE
from .mel import mel_filters
from .moonshine import FRAMES_PER_SECOND, Moonshine, MoonshineConfig

HOP_SAMPLES = 160  # 100 mel frames per second, four per frame of motion
FFT_SAMPLES = 512
_FLOOR = 1e-5
_BAND_HZ = (50.0, 7600.0)
#: What the encoder is taught to tell: that the voice closes the lips (p, b, m), or is silent.
LIPS = ("closed", "silent")
#: Lip cues per frame: those, and how sure it is of the phones.
N_LIP_CUES = len(LIPS) + 1


@dataclass(frozen=True)
class CompactAudioConfig:
    """Sizes of the encoder."""

    n_mels: int = 80
    hidden_size: int = 192
    dilations: tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)
    n_phone_classes: int = 0  #: outputs of the phone classifier
    #: Whether the encoder tells what `inference.postprocess.lips` uses; needs the phone classifier.
    predicts_lips: bool = False
    dropout: float = 0.0
    #: Layers of the pretrained encoder whose features are added; 0 for none.
    n_pretrained_layers: int = 0

    def __post_init__(self) -> None:
        # JSON and TOML know lists only.
        object.__setattr__(self, "dilations", tuple(self.dilations))

    @property
    def output_size(self) -> int:
        """Size of the features per frame."""
        return self.hidden_size


class CompactAudio(nn.Module):
    """Sound in, features per frame of motion out."""

    mel_filters: Tensor
    window: Tensor

    def __init__(self, config: CompactAudioConfig) -> None:
        super().__init__()
        self.config = config
        size = config.hidden_size
        filters = mel_filters(SAMPLE_RATE, FFT_SAMPLES, config.n_mels, *_BAND_HZ)
        self.register_buffer("mel_filters", torch.from_numpy(filters))
        self.register_buffer("window", torch.hann_window(FFT_SAMPLES))
        self.stem = nn.Conv1d(config.n_mels, size, 5, padding=2)
        self.to_50 = nn.Conv1d(size, size, 3, stride=2, padding=1)
        self.pretrained = self.pretrained_projection = None
        if config.n_pretrained_layers:
            pretrained = MoonshineConfig(n_layers=config.n_pretrained_layers)
            self.pretrained = Moonshine(pretrained).requires_grad_(False)
            self.pretrained_projection = nn.Linear(pretrained.size, size)
        self.blocks = nn.ModuleList(
            Block(size, dilation, config.dropout) for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(size)
        self.to_25 = nn.Conv1d(size, size, 3, stride=2, padding=1)
        self.phones = nn.Linear(size, config.n_phone_classes) if config.n_phone_classes else None
        self.lips = nn.Linear(size, len(LIPS)) if config.predicts_lips else None

    def forward(self, audio: Tensor, n_frames: int) -> Tensor:
        """Turn audio (B, n_samples) in [-1, 1] into features (B, n_frames, hidden)."""
        return self.at_motion_rate(self.at_50(audio, n_frames))

    def at_50(self, audio: Tensor, n_frames: int, known: Tensor | None = None) -> Tensor:
        """Return features at 50 frames per second, (B, 2 * n_frames, hidden).

        Args:
            audio: (B, n_samples) in [-1, 1].
            n_frames: of motion.
            known: what the pretrained encoder makes of the audio, if that is at hand.
        """
        audio = of_length(audio, n_frames * FRAME_SAMPLES)
        x = F.gelu(self.stem(self.log_mels(audio, n_frames)))  # (B, hidden, 4 * n_frames)
        x = F.gelu(self.to_50(x))  # (B, hidden, 2 * n_frames)
        if self.pretrained is not None and self.pretrained_projection is not None:
            given = self.pretrained.features_of(audio) if known is None else known
            added = at_rate_50(self.pretrained_projection(given), 2 * n_frames)
            x = x + added.transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        normed: Tensor = self.norm(x.transpose(1, 2))
        return normed

    def at_motion_rate(self, at_50: Tensor) -> Tensor:
        """Halve the rate: (B, 2 * n_frames, hidden) -> (B, n_frames, hidden)."""
        halved: Tensor = self.to_25(at_50.transpose(1, 2)).transpose(1, 2)
        return halved

    def lip_cues(self, at_50: Tensor, features: Tensor) -> Tensor | None:
        """Return how likely lips are closed, the voice silent and the phones right, if it tells.

        Args:
            at_50: (B, 2 * n_frames, hidden).
            features: (B, n_frames, hidden), of `at_motion_rate`.

        Returns:
            (B, n_frames, N_LIP_CUES), 0 to 1.
        """
        if self.lips is None or self.phones is None:
            return None
        sure = self.phones(at_50).softmax(dim=-1).amax(dim=-1)  # (B, 2 * n_frames)
        sure = sure.unflatten(1, (-1, 2)).mean(dim=2, keepdim=True)  # (B, n_frames, 1)
        return torch.cat([self.lips(features).sigmoid(), sure], dim=2)

    def log_mels(self, audio: Tensor, n_frames: int) -> Tensor:
        """Return scaled log-mels (B, n_mels, 4 * n_frames); column 4 t is centred on frame t."""
        audio = of_length(audio, n_frames * FRAME_SAMPLES)
        spectrum = torch.stft(
            F.pad(audio.float(), (FFT_SAMPLES // 2, FFT_SAMPLES // 2 - HOP_SAMPLES)),
            FFT_SAMPLES,
            HOP_SAMPLES,
            window=self.window,
            center=False,
            return_complex=True,
        )
        power = spectrum.real.square() + spectrum.imag.square()  # (B, n_fft / 2 + 1, T)
        # In float32 whatever the rest is in: quiet sound is lost below what a half can hold.
        with torch.autocast(power.device.type, enabled=False):
            mels = self.mel_filters @ power
        # Speech at an ordinary level lies between about -1 and 1 after this.
        return (torch.log10(mels + _FLOOR) + 2.0) / 2.0


def of_length(audio: Tensor, n_samples: int) -> Tensor:
    """Cut audio (B, n) or fill it with silence: (B, n_samples)."""
    return F.pad(audio[:, :n_samples], (0, max(0, n_samples - audio.shape[1])))


def at_rate_50(features: Tensor, n: int) -> Tensor:
    """Bring vectors (B, T, size) of the pretrained encoder to n at 50 per second, linearly."""
    at = torch.arange(n, device=features.device) * (FRAMES_PER_SECOND / 50)
    before = at.long().clamp(max=features.shape[1] - 1)
    after = (before + 1).clamp(max=features.shape[1] - 1)
    share = (at - before)[:, None].to(features.dtype)
    return features[:, before] * (1 - share) + features[:, after] * share


class Block(nn.Module):
    """A residual dilated convolution, normalised over the channels."""

    def __init__(self, size: int, dilation: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.conv = nn.Conv1d(size, size, 3, padding=dilation, dilation=dilation)
        self.dropout = nn.Dropout(dropout)
        self.mix = nn.Conv1d(size, size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, size, T) -> (B, size, T)."""
        normed = self.norm(x.transpose(1, 2)).transpose(1, 2)
        out: Tensor = x + self.mix(self.dropout(F.gelu(self.conv(normed))))
        return out
