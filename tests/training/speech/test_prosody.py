"""Low pitch that lasts, after enough speech, invites feedback; nothing else does."""

import numpy as np
from dualtalk.training.speech import prosody
from dualtalk.training.speech.phones import PHONE_INDEX

S = 16_000


def voice(*pitches: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return a buzz of (hertz, seconds) one after the other, 0 Hz for silence, and its phones."""
    hertz = np.concatenate([np.full(round(s * S), h) for h, s in pitches])
    phase = np.cumsum(hertz) / S * 2 * np.pi
    sound = sum(np.sin(k * phase) / k for k in range(1, 6)) * (hertz > 0)
    phones = np.where(hertz[::160] > 0, PHONE_INDEX["AA"], 0)
    return (0.1 * sound).astype(np.float32), phones


def cues(*pitches: tuple[float, float]) -> list[int]:
    sound, phones = voice(*pitches)
    found = prosody.low_pitch_cues(sound, phones, len(phones) // 4)
    assert set(found) <= {0.0, 1.0}
    return np.flatnonzero(found).tolist()


def test_a_low_end_invites() -> None:
    found = cues((0, 0.5), (200, 1.5), (120, 0.3), (0, 0.5))
    assert len(found) == 1
    assert 50 <= found[0] <= 55  # 0.11 s after 2.0 s, less half a window


def test_low_pitch_after_too_little_speech_does_not() -> None:
    assert cues((0, 1.0), (120, 0.3), (0, 0.4), (200, 1.5)) == []


def test_a_dip_does_not() -> None:
    assert cues((200, 1.0), (120, 0.03), (200, 1.0)) == []


def test_invitations_keep_their_distance() -> None:
    found = cues((200, 1.0), (120, 0.2), (200, 0.3), (120, 0.2), (200, 1.5))
    assert len(found) == 1


def test_silence_invites_nobody() -> None:
    assert cues((0, 2.0)) == []
