"""Who speaks when: from two separate tracks, or as found in a mixed one."""

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .. import stored
from ..errors import InputError
from ..motion import NETWORK_FPS
from .dialogue import FRAME_SAMPLES, n_frames_of

#: Speech is this far above the track's own noise floor, dB, and not below the absolute floor.
_ABOVE_FLOOR_DB = 12.0
_SILENCE_DB = -50.0
#: A partner who is this much louder is heard through the own microphone, dB.
_CROSSTALK_DB = 15.0
#: Shorter gaps inside an utterance are closed and shorter bursts dropped, frames (0.32 s, 0.08 s).
_MIN_GAP_FRAMES = 8
_MIN_SPEECH_FRAMES = 2
#: From which sureness on a number of voices is called what.
_SURENESS = ((0.99, "sure"), (0.59, "likely"), (0.0, "unsure"))

_SECONDS = r"(\d+(?:\.\d+)?)"


@dataclass(frozen=True)
class Stretch:
    """A part of a recording."""

    start_s: float
    end_s: float


def stretch_of(text: str) -> Stretch | None:
    """Read "SECONDS-SECONDS"; None if it is something else.

    Raises:
        InputError: it ends before it begins.
    """
    match = re.fullmatch(rf"\s*{_SECONDS}\s*-\s*{_SECONDS}\s*", text)
    if match is None:
        return None
    stretch = Stretch(float(match[1]), float(match[2]))
    if stretch.end_s <= stretch.start_s:
        raise InputError(f"The stretch {text} ends before it begins: give START-END in seconds.")
    return stretch


@dataclass(frozen=True)
class Utterance:
    """One person speaks without a longer pause."""

    speaker: str  #: "A" or "B"
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turns:
    """Who speaks when in one mixed track."""

    probability: NDArray[np.float32]  #: (2, n_frames) that A and B speak, 25 frames per second
    notes: tuple[str, ...] = ()  #: what is odd about the recording, a sentence each for the user
    n_voices: int | None = None  #: how many people were heard; None: nobody counted
    sureness: float | None = None  #: how sure that number is, 0 to 1

    def __post_init__(self) -> None:
        if self.probability.ndim != 2 or len(self.probability) != 2:
            raise InputError(f"Turns are (2, n_frames), not {self.probability.shape}.")

    @property
    def active(self) -> NDArray[np.bool_]:
        """Who speaks, (2, n_frames); short gaps are closed and short bursts dropped."""
        return np.stack([_tidied(row > 0.5) for row in self.probability])

    def utterances(self) -> list["Utterance"]:
        """Return who says something from when to when, in the order of time."""
        found = [
            Utterance(name, first / NETWORK_FPS, last / NETWORK_FPS)
            for name, row in zip("AB", self.active, strict=True)
            for first, last in spans(row)
        ]
        return sorted(found, key=lambda utterance: (utterance.start_s, utterance.speaker))

    def swapped(self) -> "Turns":
        """Return the same with A and B exchanged."""
        return replace(self, probability=np.ascontiguousarray(self.probability[::-1]))

    @property
    def summary(self) -> str:
        """How many voices there are and how sure that is, in words; empty if nobody counted."""
        if self.n_voices is None or self.sureness is None:
            return ""
        numbers = {0: "No voice", 1: "One voice", 2: "Two voices"}
        heard = numbers.get(self.n_voices, f"{self.n_voices} voices or more")
        sure = next(word for least, word in _SURENESS if self.sureness >= least)
        return f"{heard} ({sure})"


def speaking(tracks: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return who speaks in which frame, (2, n_frames), for tracks (2, n_samples) at 16 kHz."""
    level = np.stack([frame_levels_db(track) for track in tracks])  # (2, n_frames)
    floor = np.percentile(level, 10, axis=1, keepdims=True)
    active = level > np.maximum(floor + _ABOVE_FLOOR_DB, _SILENCE_DB)
    active &= level > level[::-1] - _CROSSTALK_DB
    return np.stack([_tidied(row) for row in active])


def spans(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of true frames as (first frame, frame after the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def frame_levels_db(track: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the RMS of each frame in dB of full scale, (n_frames,)."""
    n_frames = n_frames_of(len(track))
    power = np.zeros(n_frames)
    for piece in stored.pieces(min(len(track), n_frames * FRAME_SAMPLES), 8, FRAME_SAMPLES):
        kept = track[piece]
        padded = np.zeros(-(-len(kept) // FRAME_SAMPLES) * FRAME_SAMPLES, np.float32)
        padded[: len(kept)] = kept
        first = piece.start // FRAME_SAMPLES
        squares = np.square(padded.reshape(-1, FRAME_SAMPLES), dtype=np.float64)
        power[first : first + len(squares)] = squares.mean(axis=1)
    level: NDArray[np.float64] = 10 * np.log10(power + 1e-12)
    return level


def _tidied(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    tidy = active.copy()
    for first, last in spans(~active):
        inside = first > 0 and last < len(active)
        if inside and last - first < _MIN_GAP_FRAMES:
            tidy[first:last] = True
    for first, last in spans(tidy):
        if last - first < _MIN_SPEECH_FRAMES:
            tidy[first:last] = False
    return tidy
