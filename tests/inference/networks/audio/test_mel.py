"""The mel filters are librosa's, without librosa."""

import subprocess
import sys

import librosa
import numpy as np
import pytest
from dualtalk.inference.networks.audio.mel import mel_filters


@pytest.mark.parametrize(("n_mels", "low_hz", "high_hz"), [(80, 50.0, 7600.0), (40, 0.0, 8000.0)])
def test_they_are_librosas_bit_for_bit(n_mels: int, low_hz: float, high_hz: float) -> None:
    wanted = librosa.filters.mel(sr=16_000, n_fft=512, n_mels=n_mels, fmin=low_hz, fmax=high_hz)
    assert np.array_equal(mel_filters(16_000, 512, n_mels, low_hz, high_hz), wanted)


def test_the_network_loads_without_what_compiles_and_writes_caches() -> None:
    code = (
        "import sys; from dualtalk.inference.two_track import predict;"
        "print([name for name in ('librosa', 'numba') if name in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"
