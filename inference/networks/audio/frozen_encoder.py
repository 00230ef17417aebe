"""The frozen audio encoder of the network of one mixed track, copied from the bundled network.

It learned lips from sound of people and of machines. Its features of a mixture, and the mouth that
its direct path gives to whoever speaks, are all that the diffusion network knows of the sound.
"""

import math

import torch
from torch import Tensor, nn

from ....core import stored
from ....core.conversation.dialogue import FRAME_SAMPLES
from ... import devices
from ..config import DualTalkConfig
from ..dualtalk import DirectPath, DualTalk, gain_to_speech_level
from .compact_audio import CompactAudio, CompactAudioConfig
from .moonshine import HOP_SAMPLES, Moonshine, faded_in, windows

#: Frames on each side that a frame's features depend on (dilated convolutions: 18), with room.
MARGIN_FRAMES = 24
#: Frames of motion after which one begins together with a vector of the speech encoder.
_TOGETHER_FRAMES = math.lcm(FRAME_SAMPLES, HOP_SAMPLES) // FRAME_SAMPLES
#: Vectors that the speech encoder makes of a long track at once (10 min), and over how many of them
#: the next ones fade in (6 s).
_BLOCK_VECTORS, _FADE_VECTORS = 25_000, 250


class FrozenAudioEncoder(nn.Module):
    """Sound in, features and a mouth per frame out."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        if not isinstance(config.audio, CompactAudioConfig):
            raise TypeError(
                f"the audio encoder is a compact encoder, not {type(config.audio).__name__}"
            )
        self.config = config
        self.encoder = CompactAudio(config.audio)
        self.projection = nn.Linear(config.audio.output_size, config.feature_size)
        self.mouth = DirectPath(config)

    @staticmethod
    def of(network: DualTalk) -> "FrozenAudioEncoder":
        """Copy the audio encoder of a compact network that has a direct path."""
        encoder = FrozenAudioEncoder(network.config)
        joint = network.joint_encoder
        encoder.encoder.load_state_dict(joint.audio_encoder1.state_dict())
        encoder.projection.load_state_dict(joint.audio_projection.state_dict())
        if network.direct_path is None:
            raise TypeError("a network without a direct path gives no mouth")
        encoder.mouth.load_state_dict(network.direct_path.state_dict())
        return encoder.eval().requires_grad_(False)

    @property
    def n_features(self) -> int:
        """Numbers per frame."""
        return self.config.feature_size + self.config.n_outputs

    def gain(self, track: Tensor) -> Tensor:
        """Return the factor that brings a whole track (n_samples,) to the level of speech."""
        return gain_to_speech_level(track)

    def forward(self, audio: Tensor, n_frames: int, heard: Tensor | None = None) -> Tensor:
        """(B, n_samples) at the level of speech -> (B, n_frames, n_features).

        `heard` is what the pretrained speech encoder makes of the audio, if that is at hand.
        """
        at_50 = self.encoder.at_50(audio, n_frames, heard)
        features = self.projection(self.encoder.at_motion_rate(at_50))
        return torch.cat([features, self.mouth(features)], dim=2)

    def encode(
        self, track: Tensor, n_frames: int, piece_frames: int = 500, gain: Tensor | float = 1.0
    ) -> Tensor:
        """Encode a long track (n_samples,) in pieces, as if at once: (n_frames, n_features).

        The track stays where it is, and only pieces of it, brought to a level by `gain`, are where
        the network is; of hours the features lie on the disk.
        """
        where = self.projection.weight.device
        features = devices.zeros((n_frames, self.n_features), where)
        speech_encoder = self.encoder.pretrained
        heard = None if speech_encoder is None else heard_by(speech_encoder, track, gain, where)
        for first in range(0, n_frames, piece_frames):
            last = min(first + piece_frames, n_frames)
            start, end = max(first - MARGIN_FRAMES, 0), min(last + MARGIN_FRAMES, n_frames)
            start -= start % _TOGETHER_FRAMES
            cut = track[start * FRAME_SAMPLES : end * FRAME_SAMPLES] * gain
            known = None if heard is None else heard[None, vectors(start) : vectors(end)]
            piece = self(cut.to(where)[None], end - start, known)[0]
            features[first:last] = piece[first - start : last - start]
            stored.let_go()
        return features


def vectors(n_frames: int) -> int:
    """Return how many vectors of the speech encoder are of so many frames of motion."""
    return -(-n_frames * FRAME_SAMPLES // HOP_SAMPLES)


def heard_by(
    encoder: Moonshine, track: Tensor, gain: Tensor | float, where: torch.device
) -> Tensor:
    """Let the speech encoder hear a whole track (n_samples,), brought to a level: (T, size).

    Its windows lie as if all were heard at once, but for one seam in ten minutes that is faded.
    """
    n = -(-len(track) // HOP_SAMPLES)
    heard = devices.zeros((n, encoder.config.size), where)
    for first, last in windows(n, _BLOCK_VECTORS + _FADE_VECTORS, _FADE_VECTORS):
        block = encoder.features((track[first * HOP_SAMPLES : last * HOP_SAMPLES] * gain).to(where))
        if first:
            block = faded_in(block, heard[first : first + _FADE_VECTORS])
        heard[first:last] = block
        stored.let_go()
    return heard
