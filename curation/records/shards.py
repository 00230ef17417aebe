"""Shards of Parquet: the record of what is done, and what training reads.

A clip is done when a shard holds its row. Shards are written whole or not at all, so a run that was
killed goes on by leaving out what they hold.
"""

from collections.abc import Iterator, Sequence
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
        parquet.write_table(table, temporary, compression="zstd")


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


def _read(path: Path, columns: list[str] | None) -> list[Row]:
    from pyarrow import parquet

    try:
        found: list[Row] = parquet.read_table(path, columns=columns).to_pylist()
    except DAMAGE as error:
        raise InputError(
            f"{path} is no shard that can be read ({short(error)}): delete it, and run again."
        ) from error
    return found


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise InputError(
            "Shards need packages that are not installed: run 'make setup-curation'."
        ) from error
    return pyarrow
