"""Who speaks when in one mixed track: a voice for each frame, and each person's speech.

After target-speaker voice activity detection (Medennikov et al. 2020, arXiv 2005.07272): a local
encoder hears the mix and gives every frame a voice vector; the voices of two people, averaged
over the frames of each, then ask each frame whether that person speaks. Both may, or nobody.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .compact_audio import Block, CompactAudio, CompactAudioConfig

#: Nobody, one person, several.
N_COUNTS = 3


def _default_audio() -> CompactAudioConfig:
    return CompactAudioConfig(hidden_size=160, dilations=(1, 2, 4, 8, 16, 1, 2, 4, 8, 16))


@dataclass(frozen=True)
class TurnConfig:
    """Sizes of the network."""

    audio: CompactAudioConfig = field(default_factory=_default_audio)
    voice_size: int = 64
    session_size: int = 16
    person_size: int = 96
    person_dilations: tuple[int, ...] = (1, 2, 4, 8)

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "TurnConfig":
        """Read what `to_dict` wrote."""
        audio = CompactAudioConfig(**values["audio"])
        dilations = tuple(values["person_dilations"])
        return TurnConfig(**{**values, "audio": audio, "person_dilations": dilations})

    @property
    def profile_size(self) -> int:
        """What a person is told by: voice and session."""
        return self.voice_size + self.session_size


@dataclass(frozen=True)
class Heard:
    """What the encoder makes of a mix."""

    features: Tensor  #: (B, T, hidden)
    voices: Tensor  #: (B, T, profile_size): a voice of length one, then the session
    counts: Tensor  #: (B, T, 3) logits of nobody, one person, several


class TurnNetwork(nn.Module):
    """The encoder, and the question whether a person of a given voice speaks."""

    def __init__(self, config: TurnConfig) -> None:
        super().__init__()
        self.config = config
        hidden = config.audio.hidden_size
        self.encoder = CompactAudio(config.audio)
        self.voice = nn.Linear(hidden, config.voice_size)
        #: What tells two people of one recording apart besides the voice: distance, room, level.
        self.session = nn.Linear(hidden, config.session_size)
        self.count = nn.Linear(hidden, N_COUNTS)
        self.person_in = nn.Linear(hidden + 3 * config.profile_size + 2, config.person_size)
        self.person_blocks = nn.ModuleList(
            Block(config.person_size, dilation) for dilation in config.person_dilations
        )
        self.person_out = nn.Linear(config.person_size, 1)

    def listen(self, audio: Tensor, n_frames: int) -> Heard:
        """Hear a mix (B, n_samples) at the level of speech, 25 frames per second."""
        features = self.encoder(audio, n_frames)
        voice = F.normalize(self.voice(features), dim=-1)
        session = 0.25 * torch.tanh(self.session(features))
        return Heard(features, torch.cat([voice, session], dim=-1), self.count(features))

    def ask(self, heard: Heard, own: Tensor, other: Tensor) -> Tensor:
        """Return the logits (B, T) that the person who sounds like `own` (B, profile_size) speaks.

        `other` is the partner's profile, from which this one is to be told.
        """
        n_frames = heard.voices.shape[1]
        both = [voice[:, None].expand(-1, n_frames, -1) for voice in (own, other)]
        likeness = [(heard.voices * voice).sum(dim=-1, keepdim=True) for voice in both]
        x = self.person_in(torch.cat([heard.features, heard.voices, *both, *likeness], dim=-1))
        x = F.gelu(x).transpose(1, 2)
        for block in self.person_blocks:
            x = block(x)
        logits: Tensor = self.person_out(x.transpose(1, 2)).squeeze(-1)
        return logits
