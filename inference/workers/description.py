"""A worker that reads what a description of the scene directs.

It computes on the CPU whatever device is chosen: a sentence takes it less time than a graphics
card to start.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Literal, cast

from ...core.jobs.requests import DescribeRequest
from ...core.jobs.results import write_json
from ..description.tokens import Cast, Pronoun
from . import protocol


def run(request: DescribeRequest, folder: Path) -> None:
    """Read the description and write what it directs into the folder.

    Raises:
        DualTalkError: as loading and reading do; its step of the work is the staging.
    """
    protocol.report(0.0, "reading the description")
    names = (request.name_a.strip() or "A", request.name_b.strip() or "B")
    pronouns = cast(tuple[Pronoun, Pronoun], (request.pronoun_a, request.pronoun_b))
    with protocol.stage("staging"):
        from ..description.interpret import Director

        left = cast(Literal["a", "b"], request.left)
        direction = Director.load().direct(request.text, Cast(names, pronouns, left))
        write_json(folder, asdict(direction))
