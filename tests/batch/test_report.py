"""The report ranks shots by their most doubtful line, names the lines, and says what failed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from dualtalk.batch import making, report
from dualtalk.batch.analysis import Analysis
from dualtalk.batch.pool import Outcome
from dualtalk.batch.quality import Line
from dualtalk.batch.shot import Shot

from .conftest import MakeShot, at_rest

#: Lines: speaker, start and end in s, then unsure, clipped, bleeding, p b m, and open of these.
GOOD = Line("A", 0, 1, 0, 0, 0, 0, 0)
UNSURE = Line("B", 1, 2, 0.9, 0, 0, 0, 0)
WORSE = Line("A", 2, 3.5, 0.9, 0.01, 0.8, 0, 0)


@pytest.fixture
def outcomes(make_shot: MakeShot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """Three shots that were made, the second the most doubtful, and one that failed."""
    found = {"calm": (GOOD,), "bad": (GOOD, WORSE), "odd": (UNSURE,)}

    def analyse(shot: Shot, *_: object) -> Analysis:
        return replace(at_rest(shot), lines=found[shot.name])

    monkeypatch.setattr(making.analysis, "analyse", analyse)
    shots = [make_shot(name) for name in found]
    for shot in shots:
        making.make(shot, tmp_path / "work")
    failed = Outcome(make_shot("lost"), "failed", "lost_a.wav does not exist.")
    return [*(Outcome(shot, "made", took_s=2.0) for shot in shots), failed]


def test_shots_are_ranked_by_their_worst_line(outcomes: list[Outcome]) -> None:
    facts = report.facts(outcomes)
    assert facts["counts"] == {"made": 3, "current": 0, "failed": 1}
    ranks = {row["shot"]: row["rank"] for row in facts["shots"]}
    assert ranks == {"calm": None, "bad": 1, "odd": 2, "lost": None}
    first = facts["look_at_first"][0]
    assert (first["shot"], first["speaker"], first["start_s"]) == ("bad", "A", 2)
    doubts = [line["doubt"] for line in facts["look_at_first"]]
    assert doubts == sorted(doubts, reverse=True)
    assert json.loads(json.dumps(facts)) == facts


def test_the_table_has_the_ranks_and_names_the_lines(outcomes: list[Outcome]) -> None:
    lines = report.table(report.facts(outcomes))
    assert lines[0].split() == ["shot", "state", "length", "took", "doubt", "rank", "note"]
    rows = {line.split()[0]: line.split() for line in lines[1:5]}
    assert rows["calm"][1:7] == ["made", "2.0", "s", "2.0", "s", "0.00"]
    assert rows["calm"][7] == "-"
    assert rows["bad"][7] == "1"
    assert rows["odd"][7] == "2"
    assert lines[4].endswith("lost_a.wav does not exist.")
    assert lines[5] == "Look at these lines first:"
    assert lines[6].startswith("  bad A 2.0-3.5 s: ")
    assert lines[-1] == "3 made, 1 failed"


def test_what_is_current_keeps_its_rank(outcomes: list[Outcome]) -> None:
    """A second run makes nothing; what is doubtful stands in the manifests."""
    again = [replace(each, state="current", facts={}) for each in outcomes[:3]]
    ranks = {row["shot"]: row["rank"] for row in report.facts(again)["shots"]}
    assert ranks == {"calm": None, "bad": 1, "odd": 2}
