"""Who of up to three people speaks in ten seconds of sound: pyannote's segmentation as torch.

PyanNet (Bredin & Laurent 2021, arXiv 2104.04045; Plaquet & Bredin 2023, arXiv 2310.13025): band
passes and convolutions after SincNet (Ravanelli & Bengio 2018, arXiv 1808.00158), four LSTMs in
both directions, and one class for each set of people who may speak at once. It has heard hundreds
of hours of meetings, phone calls, interviews and rooms. `training/turns/pretrained.py` brings its
weights into assets/.
"""

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

#: People whom one window tells apart; their numbers mean nothing outside of it.
N_LOCAL = 3
WINDOW_SAMPLES = 160_000
#: Frame i of a window is centred at sample 270 i + 495 (what its convolutions see of the sound).
FRAME_STEP, FIRST_CENTRE = 270, 495
N_FRAMES = 589
#: Who speaks in each class: nobody, one of three, two of three.
SETS = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))

_FILTERS, _FILTER_SAMPLES, _FILTER_STEP = 80, 251, 10
_HIDDEN, _LAYERS, _LINEAR = 128, 4, 128


class SpeakerSegmentation(nn.Module):
    """Give each frame of a window the probability of each set of local people."""

    def __init__(self) -> None:
        super().__init__()
        self.wave_norm = nn.InstanceNorm1d(1, affine=True)
        self.filters = nn.Conv1d(1, _FILTERS, _FILTER_SAMPLES, _FILTER_STEP, bias=False)
        self.convolutions = nn.ModuleList([nn.Conv1d(_FILTERS, 60, 5), nn.Conv1d(60, 60, 5)])
        self.norms = nn.ModuleList(
            nn.InstanceNorm1d(size, affine=True) for size in (_FILTERS, 60, 60)
        )
        self.lstm = nn.LSTM(60, _HIDDEN, _LAYERS, bidirectional=True, batch_first=True)
        self.linear = nn.ModuleList([nn.Linear(2 * _HIDDEN, _LINEAR), nn.Linear(_LINEAR, _LINEAR)])
        self.classifier = nn.Linear(_LINEAR, len(SETS))

    def forward(self, sound: Tensor) -> Tensor:
        """Return the logits (B, 589, 7) of windows (B, 160000) at 16 kHz."""
        x = self.filters(self.wave_norm(sound[:, None])).abs()
        x = self._pooled(x, self.norms[0])
        for convolution, norm in zip(self.convolutions, self.norms[1:], strict=True):
            x = self._pooled(convolution(x), norm)
        x, _ = self.lstm(x.transpose(1, 2))  # (B, 589, 256)
        for layer in self.linear:
            x = F.leaky_relu(layer(x))
        logits: Tensor = self.classifier(x)
        return logits

    @staticmethod
    def _pooled(x: Tensor, norm: nn.Module) -> Tensor:
        pooled: Tensor = F.leaky_relu(norm(F.max_pool1d(x, 3)))
        return pooled


def people(logits: Tensor) -> Tensor:
    """Return how likely each of three local people speaks, (..., 3), from logits (..., 7)."""
    probability = logits.softmax(dim=-1)
    member = torch.zeros(len(SETS), N_LOCAL)
    for row, members in enumerate(SETS):
        member[row, list(members)] = 1
    return probability @ member
