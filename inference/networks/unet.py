"""The U-Net of "Talking Together" (arXiv 2603.08674): one network with shared weights, two people.

Rows 2 i and 2 i + 1 of every batch are the two people of one scene. In the decoder each asks the
other by cross-attention. Layers normalise over channels alone, never over time, so that
neighbouring windows of a long recording treat the same frames the same way.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from ...core.errors import CheckpointError
from ...core.names import ARKIT_SHAPES
from .attention import Attention
from .dualtalk import swapped
from .shared_space import N_PLACE

#: Expression | jaw (3) | head (3) | left eye (3) | right eye (3) | translation (3).
N_MOTION = len(ARKIT_SHAPES) + 15
_STRIDE = 4  # of the deepest level
_N_WAVES = 32


@dataclass(frozen=True)
class UNetConfig:
    """Sizes and parts of the network; the flags are there to show what each part is worth."""

    n_features: int = 180
    sizes: tuple[int, int, int] = (128, 192, 256)
    condition_size: int = 96
    role_size: int = 32
    n_heads: int = 4
    has_roles: bool = True  #: role embeddings mixed by the speaking mask
    has_mask: bool = True  #: the mask itself
    has_cross_attention: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "UNetConfig":
        """Read what `to_dict` wrote; raises `CheckpointError` if it is of another version."""
        try:
            return UNetConfig(**{**values, "sizes": tuple(values["sizes"])})
        except (KeyError, TypeError) as error:
            raise CheckpointError(
                f"The checkpoint's config is not one of this version's networks ({error}): "
                "update DualTalk, or choose another checkpoint."
            ) from error


@dataclass(frozen=True)
class Conditions:
    """What the motion of both is to fit."""

    features: Tensor  #: (B, T, n_features) of the mixture, one row per scene
    mask: Tensor  #: (2 B, T) how surely each person speaks
    place: Tensor  #: (2 B, N_PLACE) of `mixed_space.Places`; all zero: unknown


class UNet(nn.Module):
    """Noisy motion of both and conditions in, clean motion of both out."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        c1, c2, c3 = config.sizes
        size = config.condition_size
        self.conditioner = Conditioner(config)
        self.stem = nn.Conv1d(N_MOTION + config.n_features + size, c1, 3, padding=1)
        self.down1 = ResidualBlock(c1, c1, size)
        self.halve1 = nn.Conv1d(c1, c2, 4, stride=2, padding=1)
        self.down2 = ResidualBlock(c2, c2, size)
        self.halve2 = nn.Conv1d(c2, c3, 4, stride=2, padding=1)
        self.middle1 = ResidualBlock(c3, c3, size)
        self.self_attention = Residual(c3, config.n_heads)
        self.middle2 = ResidualBlock(c3, c3, size)
        self.partner_attention = (
            Residual(c3, config.n_heads) if config.has_cross_attention else None
        )
        self.up3 = ResidualBlock(c3, c3, size)
        self.to2 = nn.Conv1d(c3, c2, 1)
        self.up2 = ResidualBlock(2 * c2, c2, size)
        self.to1 = nn.Conv1d(c2, c1, 1)
        self.up1 = ResidualBlock(2 * c1, c1, size)
        self.norm = ChannelNorm(c1)
        self.out = nn.Conv1d(c1, N_MOTION, 3, padding=1)

    def forward(self, noisy: Tensor, level: Tensor, conditions: Conditions) -> Tensor:
        """Return the clean motion (2 B, T, N_MOTION), normalised as `noisy` is.

        Args:
            noisy: (2 B, T, N_MOTION) at any T.
            level: (2 B,) how noisy, 0 clean to 1 all noise.
            conditions: features of the sound, who speaks, where both are.
        """
        n_frames = noisy.shape[1]
        features = self.conditioner.normalised(conditions.features)  # (2 B, T, n_features)
        known = self.conditioner(level, features, conditions)  # (2 B, T, size)
        x = torch.cat([noisy, features, known], dim=2)
        x, c1 = (F.pad(v, (0, 0, 0, -n_frames % _STRIDE)).transpose(1, 2) for v in (x, known))
        c2 = F.avg_pool1d(c1, 2)
        c3 = F.avg_pool1d(c2, 2)
        fine = self.down1(self.stem(x), c1)
        coarse = self.down2(self.halve1(fine), c2)
        x = self.middle1(self.halve2(coarse), c3)
        x = self.middle2(self.self_attention(x, x), c3)
        if self.partner_attention is not None:
            x = self.partner_attention(x, swapped(x))
        x = self.to2(_doubled(self.up3(x, c3)))
        x = self.to1(_doubled(self.up2(torch.cat([x, coarse], dim=1), c2)))
        x = self.up1(torch.cat([x, fine], dim=1), c1)
        clean: Tensor = self.out(F.silu(self.norm(x))).transpose(1, 2)[:, :n_frames]
        return clean


class Conditioner(nn.Module):
    """Bring sound, roles, mask, staging and noise level together, frame by frame."""

    features_mean: Tensor
    features_std: Tensor

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        size, role = config.condition_size, config.role_size
        self.register_buffer("features_mean", torch.zeros(config.n_features))
        self.register_buffer("features_std", torch.ones(config.n_features))
        self.speak = nn.Parameter(0.5 * torch.randn(role))
        self.listen = nn.Parameter(0.5 * torch.randn(role))
        self.frame = nn.Linear(config.n_features + 2 * role + 2, size)
        self.scene = nn.Sequential(nn.Linear(N_PLACE + 2 * _N_WAVES, size), nn.SiLU())
        self.joined = nn.Linear(size, size)
        self.mixed = nn.Sequential(nn.SiLU(), nn.Linear(size, size), nn.SiLU())

    def normalised(self, features: Tensor) -> Tensor:
        """Scale features (B, T, n_features), and give it to both people, (2 B, T, n_features)."""
        return ((features - self.features_mean) / self.features_std).repeat_interleave(2, dim=0)

    def forward(self, level: Tensor, features: Tensor, given: Conditions) -> Tensor:
        """(2 B,), (2 B, T, n_features) and conditions of 2 B people -> (2 B, T, condition_size)."""
        partner = swapped(given.mask)
        parts = [features, self._role(given.mask), self._role(partner)]
        masks = torch.stack([given.mask, partner], dim=2)
        parts.append(masks if self.config.has_mask else torch.zeros_like(masks))
        scene = self.joined(self.scene(torch.cat([given.place, waves(level)], dim=1)))
        mixed: Tensor = self.mixed(self.frame(torch.cat(parts, dim=2)) + scene[:, None])
        return mixed

    def _role(self, mask: Tensor) -> Tensor:
        """Return e = m e_speak + (1 - m) e_listen (the paper's role embedding), (2 B, T, role)."""
        m = mask[..., None]
        role: Tensor = m * self.speak + (1 - m) * self.listen
        return role if self.config.has_roles else torch.zeros_like(role)


class ResidualBlock(nn.Module):
    """Two convolutions; the conditions scale and shift between them (FiLM)."""

    def __init__(self, n_in: int, n_out: int, condition_size: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = ChannelNorm(n_in), ChannelNorm(n_out)
        self.conv1 = nn.Conv1d(n_in, n_out, 3, padding=1)
        self.conv2 = nn.Conv1d(n_out, n_out, 3, padding=1)
        self.film = nn.Conv1d(condition_size, 2 * n_out, 1)
        self.shortcut = nn.Conv1d(n_in, n_out, 1) if n_in != n_out else nn.Identity()
        for parameter in self.film.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(B, n_in, T) and (B, condition_size, T) -> (B, n_out, T)."""
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        gamma, beta = self.film(condition).chunk(2, dim=1)
        out: Tensor = self.shortcut(x) + self.conv2(F.silu((gamma + 1) * h + beta))
        return out


class Residual(nn.Module):
    """Attention that knows how far apart two frames are, added to what asks."""

    def __init__(self, size: int, n_heads: int) -> None:
        super().__init__()
        self.norm, self.memory_norm = ChannelNorm(size), ChannelNorm(size)
        self.attention = Attention(size, n_heads, rotary=True)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """Let x (B, size, T) look at memory (B, size, S)."""
        query, asked = self.norm(x).transpose(1, 2), self.memory_norm(memory).transpose(1, 2)
        out: Tensor = x + self.attention(query, asked).transpose(1, 2)
        return out


class ChannelNorm(nn.Module):
    """Unit power over the channels of each frame (RMS norm: Zhang & Sennrich 2019)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        """(B, size, T) -> (B, size, T)."""
        power = x.square().mean(dim=1, keepdim=True)
        normed: Tensor = x * torch.rsqrt(power + 1e-5) * self.gain[:, None].to(x.dtype)
        return normed


def waves(level: Tensor) -> Tensor:
    """Return (B, 2 * _N_WAVES) sines and cosines of noise levels (B,) of 0 to 1."""
    rate = torch.exp(torch.linspace(0, math.log(200.0), _N_WAVES, device=level.device))
    angle = level[:, None] * rate
    return torch.cat([angle.sin(), angle.cos()], dim=1)


def _doubled(x: Tensor) -> Tensor:
    """Double the frame rate of (B, C, T)."""
    return x.repeat_interleave(2, dim=2)
