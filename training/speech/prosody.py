"""The melody of a voice: where the speaker's low pitch invites the listener to answer.

Ward & Tsukahara, "Prosodic features which cue back-channel responses in English and Japanese",
Journal of Pragmatics 32, 2000: feedback is apt after a stretch of pitch below the speaker's 26th
percentile of at least 110 ms, if it comes after at least 700 ms of speech and no feedback was given
in the last 800 ms; it follows 700 ms later.
"""

import librosa
import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.training.speech.phones import PHONE_INDEX, SILENCE, VOWELS
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

#: Frames of pitch and of phones per second.
_FPS = 100
_HOP_SAMPLES, _WINDOW_SAMPLES = SAMPLE_RATE // _FPS, 1024
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 420.0
_LOW_PERCENTILE = 26
_LOW_FRAMES = 11
_SPEECH_FRAMES, _REFRACTORY_FRAMES = 70, 80
#: Only vowels and their kin have a pitch to speak of.
_VOICED = [PHONE_INDEX[phone] for phone in (*VOWELS, "M", "N", "NG", "L", "R", "W", "Y")]
#: Frames of the voice without pitch (consonants) that do not end a stretch of low pitch.
_BRIDGED_FRAMES = 8


def low_pitch_cues(sound: FloatArray, phones: NDArray[np.int64], n_frames: int) -> FloatArray:
    """Mark the frames in which a stretch of low pitch has lasted long enough, (n_frames,) 0 or 1.

    Args:
        sound: (n_samples,) one clean voice, 16 kHz.
        phones: (n,) at 100 per second.
        n_frames: of motion, 25 per second.
    """
    cues = np.zeros(n_frames, np.float32)
    voiced = np.isin(phones, _VOICED)
    if voiced.sum() < _SPEECH_FRAMES:
        return cues
    pitch = librosa.yin(
        sound,
        fmin=_LOWEST_HZ,
        fmax=_HIGHEST_HZ,
        sr=SAMPLE_RATE,
        frame_length=_WINDOW_SAMPLES,
        hop_length=_HOP_SAMPLES,
    )
    pitch = np.resize(pitch, len(phones))
    low = voiced & (pitch < np.percentile(pitch[voiced], _LOW_PERCENTILE))
    for at in _moments(low, voiced, phones != PHONE_INDEX[SILENCE]):
        frame = int(at * NETWORK_FPS / _FPS)
        if frame < n_frames:
            cues[frame] = 1
    return cues


def _moments(
    low: NDArray[np.bool_], voiced: NDArray[np.bool_], spoken: NDArray[np.bool_]
) -> list[int]:
    """Return where low stretches that follow enough speech reach their length, at `_FPS`."""
    moments: list[int] = []
    n_low = n_without = n_spoken = 0
    for at in range(len(low)):
        n_spoken = n_spoken + 1 if spoken[at] else 0
        n_without = 0 if voiced[at] else n_without + 1
        if low[at]:
            n_low += 1
        elif voiced[at] or n_without > _BRIDGED_FRAMES:
            n_low = 0
        rested = not moments or at - moments[-1] >= _REFRACTORY_FRAMES
        if low[at] and n_low >= _LOW_FRAMES and n_spoken >= _SPEECH_FRAMES and rested:
            moments.append(at)
    return moments
