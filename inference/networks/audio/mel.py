"""Triangular filters from a spectrum to mel bands, as Slaney's Auditory Toolbox (1998) has them.

The same numbers as `librosa.filters.mel`, bit for bit (a test compares them), without loading that
library: with numba and what else it brings it takes longer to import than a minute of dialogue
takes to hear, and it fails where nothing can be written.
"""

import numpy as np
from numpy.typing import NDArray

#: Linear below 1 kHz, at 200/3 Hz a mel; logarithmic above, 27 mels to a factor of 6.4.
_HZ_PER_MEL = 200.0 / 3
_KNEE_HZ = 1000.0
_KNEE_MEL = _KNEE_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def mel_filters(
    sample_rate: int, n_fft: int, n_mels: int, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """Return (n_mels, n_fft // 2 + 1) filters, each of the same area."""
    bins_hz = np.fft.rfftfreq(n=n_fft, d=1.0 / sample_rate)
    low, high = _mel_of(np.array([low_hz, high_hz]))
    edges_hz = _hz_of(np.linspace(low, high, n_mels + 2))
    width_hz = np.diff(edges_hz)
    ramps = np.subtract.outer(edges_hz, bins_hz)  # (n_mels + 2, n_bins)
    filters = np.zeros((n_mels, len(bins_hz)), np.float32)
    for index in range(n_mels):
        rising = -ramps[index] / width_hz[index]
        falling = ramps[index + 2] / width_hz[index + 1]
        filters[index] = np.maximum(0, np.minimum(rising, falling))
    area = 2.0 / (edges_hz[2 : n_mels + 2] - edges_hz[:n_mels])
    filters *= area[:, None]
    return filters


def _mel_of(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    mel = hz / _HZ_PER_MEL
    is_high = hz >= _KNEE_HZ
    mel[is_high] = _KNEE_MEL + np.log(hz[is_high] / _KNEE_HZ) / _LOG_STEP
    return mel


def _hz_of(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    hz = _HZ_PER_MEL * mel
    is_high = mel >= _KNEE_MEL
    hz[is_high] = _KNEE_HZ * np.exp(_LOG_STEP * (mel[is_high] - _KNEE_MEL))
    return hz
