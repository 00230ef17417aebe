"""The sizes and variants of the DualTalk network."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ...core.errors import CheckpointError
from ...core.names import ARKIT_SHAPES
from .audio.compact_audio import CompactAudioConfig
from .audio.wav2vec2 import Wav2Vec2Config

_ENCODERS = {"wav2vec2": Wav2Vec2Config, "compact": CompactAudioConfig}


@dataclass(frozen=True)
class DualTalkConfig:
    """The defaults are the published network (Peng et al., CVPR 2025).

    What follows `n_heads` departs from the paper and is off there.
    """

    audio: Wav2Vec2Config | CompactAudioConfig = field(default_factory=Wav2Vec2Config)
    feature_size: int = 256
    n_expression: int = 50
    feed_forward_size: int = 2048
    n_interaction_layers: int = 3
    n_heads: int = 4
    #: One audio encoder for both people instead of one each.
    shared_encoder: bool = False
    #: Attention sees how far apart in time two frames are; the published one does not.
    knows_time: bool = False
    #: The interaction's last self-attention has a residual, so that lips stay local in time.
    residual_interaction: bool = False
    #: Own sound also reaches the output past the interaction, so that lips need not cross it.
    direct_path: bool = False
    #: Adds both eyes' rotations to the motion.
    has_eyes: bool = False
    #: Channels of noise per frame, from which a listener is drawn.
    n_noise: int = 0

    @property
    def n_outputs(self) -> int:
        """Numbers per frame: expression | jaw (3) | head (3) and, with eyes, left | right (6)."""
        return self.n_expression + (12 if self.has_eyes else 6)

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        kind = next(name for name, cls in _ENCODERS.items() if isinstance(self.audio, cls))
        return {**asdict(self), "audio": {"kind": kind, **asdict(self.audio)}}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "DualTalkConfig":
        """Read what `to_dict` wrote.

        Raises:
            CheckpointError: a value is missing, unknown or of another network.
        """
        try:
            audio = dict(values["audio"])
            encoder = _ENCODERS[audio.pop("kind")]
            return DualTalkConfig(**{**values, "audio": encoder(**audio)})
        except (KeyError, TypeError) as error:
            raise CheckpointError(
                f"The checkpoint's config is not one of this version's networks ({error}): "
                "update DualTalk, or choose another checkpoint."
            ) from error


def compact_config(n_noise: int = 0, audio: CompactAudioConfig | None = None) -> DualTalkConfig:
    """Return the config of the bundled network: ARKit shapes and eyes, for any CPU."""
    return DualTalkConfig(
        audio=audio or CompactAudioConfig(),
        feature_size=128,
        n_expression=len(ARKIT_SHAPES),
        feed_forward_size=512,
        n_interaction_layers=2,
        shared_encoder=True,
        knows_time=True,
        residual_interaction=True,
        direct_path=True,
        has_eyes=True,
        n_noise=n_noise,
    )
