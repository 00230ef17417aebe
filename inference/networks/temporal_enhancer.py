"""Cross-Modal Temporal Enhancer (DualTalk, section 3.3): the partner's sound meets their motion."""

from torch import Tensor, nn

from .attention import Attention
from .config import DualTalkConfig


class TemporalEnhancer(nn.Module):
    """Attention from the partner's sound to the partner's motion, then a bidirectional LSTM."""

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        size = config.feature_size
        self.cross_attention = Attention(size, config.n_heads, rotary=config.knows_time)
        self.temporal_lstm = nn.LSTM(
            size, size // 2, num_layers=2, batch_first=True, bidirectional=True
        )

    def forward(self, partner_audio: Tensor, partner_motion: Tensor) -> Tensor:
        """Two of (B, T, feature_size) -> (B, T, feature_size)."""
        aligned = self.cross_attention(partner_audio, partner_motion)
        enhanced: Tensor = self.temporal_lstm(aligned)[0]
        return enhanced
