"""What is asked of the worker that finds when words are said, and its answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..arrays import read_npz
from ..damage import DAMAGE, short
from ..errors import DualTalkError, WorkerError
from ..speech.transcript import Line
from ..speech.words import PEAK_FPS, Spoken, from_json, to_json
from .request import SoundsRequest
from .results import read_json, write_json

PEAKS_FILE = "peaks.npz"
#: A day of sound.
_MOST_PEAKS = 24 * 3600 * PEAK_FPS


@dataclass(frozen=True)
class WordsRequest(SoundsRequest):
    """Find when the words of a transcript are said."""

    job: ClassVar[str] = "words"

    #: text, speaker ("A", "B" or ""), start and end, seconds (-1: not known), of each line; none:
    #: what is said is recognised
    lines: tuple[tuple[str, str, float, float], ...] = ()
    speaker: str = "A"  #: who says lines without a speaker, if the sound does not tell
    device: str = "auto"

    @staticmethod
    def rows(lines: list[Line]) -> tuple[tuple[str, str, float, float], ...]:
        """Return lines as the request has them."""
        return tuple(
            (
                one.text,
                one.speaker,
                -1.0 if one.start_s is None else one.start_s,
                -1.0 if one.end_s is None else one.end_s,
            )
            for one in lines
        )

    @property
    def transcript(self) -> list[Line]:
        """The lines."""
        return [
            Line(text, speaker, None if start < 0 else start, None if end < 0 else end)
            for text, speaker, start, end in self.lines
        ]

    def result(self, folder: Path) -> Spoken:
        """Return what is said when.

        Raises:
            WorkerError: it is not there or not whole.
        """
        try:
            read = read_json(folder)
            first, second = (from_json(read[name]) for name in ("a", "b"))
            arrays = read_npz(folder / PEAKS_FILE)
            peaks = tuple(_peaks(arrays[name]) for name in ("a", "b"))
            notes = tuple(str(note) for note in read["notes"])
            return Spoken((first, second), (peaks[0], peaks[1]), notes)
        except (*DAMAGE, DualTalkError) as error:
            raise WorkerError(f"The words are not whole ({short(error)}): try again.") from error


def write(folder: Path, spoken: Spoken) -> None:
    """Write the answer; the JSON comes last: where it is, all is."""
    np.savez(folder / PEAKS_FILE, a=spoken.peaks[0], b=spoken.peaks[1])
    rows = {name: to_json(words) for name, words in zip("ab", spoken.words, strict=True)}
    write_json(folder, rows | {"notes": spoken.notes})


def _peaks(read: NDArray[np.generic]) -> NDArray[np.uint8]:
    if read.ndim != 1 or read.dtype != np.uint8 or len(read) > _MOST_PEAKS:
        raise WorkerError(f"loudness is {read.dtype} of shape {read.shape}")
    return read.astype(np.uint8)
