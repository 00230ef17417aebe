"""Moods and looks in sentences as animators write them."""

from pathlib import Path

import pytest
from dualtalk.core.directing import feelings, gaze_phrases
from dualtalk.inference.description.tokens import Cast, normalised

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("animators_sentences.tsv").read_text("utf-8").splitlines()
    if line and line[0] != "#"
]


def read(text: str) -> set[str]:
    """Return what a sentence says, as the test set writes it: "a.angry", "b.gaze=rarely"."""
    plain, _ = normalised(text, Cast())
    felt, rest = feelings.read(plain)
    looks, _ = gaze_phrases.read(rest)
    said = {f"{f.person}.{f.slider}{_when(f)}" for f in felt if f.slider != "energy"}
    said |= {f"{f.person}.{'lively' if f.amount > 0 else 'quiet'}{_when(f)}"
             for f in felt if f.slider == "energy"}  # fmt: skip
    return said | {f"{name}={value}" for name, value in looks.items()}


def _when(feeling: feelings.Feeling) -> str:
    if len(feeling.course) == 1:
        return ""
    first, last = feeling.course[0][1], feeling.course[-1][1]
    return "@first" if first > last else "@later" if last > first else "@middle"


def test_most_of_the_new_sentences_are_read_right() -> None:
    wrong = [text for text, said in ROWS if read(text) != set(said.split())]
    assert len(ROWS) >= 60
    assert len(wrong) <= 0.15 * len(ROWS), "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("She gets angry at the end.", {"a.angry@later"}),
        ("He whispers.", {"b.quiet"}),
        ("She keeps looking away.", {"a.gaze=rarely"}),
        ("He never looks away from her.", {"b.gaze=always"}),
        ("She makes him angry.", {"b.angry"}),
        ("She is not angry.", set()),
        ("They sit at a table.", set()),
        ("He is calm, she is jealous.", {"b.neutral", "a.angry", "a.sad"}),
        ("He hates her.", {"b.angry", "b.disgusted"}),
        ("She sighs.", {"a.sad", "a.quiet"}),
    ],
)
def test_readings_that_were_wrong(text: str, said: set[str]) -> None:
    assert read(text) == said


def test_what_is_felt_ends_where_another_mood_begins() -> None:
    felt, _ = feelings.read("[b] is furious but calms down in the end")
    angry = next(f for f in felt if f.slider == "angry")
    assert angry.course[-1] == (0.8, 0.0)


def test_what_is_no_feeling_stays_to_be_read() -> None:
    _, rest = feelings.read("they sit side by side , [a] is sad and leans in")
    assert "side by side" in rest
    assert "leans in" in rest
    assert "sad" not in rest


def test_left_and_right_are_where_people_are() -> None:
    text = "The man on the left is angry and she is sad"
    assert normalised(text)[0] == "[a] is angry and [b] is sad"
    assert normalised(text, Cast(left="b"))[0] == "[b] is angry and [a] is sad"
