"""Doubtful lines: each measure answers to what it is meant for, and to nothing else."""

import numpy as np
from dualtalk.batch.quality import Line, lines, ranked
from dualtalk.core.motion import Motion
from dualtalk.core.names import JAW_OPEN_RAD

SECONDS = 4
N_FRAMES = 25 * SECONDS


def two_voices() -> tuple[np.ndarray, np.ndarray]:
    """Return two voices that take turns, (2, n_samples), and who speaks, (2, n_frames)."""
    generator = np.random.default_rng(1)
    tracks = 0.1 * generator.standard_normal((2, 16_000 * SECONDS)).astype(np.float32)
    tracks[0, 32_000:] *= 0.001
    tracks[1, :32_000] *= 0.001
    speaking = np.zeros((2, N_FRAMES), bool)
    speaking[0, :50] = speaking[1, 50:] = True
    return tracks, speaking


def heard(closing: float = 0.0, sure: float = 1.0) -> np.ndarray:
    cues = np.zeros((2, N_FRAMES, 3), np.float32)
    cues[..., 0], cues[..., 2] = closing, sure
    return cues


def still(jaw: float = 0.0) -> tuple[Motion, Motion]:
    motion = Motion.from_arrays(np.zeros((N_FRAMES, 40)), jaw=np.full((N_FRAMES, 3), [jaw, 0, 0]))
    return motion, motion


def test_a_clean_dialogue_is_not_doubtful() -> None:
    tracks, speaking = two_voices()
    found = lines(tracks, speaking, still(), heard())
    assert [line.speaker for line in found] == ["A", "B"]
    assert all(line.doubt < 0.05 and not line.why for line in found)


def test_the_other_voice_in_a_track_is_told() -> None:
    tracks, speaking = two_voices()
    tracks[1, :32_000] += 0.3 * np.roll(tracks[0, :32_000], 80)
    first, second = lines(tracks, speaking, still(), heard())
    assert first.bleeding > 0.9
    assert "other voice" in first.why
    assert second.bleeding < 0.25


def test_clipping_is_told_where_it_is() -> None:
    tracks, speaking = two_voices()
    tracks[1, 32_000:] = np.clip(12 * tracks[1, 32_000:], -0.99, 0.99)
    first, second = lines(tracks, speaking, still(), heard())
    assert (first.clipped, second.clipped > 0.05) == (0.0, True)
    assert "clipped" in second.why


def test_unsure_phones_are_told() -> None:
    tracks, speaking = two_voices()
    cues = heard()
    cues[0, :50, 2] = 0.2
    first, second = lines(tracks, speaking, still(), cues)
    assert (first.unsure, second.unsure) == (1.0, 0.0)
    speaking[0, 3:] = False  # a burst, not a line
    assert lines(tracks, speaking, still(), cues)[0].unsure == 0.25


def test_lips_that_stay_open_where_the_voice_closes_them_are_told() -> None:
    tracks, speaking = two_voices()
    cues = heard()
    cues[0, [10, 11, 30], 0] = 0.95
    shut, _ = lines(tracks, speaking, still(), cues)
    agape, _ = lines(tracks, speaking, still(0.5 * JAW_OPEN_RAD), cues)
    assert (shut.closures, shut.closures_missed) == (2, 0)
    assert (agape.closures, agape.closures_missed) == (2, 2)
    assert "2 of 2 closures missed" in agape.why


def test_the_most_doubtful_come_first() -> None:
    good = Line("A", 0, 1, 0, 0, 0, 0, 0)
    bad = Line("B", 1, 2, 0.9, 0.01, 0, 0, 0)
    worse = Line("A", 2, 3, 0.9, 0.01, 0.8, 0, 0)
    assert ranked([good, bad, worse]) == [worse, bad, good]
