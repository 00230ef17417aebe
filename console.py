"""What the command line prints: a bar for each step of the work, errors as one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from .core.progress import Report


@contextmanager
def step(title: str) -> Iterator[Report]:
    """Show a progress bar for one step on stderr, and give the report that moves it."""
    bar_format = "{desc:<28} {bar:24} {percentage:3.0f}% {elapsed} {postfix}"
    with tqdm(total=1.0, desc=title, bar_format=bar_format, file=sys.stderr) as bar:

        def report(fraction: float, text: str) -> None:
            bar.n = min(max(fraction, bar.n), 1.0)
            bar.set_postfix_str(text)

        yield report
        report(1.0, "")


def say(text: str) -> None:
    """Print a line of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Print a line for the user that is not part of the result."""
    sys.stderr.write(f"dualtalk: {text}\n")
