"""The sound of a conversation: one track per speaker."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..motion import NETWORK_FPS

#: Samples per second that every network hears.
SAMPLE_RATE = 16_000
#: Samples of one frame of motion.
FRAME_SAMPLES = round(SAMPLE_RATE / NETWORK_FPS)


@dataclass(frozen=True)
class Dialogue:
    """Two tracks of one conversation, of equal length."""

    tracks: NDArray[np.float32]  #: (2, n_samples) in [-1, 1], 16 kHz
    notes: tuple[str, ...] = ()  #: what was changed on reading, a line each for the user
    #: whose own speech decided how loud the track is (`inference.speech.level`), not its loud parts
    is_levelled: tuple[bool, bool] = (False, False)

    def __post_init__(self) -> None:
        if self.tracks.ndim != 2 or self.tracks.shape[0] != 2:
            raise InputError(f"A dialogue has two tracks, not an array of {self.tracks.shape}.")
        if self.tracks.shape[1] == 0:
            raise InputError("The dialogue holds no sound.")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.tracks.shape[1] / SAMPLE_RATE

    @property
    def n_frames(self) -> int:
        """Frames of motion that the dialogue gives."""
        return n_frames_of(self.tracks.shape[1])

    def swapped(self) -> "Dialogue":
        """Return the same with the two people exchanged."""
        tracks = np.ascontiguousarray(self.tracks[::-1])
        return replace(self, tracks=tracks, is_levelled=self.is_levelled[::-1])

    def shortened(self, duration_s: float | None) -> "Dialogue":
        """Return the beginning alone; None is all of it."""
        if duration_s is None:
            return self
        n_samples = max(1, round(duration_s * SAMPLE_RATE))
        return replace(self, tracks=self.tracks[:, :n_samples])


def n_frames_of(n_samples: int) -> int:
    """Count the frames of motion for a count of 16 kHz samples.

    In floating point exactly as the published network does it: for some lengths this differs
    from the integer ceiling (n = 640 x 7 gives 8).
    """
    return math.ceil(n_samples / SAMPLE_RATE * NETWORK_FPS)
