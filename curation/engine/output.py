"""The folder that a run writes to, whichever engine runs."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ...core.files import atomic
from ..records import shards
from ..records.record import Row, write_files

_log = logging.getLogger(__name__)

SHARDS, CLIPS, DATASET, VERDICTS = "shards", "clips", "dualtalk_dataset", "verdicts.jsonl"
_SAID = ("clip_id", "source", "start_s", "end_s", "accepted", "reasons")


@dataclass(frozen=True)
class Counts:
    """What came of a run and those before it."""

    accepted: int
    refused: int


def prepare(folder: Path) -> None:
    """Make the folder, and delete shards that a killed run left half written.

    Raises:
        InputError: it cannot be made.
    """
    try:
        (folder / SHARDS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}): choose another.") from error
    for path in shards.files(folder / SHARDS):
        if not shards.is_whole(path):
            _log.warning("%s was not written to its end: its clips are made again.", path.name)
            path.unlink()


def write_clips(rows: Iterable[Row], folder: Path, is_dataset: bool) -> None:
    """Write the files of every clip that is taken."""
    place = folder / (DATASET if is_dataset else CLIPS)
    for row in rows:
        if row["accepted"]:
            write_files(row, place, is_dataset)


def finish(folder: Path) -> Counts:
    """Write a line of JSON for every clip that the shards hold, and count them."""
    said = sorted(
        shards.rows(folder / SHARDS, _SAID), key=lambda row: (row["source"], row["start_s"])
    )
    lines = [
        json.dumps({**row, "reasons": json.loads(row["reasons"])}, ensure_ascii=False) + "\n"
        for row in said
    ]
    with atomic(folder / VERDICTS) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
    accepted = sum(row["accepted"] for row in said)
    return Counts(accepted, len(said) - accepted)
