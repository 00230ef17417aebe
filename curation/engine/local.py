"""The stages over many videos on this machine, one after the other, in this process."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ...core.files import atomic
from ..faces.landmarker import Landmarker
from ..options import Options
from ..pipeline import judged
from ..sources import Source
from ..verdicts import Verdict


@dataclass(frozen=True)
class Counts:
    """What came of a run."""

    accepted: int
    refused: int


def run(sources: Sequence[Source], output: Path, options: Options) -> Counts:
    """Work on every video and write `verdicts.jsonl`.

    Raises:
        InputError: the folder cannot be made, or the face model is not there.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{output} cannot be made ({error.strerror}): choose another.") from error
    verdicts: list[Verdict] = []
    with Landmarker(options.task_file) as landmarker:
        for source in sources:
            verdicts += [
                found[0] for found in judged(source.path, source.name, landmarker, options)
            ]
    write_verdicts(output, verdicts)
    accepted = sum(verdict.is_accepted for verdict in verdicts)
    return Counts(accepted, len(verdicts) - accepted)


def write_verdicts(output: Path, verdicts: Sequence[Verdict]) -> None:
    """Write a line of JSON for every clip."""
    lines = [json.dumps(verdict.as_json(), ensure_ascii=False) + "\n" for verdict in verdicts]
    with atomic(output / "verdicts.jsonl") as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
