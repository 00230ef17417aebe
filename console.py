"""What the command line prints: a bar for each step of the work, errors as one line.

Results go to standard output, everything else to standard error: with `--json` what a pipeline
reads is one JSON document, whatever libraries print beside it.
"""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from .core.progress import Report

#: An error's line is cut here: names and messages of other libraries may be as long as they like.
MAX_CHARACTERS = 300


@contextmanager
def step(title: str) -> Iterator[Report]:
    """Show a progress bar for one step on stderr, and give the report that moves it."""
    from tqdm import tqdm

    bar_format = "{desc:<28} {bar:24} {percentage:3.0f}% {elapsed} {postfix}"
    with tqdm(total=1.0, desc=title, bar_format=bar_format, file=_errors()) as bar:

        def report(fraction: float, text: str) -> None:
            bar.n = min(max(fraction, bar.n), 1.0)
            bar.set_postfix_str(text)

        yield report
        report(1.0, "")


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
