"""Who speaks when follows the energy of each track."""

import numpy as np
from dualtalk.core.turns import spans, speaking


def noise(seconds: float, level: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal(round(seconds * 16_000))).astype(np.float32)


def test_each_speaks_where_their_track_is_loud() -> None:
    tracks = np.stack([noise(4, 0.001, 0), noise(4, 0.001, 1)])
    tracks[0, 16_000:32_000] += noise(1, 0.1, 2)
    tracks[1, 40_000:56_000] += noise(1, 0.1, 3)
    active = speaking(tracks)
    assert spans(active[0]) == [(25, 50)]
    assert spans(active[1]) == [(62, 88)]


def test_a_short_gap_stays_inside_the_utterance() -> None:
    tracks = np.stack([noise(4, 0.001, 0), noise(4, 0.001, 1)])
    tracks[0, 16_000:32_000] += noise(1, 0.1, 2)
    tracks[0, 22_400:25_600] = 0
    assert spans(speaking(tracks)[0]) == [(25, 50)]


def test_the_partner_heard_through_the_own_microphone_is_not_speech() -> None:
    voice = noise(1, 0.1, 2)
    tracks = np.stack([noise(4, 0.0001, 0), noise(4, 0.0001, 1)])
    tracks[0, 16_000:32_000] += voice
    tracks[1, 16_000:32_000] += 0.05 * voice
    active = speaking(tracks)
    assert active[0].sum() == 25
    assert not active[1].any()


def test_silence_is_nobody() -> None:
    assert not speaking(np.zeros((2, 16_000), np.float32)).any()
