"""How excited a voice is, and what that does to the face beside the mouth and to the head.

Excitement makes voices louder, brighter, wider in pitch and faster, sadness and secrecy the other
way round (Banse & Scherer 1996, J Pers Soc Psychol 70(3); Juslin & Laukka 2003, Psychol Bull
129(5)); vocal effort shows in the tilt of the spectrum whatever the gain of the recording is
(Traunmueller & Eriksson 2000, JASA 107(6)), so that it is measured as in GeMAPS (Eyben et al. 2016,
IEEE TAFFC 7(2)). What is ordinary was measured on readers
(`training.speech.readers.ordinary_voice`). The face follows in strength, not in kind: whether
excitement is joy or anger no rule here tells.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ...core import stored
from ...core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE
from ...core.motion import NETWORK_FPS, Motion
from ...core.names import ARKIT_INDEX

FloatArray = NDArray[np.float32]

_WINDOW, _FFT = 1024, 2048
_PITCH_HZ = (70.0, 450.0)
#: Of the spectrum: 50 Hz to 1 kHz, and 1 to 5 kHz.
_HZ = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
_BANDS = ((_HZ >= 50) & (_HZ < 1000), (_HZ >= 1000) & (_HZ < 5000))
#: Frames whose spectra are in memory at once.
_PIECE_FRAMES = 400
#: Peak of the normalised autocorrelation from which a frame has a pitch.
_VOICED = 0.5
#: Speech is within so many dB of the loud parts of its track, and above this level (dBFS).
_SPEECH_DB, _NOISE_DB = 30.0, -80.0
#: A voice is judged over so many seconds (deviation of a Gaussian).
_JUDGED_S = 1.5
#: A voice with less pitch than this share of its speech is whispered: least effort.
_WHISPERED, _LEAST = 0.2, -2.0
#: How much each cue counts.
_WEIGHTS = np.array([0.25, 0.35, 0.2, 0.2])
#: Mean and deviation over readers of: level under the loud parts, dB; high over low frequencies,
#: dB; deviation of the pitch, semitones; syllables per second.
ORDINARY = np.array([[-9.5, 2.1], [-13.5, 5.1], [4.8, 1.9], [3.3, 0.5]])

#: What full excitement adds: share of brows, smiles and the head's quick motion, and shapes.
_BROWS, _SMILES, _HEAD = 0.5, 0.3, 0.5
_RAISED, _WIDE, _HEAVY = 0.12, 0.25, 0.15
#: Slower motion of the head is posture, seconds.
_POSTURE_S = 1.0
_BROW_SHAPES = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")


@dataclass(frozen=True)
class Voice:
    """What is measured of a voice, frame by frame at 25 fps."""

    level_db: FloatArray  #: (n_frames,) of full scale
    tilt_db: FloatArray  #: (n_frames,) 1 to 5 kHz over 50 Hz to 1 kHz
    pitch: FloatArray  #: (n_frames,) semitones over 100 Hz, not a number without a pitch


def voice_of(track: FloatArray, n_frames: int) -> Voice:
    """Measure a voice (n_samples,) at 16 kHz."""
    low, high, pitch = (np.zeros(n_frames) for _ in range(3))
    power = np.zeros(n_frames, np.float32)
    for first in range(0, n_frames, _PIECE_FRAMES):
        frames = _frames(track, first, min(first + _PIECE_FRAMES, n_frames))
        here = slice(first, first + len(frames))
        spectrum = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), _FFT)) ** 2
        low[here], high[here] = (spectrum[:, band].sum(axis=1) for band in _BANDS)
        power[here] = np.square(frames).mean(axis=1)
        pitch[here] = _pitch_of(spectrum)
        stored.let_go()
    floor = 1e-7 * float((low + high).max(initial=0.0)) + 1e-12
    return Voice(
        10 * np.log10(power + 1e-12),
        np.asarray(10 * np.log10((high + floor) / (low + floor))),
        pitch.astype(np.float32),
    )


def _frames(track: FloatArray, first: int, last: int) -> FloatArray:
    """Return windows about the starts of frames, (n_frames, `_WINDOW`); silence lies around."""
    start, end = first * FRAME_SAMPLES - _WINDOW // 2, last * FRAME_SAMPLES + _WINDOW // 2
    padded = np.zeros(end - start, np.float32)
    kept = track[max(start, 0) : max(end, 0)]
    at = max(-start, 0)
    padded[at : at + len(kept)] = kept
    windows: FloatArray = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    return windows[::FRAME_SAMPLES][: last - first]


def _pitch_of(spectrum: NDArray[Any]) -> FloatArray:
    """Return the pitch of power spectra (n_frames, bins) by autocorrelation (Boersma 1993)."""
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), _FFT)) ** 2)
    correlation = np.fft.irfft(spectrum)
    first, last = (int(SAMPLE_RATE / hz) for hz in reversed(_PITCH_HZ))
    lags = slice(first, last + 1)
    scale = correlation[:, :1] + 1e-12
    normalised = correlation[:, lags] / scale / (window[lags] / window[0])
    # Of peaks that are almost as high the earliest is the pitch, the others its multiples.
    is_near = normalised > 0.9 * normalised.max(axis=1, keepdims=True)
    inner = np.zeros_like(is_near)
    inner[:, 1:-1] = (normalised[:, 1:-1] >= normalised[:, :-2]) & (
        normalised[:, 1:-1] >= normalised[:, 2:]
    )
    best = np.argmax(is_near & inner, axis=1)
    height = normalised[np.arange(len(best)), best]
    pitch = 12 * np.log2(SAMPLE_RATE / (first + best) / 100)
    return np.where((height > _VOICED) & (best > 0), pitch, np.nan).astype(np.float32)


def cues(voice: Voice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return level, tilt, spread of pitch and rate around each frame, (n_frames, 4), and speech.

    Speech is the share of it around each frame, (n_frames,).
    """
    loud = float(np.quantile(voice.level_db, 0.95))
    speech = (voice.level_db > max(loud - _SPEECH_DB, _NOISE_DB)).astype(np.float64)
    voiced = speech * np.isfinite(voice.pitch)
    share, voiced_share = _around(speech), _around(voiced)
    pitch = np.nan_to_num(voice.pitch.astype(np.float64))
    mean = _around(voiced * pitch) / (voiced_share + 1e-6)
    spread = np.sqrt(_around(voiced * np.square(pitch - mean)) / (voiced_share + 1e-6))
    tilt = _around(voiced * voice.tilt_db) / (voiced_share + 1e-6)
    whispered = voiced_share < _WHISPERED * share
    least = ORDINARY[1:3, 0] + _LEAST * ORDINARY[1:3, 1]
    values = [
        _around(speech * (voice.level_db - loud)) / (share + 1e-6),
        np.where(whispered, least[0], tilt),
        np.where(whispered, least[1], spread),
        _around(_syllables(voice.level_db) * speech) / (share + 1e-6) * NETWORK_FPS,
    ]
    return np.stack(values, axis=1), share


def _around(values: NDArray[Any]) -> NDArray[np.float64]:
    smoothed: NDArray[np.float64] = gaussian_filter1d(
        values.astype(np.float64), _JUDGED_S * NETWORK_FPS, mode="constant"
    )
    return smoothed


def _syllables(level_db: FloatArray) -> NDArray[np.float64]:
    """Mark the peaks of the level, (n_frames,), as de Jong & Wempe 2009 count syllables."""
    level = gaussian_filter1d(level_db.astype(np.float64), 1.0)
    marks = np.zeros(len(level))
    peaks = (level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])
    for at in np.flatnonzero(peaks) + 1:
        if level[at] - level[max(at - 4, 0) : at + 5].min() > 2.0:
            marks[at] = 1
    return marks


def arousal(track: FloatArray, n_frames: int) -> FloatArray:
    """Return how excited a voice is, (n_frames,): 0 as ordinary, -1 to 1; 0 far from its speech."""
    if n_frames < 3:
        return np.zeros(n_frames, np.float32)
    values, share = cues(voice_of(track, n_frames))
    scores = np.clip((values - ORDINARY[:, 0]) / ORDINARY[:, 1], -2.5, 2.5) @ _WEIGHTS
    result: FloatArray = np.tanh(scores) * np.minimum(4 * share, 1)
    return result.astype(np.float32)


def excite(motion: Motion, excited: FloatArray) -> Motion:
    """Scale brows, smiles, lids and the head's quick motion by how excited the own voice is.

    Args:
        motion: in the ARKit basis.
        excited: (n_frames,) of `arousal`.
    """
    expression = stored.copied(motion.expression)
    for piece in stored.rows(expression):
        _excite(expression[piece], excited[piece])
    posture = gaussian_filter1d(motion.head, _POSTURE_S * NETWORK_FPS, axis=0)
    head = posture + (1 + _HEAD * excited)[:, None] * (motion.head - posture)
    return replace(motion, expression=expression, head=head.astype(np.float32))


def _excite(expression: FloatArray, excited: FloatArray) -> None:
    more, less = np.maximum(excited, 0), np.maximum(-excited, 0)
    for name in _BROW_SHAPES:
        expression[:, ARKIT_INDEX[name]] *= 1 + _BROWS * excited
        expression[:, ARKIT_INDEX[name]] += _RAISED * more
    for side in ("Left", "Right"):
        expression[:, ARKIT_INDEX[f"mouthSmile{side}"]] *= 1 + _SMILES * excited
        expression[:, ARKIT_INDEX[f"eyeWide{side}"]] += _WIDE * more
        lids = expression[:, ARKIT_INDEX[f"eyeBlink{side}"]]
        expression[:, ARKIT_INDEX[f"eyeBlink{side}"]] = np.maximum(lids, _HEAVY * less)
    np.clip(expression, 0, 1, out=expression)
