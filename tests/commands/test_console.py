"""The bar of a step: it grows on a terminal, and in a log it is a line now and then."""

import importlib
import io
import sys

import pytest
from dualtalk import console
from dualtalk.core.errors import InputError


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stream = Terminal()
    monkeypatch.setattr(console, "_errors", lambda: stream)
    monkeypatch.setattr(console._Bar, "_TERMINAL_S", 0.0)
    return stream


def test_on_a_terminal_it_grows_in_place_and_never_shrinks(terminal: Terminal) -> None:
    with console.step("Predicting") as report:
        report(0.5, "window 1 of 2")
        report(0.25, "again")
        report(2.0, "too much")
    written = terminal.getvalue()
    states = [line.rstrip() for line in written.rstrip("\n").split("\r")]
    assert states[0] == ""
    assert [line.count("█") for line in states[1:]] == [0, 12, 12, 24, 24]
    assert "50% 00:00 window 1 of 2" in states[2]
    assert states[-1].endswith("100% 00:00")
    assert written.endswith("\n")
    assert written.count("\n") == 1
    widths = [len(line) for line in written.rstrip("\n").split("\r")[2:]]
    assert widths[1] == widths[0]  # what was longer is written over


def test_in_a_log_it_is_the_beginning_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with console.step("Predicting") as report:
        for index in range(100):
            report(index / 100, f"window {index}")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].split() == ["Predicting", "0%", "00:00"]
    assert lines[1].endswith("100% 00:00")


def test_work_that_fails_is_not_shown_as_done(terminal: Terminal) -> None:
    def work() -> None:
        with console.step("Predicting") as report:
            report(0.5, "")
            raise InputError("no sound")

    with pytest.raises(InputError, match="no sound"):
        work()
    assert "100%" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")


def test_it_needs_no_library_that_blenders_python_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    again = importlib.reload(console)
    with again.step("Predicting") as report:
        report(1.0, "")


def test_a_closed_terminal_stops_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(console, "_errors", lambda: stream)
    done = []
    with console.step("Predicting") as report:
        stream.close()
        report(0.5, "on")
        done.append(True)
    assert done
