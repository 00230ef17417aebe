"""What happens to a voice between the mouth and the file: room, microphone, line, other sounds."""

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.signal import butter, fftconvolve, istft, sosfilt, stft

FloatArray = NDArray[np.float32]

#: Level that clean speech is brought to before all else, RMS of its loud parts.
SPEECH_RMS = 0.1
#: Samples of a window in which voices are taken apart.
_WINDOW = 512


def augmented(
    track: FloatArray, others: FloatArray, generator: Generator, separated_share: float = 0.0
) -> FloatArray:
    """Return a track (n_samples,) as another microphone would have recorded it.

    Args:
        track: clean speech at `SPEECH_RMS`, 16 kHz.
        others: (n_samples,) speech of other people, for babble.
        generator: the source of every choice.
        separated_share: how often the track was cut out of a mixture.
    """
    if separated_share and generator.random() < separated_share:
        track = separated(track, others, generator)
    chance = generator.random(9)
    if chance[0] < 0.5:
        track = in_room(track, generator.uniform(0.1, 0.6), generator)
    if chance[1] < 0.6:
        track = equalised(track, generator)
    if chance[2] < 0.15:
        track = telephone(track)
    if chance[3] < 0.7:
        track = track + noise(len(track), generator) * _relative(generator, 8, 45)
    if chance[4] < 0.12:
        track = track + music(len(track), generator) * _relative(generator, 5, 25)
    if chance[5] < 0.15:
        track = track + others * np.float32(10 ** (-generator.uniform(12, 30) / 20))
    if chance[6] < 0.1:
        track = companded(track)
    if chance[7] < 0.5:
        track = band_stopped(track, generator)
    if chance[8] < 0.3:
        track = interrupted(track, generator)
    return (track * 10 ** (generator.normal(0, 3) / 20)).astype(np.float32)


def in_room(track: FloatArray, decay_s: float, generator: Generator) -> FloatArray:
    """Add the reverberation of a room: decaying noise after the direct sound (Moorer 1979)."""
    t = np.arange(int(decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    tail = generator.standard_normal(len(t)) * np.exp(-6.9 * t / decay_s)
    tail[: SAMPLE_RATE // 400] = 0
    tail *= generator.uniform(0.05, 0.5) / np.sqrt(np.square(tail).sum() + 1e-9)
    tail[0] = 1.0
    wet: FloatArray = fftconvolve(track, tail.astype(np.float32))[: len(track)].astype(np.float32)
    return wet


def equalised(track: FloatArray, generator: Generator) -> FloatArray:
    """Colour a track with a random smooth curve of +-10 dB, tilt included."""
    spectrum = np.fft.rfft(track)
    knots = np.cumsum(generator.normal(0, 3, 10))
    gain_db = np.interp(
        np.linspace(0, 9, len(spectrum)), np.arange(10), np.clip(knots - knots.mean(), -10, 10)
    )
    coloured: FloatArray = np.fft.irfft(spectrum * 10 ** (gain_db / 20), len(track))
    return coloured.astype(np.float32)


def separated(track: FloatArray, others: FloatArray, generator: Generator) -> FloatArray:
    """Cut a voice out of a mixture, as programs do that make two tracks of one.

    They weigh each time and frequency by how much of it is the voice (the ratio mask: Wang & Chen
    2018, IEEE/ACM TASLP 26(10)); theirs is blurred, uncertain, and leaves traces of the other.
    """
    level = 10 ** (generator.uniform(-20, -3) / 20)
    voice, other = (_spectrum(sound) for sound in (track, (level * others).astype(np.float32)))
    power = np.square(np.abs(voice)) + 1e-6
    mask = np.sqrt(power / (power + np.square(np.abs(other))))
    mask += generator.normal(0, generator.uniform(0, 0.25), mask.shape)
    mask = uniform_filter(np.clip(mask, 0, 1), (generator.integers(1, 6), generator.integers(1, 4)))
    _, cut = istft((voice + other) * mask, SAMPLE_RATE, nperseg=_WINDOW)
    return cut[: len(track)].astype(np.float32)


def _spectrum(sound: FloatArray) -> NDArray[np.complex64]:
    return stft(sound, SAMPLE_RATE, nperseg=_WINDOW)[2]


def band_stopped(track: FloatArray, generator: Generator) -> FloatArray:
    """Take one or two bands away, up to a sixth of the mel scale each (Park et al. 2019)."""
    spectrum = np.fft.rfft(track)
    mel = 2595 * np.log10(1 + np.linspace(0, SAMPLE_RATE / 2, len(spectrum)) / 700)
    for _ in range(generator.integers(1, 3)):
        width = generator.uniform(0, mel[-1] / 6)
        low = generator.uniform(0, mel[-1] - width)
        spectrum[(mel > low) & (mel < low + width)] *= 0.01
    stopped: FloatArray = np.fft.irfft(spectrum, len(track)).astype(np.float32)
    return stopped


def interrupted(track: FloatArray, generator: Generator) -> FloatArray:
    """Lose up to 60 ms about once a second, as lines that drop packets do."""
    result = track.copy()
    for _ in range(generator.poisson(len(track) / SAMPLE_RATE)):
        start = generator.integers(len(track))
        result[start : start + int(generator.uniform(0.01, 0.06) * SAMPLE_RATE)] = 0
    return result


def telephone(track: FloatArray) -> FloatArray:
    """Pass a track through an old telephone line: 300 to 3400 Hz, 8-bit mu-law (ITU-T G.711)."""
    band = butter(4, (300, 3400), "bandpass", fs=SAMPLE_RATE, output="sos")
    return companded(sosfilt(band, track).astype(np.float32))


def companded(track: FloatArray) -> FloatArray:
    """Quantise to 8 bits by the mu-law."""
    limited = np.clip(track, -1, 1)
    code = np.sign(limited) * np.log1p(255 * np.abs(limited)) / np.log(256)
    code = np.round(code * 127) / 127
    result: FloatArray = np.sign(code) * (256 ** np.abs(code) - 1) / 255
    return result.astype(np.float32)


def noise(n_samples: int, generator: Generator) -> FloatArray:
    """Return noise of a random tilt between white and brown, RMS as loud as speech."""
    spectrum = np.fft.rfft(generator.standard_normal(n_samples))
    frequency = np.maximum(np.arange(len(spectrum)), len(spectrum) / 200)
    shaped = np.fft.irfft(spectrum * frequency ** -generator.uniform(0, 1.2), n_samples)
    result: FloatArray = shaped * SPEECH_RMS / np.sqrt(np.square(shaped).mean())
    return result.astype(np.float32)


def music(n_samples: int, generator: Generator) -> FloatArray:
    """Return chords of tones with overtones that change twice a second, RMS as loud as speech."""
    t = np.arange(n_samples) / SAMPLE_RATE
    result = np.zeros(n_samples)
    beat = SAMPLE_RATE // 2
    for start in range(0, n_samples, beat):
        span = slice(start, start + beat)
        root = 110 * 2 ** (generator.integers(0, 24) / 12)
        for interval in (1, 5 / 4, 3 / 2, 2):
            for overtone in range(1, 6):
                phase = generator.uniform(0, 2 * np.pi)
                tone = np.sin(2 * np.pi * root * interval * overtone * t[span] + phase)
                result[span] += tone / overtone
        result[span] *= np.exp(-2 * (t[span] - t[start]))
    return (result * SPEECH_RMS / np.sqrt(np.square(result).mean())).astype(np.float32)


def _relative(generator: Generator, low_db: float, high_db: float) -> np.float32:
    """Return the gain of a disturbance that is this many decibels below the speech."""
    return np.float32(10 ** (-generator.uniform(low_db, high_db) / 20))
