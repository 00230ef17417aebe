"""What the command line prints: a bar for each step of the work, errors as one line.

Results go to standard output, everything else to standard error: with `--json` what a pipeline
reads is one JSON document, whatever libraries print beside it.
"""

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from .core.progress import Report

#: An error's line is cut here: names and messages of other libraries may be as long as they like.
MAX_CHARACTERS = 300


@contextmanager
def step(title: str) -> Iterator[Report]:
    """Show a progress bar for one step on stderr, and give the report that moves it."""
    bar = _Bar(title, _errors())
    bar.show(0.0, "")
    try:
        yield bar.show
        bar.end()
    finally:
        bar.close()


class _Bar:
    """A line that grows on a terminal; in a log, a line of its own every ten seconds.

    Written here because Blender's Python has no library for it.
    """

    _WIDTH, _TERMINAL_S, _LOG_S = 24, 0.1, 10.0

    def __init__(self, title: str, stream: TextIO) -> None:
        self._title, self._stream = title, stream
        self._is_terminal = stream.isatty()
        self._full = "█" if "utf" in (stream.encoding or "").lower() else "#"
        self._start = time.monotonic()
        self._fraction, self._shown_s, self._length = 0.0, -self._LOG_S, 0

    def show(self, fraction: float, text: str) -> None:
        """Move it on, never back; drawn no more often than is of use."""
        self._fraction = min(max(fraction, self._fraction), 1.0)
        now = time.monotonic() - self._start
        if now - self._shown_s >= (self._TERMINAL_S if self._is_terminal else self._LOG_S):
            self._shown_s = now
            self._write(self._line(now, text))

    def end(self) -> None:
        """Show that all is done."""
        self._fraction = 1.0
        self._write(self._line(time.monotonic() - self._start, ""))

    def close(self) -> None:
        """Leave the line, so that what comes next stands below it."""
        if self._is_terminal:
            self._put("\n")

    def _line(self, seconds: float, text: str) -> str:
        bar = self._full * round(self._fraction * self._WIDTH)
        clock = f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
        shown = " ".join(text.split())[:60]
        line = f"{self._title:<28} {bar:<{self._WIDTH}} {self._fraction:4.0%} {clock} {shown}"
        return _printable(line.rstrip())

    def _write(self, line: str) -> None:
        if self._is_terminal:
            self._put("\r" + line.ljust(self._length))
            self._length = len(line)
        else:
            self._put(line + "\n")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody is there to read it
            self._stream.write(text)
            self._stream.flush()


def say(text: str) -> None:
    """Print a line of the result; a name that is no text is shown with its bytes escaped."""
    if sys.stdout is not None:  # it is closed: nobody is there to read it
        sys.stdout.write(f"{_printable(text)}\n")
        sys.stdout.flush()


def say_json(facts: Mapping[str, object]) -> None:
    """Print a result as one JSON document."""
    say(json.dumps(facts, indent=2))


def complain(text: str) -> None:
    """Print a line for the user that is not part of the result."""
    line = " ".join(text.split())
    shown = line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 1]}…"
    with contextlib.suppress(OSError, ValueError):  # nobody is there to read it
        _errors().write(f"dualtalk: {_printable(shown)}\n")


def log_to_errors(is_verbose: bool) -> None:
    """Send our own log to standard error: warnings, or everything."""
    handler = logging.StreamHandler(_errors())
    handler.setFormatter(logging.Formatter("dualtalk: %(message)s"))
    log = logging.getLogger(__package__)
    log.handlers = [handler]
    log.setLevel(logging.INFO if is_verbose else logging.WARNING)


@contextmanager
def libraries_on_errors() -> Iterator[None]:
    """Send what Blender's library writes past `sys.stdout` to standard error."""
    try:
        saved = os.dup(1)
    except OSError:  # standard output is closed
        yield
        return
    if sys.stdout is None:
        yield
        os.close(saved)
        return
    sys.stdout.flush()
    try:
        os.dup2(2, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)


def _errors() -> TextIO:
    """Return standard error, or a place for what nobody will read."""
    return sys.stderr if sys.stderr is not None else open(os.devnull, "w", encoding="utf-8")


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
