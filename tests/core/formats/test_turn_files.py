"""Turns in the files of other tools: written, read back, and told when they are something else."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.conversation.turns import Utterance
from dualtalk.core.errors import InputError
from dualtalk.core.formats import turn_files

SHARED = Path(__file__).resolve().parents[4] / "shared" / "conversations"
TURNS = [Utterance("B", 0.2, 1.4), Utterance("A", 1.3, 3723.456), Utterance("B", 3724.0, 3725.5)]


@pytest.mark.parametrize("suffix", turn_files.SUFFIXES)
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"talk{suffix}"
    turn_files.write(path, TURNS, "my talk")
    read, names = turn_files.read(path)
    assert names == ("A", "B")
    assert [u.speaker for u in read] == ["B", "A", "B"]
    for one, other in zip(read, TURNS, strict=True):
        assert (one.start_s, one.end_s) == pytest.approx((other.start_s, other.end_s), abs=1e-3)


def test_the_first_to_speak_is_a(tmp_path: Path) -> None:
    (tmp_path / "t.srt").write_text(
        "1\r\n00:00:04,000 --> 00:00:05,000\r\nAnn: Hello: you?\r\n\r\n"
        "2\r\n00:00:01.5 --> 00:00:02.250\r\nBob Smith: Well.\r\nStill Bob.\r\n"
    )
    read, names = turn_files.read(tmp_path / "t.srt")
    assert names == ("Bob Smith", "Ann")
    assert read == [Utterance("A", 1.5, 2.25), Utterance("B", 4.0, 5.0)]


def test_frames_are_those_of_the_turns() -> None:
    frames = turn_files.as_frames([Utterance("A", 0.2, 0.4), Utterance("B", 0.39, 0.391)], 20)
    assert np.flatnonzero(frames[0]).tolist() == [5, 6, 7, 8, 9]
    assert np.flatnonzero(frames[1]).tolist() == [10]  # short is not nothing


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("t.txt", "A 1 2", "give .rttm, .srt, .csv"),
        ("t.rttm", "SPEAKER x 1 zero 1 <NA> <NA> A <NA> <NA>\n", "no RTTM"),
        ("t.rttm", "SPEAKER x 1\n", "no RTTM"),
        ("t.rttm", "", "no turns"),
        ("t.rttm", "SPEAKER x 1 5 -2 <NA> <NA> A <NA> <NA>\n", "do not run on"),
        ("t.rttm", "SPEAKER x 1 nan 2 <NA> <NA> A <NA> <NA>\n", "do not run on"),
        ("t.csv", "who,from\nA,1\n", "lacks the column speaker"),
        ("t.csv", "speaker,start_s,end_s\nA,1,2\nB,2,3\nC,3,4\n", "names 3 people"),
        ("t.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n", "begin with a name"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=says):
        turn_files.read(tmp_path / name)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/conversations")
def test_real_meetings_are_read_or_said_to_hold_more_people() -> None:
    said = []
    for path in sorted(SHARED.glob("*.rttm")):
        try:
            said.append(len(turn_files.read(path)[1]))
        except InputError as error:
            assert "people" in str(error)  # noqa: PT017 - some have two and some more
            said.append(3)
    assert 2 in said
    assert 3 in said
