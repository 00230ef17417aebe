"""How English words are pronounced: a lexicon, and rules for what it lacks.

Rules say what a letter sounds like between its neighbours; the longest that fits counts. They were
learned from the CMU Pronouncing Dictionary (`training/speech/words/lexicon.py`), and the lexicon
holds what they get wrong.
"""

import gzip
import re
from dataclasses import dataclass
from functools import cache

from ..errors import DualTalkError
from ..paths import ASSETS
from .phones import PHONES

FILE = ASSETS / "pronouncing.txt.gz"
#: How many letters before and after a letter rules look at, the later the stronger.
CONTEXTS = ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4))
_MOST_BYTES = 16 << 20
#: Phones as one character each in the file.
CODES = {chr(ord("@") + index): phone for index, phone in enumerate(PHONES)}
#: Nobody says a word of more letters.
_MOST_LETTERS = 60

Phones = tuple[str, ...]

#: Sounds of agreement, doubt and cold that are written without a vowel: they are not spelled.
_INTERJECTIONS: dict[str, Phones] = {
    "mm": ("M",), "mmm": ("M",), "hm": ("HH", "M"), "hmm": ("HH", "M"), "mhm": ("M", "HH", "M"),
    "mmhm": ("M", "HH", "M"), "hmph": ("HH", "M", "F"), "sh": ("SH",), "shh": ("SH",),
    "pst": ("P", "S", "T"), "psst": ("P", "S", "T"), "tsk": ("T", "S", "K"), "brr": ("B", "ER"),
    "grr": ("G", "ER"), "pfft": ("P", "F", "T"), "zzz": ("Z",),
}  # fmt: skip


@dataclass(frozen=True)
class Pronouncing:
    """Rules by context (`th|e|#`) and words with what they sound like."""

    rules: dict[str, Phones]
    words: dict[str, Phones]

    def of(self, word: str) -> Phones:
        """Return the phones of a word of lower-case letters and apostrophes; at least one."""
        found = _INTERJECTIONS.get(word) or self.words.get(word[:_MOST_LETTERS])
        if found is None and not re.search("[aeiouy]", word):
            found = tuple(p for letter in word[:_MOST_LETTERS] for p in self._name(letter))
        return found or by_rules(word[:_MOST_LETTERS], self.rules) or ("AH",)

    def _name(self, letter: str) -> Phones:
        """Return how a letter is called; an apostrophe is not."""
        named = f"{letter}."
        return self.words.get(named, by_rules(named, self.rules)) if letter != "'" else ()


def contexts(word: str, index: int) -> list[str]:
    """Return the contexts of a letter, the longest last."""
    framed, at = f"#{word}#", index + 1
    return [
        f"{framed[max(0, at - left) : at]}|{framed[at]}|{framed[at + 1 : at + 1 + right]}"
        for left, right in CONTEXTS
    ]


def by_rules(word: str, rules: dict[str, Phones]) -> Phones:
    """Return what rules make of a word."""
    phones: list[str] = []
    for index in range(len(word)):
        known = [rules[key] for key in contexts(word, index) if key in rules]
        phones += known[-1] if known else ()
    return tuple(phones)


@cache
def bundled() -> Pronouncing:
    """Read the lexicon that ships.

    Raises:
        DualTalkError: it is missing or damaged.
    """
    try:
        with gzip.open(FILE) as file:
            text = file.read(_MOST_BYTES).decode("ascii")
        rules, words = text.split("\n\n")
        return Pronouncing(_table(rules), _table(words))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise DualTalkError(
            f"{FILE.name} cannot be read ({type(error).__name__}): install DualTalk again."
        ) from error


def _table(text: str) -> dict[str, Phones]:
    rows = (line.split("\t") for line in text.splitlines())
    return {key: tuple(CODES[code] for code in codes) for key, codes in rows}
