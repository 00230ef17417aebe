"""One speaker's track put together from pieces of many files: a cue sheet (.cues), which is JSON.

Wherever a sound file is asked for, a cue sheet will do: the reader of sounds lays its pieces into
silence. Paths in it are relative to its folder where they can be, so that a project can move.
"""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..damage import DAMAGE, json_file, short
from ..errors import InputError
from ..files import atomic

SUFFIX = ".cues"
VERSION = 1
_MOST_CUES, _LONGEST_S, _MOST_GAIN, _SPEEDS = 10_000, 24 * 3600.0, 100.0, (0.01, 100.0)


@dataclass(frozen=True)
class Cue:
    """A piece of a sound file and where it is heard."""

    path: Path
    at_s: float  #: from the beginning of the track
    from_s: float  #: where in the file it begins
    length_s: float  #: how long it is heard
    gain: float = 1.0
    speed: float = 1.0  #: how much faster than recorded it is played


@dataclass(frozen=True)
class CueSheet:
    """A speaker's pieces, and how long the track is."""

    cues: tuple[Cue, ...]
    length_s: float

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        folder = path.parent.resolve()
        rows = [
            {
                "path": _relative(cue.path, folder), "at_s": cue.at_s, "from_s": cue.from_s,
                "length_s": cue.length_s, "gain": cue.gain, "speed": cue.speed,
            }
            for cue in self.cues
        ]  # fmt: skip
        said = {"version": VERSION, "length_s": self.length_s, "cues": rows}
        with atomic(path) as temporary:
            temporary.write_text(
                json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )

    @staticmethod
    def load(path: Path) -> "CueSheet":
        """Read what `save` wrote.

        Raises:
            InputError: the file cannot be read, or is something else.
        """
        try:
            read = json_file(path)
            if read.get("version") != VERSION:
                raise ValueError(f"it is of version {read.get('version')!r}, not {VERSION}")
            if len(read["cues"]) > _MOST_CUES:
                raise ValueError(f"it has {len(read['cues'])} pieces")
            cues = tuple(_cue(row, path.parent) for row in read["cues"])
            return CueSheet(cues, _number(read["length_s"], 0.0, _LONGEST_S))
        except DAMAGE as error:
            raise InputError(
                f"{path} is no cue sheet of this version ({short(error)}): gather the voices again."
            ) from error


def is_sheet(path: Path) -> bool:
    """Tell whether a sound is a cue sheet, by its name."""
    return path.suffix.lower() == SUFFIX


def without_sheets(paths: Sequence[Path]) -> list[Path]:
    """Return the sounds that are files of their own."""
    return [path for path in paths if not is_sheet(path)]


def _cue(row: dict[str, Any], folder: Path) -> Cue:
    return Cue(
        folder / str(row["path"]),
        _number(row["at_s"], 0.0, _LONGEST_S),
        _number(row["from_s"], 0.0, _LONGEST_S),
        _number(row["length_s"], 0.0, _LONGEST_S),
        _number(row.get("gain", 1.0), 0.0, _MOST_GAIN),
        _number(row.get("speed", 1.0), *_SPEEDS),
    )


def _number(value: Any, least: float, most: float) -> float:
    number = float(value)
    if not (math.isfinite(number) and least <= number <= most):
        raise ValueError(f"it has {number:g} where {least:g} to {most:g} belongs")
    return number


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder)).as_posix()
    except ValueError:  # on another drive
        return path.resolve().as_posix()
