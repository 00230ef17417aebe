"""Progress of long work: one channel that every slow function reports through."""

from typing import Protocol


class Report(Protocol):
    """Take note of progress; raise `CancelledError` to stop the work."""

    def __call__(self, fraction: float, text: str) -> None:
        """Say that `fraction` (0 to 1) of the work is done and what is being done now."""


def silent(fraction: float, text: str) -> None:
    """Report to nobody."""


def part_of(report: Report, start: float, end: float) -> Report:
    """Return a report for a part of the work, which runs from `start` to `end` of the whole."""

    def report_part(fraction: float, text: str) -> None:
        report(start + (end - start) * fraction, text)

    return report_part
