"""Words of the demo dialogue, found by the network that ships."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.core.errors import InputError
from dualtalk.core.jobs.words import WordsRequest, write
from dualtalk.core.paths import ASSETS
from dualtalk.core.speech import pronouncing, transcript
from dualtalk.core.speech.transcript import Line
from dualtalk.inference.speech import recognising
from dualtalk.inference.speech.finding import find_words, peaks

TEXT = "Anna: Good morning! Did you hear about the bridge?\nBen: No, what happened?"


@pytest.fixture(scope="module")
def tracks() -> np.ndarray:
    """Return the first six seconds of both voices."""
    paths = (ASSETS / "demo_speaker1.flac", ASSETS / "demo_speaker2.flac")
    return np.stack([soundfile.read(path, dtype="float32")[0][:96_000] for path in paths])


def test_words_are_where_they_are_said(tracks: np.ndarray, tmp_path: Path) -> None:
    found = find_words(tracks, transcript.parse(TEXT))
    first, second = found.words
    assert [word.text for word in first][:3] == ["Good", "morning!", "Did"]
    begins = np.argmax(np.abs(tracks) > 0.05, axis=1) / 16_000
    assert first[0].start_s == pytest.approx(begins[0], abs=0.08)
    assert second[0].start_s == pytest.approx(begins[1], abs=0.08)
    assert first[-1].end_s < second[0].start_s  # Ben answers
    assert min(word.fit for word in first) > 0.1
    assert not found.notes
    write(tmp_path, found)
    read = WordsRequest("a.wav").result(tmp_path)
    assert [w.text for w in read.words[1]] == ["No,", "what", "happened?"]
    assert len(read.peaks[0]) == 300
    assert read.peaks[0].max() == 255


def test_a_mixed_recording_and_subtitles_give_the_same(tracks: np.ndarray) -> None:
    apart = find_words(tracks, transcript.parse(TEXT))
    mixed = find_words(tracks.mean(axis=0, keepdims=True), transcript.parse(TEXT))
    timed = find_words(tracks, [Line("Good morning! Did you hear about the bridge?", "", 0.3, 3.0)])
    for one in (mixed, timed):
        starts = [word.start_s for word in one.words[0]]
        assert starts == pytest.approx([word.start_s for word in apart.words[0]], abs=0.05)


def test_what_is_not_said_is_named(tracks: np.ndarray) -> None:
    found = find_words(tracks, [Line("Good morning purple elephant balloons", "A")])
    assert "fit the sound badly" in found.notes[0]


def test_loudness_is_of_every_moment() -> None:
    track = np.zeros(16_000, np.float32)
    track[8_000:8_100] = -0.5
    assert np.flatnonzero(peaks(track)).tolist() == [25]


@pytest.mark.parametrize(
    ("word", "phones"),
    [("bridge", "B R IH JH"), ("boats", "B OW T S"), ("through", "TH R UW"), ("b", "B IY"),
     ("nbc", "EH N B IY S IY"), ("mhm", "M HH M")],
)  # fmt: skip
def test_words_are_pronounced(word: str, phones: str) -> None:
    assert " ".join(pronouncing.bundled().of(word)) == phones


def test_whatever_is_typed_has_phones() -> None:
    known = pronouncing.bundled()
    for word in ("'", "x", "zzzz", "a" * 500, "qu", "hm"):
        assert known.of(word)


def test_words_are_recognised_where_a_recogniser_is(tracks: np.ndarray) -> None:
    if not recognising.is_there():
        pytest.skip("needs pocketsphinx")
    lines = recognising.recognise(tracks)
    assert [line.speaker for line in lines][:2] == ["A", "B"]
    assert "hear about the bridge" in lines[0].text
    with pytest.raises(InputError, match="a track for each person"):
        recognising.recognise(tracks[:1])
    with pytest.raises(InputError, match="No words were recognised"):
        recognising.recognise(np.zeros_like(tracks))


def test_without_a_recogniser_it_says_what_to_install(
    tracks: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognising, "_PACKAGE", "no_such_recogniser")
    with pytest.raises(InputError, match="install no_such_recogniser"):
        recognising.recognise(tracks)
