"""What happens to a voice on its way does what it says, and follows its generator."""

import numpy as np
import pytest
from dualtalk.training.speech import augmentation
from dualtalk.training.two_track.evaluation import conditions


@pytest.fixture
def track() -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal(32_000)).astype(np.float32)


def test_bands_go_and_the_rest_stays(track: np.ndarray) -> None:
    stopped = augmentation.band_stopped(track, np.random.default_rng(1))
    before, after = (np.abs(np.fft.rfft(x)) for x in (track, stopped))
    gone = after < 0.1 * before
    assert 0.005 < gone.mean() < 0.6
    np.testing.assert_allclose(after[~gone], before[~gone], rtol=1e-3)


def test_a_line_that_drops_packets_is_silent_for_moments(track: np.ndarray) -> None:
    lost = augmentation.interrupted(track, np.random.default_rng(2)) == 0
    assert 0 < lost.mean() < 0.2


def test_a_voice_cut_out_of_a_mixture_is_that_voice_with_traces(track: np.ndarray) -> None:
    t = np.arange(len(track)) / 16_000
    voice = (0.1 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    cut = augmentation.separated(voice, track, np.random.default_rng(5))
    assert cut.shape == voice.shape
    mixture = voice + track
    assert np.corrcoef(cut, voice)[0, 1] > np.corrcoef(mixture, voice)[0, 1] + 0.05
    assert not np.allclose(cut, voice, atol=1e-3)


def test_the_same_generator_gives_the_same_sound(track: np.ndarray) -> None:
    first, again, other = (
        augmentation.augmented(track, track[::-1], np.random.default_rng(seed))
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_noise_is_as_loud_against_the_voice_as_it_says() -> None:
    track = np.zeros(160_000, np.float32)
    track[64_000:] = 0.2 * np.sin(np.arange(96_000) * 0.3)
    noisy = conditions.spoilers()["white to brown noise, 10 dB"](track)
    noise = np.sqrt(np.square(noisy - track).mean())
    voice = conditions.speech_rms(track)
    assert voice == pytest.approx(0.2 / np.sqrt(2), rel=0.01)
    assert 20 * np.log10(voice / noise) == pytest.approx(10, abs=0.1)
