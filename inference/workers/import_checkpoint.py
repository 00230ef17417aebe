"""A worker that converts a published checkpoint, for the preferences."""

from pathlib import Path

from ...core.jobs.requests import REQUEST_FILE, ImportRequest
from . import protocol


def main(arguments: list[str]) -> int:
    """Do the `ImportRequest` in a job's folder."""
    folder = Path(arguments[0])
    return protocol.serve(lambda: run(ImportRequest.read(folder / REQUEST_FILE)))


def run(request: ImportRequest) -> None:
    """Convert the checkpoint.

    Raises:
        CheckpointError: the file is no published checkpoint.
    """
    protocol.report(0.1, f"converting {Path(request.source).name}")
    from ..convert import convert

    convert(Path(request.source), Path(request.target))
