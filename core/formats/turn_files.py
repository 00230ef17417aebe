"""Who speaks when, in files that other tools read and write: RTTM, SRT and CSV; cuts are read.

RTTM (NIST 2009): `SPEAKER file channel start duration <NA> <NA> name <NA> <NA>`, seconds.
SRT: subtitles whose text begins with a name and a colon; the words, if any, follow.
CSV: columns `speaker,start_s,end_s`, others are ignored.
OTIO and EDL (`editorial`): sound on two tracks is a person's each, else names of clips begin with
the person's (`anna_03.wav`).
"""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import damage
from ..conversation.turns import Utterance
from ..damage import DAMAGE, short
from ..errors import InputError
from ..files import atomic
from ..motion import NETWORK_FPS
from . import editorial

SUFFIXES = (".rttm", ".srt", ".csv")
READ_SUFFIXES = (*SUFFIXES, *editorial.SUFFIXES)
_TIME = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})")
_SPANS = re.compile(rf"\s*{_TIME.pattern}\s*-->\s*{_TIME.pattern}")
#: More than a day is no dialogue, seconds.
_LONGEST_S = 24 * 3600.0
_MAX_BYTES = 16 << 20


def read(path: Path, fps: float = 25.0) -> tuple[list[Utterance], tuple[str, ...]]:
    """Read who says something from when to when, and the names in the order of first words.

    The first two names become A and B; "A" and "B" themselves stay what they are.

    Args:
        path: of one of `READ_SUFFIXES`.
        fps: of an EDL, which does not say it.

    Raises:
        InputError: the file cannot be read, is of no known kind, or names more than two people.
    """
    kind = path.suffix.lower()
    if kind in editorial.SUFFIXES:
        return _named(path, _of_clips(editorial.read(path, fps)))
    text = text_of(path, _MAX_BYTES, "list of turns")
    if kind not in SUFFIXES:
        raise InputError(
            f"{path} holds no turns that can be read: give {', '.join(READ_SUFFIXES)}."
        )
    try:
        parse = {".rttm": _rttm, ".srt": _srt, ".csv": _csv}[kind]
        found = sorted(parse(text), key=lambda row: row[1])
    except DAMAGE as error:
        raise InputError(f"{path} is no {kind[1:].upper()} of turns: {short(error)}.") from error
    return _named(path, found)


def _named(
    path: Path, found: list[tuple[str, float, float]]
) -> tuple[list[Utterance], tuple[str, ...]]:
    """Return turns of two people, in the order of time, with their names."""
    bad = [row for row in found if not 0 <= row[1] < row[2] <= _LONGEST_S]
    if bad or not found:
        raise InputError(
            f"{path} holds {'times that do not run on' if bad else 'no turns'}: check the file."
        )
    names = tuple(dict.fromkeys(name for name, _, _ in found))
    if len(names) > 2:
        raise InputError(
            f"{path} names {len(names)} people; keep the turns of two and leave out the others."
        )
    if set(names) <= {"A", "B"}:
        names = ("A", "B")
    letter = dict(zip(names, "AB", strict=False))
    return [Utterance(letter[name], start, end) for name, start, end in found], names


def _of_clips(clips: Sequence[editorial.Clip]) -> list[tuple[str, float, float]]:
    """Return who says what of a cut: by the track where there are two, else by the clip's name."""
    sound = [clip for clip in clips if clip.is_sound]
    by_track = len({clip.track for clip in sound}) == 2
    return [
        (clip.track if by_track else _person(clip.name), clip.start_s, clip.end_s) for clip in sound
    ]


def _person(name: str) -> str:
    """Return the word that a clip's name begins with."""
    match = re.match(r"[^\W\d_]+", name)
    return match[0] if match else name


def write(path: Path, utterances: Sequence[Utterance], recording: str = "dialogue") -> None:
    """Write turns as the kind that the suffix of `path` says, whole or not at all.

    Raises:
        InputError: the suffix is of no known kind, or the folder cannot be written to.
    """
    writers = {".rttm": _as_rttm, ".srt": _as_srt, ".csv": _as_csv}
    if path.suffix.lower() not in writers:
        raise InputError(f"{path} is of no kind that turns are written as: .rttm, .srt or .csv.")
    ordered = sorted(utterances, key=lambda utterance: utterance.start_s)
    with atomic(path) as temporary:
        temporary.write_text(
            writers[path.suffix.lower()](ordered, recording), encoding="utf-8", newline="\n"
        )


def as_frames(utterances: Sequence[Utterance], n_frames: int) -> NDArray[np.float32]:
    """Return who speaks in which frame, (2, n_frames) of 0 or 1 at 25 frames per second."""
    speaks = np.zeros((2, n_frames), np.float32)
    for utterance in utterances:
        first = round(utterance.start_s * NETWORK_FPS)
        last = max(first + 1, round(utterance.end_s * NETWORK_FPS))
        speaks["AB".index(utterance.speaker), first:last] = 1.0
    return speaks


def text_of(path: Path, most_bytes: int, what: str) -> str:
    """Return a file of text that is no larger than anything of its kind (`what`).

    Raises:
        InputError: it is, or cannot be read as UTF-8.
    """
    try:
        return damage.text_of(path, most_bytes)
    except DAMAGE as error:
        raise InputError(
            f"{path} cannot be read as a {what} ({short(error)}): give a file in UTF-8."
        ) from error


def _rttm(text: str) -> list[tuple[str, float, float]]:
    rows = [line.split() for line in text.splitlines() if line.startswith("SPEAKER")]
    return [(row[7], float(row[3]), float(row[3]) + float(row[4])) for row in rows]


def subtitles(text: str) -> list[tuple[float, float, str]]:
    """Return start and end, seconds, and the text of each subtitle of an SRT file.

    Raises:
        ValueError: times do not run on.
    """
    found: list[tuple[float, float, str]] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines = block.strip().splitlines()
        at = next((i for i, line in enumerate(lines) if _SPANS.match(line)), None)
        times = None if at is None else _SPANS.match(lines[at])
        if at is None or times is None or at + 1 >= len(lines):
            continue
        numbers = times.groups()
        start, end = _seconds(numbers[:4]), _seconds(numbers[4:])
        if not 0 <= start < end <= _LONGEST_S:
            raise ValueError(f"the times of subtitle {len(found) + 1} do not run on")
        found.append((start, end, "\n".join(lines[at + 1 :])))
    return sorted(found)


def _srt(text: str) -> list[tuple[str, float, float]]:
    found: list[tuple[str, float, float]] = []
    for start, end, said in subtitles(text):
        name, colon, _ = said.splitlines()[0].partition(":")
        if not colon:
            raise ValueError(f'subtitle {len(found) + 1} does not begin with a name and ":"')
        found.append((name.strip(), start, end))
    return found


def _seconds(parts: Sequence[str]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _csv(text: str) -> list[tuple[str, float, float]]:
    rows = csv.DictReader(io.StringIO(text))
    missing = [n for n in ("speaker", "start_s", "end_s") if n not in (rows.fieldnames or ())]
    if missing:
        raise ValueError(f"it lacks the column {missing[0]}")
    return [(row["speaker"].strip(), float(row["start_s"]), float(row["end_s"])) for row in rows]


def _as_rttm(utterances: Sequence[Utterance], recording: str) -> str:
    name = re.sub(r"\s+", "_", recording) or "dialogue"
    return "".join(
        f"SPEAKER {name} 1 {u.start_s:.3f} {u.end_s - u.start_s:.3f} <NA> <NA> {u.speaker} <NA> "
        "<NA>\n"
        for u in utterances
    )


def _as_srt(utterances: Sequence[Utterance], _: str) -> str:
    return "".join(
        f"{number}\n{_clock(u.start_s)} --> {_clock(u.end_s)}\n{u.speaker}:\n\n"
        for number, u in enumerate(utterances, start=1)
    )


def _as_csv(utterances: Sequence[Utterance], _: str) -> str:
    rows = (f"{u.speaker},{u.start_s:.3f},{u.end_s:.3f}\n" for u in utterances)
    return "speaker,start_s,end_s\n" + "".join(rows)


def _clock(time_s: float) -> str:
    milliseconds = round(time_s * 1000)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{rest:03d}"
