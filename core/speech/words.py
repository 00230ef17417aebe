"""Words and phones in time, as they are found, kept and edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .phones import PHONE_INDEX

#: No edge is drawn nearer to the next one, seconds.
SHORTEST_S = 0.02
#: Loudness of a voice is drawn at so many values a second.
PEAK_FPS = 50
_LONGEST_S = 24 * 3600.0


@dataclass(frozen=True)
class Phone:
    """A sound of speech."""

    name: str  #: one of `phones.PHONES`
    start_s: float  #: from the beginning of the sound
    end_s: float


@dataclass(frozen=True)
class SpokenWord:
    """A word and its phones, in the order of time."""

    text: str
    phones: tuple[Phone, ...]  #: at least one
    fit: float = 1.0  #: how well the sound fits, 0 to 1

    @property
    def start_s(self) -> float:
        """When it begins."""
        return self.phones[0].start_s

    @property
    def end_s(self) -> float:
        """When it ends."""
        return self.phones[-1].end_s


Words = tuple[SpokenWord, ...]


@dataclass(frozen=True)
class Spoken:
    """What both say."""

    words: tuple[Words, Words]  #: of A and B
    peaks: tuple[NDArray[np.uint8], NDArray[np.uint8]]  #: (n,) each, how loud, at `PEAK_FPS`
    notes: tuple[str, ...] = ()  #: for the user


def phones_of(words: Sequence[SpokenWord]) -> list[Phone]:
    """Return the phones of words, in order."""
    return [phone for word in words for phone in word.phones]


def to_json(words: Sequence[SpokenWord]) -> list[dict[str, Any]]:
    """Return words as JSON has them."""
    return [
        {
            "text": word.text,
            "fit": round(word.fit, 3),
            "phones": [[p.name, round(p.start_s, 4), round(p.end_s, 4)] for p in word.phones],
        }
        for word in words
    ]


def from_json(rows: Sequence[Mapping[str, Any]]) -> Words:
    """Read what `to_json` wrote.

    Raises:
        ValueError: it is damaged.
    """
    words = []
    for row in rows:
        phones = tuple(Phone(str(n), float(start), float(end)) for n, start, end in row["phones"])
        _check(phones)
        words.append(SpokenWord(str(row["text"]), phones, float(row["fit"])))
    return tuple(words)


def with_edge(words: Sequence[SpokenWord], phone: int, edge_s: float) -> Words:
    """Return words with the edge before a phone at another time.

    The phone that ends there, if it ends there, ends where this one begins. The edge stays
    `SHORTEST_S` away from the next edges on both sides.

    Args:
        words: of one person.
        phone: index of the phone that begins there, or the count of phones for the last end.
        edge_s: where the edge shall be, seconds.
    """
    flat = phones_of(words)
    touches = 0 < phone < len(flat) and _touch(flat[phone - 1], flat[phone])
    low = 0.0 if phone == 0 else flat[phone - 1].end_s
    if touches or phone == len(flat):
        low = flat[phone - 1].start_s + SHORTEST_S
    high = _LONGEST_S if phone == len(flat) else flat[phone].end_s - SHORTEST_S
    edge = float(np.clip(edge_s, low, max(low, high)))
    if phone < len(flat):
        flat[phone] = replace(flat[phone], start_s=edge)
    if touches or phone == len(flat):
        flat[phone - 1] = replace(flat[phone - 1], end_s=edge)
    return _with_phones(words, flat)


def with_end(words: Sequence[SpokenWord], phone: int, edge_s: float) -> Words:
    """Return words with the end of a phone at another time, before a gap or another phone."""
    flat = phones_of(words)
    if phone + 1 == len(flat) or _touch(flat[phone], flat[phone + 1]):
        return with_edge(words, phone + 1, edge_s)
    low, high = flat[phone].start_s + SHORTEST_S, flat[phone + 1].start_s
    flat[phone] = replace(flat[phone], end_s=float(np.clip(edge_s, low, max(low, high))))
    return _with_phones(words, flat)


def with_text(words: Sequence[SpokenWord], index: int, text: str, phones: Sequence[str]) -> Words:
    """Return words of which one is another, whose phones share its time as theirs did."""
    if not phones:
        raise InputError("A word needs at least one phone: give some, such as HH AH L OW.")
    unknown = [name for name in phones if name not in PHONE_INDEX]
    if unknown:
        raise InputError(
            f"{unknown[0]} is no phone: give those of the CMU dictionary, such as HH AH L OW."
        )
    old = words[index]
    if list(phones) == [phone.name for phone in old.phones]:
        made = old.phones
    elif len(phones) == len(old.phones):
        made = tuple(replace(p, name=name) for p, name in zip(old.phones, phones, strict=True))
    else:
        edges = np.linspace(old.start_s, old.end_s, len(phones) + 1)
        made = tuple(
            Phone(name, float(start), float(end))
            for name, (start, end) in zip(phones, pairwise(edges), strict=True)
        )
    return (*words[:index], replace(old, text=text, phones=made, fit=1.0), *words[index + 1 :])


def without(words: Sequence[SpokenWord], index: int) -> Words:
    """Return words without one."""
    return (*words[:index], *words[index + 1 :])


def with_word(words: Sequence[SpokenWord], word: SpokenWord) -> Words:
    """Return words with one more, in the order of time.

    Raises:
        InputError: others are said there.
    """
    if any(w.start_s < word.end_s and word.start_s < w.end_s for w in words):
        raise InputError("Another word is said there: go to where nothing is said.")
    return tuple(sorted((*words, word), key=lambda one: one.start_s))


def as_transcript(words: tuple[Words, Words]) -> str:
    """Return what both say as text, a line for as long as one of them speaks."""
    every = [(word, name) for name, said in zip("AB", words, strict=True) for word in said]
    lines: list[tuple[str, list[str]]] = []
    for word, name in sorted(every, key=lambda pair: pair[0].start_s):
        if not lines or lines[-1][0] != name:
            lines.append((name, []))
        lines[-1][1].append(word.text)
    return "".join(f"{name}: {' '.join(said)}\n" for name, said in lines)


def at(words: Sequence[SpokenWord], time_s: float) -> int | None:
    """Return which word is said at a time, None in a gap."""
    for index, word in enumerate(words):
        if word.start_s <= time_s < word.end_s:
            return index
    return None


def _with_phones(words: Sequence[SpokenWord], flat: Sequence[Phone]) -> Words:
    made, first = [], 0
    for word in words:
        made.append(replace(word, phones=tuple(flat[first : first + len(word.phones)])))
        first += len(word.phones)
    return tuple(made)


def _touch(first: Phone, second: Phone) -> bool:
    return abs(second.start_s - first.end_s) < 1e-4


def _check(phones: Sequence[Phone]) -> None:
    if not phones:
        raise ValueError("a word has no phones")
    for phone in phones:
        if phone.name not in PHONE_INDEX or not 0 <= phone.start_s <= phone.end_s <= _LONGEST_S:
            raise ValueError(f"{phone.name} is no phone in time")
