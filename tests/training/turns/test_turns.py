"""Mixtures of two voices, and the measures of diarization."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.training.turns import mixtures
from dualtalk.training.turns.conversations import Recording, read_rttm
from dualtalk.training.turns.evaluate import by_clustering, error_rate, interval, scores, talk
from dualtalk.training.turns.mixtures import Person


def hum(pitch_hz: float, seconds: float = 10.0) -> np.ndarray:
    """Return a voice that anybody can tell from another: a buzz that comes and goes."""
    t = np.arange(round(seconds * 16_000)) / 16_000
    buzz = sum(np.sin(2 * np.pi * pitch_hz * k * t) / k for k in range(1, 12))
    return (0.05 * buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))).astype(np.float32)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return [Person(str(pitch), hum(pitch)) for pitch in (90, 140, 210, 300)]


def test_a_mixture_holds_both_people_and_their_turns(people: list[Person]) -> None:
    generator = np.random.default_rng(0)
    tracks = mixtures.conversation(people[0].sound, people[2].sound, 20.0, generator)
    loud = np.abs(tracks.reshape(2, -1, 640)).max(axis=2) > 0.01
    assert tracks.shape == (2, 320_000)
    assert (loud.mean(axis=1) > 0.15).all()
    assert 0 < (loud[0] & loud[1]).mean() < 0.4
    mixed = mixtures.recorded(tracks, generator)
    assert mixed.shape == (320_000,)
    assert np.isfinite(mixed).all()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_everybody_of_a_counted_recording_is_heard(people: list[Person], number: int) -> None:
    said = talk(people, number, np.random.default_rng(3))
    assert len(said) == 30 * 16_000
    assert np.abs(said.reshape(-1, 16_000)).max(axis=1).mean() > 0.01


def test_music_and_noise_are_no_silence() -> None:
    for seed in range(4):
        sound = mixtures.without_voices(2.0, np.random.default_rng(seed))
        assert sound.shape == (32_000,)
        assert sound.std() > 0.01


def test_voices_that_get_louder_are_not_others(people: list[Person]) -> None:
    """With effort, the level of one person differs from turn to turn."""

    def levels(effort_db: float) -> float:
        tracks = mixtures.conversation(
            people[0].sound, people[1].sound, 40.0, np.random.default_rng(4), effort_db
        )
        frames = np.sqrt(np.square(tracks[0].reshape(-1, 6400)).mean(axis=1))
        return float(np.std(20 * np.log10(frames[frames > 1e-3])))

    assert levels(6.0) > 1.3 * levels(0.0)


def test_the_error_rate_is_missed_false_and_confused_speech() -> None:
    truth = np.zeros((2, 100), bool)
    truth[0, :50] = truth[1, 40:90] = True
    assert error_rate(truth, truth) == 0
    missed = truth.copy()
    missed[1, 80:90] = False
    assert error_rate(missed, truth) == pytest.approx(10 / 100)
    false = truth.copy()
    false[0, 90:] = True
    assert error_rate(false, truth) == pytest.approx(10 / 100)
    assert error_rate(truth[::-1], truth) == pytest.approx(80 / 100)  # 10 frames are both's


def test_systems_are_scored_at_the_better_order() -> None:
    truth = np.zeros((2, 100), bool)
    truth[0, :50] = truth[1, 50:] = True
    found = truth[::-1].copy()
    found[:, 50:60] = found[::-1, 50:60]
    score = scores(found, truth)
    assert score.frames == score.decisions == pytest.approx(0.9)
    assert score.error_rate == pytest.approx(0.1)
    assert scores(found, truth, knows_who=True).decisions == pytest.approx(0.1)
    assert score.error_rate_collar == pytest.approx(4 / 88)


@pytest.mark.parametrize("kind", ["k-means", "spectral"])
def test_plain_clusters_tell_plain_voices_apart(kind: str) -> None:
    sound = np.concatenate([hum(90, 4), np.zeros(8000, np.float32), hum(300, 4)])
    truth = np.zeros((2, 212), bool)
    truth[0, :100] = truth[1, 112:] = True
    assert scores(by_clustering(sound, kind), truth).decisions > 0.85


def test_an_interval_holds_what_was_measured() -> None:
    truth = np.zeros((2, 1000), bool)
    truth[0, ::2] = truth[1, 1::2] = True
    found = truth.copy()
    found[:, 400:600] = found[::-1, 400:600]
    right, rate = interval(Recording("x", np.zeros(0, np.float32), truth), found)
    assert right[0] < 0.8 < right[1]
    assert rate[0] < 0.2 < rate[1]


def test_who_speaks_is_read_from_rttm(tmp_path: Path) -> None:
    (tmp_path / "x.rttm").write_text(
        "SPEAKER x 1 0.000 1.000 <NA> <NA> ANN <NA> <NA>\n"
        "SPEAKER x 1 0.800 0.400 <NA> <NA> BEN <NA> <NA>\n"
    )
    active = read_rttm(tmp_path / "x.rttm", 50)
    assert active.sum(axis=1).tolist() == [25, 10]
    assert active[:, 22].all()
