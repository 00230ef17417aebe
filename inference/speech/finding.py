"""When the words of a transcript are said in a dialogue."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.conversation.dialogue import SAMPLE_RATE
from ...core.progress import Report, part_of, silent
from ...core.speech import alignment, pronouncing, transcript
from ...core.speech.transcript import Line
from ...core.speech.words import PEAK_FPS, Phone, Spoken, SpokenWord, Words
from ..devices import DeviceName
from . import level, phones

FloatArray = NDArray[np.float32]
#: Subtitles begin and end by so much beside the voice, seconds.
_MARGIN_S = 0.6
#: Words that fit worse are told.
POOR_FIT = 0.1
#: The loudest moment of a track.
_FULL = 255


@dataclass(frozen=True)
class _Spelled:
    """A word of a line with its phones."""

    text: str
    phones: tuple[str, ...]
    speaker: int  #: 0 for A, 1 for B


def find_words(
    tracks: FloatArray,
    lines: Sequence[Line],
    speaker: str = "A",
    report: Report = silent,
    device: DeviceName = "auto",
) -> Spoken:
    """Find when words are said.

    Args:
        tracks: (2, n_samples) of A and B, or (1, n_samples) with both voices; 16 kHz.
        lines: the transcript. Those with times are sought there, all others in their order over
            the whole sound.
        speaker: who says lines that do not tell; with two tracks and times the louder one does.
        report: told how far it is.
        device: where to compute.

    Raises:
        DualTalkError: the lexicon or the network is missing.
        CancelledError: `report` asked for it.
    """
    spelled = [_spelled(line, _speaker_of(line, tracks, speaker)) for line in lines]
    found: tuple[list[SpokenWord], list[SpokenWord]] = ([], [])
    for row, track in enumerate(tracks):
        own = [
            (line, words)
            for line, words in zip(lines, spelled, strict=True)
            if words and (len(tracks) == 1 or words[0].speaker == row)
        ]
        if not own:
            continue
        part = part_of(report, row / len(tracks), (row + 1) / len(tracks))
        logs = phones.logarithms(level.raised(track), part, device)
        for word, who in _in_track(logs, own):
            found[who].append(word)
    report(1.0, "")
    words = tuple(tuple(sorted(one, key=lambda word: word.start_s)) for one in found)
    shown = [tracks[min(row, len(tracks) - 1)] for row in (0, 1)]
    return Spoken((words[0], words[1]), (peaks(shown[0]), peaks(shown[1])), _notes(words))


def peaks(track: FloatArray) -> NDArray[np.uint8]:
    """Return how loud a track is, (n,) at `PEAK_FPS`; its loudest moment is 255."""
    step = SAMPLE_RATE // PEAK_FPS
    whole = np.pad(np.abs(track), (0, -len(track) % step)).reshape(-1, step).max(axis=1)
    scaled: NDArray[np.uint8] = (_FULL * whole / max(float(whole.max()), 1e-3)).astype(np.uint8)
    return scaled


def _spelled(line: Line, speaker: int) -> list[_Spelled]:
    known = pronouncing.bundled()
    return [
        _Spelled(word.text, tuple(p for part in word.parts for p in known.of(part)), speaker)
        for word in transcript.words_of(line.text)
    ]


def _speaker_of(line: Line, tracks: FloatArray, otherwise: str) -> int:
    """Return who says a line: as it is written, else whose track is louder then."""
    if line.speaker:
        return "AB".index(line.speaker)
    if len(tracks) == 2 and line.start_s is not None and line.end_s is not None:
        first, last = (round(time * SAMPLE_RATE) for time in (line.start_s, line.end_s))
        loud = np.square(tracks[:, first:last]).sum(axis=1) / (1e-9 + np.square(tracks).max(axis=1))
        return int(loud.argmax())
    return "AB".index(otherwise)


def _in_track(
    logs: FloatArray, lines: Sequence[tuple[Line, list[_Spelled]]]
) -> list[tuple[SpokenWord, int]]:
    """Return the words of lines and who says them."""
    found: list[tuple[SpokenWord, int]] = []
    length_s = len(logs) / alignment.PHONE_FPS
    untimed = [word for line, words in lines if line.start_s is None for word in words]
    if untimed:
        found += _placed(logs, untimed, 0.0, length_s)
    timed = sorted((pair for pair in lines if pair[0].start_s is not None), key=_start)
    done_s = 0.0
    for line, words in timed:
        start = max(done_s, (line.start_s or 0.0) - _MARGIN_S)
        end = min(length_s, (line.end_s or 0.0) + _MARGIN_S)
        if end <= start:
            continue  # the sound ends before
        found += _placed(logs, words, start, end)
        done_s = found[-1][0].end_s
    return found


def _start(pair: tuple[Line, list[_Spelled]]) -> float:
    return pair[0].start_s or 0.0


def _placed(
    logs: FloatArray, words: Sequence[_Spelled], start_s: float, end_s: float
) -> list[tuple[SpokenWord, int]]:
    """Align words inside a stretch; where there are too many for it they share it evenly."""
    first, last = (round(time * alignment.PHONE_FPS) for time in (start_s, end_s))
    begin_s = first / alignment.PHONE_FPS
    said = alignment.align(logs[first:last], [word.phones for word in words], begin_s)
    if not said:
        said = alignment.spread([len(word.phones) for word in words], start_s, end_s)
    return [
        (
            SpokenWord(
                word.text,
                tuple(
                    Phone(name, span.start_s, span.end_s)
                    for name, span in zip(word.phones, one.phones, strict=True)
                ),
                one.fit,
            ),
            word.speaker,
        )
        for word, one in zip(words, said, strict=True)
    ]


def _notes(words: Sequence[Words]) -> tuple[str, ...]:
    every = [word for one in words for word in one]
    poor = [word.text.strip(",.;:!?") for word in every if word.fit < POOR_FIT]
    if not poor:
        return ()
    shown = ", ".join(poor[:5]) + ("…" if len(poor) > 5 else "")
    return (
        f"{len(poor)} of {len(every)} words fit the sound badly ({shown}): look whether they are "
        "said.",
    )
