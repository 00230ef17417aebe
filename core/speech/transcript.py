"""What is said, as typed or read from a file: lines of one person each, and their words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..damage import DAMAGE, short
from ..errors import InputError
from ..formats import turn_files
from . import numbers

#: A feature film's dialogue is a tenth of it.
MOST_BYTES = 1 << 20
MOST_WORDS = 50_000
SUFFIXES = (".txt", ".srt")
#: A name before a colon: "Anna:", "MR. B:"; a longer text is no name.
_NAME = re.compile(r"\s*([^\W\d_][\w .'-]{0,39}?)\s*:(?:\s+|$)(.*)", re.DOTALL)
#: What is not said: stage directions in brackets, tags of subtitles. Of so many characters at most,
#: or a file of nothing but brackets would take minutes.
_UNSAID = re.compile(
    r"\[[^\]]{0,400}\]|\([^)]{0,400}\)|<[^>]{0,400}>|\{[^}]{0,400}\}|\*[^*]{0,400}\*"
)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "`": "'"})
_QUOTES = '"\u201c\u201d\u201e\u201a\u00ab\u00bb'


@dataclass(frozen=True)
class Line:
    """What one person says."""

    text: str
    speaker: str = ""  #: "A" or "B"; empty: it is not said who
    start_s: float | None = None  #: of a subtitle
    end_s: float | None = None


@dataclass(frozen=True)
class Word:
    """A word as it is shown, and as its letters are said."""

    text: str
    parts: tuple[str, ...]  #: lower case, letters and apostrophes; of a number, more than one


def read(path: Path) -> list[Line]:
    """Read a transcript: text with a line a person (`Anna: Hello.`), or subtitles.

    Raises:
        InputError: it cannot be read, is no transcript, or names more than two people.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} is no transcript that can be read: give {' or '.join(SUFFIXES)}.")
    text = turn_files.text_of(path, MOST_BYTES, "transcript")
    return parse(text) if path.suffix.lower() == ".txt" else _subtitles(text, str(path))


def of_text(text: str) -> list[Line]:
    """Read text of which it is not known which kind it is: subtitles have arrows.

    Raises:
        InputError: as `read`.
    """
    if len(text) > MOST_BYTES:
        raise InputError("The text is larger than any transcript: choose another one.")
    return _subtitles(text, "The text") if "-->" in text else parse(text)


def parse(text: str) -> list[Line]:
    """Read typed text: a line a person, or one person's words without a name.

    A line without a name goes on for who spoke before. The first two names become A and B; the
    names "A" and "B" themselves stay what they are.

    Raises:
        InputError: it holds no words, too many, or more than two people.
    """
    lines = [Line(row.strip()) for row in text.splitlines() if row.strip()]
    return _with_speakers(lines, carries_on=True)


def _subtitles(text: str, name: str) -> list[Line]:
    try:
        found = turn_files.subtitles(text)
    except DAMAGE as error:
        raise InputError(f"{name} is no SRT: {short(error)}.") from error
    if not found:
        raise InputError(f"{name} holds no subtitles: check it.")
    lines = [Line(said, "", start, end) for start, end, said in found]
    return _with_speakers(lines, carries_on=False)


def words_of(text: str) -> list[Word]:
    """Return the words of a line; what stands in brackets is not said."""
    found = []
    said = _UNSAID.sub(" ", text).translate(_APOSTROPHES)
    for shown in re.split(r"[\s\u2013\u2014/]+|--+|\.\.+|…", said):
        parts = _parts(shown)
        if parts:
            found.append(Word(shown.strip(_QUOTES), tuple(parts)))
    return found


def _parts(shown: str) -> list[str]:
    """Return what is said of a word: letters without accents, numbers in words."""
    plain = unicodedata.normalize("NFKD", shown).casefold().replace("&", " and ")
    parts: list[str] = []
    for piece in re.findall(
        r"[a-z][a-z']*|\d+(?:,\d{3})+|\d+|(?<=\d)%", re.sub(r"[\u0300-\u036f]", "", plain)
    ):
        if piece == "%":
            parts.append("percent")
        elif piece[0].isdigit():
            parts += numbers.spoken(piece.replace(",", ""), "," not in piece)
        else:
            parts.append(piece.rstrip("'"))
    return parts


def _with_speakers(lines: Sequence[Line], carries_on: bool) -> list[Line]:
    names: list[str] = []
    found: list[Line] = []
    speaker = ""
    for line in lines:
        match = _NAME.fullmatch(line.text)
        if match is not None:
            speaker = match[1].casefold()
            names.append(speaker)
        elif not carries_on:
            speaker = ""
        found.append(replace(line, text=line.text if match is None else match[2], speaker=speaker))
    order = list(dict.fromkeys(names))
    if len(order) > 2:
        raise InputError(
            f"The transcript names {len(order)} people ({', '.join(order[:3])}…): keep the lines "
            "of two. A name is what stands before a colon."
        )
    if set(order) <= {"a", "b"}:
        order = ["a", "b"]
    letters = dict(zip(order, "AB", strict=False)) | {"": ""}
    result = [replace(line, speaker=letters[line.speaker]) for line in found]
    n_words = sum(len(words_of(line.text)) for line in result)
    if not 0 < n_words <= MOST_WORDS:
        raise InputError(
            f"The transcript holds {n_words or 'no'} words: give 1 to {MOST_WORDS:,}."
            if n_words
            else "The transcript holds no words in Latin letters: type what is said."
        )
    return result
