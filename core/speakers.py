"""The two speakers of a dialogue: numbers in code and scenes, letters for people, names of files.

A speaker is 1 or 2. Where both lie in a row, as in arrays of shape (2, n_frames) and in pairs, the
first speaker is first: `row(speaker)` is the index.
"""

from typing import Final, Literal, TypeAlias, TypeVar

from .names import SPEAKERS as FILE_NAMES

Speaker: TypeAlias = Literal[1, 2]
SPEAKERS: Final[tuple[Speaker, Speaker]] = (1, 2)
LETTERS: Final = "AB"
_T = TypeVar("_T")
#: Something of each speaker, the first one's first.
Pair: TypeAlias = tuple[_T, _T]


def row(speaker: int) -> int:
    """Return where a speaker stands in pairs and arrays: 0 or 1."""
    return speaker - 1


def partner(speaker: int) -> Speaker:
    """Return the other speaker."""
    return 2 if speaker == 1 else 1


def letter(speaker: int) -> str:
    """Return what people call a speaker: A or B."""
    return LETTERS[speaker - 1]


def label(speaker: int) -> str:
    """Return a speaker's full name on screen: "Speaker A"."""
    return f"Speaker {letter(speaker)}"


def of_letter(name: str) -> Speaker:
    """Return the speaker whom people call A or B.

    Raises:
        ValueError: it is neither.
    """
    return SPEAKERS[LETTERS.index(name)]


def file_name(speaker: int) -> str:
    """Return a speaker's part in names of files."""
    return FILE_NAMES[speaker - 1]
