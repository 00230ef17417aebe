"""The networks that tell voices from other sound and from each other, in one checkpoint."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from .speaker_segmentation import SpeakerSegmentation
from .voice_encoder import VOICE_SIZE, VoiceEncoder

#: Directions in which voices differ.
N_DIRECTIONS = 128


@dataclass(frozen=True)
class VoiceConfig:
    """Nothing: its sizes are those of the pretrained weights."""

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        return {}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "VoiceConfig":
        """Read what `to_dict` wrote."""
        return VoiceConfig(**values)


class SpeakerSpace(nn.Module):
    """Where voices lie so that one person's spread is one in each direction (PLDA).

    After Ioffe 2006 (probabilistic linear discriminant analysis) with the two normalisations of
    length of Landini et al. 2022 (VBx, arXiv 2012.14952).
    """

    mean: Tensor  #: (256,)
    turn: Tensor  #: (256, 128) linear discriminant analysis
    shift: Tensor  #: (128,)
    centre: Tensor  #: (128,)
    axes: Tensor  #: (128, 128)
    spread: Tensor  #: (128,) how much people differ in each direction, the largest first

    def __init__(self) -> None:
        super().__init__()
        for name, shape in (
            ("mean", (VOICE_SIZE,)),
            ("turn", (VOICE_SIZE, N_DIRECTIONS)),
            ("shift", (N_DIRECTIONS,)),
            ("centre", (N_DIRECTIONS,)),
            ("axes", (N_DIRECTIONS, N_DIRECTIONS)),
            ("spread", (N_DIRECTIONS,)),
        ):
            self.register_buffer(name, torch.zeros(shape))

    def forward(self, voices: Tensor) -> Tensor:
        """Return the places (N, 128) of voices (N, 256)."""
        unit = F.normalize(voices - self.mean, dim=-1) * VOICE_SIZE**0.5
        turned = F.normalize(unit @ self.turn - self.shift, dim=-1) * N_DIRECTIONS**0.5
        places: Tensor = (turned - self.centre) @ self.axes
        return places


class VoiceNetwork(nn.Module):
    """How many speak, what a voice is like, and in which directions voices differ."""

    def __init__(self, config: VoiceConfig) -> None:
        super().__init__()
        self.config = config
        self.segmentation = SpeakerSegmentation()
        self.encoder = VoiceEncoder()
        self.space = SpeakerSpace()
