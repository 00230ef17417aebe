"""One recorded utterance, in the phones that every source of speech is written in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.core.speech.phones import BILABIALS as BILABIALS
from dualtalk.core.speech.phones import PHONE_INDEX, SILENCE
from dualtalk.core.speech.phones import PHONES as PHONES
from dualtalk.core.speech.phones import VOWELS as VOWELS
from numpy.typing import NDArray


@dataclass(frozen=True)
class Utterance:
    """Speech of one person and what is said when."""

    sound: NDArray[np.float32]  #: (n_samples,) in [-1, 1], 16 kHz
    phones: NDArray[np.int64]  #: (n_phones,) indices into `PHONES`
    starts: NDArray[np.int64]  #: (n_phones,) first sample of each phone
    ends: NDArray[np.int64]  #: (n_phones,) the sample after its last
    voice: str

    def at_rate(self, fps: float, n_frames: int) -> NDArray[np.int64]:
        """Return the phone at the centre of each of `n_frames`, (n_frames,) indices."""
        frames = np.zeros(n_frames, np.int64)
        for phone, start, end in zip(self.phones, self.starts, self.ends, strict=True):
            first, last = (int(np.ceil(t / SAMPLE_RATE * fps - 0.5)) for t in (start, end))
            frames[max(first, 0) : max(last, 0)] = phone
        return frames


def make_utterance(
    sound: NDArray[np.float32],
    names: Sequence[str],
    starts_s: NDArray[np.float64],
    ends_s: NDArray[np.float64],
    voice: str,
) -> Utterance:
    """Make an utterance from phones and times in seconds.

    A name may hold several phones ("AA R"), which share its time equally. Neighbouring silences
    are joined.
    """
    phones: list[int] = []
    starts: list[float] = []
    ends: list[float] = []
    for name, start, end in zip(names, starts_s, ends_s, strict=True):
        parts = name.split()
        edges = np.linspace(start, end, len(parts) + 1)
        for part, first, last in zip(parts, edges[:-1], edges[1:], strict=True):
            if part == SILENCE and phones and phones[-1] == PHONE_INDEX[SILENCE]:
                ends[-1] = last
                continue
            phones.append(PHONE_INDEX[part])
            starts.append(first)
            ends.append(last)

    def samples(times: list[float]) -> NDArray[np.int64]:
        return np.round(np.array(times) * SAMPLE_RATE).astype(np.int64)

    peak = float(np.abs(sound).max(initial=0.0))
    scaled = sound.astype(np.float32) * np.float32(0.5 / peak if peak > 0 else 1.0)
    return Utterance(scaled, np.array(phones, np.int64), samples(starts), samples(ends), voice)
