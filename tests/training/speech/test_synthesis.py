"""Synthetic speech: the times of its phones are those of its sound."""

import shutil
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import InputError
from dualtalk.training.speech import flite
from dualtalk.training.speech.corpus import Corpus
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.speech.make import hastened
from dualtalk.training.speech.phones import PHONE_INDEX, PHONES, Utterance, make_utterance

needs_espeak = pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")
needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="no flite")


def said(utterance: Utterance) -> str:
    return " ".join(PHONES[p] for p in utterance.phones if p != PHONE_INDEX["SIL"])


def level(utterance: Utterance, phone: str) -> float:
    """Return the mean RMS of a phone in the middle half of its time."""
    values = []
    for p, start, end in zip(utterance.phones, utterance.starts, utterance.ends, strict=True):
        if PHONES[p] == phone:
            quarter = (end - start) // 4
            cut = utterance.sound[start + quarter : end - quarter]
            values.append(float(np.sqrt(np.square(cut).mean())))
    return float(np.mean(values))


@needs_espeak
def test_espeak_tells_what_it_says_and_when() -> None:
    utterance = Espeak().speak("papa puppy upper", "en-us", 160, 50, 50)
    assert said(utterance).startswith("P AA P AH P AH P IY")
    assert (np.diff(utterance.starts) >= 0).all()
    assert utterance.ends[-1] <= len(utterance.sound) + 1
    assert level(utterance, "P") < 0.3 * level(utterance, "AA")


@needs_espeak
def test_two_of_it_speak_in_turn() -> None:
    one, two = Espeak(), Espeak()
    for voice in (one, two, one):
        assert said(voice.speak("papa", "en-us", 160, 50, 50)).startswith("P AA P")


@needs_espeak
def test_espeak_names_a_voice_that_it_lacks() -> None:
    with pytest.raises(InputError, match="no voice 'xx'"):
        Espeak().speak("hello", "xx", 160, 50, 50)


def test_hastened_speech_keeps_its_pitch_and_its_phones() -> None:
    t = np.arange(32_000) / 16_000
    sound = np.sin(2 * np.pi * 440 * t) * (t > 1)
    ends = np.array([1.0, 2.0])
    slow = make_utterance(sound, ["SIL", "AA"], ends - 1, ends, "none")
    fast = hastened(slow, 1.25)
    assert len(fast.sound) == pytest.approx(25_600, abs=256)
    assert fast.starts.tolist() == [0, 12_800]
    spoken = np.abs(np.fft.rfft(fast.sound[13_600:24_800]))
    assert np.fft.rfftfreq(11_200, 1 / 16_000)[spoken.argmax()] == pytest.approx(440, abs=3)
    assert np.abs(fast.sound[:12_000]).max() < 0.05


@needs_flite
def test_flite_tells_what_it_says_and_when() -> None:
    utterance = flite.speak("papa puppy upper", "slt", 1.0, 180)
    assert "P AA P AH P AH P" in said(utterance)
    assert level(utterance, "P") < 0.5 * level(utterance, "AA")


@needs_espeak
def test_a_corpus_comes_back_from_its_file(tmp_path: Path) -> None:
    voice = Espeak()
    corpus = Corpus(tuple(voice.speak(t, "en-us", 160, 50, 50) for t in ("one", "two three")))
    corpus.save(tmp_path / "corpus.npz")
    again = Corpus.load(tmp_path / "corpus.npz")
    for before, after in zip(corpus.utterances, again.utterances, strict=True):
        assert np.abs(before.sound - after.sound).max() < 1e-4
        assert np.array_equal(before.phones, after.phones)
        assert np.array_equal(before.ends, after.ends)
        assert before.voice == after.voice
