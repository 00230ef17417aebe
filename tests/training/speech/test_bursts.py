"""Bursts and onsets are found in the sound where they are known to be."""

from ctypes.util import find_library

import numpy as np
import pytest
from dualtalk.training.speech import bursts
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.speech.phones import PHONES, Utterance, make_utterance
from dualtalk.training.two_track.evaluation.sound_lag import SoundLags, sound_lags

CLOSED = 0.03


def papa() -> Utterance:
    """Return 0.5 s of silence, a vowel, a closure whose burst is at 0.88 s, breath and a vowel."""
    names = ["SIL", "AA", "P", "AA", "SIL"]
    ends = np.array([0.5, 0.8, 0.93, 1.2, 1.5])
    sound = 0.003 * np.random.default_rng(0).standard_normal(24_000).astype(np.float32)
    t = np.arange(24_000) / 16_000
    voiced = ((t >= 0.5) & (t < 0.8)) | ((t >= 0.93) & (t < 1.2))
    sound[voiced] += 0.3 * np.sin(2 * np.pi * 120 * t[voiced])
    breath = (t >= 0.88) & (t < 0.93)
    sound[breath] *= 30
    return make_utterance(sound, names, np.append(0.0, ends[:-1]), ends, "none")


def test_a_burst_is_where_the_breath_begins() -> None:
    levels = bursts.levels_db(papa().sound)
    assert bursts.burst_s(levels, 0.8, 0.92) == pytest.approx(0.88, abs=0.008)


def test_steady_sound_has_no_burst() -> None:
    levels = bursts.levels_db(papa().sound)
    assert bursts.burst_s(levels, 0.1, 0.2) is None
    assert bursts.burst_s(levels, 2.0, 2.1) is None


def test_a_voice_begins_where_it_is_heard() -> None:
    levels = bursts.levels_db(papa().sound)
    assert bursts.onset_s(levels, 0.3, 1.0) == pytest.approx(0.5, abs=0.005)
    assert bursts.onset_s(levels, 0.1, 0.4) is None


def test_lags_are_those_of_the_lips() -> None:
    times = np.arange(38) / 25
    parted = (times > 0.44) & ((times < 0.78) | (times > 0.92)) & (times < 1.2)
    lags = sound_lags(np.where(parted, 0.4, 0.0).astype(np.float32), papa(), CLOSED)
    # Between two frames the aperture is a straight line: it leaves zero in the frame before.
    assert lags.partings == pytest.approx((0.44 - 0.5,), abs=0.01)
    assert lags.openings == pytest.approx((0.46 - 0.5,), abs=0.01)
    assert lags.releases == pytest.approx((0.92 - 0.88,), abs=0.01)


def test_lips_that_never_part_have_no_lag() -> None:
    lags = sound_lags(np.zeros(38, np.float32), papa(), CLOSED)
    assert lags == SoundLags((), (), ())


@pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")
def test_espeaks_own_event_is_the_burst() -> None:
    utterance = Espeak().speak("a paper, a puppet, appear, a pity", "en-us", 140, 50, 50)
    levels = bursts.levels_db(utterance.sound)
    off = []
    for i, phone in enumerate(utterance.phones[:-1]):
        start, end = utterance.starts[i] / 16_000, utterance.ends[i] / 16_000
        if PHONES[phone] == "P" and end - start > 0.06:
            found = bursts.burst_s(levels, start, end)
            assert found is not None
            off.append(found - start - 0.045)  # the closure that `espeak` puts before the event
    assert len(off) >= 3
    assert np.abs(off).max() < 0.015
