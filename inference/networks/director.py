"""What a description of a scene directs: pieces of its text in, scores of the parameters out.

A bidirectional GRU (Cho et al. 2014) reads the pieces, and each parameter takes what concerns it
by attention with a learned query.
"""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...core.directing.description import PARAMETERS


@dataclass(frozen=True)
class DirectorConfig:
    """Sizes of the network, kept with its weights."""

    n_pieces: int
    n_features: int = 80
    n_layers: int = 2

    def to_dict(self) -> dict[str, Any]:
        """Return the config as JSON can hold it."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "DirectorConfig":
        """Read what `to_dict` wrote."""
        return DirectorConfig(**values)


class DirectorNetwork(nn.Module):
    """Pieces of a description in, scores of each parameter's values out."""

    def __init__(self, config: DirectorConfig) -> None:
        super().__init__()
        self.config = config
        width = 2 * config.n_features
        self.pieces = nn.Embedding(config.n_pieces, config.n_features)
        self.reader = nn.GRU(
            config.n_features,
            config.n_features,
            config.n_layers,
            batch_first=True,
            bidirectional=True,
            dropout=0.2,
        )
        self.key = nn.Linear(width, width)
        self.queries = nn.Parameter(torch.randn(len(PARAMETERS), width) / width**0.5)
        self.dropout = nn.Dropout(0.2)
        self.scores = nn.ModuleList(nn.Linear(width, len(v)) for v in PARAMETERS.values())

    def forward(self, pieces: Tensor, lengths: Tensor) -> list[Tensor]:
        """Return for each parameter (batch, n_values) scores before the softmax.

        Args:
            pieces: (batch, n_pieces) int64, padded at the end.
            lengths: (batch,) int64 on the CPU, count of pieces without padding.
        """
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(self.pieces(pieces)), lengths, batch_first=True, enforce_sorted=False
        )
        read, _ = nn.utils.rnn.pad_packed_sequence(self.reader(packed)[0], batch_first=True)
        read = self.dropout(read)  # (batch, n_pieces, width)
        match = torch.einsum("btw,pw->bpt", self.key(read), self.queries)
        outside = torch.arange(read.shape[1]) >= lengths[:, None]  # (batch, n_pieces)
        weights = match.masked_fill(outside[:, None], -torch.inf).softmax(dim=-1)
        taken = weights @ read  # (batch, n_parameters, width)
        return [score(taken[:, i]) for i, score in enumerate(self.scores)]
