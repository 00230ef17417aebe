"""Music by chance, so that it is not taken for speech: notes of one to three instruments."""

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import lfilter

FloatArray = NDArray[np.float32]

_RMS = 0.06
_LOWEST_HZ, _N_NOTES = 65.4, 48


def made(n_samples: int, generator: Generator) -> FloatArray:
    """Return (n_samples,) at 16 kHz, about as loud as speech."""
    result = np.zeros(n_samples)
    for _ in range(int(generator.integers(1, 4))):
        play = _INSTRUMENTS[int(generator.integers(len(_INSTRUMENTS)))]
        result += generator.uniform(0.3, 1) * _part(play(generator), n_samples, generator)
    level = np.sqrt(np.square(result).mean())
    return (result * _RMS / max(level, 1e-6)).astype(np.float32)


class _Tones:
    """Overtones that fade, as of pianos, organs and flutes."""

    def __init__(self, generator: Generator) -> None:
        self.overtones = np.arange(1, int(generator.integers(2, 20)))
        self.weight = self.overtones ** -generator.uniform(0.5, 2.5)
        self.fade = generator.uniform(0, 12)

    def note(self, pitch_hz: float, n: int, generator: Generator) -> NDArray[np.float64]:
        t = np.arange(n) / SAMPLE_RATE
        heard = self.overtones * pitch_hz < SAMPLE_RATE / 2
        phase = generator.uniform(0, 2 * np.pi, (int(heard.sum()), 1))
        tones = np.sin(2 * np.pi * pitch_hz * np.outer(self.overtones[heard], t) + phase)
        sound: NDArray[np.float64] = np.exp(-self.fade * t) * (self.weight[heard] @ tones)
        return sound


class _Strings:
    """Plucked strings (Karplus & Strong 1983)."""

    def __init__(self, generator: Generator) -> None:
        self.damping = generator.uniform(0.98, 0.9995)

    def note(self, pitch_hz: float, n: int, generator: Generator) -> NDArray[np.float64]:
        period = max(2, int(SAMPLE_RATE / pitch_hz))
        pluck = np.zeros(n)
        pluck[:period] = generator.uniform(-1, 1, min(period, n))
        loop = np.zeros(period + 2)
        loop[0], loop[period:] = 1, -self.damping / 2
        sound: NDArray[np.float64] = lfilter([1.0], loop, pluck)
        return sound


class _Bells:
    """Frequency modulation (Chowning 1973), as of bells and brass."""

    def __init__(self, generator: Generator) -> None:
        self.ratio, self.depth = generator.uniform(0.5, 4), generator.uniform(0.5, 6)
        self.fade = generator.uniform(0.5, 8)

    def note(self, pitch_hz: float, n: int, generator: Generator) -> NDArray[np.float64]:
        t = np.arange(n) / SAMPLE_RATE
        fading = np.exp(-self.fade * t)
        inner = self.depth * fading * np.sin(2 * np.pi * pitch_hz * self.ratio * t)
        sound: NDArray[np.float64] = fading * np.sin(2 * np.pi * pitch_hz * t + inner)
        return sound


class _Drums:
    """Bursts of noise, dull or bright."""

    def __init__(self, generator: Generator) -> None:
        self.fade, self.pole = generator.uniform(8, 60), generator.uniform(0, 0.95)

    def note(self, pitch_hz: float, n: int, generator: Generator) -> NDArray[np.float64]:
        noise = lfilter([1 - self.pole], [1, -self.pole], generator.standard_normal(n))
        sound: NDArray[np.float64] = noise * np.exp(-self.fade * np.arange(n) / SAMPLE_RATE)
        return sound


_Instrument = _Tones | _Strings | _Bells | _Drums
_INSTRUMENTS = (_Tones, _Strings, _Bells, _Drums)


def _part(instrument: _Instrument, n_samples: int, generator: Generator) -> NDArray[np.float64]:
    """Return what one instrument plays: notes or chords, one after the other, some left out."""
    result = np.zeros(n_samples)
    per_second, rests = generator.uniform(1.5, 8), generator.uniform(0, 0.3)
    chord = (0, 4, 7, 12)[: int(generator.integers(1, 5))]
    at = 0
    while at < n_samples:
        n = min(int(SAMPLE_RATE / per_second * generator.integers(1, 3)), n_samples - at)
        if generator.random() > rests:
            root = int(generator.integers(_N_NOTES - 12))
            for step in chord:
                pitch_hz = _LOWEST_HZ * 2 ** ((root + step) / 12)
                result[at : at + n] += instrument.note(pitch_hz, n, generator)
        at += n
    return result
