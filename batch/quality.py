"""What is doubtful about a shot, line by line, so that a person looks at the worst first.

Nothing here judges acting. Each measure says that the sound, or what was made of it, may be wrong
at a known place: the phones are unsure, the sound is clipped, the other voice bleeds into
the track, lips that the voice closes stayed open.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core import stored
from ..core.conversation.dialogue import FRAME_SAMPLES
from ..core.conversation.turns import spans
from ..core.motion import NETWORK_FPS, Motion
from ..core.names import ARKIT_INDEX, JAW_OPEN_RAD

FloatArray = NDArray[np.float32]

#: A run of this many samples within a thousandth of the track's peak, near full scale, is clipped.
_CLIPPED_RUN, _NEAR_PEAK, _LOUD_PEAK = 3, 0.999, 0.5
#: A voice closes the lips where this is likely, for a frame or more; lips that are further open
#: than this share of a wide jaw are not closed.
_CLOSES, _OPEN = 0.8, 0.06
#: Phones that are less sure than this are unsure.
_SURE = 0.5
#: Lines shorter than this (0.5 s) are hardly lines: their share is of this length.
_SHORT_FRAMES = 12
#: Widest shift between the tracks at which a voice bleeds, samples (20 ms: 7 m of air).
_WIDEST_SHIFT = 320
#: Share of the other's voice in a track, from which on it is told.
_BLEEDS = 0.25
#: What each measure adds to the doubt of a line, 1 for the worst.
_WEIGHTS = {"unsure": 1.0, "clipped": 20.0, "bleeding": 1.0, "closures_missed": 1.0}


@dataclass(frozen=True)
class Line:
    """Something that one of the two says, and what is doubtful about it; shares are 0 to 1."""

    speaker: str  #: "A" or "B"
    start_s: float
    end_s: float
    unsure: float  #: of its frames, in which the phones are unsure
    clipped: float  #: of its samples that are clipped
    bleeding: float  #: of the other voice in this one's track, as correlation
    closures: int  #: times that the voice closes the lips
    closures_missed: int  #: of those, times that the lips stayed open

    @property
    def doubt(self) -> float:
        """How doubtful the line is, from 0 on."""
        missed = self.closures_missed / max(self.closures, 2)
        values = {
            "unsure": self.unsure,
            "clipped": self.clipped,
            "bleeding": max(0.0, self.bleeding - _BLEEDS),
            "closures_missed": missed,
        }
        return sum(min(1.0, _WEIGHTS[name] * value) for name, value in values.items())

    @property
    def why(self) -> str:
        """What is doubtful, in words; empty if nothing is."""
        said = []
        if self.unsure > 0.5:
            said.append(f"unsure phones {self.unsure:.0%}")
        if self.clipped > 0.0005:
            said.append(f"clipped {self.clipped:.1%}")
        if self.bleeding > _BLEEDS:
            said.append(f"other voice in the track {self.bleeding:.0%}")
        if self.closures_missed:
            said.append(f"{self.closures_missed} of {self.closures} closures missed")
        return ", ".join(said)


def lines(
    tracks: FloatArray,
    speaking: NDArray[np.bool_],
    motions: tuple[Motion, Motion],
    cues: FloatArray | None,
) -> list[Line]:
    """Return every line of a dialogue, in the order of time.

    Args:
        tracks: (2, n_samples) at 16 kHz; one mixed track is given twice.
        speaking: (2, n_frames) who speaks.
        motions: of both.
        cues: (2, n_frames, 3) as `predict_with_cues` gives them, if the network hears any.
    """
    is_mixed = _are_equal(*tracks)
    found = []
    for index, name in enumerate("AB"):
        peak = _peak(tracks[index])
        alone = speaking[index] & ~speaking[1 - index]
        for first, last in spans(speaking[index]):
            inside = slice(first, last)
            samples = slice(first * FRAME_SAMPLES, last * FRAME_SAMPLES)
            closures, missed = (0, 0)
            if cues is not None:
                closures, missed = _closures(cues[index, inside, 0], motions[index], first)
            found.append(
                Line(
                    name,
                    first / NETWORK_FPS,
                    last / NETWORK_FPS,
                    0.0 if cues is None else _unsure(cues[index, inside, 2]),
                    _clipped(tracks[index], samples, peak),
                    0.0 if is_mixed else _bleeding(tracks[index], tracks[1 - index], alone, inside),
                    closures,
                    missed,
                )
            )
            stored.let_go()
    return sorted(found, key=lambda line: (line.start_s, line.speaker))


def ranked(found: Iterable[Line]) -> list[Line]:
    """Return the most doubtful lines first."""
    return sorted(found, key=lambda line: (-line.doubt, line.start_s, line.speaker))


def _unsure(certainty: FloatArray) -> float:
    """Return the share of unsure frames; a burst shorter than half a second counts for less."""
    return float((certainty < _SURE).sum()) / max(len(certainty), _SHORT_FRAMES)


def _peak(track: FloatArray) -> float:
    return max(
        (float(np.abs(track[piece]).max()) for piece in stored.pieces(len(track), 8)), default=0.0
    )


def _are_equal(one: FloatArray, other: FloatArray) -> bool:
    return all(np.array_equal(one[piece], other[piece]) for piece in stored.pieces(len(one), 8))


def _clipped(track: FloatArray, samples: slice, peak: float) -> float:
    """Return the share of some samples that lie in a run at the track's peak."""
    if peak < _LOUD_PEAK or not len(track[samples]):
        return 0.0
    first = max(samples.start - _CLIPPED_RUN, 0)
    around = np.abs(track[first : samples.stop + _CLIPPED_RUN])
    clipped = np.zeros(len(around), bool)
    for start, end in spans(around >= _NEAR_PEAK * peak):
        if end - start >= _CLIPPED_RUN:
            clipped[start:end] = True
    inside = clipped[samples.start - first :][: len(track[samples])]
    return float(inside.mean())


def _bleeding(own: FloatArray, other: FloatArray, alone: NDArray[np.bool_], inside: slice) -> float:
    """Return how alike both tracks are while one speaks alone, 0 to 1.

    The largest correlation over all shifts of up to 20 ms, in which the own voice reaches the
    other's microphone; two people in two rooms give about 0.05.
    """
    frames = np.flatnonzero(alone[inside])
    if len(frames) < 5:
        return 0.0
    first = (inside.start + frames[0]) * FRAME_SAMPLES
    last = (inside.start + frames[-1] + 1) * FRAME_SAMPLES
    a, b = own[first:last], other[first:last]
    n = 1 << int(np.ceil(np.log2(2 * len(a))))
    spectrum = np.fft.rfft(a, n) * np.conj(np.fft.rfft(b, n))
    product = np.fft.irfft(spectrum, n)
    shifts = np.concatenate([product[: _WIDEST_SHIFT + 1], product[-_WIDEST_SHIFT:]])
    scale = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.abs(shifts).max() / scale) if scale > 1e-6 else 0.0


def _closures(closing: FloatArray, motion: Motion, first: int) -> tuple[int, int]:
    """Return how often the voice closes the lips, and how often they stayed open then."""
    if motion.basis != "arkit":
        return 0, 0
    close = motion.expression[:, ARKIT_INDEX["mouthClose"]]
    opening = motion.jaw[:, 0] / JAW_OPEN_RAD - close  # 0 where the lips meet
    runs = spans(closing > _CLOSES)
    missed = [run for run in runs if opening[first + run[0] : first + run[1]].min() > _OPEN]
    return len(runs), len(missed)
