"""A pretrained speech encoder: Moonshine tiny (Jeffries et al. 2024, arXiv 2410.15608).

It was trained to write English down from some 200,000 hours of speech, so that it knows accents,
rooms and telephones that no data of ours has. Three convolutions bring sound to a vector every
24 ms, transformer layers with rotary positions (Su et al. 2021) refine it. Written after the paper;
the weights are read from a package by `training.pretrained.moonshine`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from ....core.conversation.dialogue import SAMPLE_RATE
from ....core.errors import CheckpointError

#: Samples from one vector to the next.
HOP_SAMPLES = 384
FRAMES_PER_SECOND = SAMPLE_RATE / HOP_SAMPLES
#: A vector is the encoder's view of so many samples, before attention; its middle is its time.
_SEEN_SAMPLES = 895
_BEFORE_SAMPLES = _SEEN_SAMPLES // 2
#: Long sound is heard in windows of so many vectors (10 s, as sentences were in its training),
#: whose neighbours share so many (1 s) and fade into each other.
WINDOW_FRAMES, OVERLAP_FRAMES = 416, 40
#: A track is silent 40 dB below the level of loud speech, and half a second away from more.
_SILENCE_RMS, _MARGIN_FRAMES = 0.001, 21


@dataclass(frozen=True)
class MoonshineConfig:
    """Sizes of the encoder; the defaults are the published tiny one."""

    size: int = 288
    n_layers: int = 6
    n_heads: int = 8
    feed_forward_size: int = 1152
    #: Channels of each head that are turned by time, of 36.
    n_rotary: int = 32

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "MoonshineConfig":
        """Read what `to_dict` wrote.

        Raises:
            CheckpointError: a value is unknown.
        """
        try:
            return MoonshineConfig(**values)
        except TypeError as error:
            raise CheckpointError(
                f"The speech encoder's config is of another version ({error}): update DualTalk."
            ) from error


class Moonshine(nn.Module):
    """Sound at 16 kHz in, a vector every `HOP_SAMPLES` out."""

    centre: Tensor
    scale: Tensor

    def __init__(self, config: MoonshineConfig = MoonshineConfig()) -> None:
        super().__init__()
        size = config.size
        self.config = config
        self.conv1 = nn.Conv1d(1, size, 127, stride=64, bias=False)
        #: The published network normalises a recording by its own mean and deviation after the
        #: first convolution (a group norm of one group). A stretch of a long track would be heard
        #: otherwise than the next, and silence as loud as speech: here both are those of speech at
        #: the level that tracks are brought to (`dualtalk.gain_to_speech_level`).
        self.register_buffer("centre", torch.zeros(()))
        self.register_buffer("scale", torch.ones(()))
        self.gain, self.offset = (nn.Parameter(torch.ones(size, 1)) for _ in range(2))
        self.conv2 = nn.Conv1d(size, 2 * size, 7, stride=3)
        self.conv3 = nn.Conv1d(2 * size, size, 3, stride=2)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(size, bias=False)

    def forward(
        self, audio: Tensor, *, by_its_own_level: bool = False, known: Tensor | None = None
    ) -> Tensor:
        """Hear sound at once: (B, n_samples) in [-1, 1] -> (B, T, size).

        Args:
            audio: at the level of speech, at least 895 samples.
            by_its_own_level: normalise by the sound's own deviation, as published.
            known: (B, 1, 1, T) bool, vectors that others may look at; None is all of them.
        """
        x = self.conv1(audio[:, None]).tanh()  # (B, size, about n / 64)
        if by_its_own_level:
            x = F.group_norm(x, 1)
        else:
            x = (x - self.centre) / self.scale
        x = F.gelu(self.conv2(x * self.gain + self.offset))
        x = F.gelu(self.conv3(x)).transpose(1, 2)  # (B, T, size)
        turn = rotation(x.shape[1], self.config.n_rotary, x.device)
        for layer in self.layers:
            x = layer(x, turn, known)
        normed: Tensor = self.norm(x)
        return normed

    def features(self, samples: Tensor) -> Tensor:
        """Hear a track of any length: (n_samples,) -> (T, size).

        Vector k is centred on sample `HOP_SAMPLES` k; T = ceil(n_samples / HOP_SAMPLES). Where the
        track is silent, half of a conversation, nothing is computed and the vectors are zero.
        """
        n_frames = -(-len(samples) // HOP_SAMPLES)
        heard = samples.new_zeros(n_frames, self.config.size)
        after = (n_frames - 1) * HOP_SAMPLES + _SEEN_SAMPLES - _BEFORE_SAMPLES - len(samples)
        padded = F.pad(samples, (_BEFORE_SAMPLES, after))
        with _of_any_length():
            for first, last in sounding(samples):
                end = (last - 1) * HOP_SAMPLES + _SEEN_SAMPLES
                heard[first:last] = self._in_windows(padded[first * HOP_SAMPLES : end])
        return heard

    def features_of(self, tracks: Tensor) -> Tensor:
        """Return `features` of tracks of one length: (B, n_samples) -> (B, T, size).

        A CPU hears one window after the other, whose numbers fit its cache; a GPU all at once.
        """
        if tracks.device.type == "cpu":
            return torch.stack([self.features(track) for track in tracks])
        return self.features_at_once(tracks)

    def features_at_once(self, tracks: Tensor) -> Tensor:
        """Return `features_of` tracks with every window of all of them in one batch."""
        n_tracks, n_samples = tracks.shape
        n_frames = -(-n_samples // HOP_SAMPLES)
        heard = tracks.new_zeros(n_tracks, n_frames, self.config.size)
        places = [
            (row, start + first, last - first, first > 0, start + last < end)
            for row, track in enumerate(tracks)
            for start, end in sounding(track)
            for first, last in windows(end - start)
        ]
        if not places:
            return heard
        row, start, length, has_before, has_after = (
            torch.tensor(each, device=tracks.device)[:, None] for each in zip(*places, strict=True)
        )
        n_heard = (WINDOW_FRAMES - 1) * HOP_SAMPLES + _SEEN_SAMPLES
        padded = F.pad(tracks, (_BEFORE_SAMPLES, n_heard))
        samples = torch.arange(n_heard, device=tracks.device)
        time = torch.arange(WINDOW_FRAMES, device=tracks.device)
        known = time < length  # (n_windows, WINDOW_FRAMES)
        x = self(padded[row, start * HOP_SAMPLES + samples], known=known[:, None, None])
        rise = (time + 1).clamp(max=OVERLAP_FRAMES + 1) / (OVERLAP_FRAMES + 1)
        weight = torch.where(has_before, rise, 1.0) * torch.where(has_after, rise.flip(0), 1.0)
        frame = (start + time).clamp(max=n_frames - 1)
        faded = (x * (weight * known)[..., None]).to(heard.dtype)
        return heard.index_put((row.expand_as(frame), frame), faded, accumulate=True)

    def _in_windows(self, samples: Tensor) -> Tensor:
        """Hear a stretch window by window: (n_samples,) -> (n_samples / HOP_SAMPLES - 1.3, size).

        All windows but the last are of one length; where two overlap the later fades in.
        """
        n_frames = (len(samples) - _SEEN_SAMPLES) // HOP_SAMPLES + 1
        heard = samples.new_zeros(n_frames, self.config.size)
        for first, last in windows(n_frames):
            end = (last - 1) * HOP_SAMPLES + _SEEN_SAMPLES
            window = self(samples[None, first * HOP_SAMPLES : end])[0]  # (last - first, size)
            if first:
                window = faded_in(window, heard[first : first + OVERLAP_FRAMES])
            heard[first:last] = window
        return heard


@contextmanager
def _of_any_length() -> Iterator[None]:
    """Compute inside without oneDNN, which keeps something for every length it has ever met.

    That lies between all other blocks: hours of speech in stretches of all lengths tore some
    300 MB of memory apart. A sixth of this encoder's time is what it costs.
    """
    was_on = torch.backends.mkldnn.enabled
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment] # a property of the module
    try:
        yield
    finally:
        torch.backends.mkldnn.enabled = was_on


def windows(
    n_frames: int, length: int = WINDOW_FRAMES, overlap: int = OVERLAP_FRAMES
) -> list[tuple[int, int]]:
    """Return the windows (first, last) of a stretch of so many vectors."""
    firsts = range(0, max(n_frames - overlap, 1), length - overlap)
    return [(first, min(first + length, n_frames)) for first in firsts]


def faded_in(window: Tensor, before: Tensor) -> Tensor:
    """Return vectors (N, size) whose first fade in over those that are there, (n, size)."""
    n = len(before)
    rise = torch.arange(1, n + 1, device=before.device)[:, None] / (n + 1)
    return torch.cat([before + rise * (window[:n] - before), window[n:]])


def sounding(samples: Tensor) -> list[tuple[int, int]]:
    """Return the stretches (first, last) in which a track (n_samples,) is not silent, in vectors.

    Half a second on each side belongs to them, so that breath and onsets do.
    """
    n_frames = -(-len(samples) // HOP_SAMPLES)
    padded = F.pad(samples, (0, n_frames * HOP_SAMPLES - len(samples)))
    loud = padded.view(n_frames, HOP_SAMPLES).square().mean(dim=1) > _SILENCE_RMS**2
    reach = 2 * _MARGIN_FRAMES + 1
    near = F.max_pool1d(loud.float()[None, None], reach, stride=1, padding=_MARGIN_FRAMES)[0, 0]
    edges = F.pad(near, (1, 1)).diff().nonzero()[:, 0].tolist()
    return list(zip(edges[0::2], edges[1::2], strict=True))


class Layer(nn.Module):
    """Self-attention and feed-forward, the norms before."""

    def __init__(self, config: MoonshineConfig) -> None:
        super().__init__()
        size = config.size
        self.n_heads = config.n_heads
        self.norm1, self.norm2 = (nn.LayerNorm(size, bias=False) for _ in range(2))
        self.qkv = nn.Linear(size, 3 * size, bias=False)
        self.out = nn.Linear(size, size, bias=False)
        self.fc1 = nn.Linear(size, config.feed_forward_size)
        self.fc2 = nn.Linear(config.feed_forward_size, size)

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], known: Tensor | None = None
    ) -> Tensor:
        """(B, T, size) and `rotation` -> (B, T, size); `known` as in `Moonshine.forward`."""
        q, k, v = (
            part.unflatten(2, (self.n_heads, -1)).transpose(1, 2)  # (B, heads, T, size / heads)
            for part in self.qkv(self.norm1(x)).chunk(3, dim=2)
        )
        mixed = F.scaled_dot_product_attention(turned(q, turn), turned(k, turn), v, known)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        out: Tensor = x + self.fc2(F.gelu(self.fc1(self.norm2(x))))
        return out


def rotation(n_frames: int, n_channels: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of the angle of each pair of channels, (n_frames, n_channels / 2)."""
    rate = 10_000.0 ** (-torch.arange(0, n_channels, 2, device=device) / n_channels)
    angle = torch.arange(n_frames, device=device)[:, None] * rate
    return angle.cos(), angle.sin()


def turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Turn neighbouring channels of (B, heads, T, channels); those past the rotary ones stay."""
    cos, sin = turn
    n = 2 * cos.shape[1]
    a, b = x[..., 0:n:2], x[..., 1:n:2]
    pairs = torch.stack([a * cos - b * sin, b * cos + a * sin], dim=-1).flatten(-2)
    return torch.cat([pairs, x[..., n:]], dim=-1)
