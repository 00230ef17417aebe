"""Shards of Parquet: the record of what is done, and what training reads.

A clip is done when a shard holds its row. Shards are written whole or not at all, so a run that was
killed goes on by leaving out what they hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.damage import DAMAGE, short
from ...core.errors import InputError
from ...core.files import atomic
from .record import Result, Row, result_of


def schema() -> Any:
    """Return the columns of a shard."""
    arrow = _arrow()
    text, binary = arrow.string(), arrow.large_binary()
    kinds = {
        "clip_id": text, "source": text, "start_s": arrow.float64(), "end_s": arrow.float64(),
        "accepted": arrow.bool_(), "reasons": text, "speaker1": binary, "speaker2": binary,
        "sound": binary, "turns": binary, "staging": text,
    }  # fmt: skip
    return arrow.schema(list(kinds.items()))


def write(rows: Sequence[Row], path: Path) -> None:
    """Write rows as one shard."""
    from pyarrow import parquet

    table = _arrow().Table.from_pylist(list(rows), schema=schema())
    with atomic(path) as temporary:
        # A group a row: training reads one clip without those beside it.
        parquet.write_table(table, temporary, compression="zstd", row_group_size=1)


def files(folder: Path) -> list[Path]:
    """Return the shards of a folder, in the order of names."""
    return sorted(folder.glob("*.parquet"))


def is_whole(path: Path) -> bool:
    """Tell whether a shard was written to its end."""
    from pyarrow import parquet

    try:
        parquet.ParquetFile(path).close()
    except DAMAGE:
        return False
    return True


def done(folder: Path) -> set[str]:
    """Return the clips that the shards hold.

    Raises:
        InputError: a shard is damaged.
    """
    return {row["clip_id"] for path in files(folder) for row in _read(path, ["clip_id"])}


def rows(folder: Path, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """Yield every row of a folder's shards.

    Raises:
        InputError: a shard is damaged.
    """
    for path in files(folder):
        yield from _read(path, None if columns is None else list(columns))


def results(folder: Path) -> Iterator[tuple[str, Result]]:
    """Yield every clip that is taken: its name and what was made of it."""
    for row in rows(folder):
        if row["accepted"]:
            yield row["clip_id"], result_of(row)


@dataclass(frozen=True)
class Place:
    """Where a row lies."""

    path: Path
    row: int


def taken(folder: Path) -> list[Place]:
    """Return where the clips are that were taken, in the order of files and rows.

    Raises:
        InputError: a shard is damaged.
    """
    return [
        Place(path, number)
        for path in files(folder)
        for number, row in enumerate(_read(path, ["accepted"]))
        if row["accepted"]
    ]


def result_at(place: Place) -> Result:
    """Return one clip that is taken.

    Raises:
        InputError: the shard is damaged.
    """
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(place.path) as file:
            group, before = 0, 0
            while before + (n := file.metadata.row_group(group).num_rows) <= place.row:
                group, before = group + 1, before + n
            rows = file.read_row_group(group, use_threads=False).to_pylist()
    except DAMAGE as error:
        raise _damaged(place.path, error) from error
    return result_of(rows[place.row - before])


def _read(path: Path, columns: list[str] | None) -> list[Row]:
    from pyarrow import parquet

    try:
        # Without threads: training reads in processes that were forked.
        found: list[Row] = parquet.read_table(
            path, columns=columns, use_threads=False, pre_buffer=False
        ).to_pylist()
    except DAMAGE as error:
        raise _damaged(path, error) from error
    return found


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path} is no shard that can be read ({short(error)}): delete it, and run again."
    )


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise InputError(
            "Shards need packages that are not installed: run 'make setup-curation'."
        ) from error
    return pyarrow
