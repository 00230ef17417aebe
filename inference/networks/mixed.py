"""The network of one mixed track: what encodes the sound, what moves people, and the scale.

Its parts are boxes of their own: the frozen audio encoder (`frozen_encoder.py`) and the U-Net
(`unet.py`).
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..weights.without_memory import without_memory
from .audio.frozen_encoder import FrozenAudioEncoder
from .config import DualTalkConfig
from .unet import N_MOTION, UNet, UNetConfig


@dataclass(frozen=True)
class MixedConfig:
    """The sizes of both parts."""

    unet: UNetConfig
    audio_encoder: DualTalkConfig

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        return {"unet": self.unet.to_dict(), "audio_encoder": self.audio_encoder.to_dict()}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "MixedConfig":
        """Read what `to_dict` wrote; raises `CheckpointError` if it is of another version."""
        return MixedConfig(
            UNetConfig.from_dict(values["unet"]), DualTalkConfig.from_dict(values["audio_encoder"])
        )


class MixedNetwork(nn.Module):
    """Everything that turns one mixed track and who speaks when into two motions."""

    mean: Tensor  #: (N_MOTION,) of each channel of motion: what normalised zero is
    std: Tensor  #: (N_MOTION,)

    def __init__(self, config: MixedConfig) -> None:
        super().__init__()
        self.config = config
        self.unet = UNet(config.unet)
        self.audio_encoder = FrozenAudioEncoder(config.audio_encoder)
        self.register_buffer("mean", torch.zeros(N_MOTION))
        self.register_buffer("std", torch.ones(N_MOTION))

    @staticmethod
    def of(
        unet: UNet, audio_encoder: FrozenAudioEncoder, mean: Tensor, std: Tensor
    ) -> "MixedNetwork":
        """Put parts together that are at hand; they are not copied."""
        with without_memory():
            network = MixedNetwork(MixedConfig(unet.config, audio_encoder.config))
        network.unet, network.audio_encoder = unet, audio_encoder
        network.mean, network.std = mean, std
        return network.eval()
