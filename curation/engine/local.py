"""The stages over many videos on this machine, one after the other, in this process."""

import time
from collections.abc import Sequence
from pathlib import Path

from ..options import Options
from ..pipeline import landmarker_of, rows_of
from ..records import shards
from ..records.record import Row
from ..sources import Source
from . import memory, output

#: A shard is written after so many clips or so many seconds; a kill loses no more.
_MOST_ROWS, _MOST_S = 64, 60.0


def run(
    sources: Sequence[Source],
    folder: Path,
    options: Options,
    is_dataset: bool = False,
    most_rows: int = _MOST_ROWS,
) -> output.Counts:
    """Work on every clip that no shard holds yet; a shard is written after `most_rows`.

    Raises:
        InputError: the folder cannot be made, or the file of a model is not there or is another.
    """
    memory.save_memory()
    output.prepare(folder)
    done = shards.done(folder / output.SHARDS)
    waiting: list[Row] = []
    began = time.monotonic()
    with landmarker_of(options) as landmarker:
        for source in sources:
            for row in rows_of(source.path, source.name, landmarker, options, done):
                memory.after_clip()
                waiting.append(row)
                if len(waiting) >= most_rows or time.monotonic() - began > _MOST_S:
                    _keep(waiting, folder, is_dataset)
                    waiting, began = [], time.monotonic()
    _keep(waiting, folder, is_dataset)
    return output.finish(folder)


def _keep(rows: Sequence[Row], folder: Path, is_dataset: bool) -> None:
    """Write the files of the clips first, and then the shard that says they are done."""
    if not rows:
        return
    output.write_clips(rows, folder, is_dataset)
    shards.write(rows, folder / output.SHARDS / f"{rows[0]['clip_id']}.parquet")
