"""Transcripts as people write them."""

from pathlib import Path

import pytest
from dualtalk.core.errors import InputError
from dualtalk.core.speech import numbers, transcript
from dualtalk.core.speech.transcript import Line
from hypothesis import given, settings
from hypothesis import strategies as st

SRT = """1
00:00:01,000 --> 00:00:02,500
Anna: Hello, <i>Ben</i>!

2
00:00:03,000 --> 00:00:04,000
(laughs) No.
"""


def said(text: str) -> list[str]:
    return [part for word in transcript.words_of(text) for part in word.parts]


def test_names_before_colons_become_a_and_b_and_go_on() -> None:
    lines = transcript.parse("Anna: Hello.\nHow are you?\n\nBen: Fine: really.")
    assert [line.speaker for line in lines] == ["A", "A", "B"]
    assert lines[2].text == "Fine: really."
    assert [line.speaker for line in transcript.parse("B: yes\nA: no")] == ["B", "A"]
    assert transcript.parse("just words")[0].speaker == ""


def test_words_are_letters_and_what_is_not_said_is_left_out() -> None:
    assert said("Hello, [door] (sighs) *bang* \u201cworld\u201d!") == ["hello", "world"]
    assert said("Don\u2019t\u2014caf\u00e9 & co.") == ["don't", "cafe", "and", "co"]
    assert said("It cost 1,250 in 1984, 50%.") == [
        *("it", "cost", "one", "thousand", "two", "hundred", "fifty"),
        *("in", "nineteen", "eighty", "four", "fifty", "percent"),
    ]
    assert said("\u2026 \u2013 !?") == []


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("0", "zero"), ("007", "zero zero seven"), ("13", "thirteen"), ("1905", "nineteen oh five"),
        ("1900", "nineteen hundred"), ("2026", "two thousand twenty six"),
        ("1000000", "one million"),
    ],
)  # fmt: skip
def test_numbers_are_said(digits: str, words: str) -> None:
    assert numbers.spoken(digits) == words.split()


def test_subtitles_have_times(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text(SRT)
    first, second = transcript.read(path)
    assert first == Line("Hello, <i>Ben</i>!", "A", 1.0, 2.5)
    assert (second.speaker, second.start_s) == ("", 3.0)
    assert [word.text for word in transcript.words_of(second.text)] == ["No."]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "no words"), ("(nothing) \u4f60\u597d", "no words"),
        ("A: a\nB: b\nC: c", "names 3 people"), ("a " * 50_001, "50,000"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(text: str, wrong: str) -> None:
    with pytest.raises(InputError, match=wrong):
        transcript.parse(text)


def test_bad_files_are_said(tmp_path: Path) -> None:
    for name, content, wrong in (
        ("a.srt", b"1\n00:00:05,000 --> 00:00:01,000\nhi\n", "do not run on"),
        ("b.srt", b"hello", "no subtitles"),
        ("c.txt", b"\xff\xfe\x00", "UTF-8"),
        ("d.docx", b"", "no transcript"),
        ("e.txt", b"a" * (transcript.MOST_BYTES + 1), "more than 1048576 bytes"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=wrong):
            transcript.read(tmp_path / name)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            ["A: ", "Anna:", "\n\n", "00:00:01,000 --> 00:00:02,000\n", "-->", "99:99:99,9",
             "(", "]", "12", "1,000,000,000,000,000", "\u0660", "%", "don't ", "e\u0301",
             "<i>", ":", "\x00"]
        )
        | st.text(max_size=8),
        max_size=30,
    )
)  # fmt: skip
def test_whatever_is_typed_is_read_or_refused_in_a_sentence(parts: list[str]) -> None:
    try:
        lines = transcript.of_text("".join(parts))
    except InputError:
        return
    for line in lines:
        for word in transcript.words_of(line.text):
            assert word.parts
            assert all(part.strip("abcdefghijklmnopqrstuvwxyz'") == "" for part in word.parts)
