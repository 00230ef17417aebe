"""Shots in a TOML file, checked with the key and the line that are wrong.

    [defaults]                      # of every shot, whatever a shot may have
    staging = "bench"

    [[shot]]
    name = "sc010"
    sounds = ["a.wav", "b.wav"]     # or: mixed = "m.wav"
    seed = 3
    outputs = { scene = "out/sc010.blend", preview = "out/sc010.mp4" }

Paths are relative to the file. docs/batch.md has every key.
"""

import math
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..core.damage import DAMAGE, short
from ..core.errors import InputError
from ..core.files import real
from .shot import Outputs, Shot

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_LARGEST_BYTES = 16 << 20
_PRESETS = ("table", "bench", "interview", "close", "seated_standing", "apart")
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*(\.\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*)?=")


class _WrongError(Exception):
    """A value that cannot be used: the key, and why."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key


def read(path: Path) -> tuple[Shot, ...]:
    """Read all shots.

    Raises:
        InputError: the file is missing, no TOML, or a value cannot be used: key and line are named.
    """
    text = _text(path)
    try:
        given = tomllib.loads(text)
    except DAMAGE as error:
        raise InputError(f"{path.name} is not TOML: {short(error)}.") from error
    lines = _Lines(text)
    unknown = sorted(set(given) - {"defaults", "shot"})
    if unknown:
        raise _at(path, lines.of(None, unknown[0]), unknown[0], "is unknown; write [[shot]]")
    tables, defaults = given.get("shot"), given.get("defaults", {})
    if not isinstance(tables, list) or not tables or not isinstance(defaults, dict):
        raise InputError(f"{path.name} has no shots: begin each with a line [[shot]].")
    shots: dict[str, Shot] = {}
    for index, table in enumerate(tables):
        try:
            if not isinstance(table, dict):
                raise _WrongError("shot", "is no table")
            shot = _shot(_merged(defaults, table), path.parent)
            if shot.name in shots:
                raise _WrongError("name", f"is {shot.name!r} a second time")
        except _WrongError as wrong:
            raise _at(path, lines.of(index, wrong.key), wrong.key, str(wrong)) from wrong
        except InputError as error:
            raise InputError(f"{path.name}, line {lines.of(index, '')}: {error}") from error
        shots[shot.name] = shot
    _check_apart(path, lines, tuple(shots.values()))
    return tuple(shots.values())


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise InputError(f"{path} does not exist or is no file: give a TOML file of shots.")
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path.name} is larger than 16 MB: it is no list of shots.")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as UTF-8 text: {error}.") from error


def _merged(defaults: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    outputs = {**_table(defaults, "outputs"), **_table(table, "outputs")}
    return {**defaults, **table, "outputs": outputs}


def _table(values: dict[str, Any], key: str) -> dict[str, Any]:
    found = values.get(key, {})
    if not isinstance(found, dict):
        raise _WrongError(key, "is no table, such as { scene = 'out/sc010.blend' }")
    return found


def _shot(table: dict[str, Any], folder: Path) -> Shot:
    for key in table:
        if key != "outputs" and key not in _READERS:
            raise _WrongError(key, f"is unknown; a shot has {', '.join(sorted(_READERS))}, outputs")
    if "name" not in table:
        raise _WrongError("name", "is missing")
    kinds = [each.name for each in fields(Outputs)]
    outputs = {}
    for kind, value in table["outputs"].items():
        if kind not in kinds:
            raise _WrongError(kind, f"is no output; there are {', '.join(kinds)}")
        outputs[kind] = _path(kind, value, folder)
    if not outputs:
        raise _WrongError("outputs", "asks for nothing")
    values = {key: _READERS[key](key, table[key], folder) for key in table if key != "outputs"}
    return Shot(**values, outputs=Outputs(**outputs))


def _check_apart(path: Path, lines: "_Lines", shots: tuple[Shot, ...]) -> None:
    """Check that no two shots write one file, and none writes what another reads."""
    written: dict[str, str] = {}
    read = {real(each): shot.name for shot in shots for each in shot.inputs()}
    for index, shot in enumerate(shots):
        for kind, files in shot.outputs.files().items():
            for each in files:
                other = written.setdefault(real(each), shot.name)
                if other != shot.name:
                    why = f"is written by {other!r} already ({each.name})"
                    raise _at(path, lines.of(index, kind), kind, why)
                if real(each) in read:
                    why = f"is read by {read[real(each)]!r} ({each.name})"
                    raise _at(path, lines.of(index, kind), kind, why)


def _at(path: Path, line: int, key: str, why: str) -> InputError:
    return InputError(f"{path.name}, line {line}: '{key}' {why}.")


def _path(key: str, value: object, folder: Path) -> Path:
    text = _string(key, value, folder)
    if not text or "\0" in text:
        raise _WrongError(key, "names no file")
    return folder / Path(text).expanduser()


def _paths(key: str, value: object, folder: Path) -> tuple[Path, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 2:
        raise _WrongError(key, 'is not ["A.wav", "B.wav"] or ["stereo.wav"]')
    return tuple(_path(key, each, folder) for each in value)


def _strings(key: str, value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) != 2:
        raise _WrongError(key, 'is not ["A", "B"], the names of two objects')
    return tuple(_string(key, each, folder) for each in value)


def _string(key: str, value: object, _folder: Path) -> str:
    if not isinstance(value, str):
        raise _WrongError(key, f"is {value!r:.60}, not a text")
    return value


def _name(key: str, value: object, folder: Path) -> str:
    text = _string(key, value, folder)
    if not _NAME.match(text):
        raise _WrongError(
            key, f"is {text!r:.60}; use letters, digits, dot, dash and underscore, at most 100"
        )
    return text


def _flag(key: str, value: object, _folder: Path) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(key, f"is {value!r:.60}, not true or false")
    return value


def _among(*allowed: str) -> Callable[[str, object, Path], str]:
    def read_choice(key: str, value: object, _folder: Path) -> str:
        if value not in allowed:
            raise _WrongError(key, f"is {value!r:.60}; choose {', '.join(allowed)}")
        return str(value)

    return read_choice


def _within(
    low: float, high: float, is_whole: bool = False
) -> Callable[[str, object, Path], float]:
    def read_number(key: str, value: object, _folder: Path) -> float:
        is_fraction = isinstance(value, float) and not is_whole and math.isfinite(value)
        # A whole number of hundreds of digits is none that can be asked whether it is finite.
        if isinstance(value, bool) or not (isinstance(value, int) or is_fraction):
            kind = "a whole number" if is_whole else "a finite number"
            raise _WrongError(key, f"is {value!r:.60}, not {kind}")
        if not low <= value <= high:  # type: ignore[operator]
            raise _WrongError(key, f"is {value!r:.60}, which is not between {low:g} and {high:g}")
        return value  # type: ignore[return-value]

    return read_number


def _window(key: str, value: object, folder: Path) -> float:
    seconds = _within(0, 1e6)(key, value, folder)
    if 0 < seconds < 1:
        raise _WrongError(key, f"is {seconds:g}; give 0 for the whole, or at least 1 second")
    return seconds


_READERS: dict[str, Callable[[str, Any, Path], Any]] = {
    "name": _name,
    "sounds": _paths,
    "face_a": _path,
    "face_b": _path,
    "mixed": _path,
    "turns": _path,
    "voice_a": _path,
    "swap_voices": _flag,
    "duration": _within(0.04, 1e6),
    "checkpoint": _path,
    "device": _among("auto", "cpu", "cuda", "mps"),
    "precision": _among("float32", "fast"),
    "window": _window,
    "seed": _within(0, 2**31 - 1, is_whole=True),
    "raw": _flag,
    "staging": _among(*_PRESETS),
    "sentence": _string,
    "scene": _path,
    "characters": _strings,
    "cuts": _flag,
    "fps": _within(1, 240),
}


class _Lines:
    """Where each key of each shot stands, which TOML's reader does not say."""

    def __init__(self, text: str) -> None:
        #: (index of the shot, or None outside of shots; key) -> line, from 1
        self._found: dict[tuple[int | None, str], int] = {}
        shot, is_default = -1, False
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.match(line)
            if header:
                name = header[2].strip()
                is_default = name.split(".")[0] == "defaults"
                if header[1] == "[[" and name == "shot":
                    shot += 1
                    self._found[shot, ""] = number
                here = None if is_default or shot < 0 else shot
                self._found.setdefault((here, name.split(".")[-1]), number)
                continue
            here = None if is_default or shot < 0 else shot
            key = _KEY.match(line)
            if key:
                for each in (key[1], key[3]):
                    if each:
                        self._found.setdefault((here, each), number)
            for each in re.findall(r"[{,]\s*([A-Za-z0-9_-]+)\s*=", line):
                self._found.setdefault((here, each), number)

    def of(self, shot: int | None, key: str) -> int:
        """Return the line of a key, of the defaults if the shot has it not, or of the shot."""
        for place in ((shot, key), (None, key), (shot, "")):
            if place in self._found:
                return self._found[place]
        return 1
