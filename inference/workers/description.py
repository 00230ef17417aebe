"""A worker that reads what a description of the scene directs."""

from dataclasses import asdict
from pathlib import Path
from typing import cast

from ...core.errors import DualTalkError
from ...core.jobs.requests import REQUEST_FILE, DescribeRequest, write_json
from ..description.tokens import Cast, Pronoun
from . import protocol


def main(arguments: list[str]) -> int:
    """Do the `DescribeRequest` in a job's folder."""
    folder = Path(arguments[0])
    return protocol.serve(lambda: run(DescribeRequest.read(folder / REQUEST_FILE), folder))


def run(request: DescribeRequest, folder: Path) -> None:
    """Read the description and write what it directs into the folder.

    Raises:
        DualTalkError: as loading and reading do; its step of the work is the staging.
    """
    protocol.report(0.0, "reading the description")
    from ..description.interpret import Director

    names = (request.name_a.strip() or "A", request.name_b.strip() or "B")
    pronouns = cast(tuple[Pronoun, Pronoun], (request.pronoun_a, request.pronoun_b))
    try:
        direction = Director.load().direct(request.text, Cast(names, pronouns))
    except DualTalkError as error:
        error.stage = "staging"
        raise
    write_json(folder, asdict(direction))
