"""Corrections of words outlive another alignment where the word is said again."""

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.speech import corrections, words
from dualtalk.core.speech.heard import Heard, fingerprint, outdated
from dualtalk.core.speech.words import Phone, SpokenWord, Words


def said(start_s: float = 0.0, stretch: float = 1.0) -> Words:
    """Return "one two three four", half a second each with a pause after it."""
    found = []
    for index, (text, phones) in enumerate(
        [("one", "W AH N"), ("two", "T UW"), ("three", "TH R IY"), ("four", "F AO R")]
    ):
        begin = start_s + index * 0.7 * stretch
        edges = np.linspace(begin, begin + 0.5 * stretch, len(phones.split()) + 1)
        found.append(
            SpokenWord(
                text,
                tuple(
                    Phone(name, float(a), float(b))
                    for name, (a, b) in zip(phones.split(), pairwise(edges), strict=True)
                ),
            )
        )
    return tuple(found)


def names(word: SpokenWord) -> list[str]:
    return [phone.name for phone in word.phones]


def test_nothing_was_corrected() -> None:
    again = corrections.again(said(), said(), said(1.0))
    assert again == corrections.Again(said(1.0), 0, ())


@pytest.mark.parametrize("start", [0.0, 0.4, 3.0])
def test_every_kind_of_correction_is_made_again_in_a_sound_that_begins_later(start: float) -> None:
    corrected = words.with_text(said(), 1, "too", ["T", "UH"])
    corrected = words.with_edge(corrected, 1, 0.25)  # within "one"
    corrected = words.without(corrected, 3)
    corrected = words.with_word(corrected, SpokenWord("oh", (Phone("OW", 1.93, 2.05),)))
    again = corrections.again(said(), corrected, said(start))
    assert [word.text for word in again.words] == ["one", "too", "three", "oh"]
    assert names(again.words[1]) == ["T", "UH"]
    assert again.words[0].phones[1].start_s == pytest.approx(start + 0.25)
    assert again.words[3].start_s == pytest.approx(start + 1.93)
    assert again.n_kept == 4
    assert again.lost == ()


def test_edges_follow_a_word_that_is_said_a_little_slower() -> None:
    corrected = words.with_edge(said(), 1, 0.25)
    again = corrections.again(said(), corrected, said(stretch=1.2))
    assert again.words[0].phones[1].start_s == pytest.approx(0.3)


def test_what_does_not_fit_is_said() -> None:
    corrected = words.with_edge(said(), 1, 0.25)
    corrected = words.with_text(corrected, 2, "free", ["F", "R", "IY"])
    new = said(stretch=2.0)
    again = corrections.again(said(), corrected, new)
    assert again.words[0] == new[0]
    assert names(again.words[2]) == ["F", "R", "IY"]  # how it is said fits at any speed
    assert again.lost == ("one is said otherwise now: its edges were left as heard",)
    gone = corrections.again(said(), corrected, new[:2])
    assert "three is not said any more" in gone.lost


def test_another_transcript_keeps_what_both_say() -> None:
    corrected = words.with_text(said(), 2, "free", ["F", "R", "IY"])
    new = (SpokenWord("well", (Phone("W", 0.0, 0.2),)), *said(0.3))
    again = corrections.again(said(), corrected, new)
    assert [word.text for word in again.words] == ["well", "one", "two", "free", "four"]


def test_a_correction_that_the_transcript_has_by_now_is_there_once() -> None:
    corrected = words.with_text(said(), 2, "free", ["F", "R", "IY"])
    again = corrections.again(said(), corrected, corrected)
    assert again.words == corrected
    assert again.lost == ()


def test_words_stay_in_order() -> None:
    corrected = words.with_edge(said(), 2, 0.68)
    corrected = words.with_end(corrected, 2, 0.69)
    crowded = [
        SpokenWord(w.text, tuple(Phone(p.name, p.start_s * 0.75, p.end_s * 0.75) for p in w.phones))
        for w in said()
    ]
    again = corrections.again(said(), corrected, tuple(crowded))
    flat = words.phones_of(again.words)
    assert all(a.end_s <= b.start_s + 1e-6 for a, b in pairwise(flat))
    assert all(p.end_s >= p.start_s for p in flat)


def test_an_hour_of_words_is_quick() -> None:
    hour = tuple(word for minute in range(1300) for word in said(minute * 2.8))
    corrected = words.with_text(hour, 700, "x", ["EH", "K", "S"])
    began = time.process_time()
    assert corrections.again(hour, corrected, hour).n_kept == 1
    assert time.process_time() - began < 3


def test_another_sound_puts_all_words_out_of_date(tmp_path: Path) -> None:
    a, b = tmp_path / "a.wav", tmp_path / "b.wav"
    a.write_bytes(b"1" * 300_000)
    b.write_bytes(b"1" * 299_999 + b"2")
    assert fingerprint(a) != fingerprint(b)
    b.write_bytes(a.read_bytes())
    assert fingerprint(a) == fingerprint(b)  # a copy, or the same file elsewhere
    assert fingerprint(tmp_path / "none.wav") == ""
    assert outdated(said(), Heard("1"), Heard("2")) == {0, 1, 2, 3}
    assert outdated(said(), Heard("1"), Heard("1")) == set()
    assert outdated(said(), Heard(""), Heard("2")) == set()  # of an older version


def test_changed_turns_put_words_under_them_out_of_date() -> None:
    then = Heard("1", ((0.0, 5.0),))
    assert outdated(said(), then, Heard("1", ((0.0, 0.6), (1.3, 5.0)))) == {1}
    assert outdated(said(), then, Heard("1", ())) == {0, 1, 2, 3}
    assert outdated(said(), then, Heard("1", ((0.02, 5.1),))) == set()
    assert outdated(said(), then, Heard("1", None)) == set()
    assert Heard.from_text(then.to_text()) == then
    assert Heard.from_text("nonsense") == Heard()
