"""What words were heard in, by which it is told that they are of another sound or turn by now."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..damage import DAMAGE, json_object
from .words import SpokenWord

#: So much of the beginning and of the end of a file tells it from others of its length, bytes.
_TOLD_BY = 1 << 16
Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Heard:
    """The sound of a person, and when they have the floor."""

    sound: str = ""  #: another text for another sound; empty: not known
    turns: Spans | None = None  #: seconds from the beginning of the sound; None: there were none

    def to_text(self) -> str:
        """Return JSON."""
        return json.dumps({"sound": self.sound, "turns": self.turns})

    @staticmethod
    def from_text(text: str) -> "Heard":
        """Read what `to_text` wrote; what is damaged, or of an older version, is not known."""
        try:
            read = json_object(text)
            turns = read["turns"]
            spans = None if turns is None else tuple((float(a), float(b)) for a, b in turns)
            return Heard(str(read["sound"]), spans)
        except DAMAGE:
            return Heard()


def fingerprint(path: Path) -> str:
    """Return a text that other sounds do not have, whatever the file is called; "" without one."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            told = file.read(_TOLD_BY)
            file.seek(max(0, size - _TOLD_BY))
            told += file.read(_TOLD_BY)
    except OSError:
        return ""
    return f"{size}-{hashlib.blake2b(told, digest_size=8).hexdigest()}"


def outdated(words: Sequence[SpokenWord], then: Heard, now: Heard) -> frozenset[int]:
    """Return which words were heard in what is not there any more.

    All of them if the sound is another one; else those that lay in a turn of the person and do so
    no longer, or the other way round.
    """
    if then.sound and now.sound and then.sound != now.sound:
        return frozenset(range(len(words)))
    if then.turns is None or now.turns is None or then.turns == now.turns:
        return frozenset()
    middles = np.array([(word.start_s + word.end_s) / 2 for word in words])
    changed = _are_inside(middles, then.turns) != _are_inside(middles, now.turns)
    return frozenset(np.flatnonzero(changed).tolist())


def _are_inside(times: NDArray[np.float64], turns: Spans) -> NDArray[np.bool_]:
    """Tell which times lie in a turn."""
    if not turns:
        return np.zeros(len(times), np.bool_)
    starts, ends = np.array(sorted(turns)).T
    latest = np.maximum.accumulate(ends)  # of all turns that have begun
    index = np.searchsorted(starts, times, side="right") - 1
    result: NDArray[np.bool_] = (index >= 0) & (latest[index] > times)
    return result
