"""Who does which job: a new one is a request, a function and a row here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.jobs.picture import PictureRequest
from ...core.jobs.request import JsonRequest
from ...core.jobs.requests import (
    CheckRequest,
    DescribeRequest,
    GenerateRequest,
    ImportRequest,
    InstallRequest,
    TurnsRequest,
)
from ...core.jobs.words import WordsRequest
from . import (
    check,
    description,
    environment,
    generate,
    import_checkpoint,
    picture,
    protocol,
    turns,
    words,
)

#: What is asked, and what does it with the request and the job's folder.
JOBS: dict[type[JsonRequest], Callable[[Any, Path], None]] = {
    GenerateRequest: generate.run,
    TurnsRequest: turns.run,
    PictureRequest: picture.run,
    WordsRequest: words.run,
    DescribeRequest: description.run,
    CheckRequest: check.run,
    ImportRequest: import_checkpoint.run,
    InstallRequest: environment.run,
}


def do(job: str, folder: Path) -> int:
    """Do the job of this name whose request lies in the folder; return the exit code."""
    request, run = next(row for row in JOBS.items() if row[0].job == job)
    return protocol.serve(request, run, folder)
