"""A worker that converts a published checkpoint, for the preferences."""

from pathlib import Path

from ...core.jobs.requests import ImportRequest
from . import protocol


def run(request: ImportRequest, _folder: Path) -> None:
    """Convert the checkpoint.

    Raises:
        CheckpointError: the file is no published checkpoint.
    """
    protocol.report(0.1, f"converting {Path(request.source).name}")
    from ..convert import convert

    convert(Path(request.source), Path(request.target))
