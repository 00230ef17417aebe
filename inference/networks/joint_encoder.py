"""Dual-Speaker Joint Encoder (DualTalk, section 3.2): sound of both and motion of the partner."""

from torch import Tensor, nn

from .audio.compact_audio import CompactAudio
from .audio.wav2vec2 import Wav2Vec2, Wav2Vec2Config
from .audio.wav2vec2_pair import Wav2Vec2Pair
from .config import DualTalkConfig

AudioEncoder = Wav2Vec2 | CompactAudio


class JointEncoder(nn.Module):
    """Bring three inputs to one feature size and one frame rate.

    `audio_encoder1` hears the own track and `audio_encoder2` the partner's, each with weights of
    its own; with a shared encoder there is only the first, and on a GPU `pair` takes the place of
    both (`inference.gpu.prepared`).
    """

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = config.feature_size
        self.audio_encoder1 = _audio_encoder(config)
        self.audio_encoder2 = None if config.shared_encoder else _audio_encoder(config)
        self.pair: Wav2Vec2Pair | None = None
        self.audio_projection = nn.Linear(config.audio.output_size, size)
        self.blendshape_encoder = nn.Sequential(
            nn.Linear(config.n_outputs, size // 2), nn.ReLU(), nn.Linear(size // 2, size), nn.ReLU()
        )

    @property
    def partner_encoder(self) -> AudioEncoder:
        """The encoder that hears the partner."""
        return self.audio_encoder2 or self.audio_encoder1

    def join_encoders(self) -> None:
        """Put one module in the place of two wav2vec2 encoders; other encoders stay."""
        first, second = self.audio_encoder1, self.audio_encoder2
        if isinstance(first, Wav2Vec2) and isinstance(second, Wav2Vec2):
            self.pair = Wav2Vec2Pair(first, second)
            del self.audio_encoder1, self.audio_encoder2

    def features_and_cues(self, audio: Tensor, n_frames: int) -> tuple[Tensor, Tensor | None]:
        """Return the own features, (B, n_frames, size), and `CompactAudio.lip_cues`."""
        encoder = self.audio_encoder1
        if not isinstance(encoder, CompactAudio):
            return encoder(audio, n_frames), None
        at_50 = encoder.at_50(audio, n_frames)
        features = encoder.at_motion_rate(at_50)
        return features, encoder.lip_cues(at_50, features)

    def encode_audio(self, audio: Tensor, n_frames: int, *, is_partner: bool) -> Tensor:
        """(B, n_samples) -> (B, n_frames, feature_size)."""
        encoder = self.partner_encoder if is_partner else self.audio_encoder1
        projected: Tensor = self.audio_projection(encoder(audio, n_frames))
        return projected

    def encode_motion(self, motion: Tensor) -> Tensor:
        """(B, T, n_outputs) -> (B, T, feature_size)."""
        dtype = self.audio_projection.weight.dtype  # the motion is always float32
        encoded: Tensor = self.blendshape_encoder(motion.to(dtype))
        return encoded


def _audio_encoder(config: DualTalkConfig) -> AudioEncoder:
    if isinstance(config.audio, Wav2Vec2Config):
        return Wav2Vec2(config.audio)
    return CompactAudio(config.audio)
