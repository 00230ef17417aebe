"""Which control moves which key, as an animator says it, in files: CSV or JSON.

CSV has the columns `key,control,factor`, a row per control of a key; a key without a control is
left alone. JSON is `{"version": 1, "rows": [{"key": …, "control": …, "factor": …}]}`.
"""

import csv
import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ..damage import DAMAGE, json_object, short, text_of
from ..errors import InputError
from ..files import atomic
from .shape_names import CONTROLS, Table

SUFFIXES = (".csv", ".json")
VERSION = 1
_FIELDS = ("key", "control", "factor")
_MOST_BYTES, _MOST_ROWS = 4 << 20, 20_000
#: No control moves a key by more.
MOST_FACTOR = 10.0


class Row(NamedTuple):
    """One control of one key; without a control the key is left alone."""

    key: str
    control: str = ""
    factor: float = 1.0


def table(rows: Iterable[Row]) -> dict[str, dict[str, float]]:
    """Return rows as key -> control -> factor."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        controls = found.setdefault(row.key, {})
        if row.control:
            controls[row.control] = row.factor
    return found


def rows(given: Table) -> list[Row]:
    """Return a table as rows, in its order."""
    found: list[Row] = []
    for key, controls in given.items():
        found += [Row(key, control, factor) for control, factor in controls.items()] or [Row(key)]
    return found


def read(path: Path) -> list[Row]:
    """Read a table.

    Raises:
        InputError: the file cannot be read, or a row names no control that there is.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"{path} is no table that can be read: give .csv or .json.")
    try:
        text = text_of(path, _MOST_BYTES)
        found = _of_json(text) if kind == ".json" else _of_csv(text)
        if len(found) > _MOST_ROWS:
            raise ValueError(f"it has {len(found)} rows")
        return [_row(number, values) for number, values in enumerate(found, start=1)]
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(
            f"{path} is no mapping table ({short(error)}): export one first."
        ) from error


def write(path: Path, given: Iterable[Row]) -> None:
    """Write a table as the kind that the suffix says, whole or not at all.

    Raises:
        InputError: the suffix is of no known kind, or the folder cannot be written to.
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"{path} is of no kind that tables are written as: .csv or .json.")
    with atomic(path) as temporary:
        temporary.write_text(
            _as_json(given) if kind == ".json" else _as_csv(given), encoding="utf-8", newline="\n"
        )


def _of_json(text: str) -> list[dict[str, Any]]:
    read = json_object(text)
    if read.get("version") != VERSION:
        raise ValueError(f"it is of version {read.get('version')!r}, not {VERSION}")
    return [dict(row) for row in read["rows"]]


def _of_csv(text: str) -> list[dict[str, Any]]:
    lines = csv.DictReader(io.StringIO(text))
    lacking = [name for name in _FIELDS[:2] if name not in (lines.fieldnames or ())]
    if lacking:
        raise ValueError(f"it lacks the column {lacking[0]}")
    return [dict(line) for line in lines]


def _row(number: int, values: dict[str, Any]) -> Row:
    key, control = str(values.get("key") or ""), str(values.get("control") or "")
    if not key:
        raise InputError(f"Row {number} of the table names no key: fill it in.")
    if control and control not in CONTROLS:
        raise InputError(
            f"Row {number} of the table names the control {control[:40]!r}, which there is not: "
            "use ARKit's names, such as jawOpen and eyeBlinkLeft."
        )
    factor = values.get("factor")
    amount = 1.0 if factor in (None, "") else float(str(factor))
    if not math.isfinite(amount) or abs(amount) > MOST_FACTOR:
        raise InputError(
            f"Row {number} of the table has the factor {amount:g}: give -{MOST_FACTOR:g} to "
            f"{MOST_FACTOR:g}."
        )
    return Row(key, control, amount)


def _as_csv(given: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_FIELDS)
    writer.writerows((row.key, row.control, f"{row.factor:g}") for row in given)
    return out.getvalue()


def _as_json(given: Iterable[Row]) -> str:
    said = {"version": VERSION, "rows": [row._asdict() for row in given]}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"
