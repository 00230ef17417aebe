"""The DualTalk network (Peng et al., CVPR 2025, arXiv 2505.18096, figure 2)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from ...core import stored
from ...core.conversation.dialogue import n_frames_of
from .audio.compact_audio import CompactAudioConfig
from .audio.wav2vec2 import Wav2Vec2, Wav2Vec2Config
from .config import DualTalkConfig
from .interaction import InteractionModule
from .joint_encoder import JointEncoder
from .synthesis import SynthesisModule
from .temporal_enhancer import TemporalEnhancer


@dataclass(frozen=True)
class AudioFeatures:
    """What one pass needs of the sound; computed once, used by every pass over the same frames."""

    own: Tensor  #: (B, T, feature_size)
    partner: Tensor  #: (B, T, feature_size)
    #: (B, T, 3) lip cues of the own voice (`CompactAudio.lip_cues`), if anything.
    lips: Tensor | None = None


class DualTalk(nn.Module):
    """Own sound, partner's sound and partner's motion in; own motion out."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        self.config = config
        self.joint_encoder = JointEncoder(config)
        self.temporal_enhancer = TemporalEnhancer(config)
        self.interaction_module = InteractionModule(config)
        self.synthesis_module = SynthesisModule(config)
        self.direct_path = DirectPath(config) if config.direct_path else None

    def forward(
        self,
        own_audio: Tensor,
        partner_audio: Tensor,
        partner_motion: Tensor,
        noise: Tensor | None = None,
    ) -> Tensor:
        """Return own motion (B, T, n_outputs) for T frames of the own track.

        Args:
            own_audio: (B, n_samples), prepared by `prepare`; T follows from its length.
            partner_audio: (B, n_samples); stretched to T frames.
            partner_motion: (B, T, n_outputs).
            noise: (B, T, n_noise) of standard normal numbers, if the config has noise.
        """
        features = self.encode_audio(own_audio, partner_audio)
        return self.decode(features, partner_motion, noise)

    def encode_audio(self, own_audio: Tensor, partner_audio: Tensor) -> AudioFeatures:
        """Return the features of both tracks, (B, n_samples) each."""
        n_frames = n_frames_of(own_audio.shape[1])
        joint = self.joint_encoder
        if joint.pair is not None:
            pair = joint.pair(own_audio, partner_audio, n_frames)
            return AudioFeatures(*(joint.audio_projection(each) for each in pair))
        own, lips = joint.features_and_cues(own_audio, n_frames)
        partner = joint.encode_audio(partner_audio, n_frames, is_partner=True)
        return AudioFeatures(joint.audio_projection(own), partner, lips)

    def encode_dialogue(self, tracks: Tensor) -> AudioFeatures:
        """Return the features of both heads of each dialogue, (2 B, n_samples), a row a head.

        Rows 2 i and 2 i + 1 are the two tracks of one dialogue.

        Each track is encoded once by each encoder, and only once by convolutions that both share.
        """
        n_frames = n_frames_of(tracks.shape[1])
        project = self.joint_encoder.audio_projection
        if self.config.shared_encoder:
            own, lips = self.joint_encoder.features_and_cues(tracks, n_frames)
            features = project(own)
            return AudioFeatures(features, swapped(features), lips)
        own, partner = self._encoded_by_both(tracks, n_frames)
        return AudioFeatures(project(own), swapped(project(partner)))

    @property
    def predicts_lips(self) -> bool:
        """Whether the audio encoder predicts when lips close and rest."""
        return isinstance(self.config.audio, CompactAudioConfig) and self.config.audio.predicts_lips

    def _encoded_by_both(self, tracks: Tensor, n_frames: int) -> tuple[Tensor, Tensor]:
        """Return the features of the own and of the partner's encoder."""
        if self.joint_encoder.pair is not None:
            both: tuple[Tensor, Tensor] = self.joint_encoder.pair(tracks, tracks, n_frames)
            return both
        first, second = self.joint_encoder.audio_encoder1, self.joint_encoder.partner_encoder
        if (
            isinstance(first, Wav2Vec2)
            and isinstance(second, Wav2Vec2)
            and first.feature_extractor is second.feature_extractor
        ):
            features = first.feature_extractor(tracks)
            return first.encode(features, n_frames), second.encode(features, n_frames)
        return first(tracks, n_frames), second(tracks, n_frames)

    def decode(
        self, features: AudioFeatures, partner_motion: Tensor, noise: Tensor | None = None
    ) -> Tensor:
        """Return own motion (B, T, n_outputs) for features of the sound that are at hand."""
        motion = self.joint_encoder.encode_motion(partner_motion)
        partner = self.temporal_enhancer(features.partner, motion)
        course = self.interaction_module.course_of(noise)
        interaction = self.interaction_module(features.own, partner, course)
        own: Tensor = self.synthesis_module(interaction)
        return own if self.direct_path is None else own + self.direct_path(features.own, course)

    def level(self, track: Tensor, is_levelled: bool = False) -> tuple[Tensor, Tensor]:
        """Return (offset, gain) that bring a whole track (n_samples,) to the level trained at.

        (x - offset) * gain is zero mean and unit variance for wav2vec2, as published, and a common
        loudness of speech for the compact encoder, which a track may have already.
        """
        if isinstance(self.config.audio, Wav2Vec2Config):
            mean, variance = _mean_and_variance(track)
            return mean, 1 / torch.sqrt(variance + 1e-7)
        gain = track.new_ones(()) if is_levelled else gain_to_speech_level(track)
        return track.new_zeros(()), gain

    def prepare(self, track: Tensor) -> Tensor:
        """Bring a whole track (n_samples,) to the level that the audio encoder was trained at."""
        offset, gain = self.level(track)
        return (track - offset) * gain

    def share_equal_features(self) -> bool:
        """Let both encoders use one feature extractor if their weights are equal.

        It is frozen when DualTalk is trained, so a published checkpoint holds it twice.
        """
        first, second = self.joint_encoder.audio_encoder1, self.joint_encoder.audio_encoder2
        if not (isinstance(first, Wav2Vec2) and isinstance(second, Wav2Vec2)):
            return False
        pairs = zip(
            first.feature_extractor.parameters(),
            second.feature_extractor.parameters(),
            strict=True,
        )
        if not all(torch.equal(a, b) for a, b in pairs):
            return False
        second.feature_extractor = first.feature_extractor
        return True


class DirectPath(nn.Module):
    """Own sound and own noise to own motion, frame by frame; added to what the interaction gives.

    Ours, not the paper's: through the post-norm interaction alone a short training loses the
    closing of the lips that the audio encoder already hears, and the blinks (docs/training.md).
    """

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        self.n_course = 2 * config.feature_size if config.n_noise else 0
        self.hidden = nn.Linear(config.feature_size + self.n_course, 2 * config.feature_size)
        self.out = nn.Linear(2 * config.feature_size, config.n_outputs)

    def forward(self, own: Tensor, course: Tensor | None = None) -> Tensor:
        """Sound (B, T, feature_size) and noise (B, T, 2 * feature_size) -> (B, T, n_outputs)."""
        if course is None:
            own = F.pad(own, (0, self.n_course))
        else:
            own = torch.cat([own, course], dim=2)
        motion: Tensor = self.out(F.gelu(self.hidden(own)))
        return motion


def swapped(x: Tensor) -> Tensor:
    """Swap the two heads of each dialogue in (2 B, ...)."""
    return x.view(-1, 2, *x.shape[1:]).flip(1).flatten(0, 1)


#: Loud speech frames are brought to this RMS; a track without speech is left as it is.
_SPEECH_RMS = 0.1
_SILENCE_RMS = 0.003
_LEVEL_SAMPLES = 640


def _mean_and_variance(track: Tensor) -> tuple[Tensor, Tensor]:
    """Return both of a track (n_samples,); of one that is long by its pieces, in float64."""
    parts = list(stored.pieces(len(track), 4))
    if len(parts) <= 1:
        return track.mean(), track.var(unbiased=False)
    whole = [torch.stack([x.sum(), x.square().sum()]) for x in _doubles(track)]
    total, squares = torch.stack(whole).sum(dim=0) / len(track)
    return total.float(), (squares - total**2).float()


def _doubles(track: Tensor) -> Iterator[Tensor]:
    for piece in stored.pieces(len(track), 12):
        yield track[piece].double()


def gain_to_speech_level(track: Tensor) -> Tensor:
    """Return the factor that brings the loud parts of a track (n_samples,) to a common level."""
    n_whole = len(track) // _LEVEL_SAMPLES * _LEVEL_SAMPLES
    if n_whole == 0:
        return track.new_ones(())
    norms = [
        torch.linalg.vector_norm(track[piece].view(-1, _LEVEL_SAMPLES), dim=1)
        for piece in stored.pieces(n_whole, 4, _LEVEL_SAMPLES)
    ]
    rms = torch.cat(norms) / math.sqrt(_LEVEL_SAMPLES)
    loud = rms.sort().values[int(0.95 * (len(rms) - 1))]
    return _SPEECH_RMS / loud if loud > _SILENCE_RMS else track.new_ones(())
