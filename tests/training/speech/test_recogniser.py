"""Labels of real speech by machine: words heard, phones aligned, pauses cut out of phones."""

from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pocketsphinx")
from dualtalk.training.speech import recogniser, transcripts
from dualtalk.training.speech.aligner_accuracy import accuracy
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.speech.phones import PHONES
from dualtalk.training.two_track.evaluation import conditions

SHARED = Path(__file__).resolve().parents[4] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared")


def test_a_pause_is_cut_out_of_the_phone_before_it() -> None:
    sound = np.zeros(16_000, np.float32)
    sound[:4_800] = 0.1 * np.random.default_rng(0).standard_normal(4_800)
    found = recogniser.with_pauses(sound, [("AA", 0, 10), ("N", 10, 80), ("SIL", 80, 100)])
    assert found == [("AA", 0, 10), ("N", 10, 30), ("SIL", 30, 80), ("SIL", 80, 100)]


def test_plain_words_keep_apostrophes() -> None:
    assert recogniser.plain_words("Don't stop, now!") == "don't stop now"


def test_a_name_that_the_dictionary_lacks_is_aligned() -> None:
    pytest.importorskip("pocketsphinx")
    if find_library("espeak-ng") is None:
        pytest.skip("no libespeak-ng")
    spoken = Espeak().speak("we saw northanger again", "en-us", 150, 50, 50)
    found = recogniser.align(spoken.sound, "we saw northanger again", "name")
    assert found is not None
    said = [PHONES[p] for p in found.phones if PHONES[p] != "SIL"]
    assert "TH AE NG" in " ".join(said)


def test_every_transcript_has_words_of_letters() -> None:
    texts = transcripts.load()
    assert len(texts) == 251
    for name, text in texts.items():
        assert text, name
        assert recogniser.plain_words(text) == text, name


@needs_shared
def test_every_reading_is_aligned_and_its_phones_are_in_order() -> None:
    utterances = conditions.aligned_reading(SHARED)
    assert len(utterances) == 4
    for utterance in utterances:
        assert (np.diff(utterance.starts) >= 0).all()
        assert (utterance.ends > utterance.starts).all()
    said = [PHONES[p] for p in utterances[1].phones if PHONES[p] != "SIL"]
    assert said[:8] == ["IH", "N", "B", "IY", "IH", "NG", "K", "AH"]


@pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")
def test_phones_are_aligned_where_they_are_said() -> None:
    rows = []
    for text in ("my puppy met a fabulous beaver by the pump", "we were told that bob may jump"):
        said = Espeak().speak(text, "en-us+f2", 150, 50, 50)
        found = recogniser.align(said.sound, text, "voice")
        assert found is not None
        rows.append(accuracy(said, found))
    assert np.mean([row.closures_f1 for row in rows]) > 0.7
    assert np.mean([row.frames_right for row in rows]) > 0.7
