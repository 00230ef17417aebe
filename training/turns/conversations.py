"""Real conversations with who speaks when, cut to stretches in which two people speak.

../shared/conversations has five stretches of meetings (AMI corpus: Carletta et al. 2005, CC BY 4.0)
whose truth is their RTTM; ../shared/clips a conversation of two tracks, their energy the truth.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE, n_frames_of
from dualtalk.core.conversation.turns import speaking
from dualtalk.inference.audio import read_dialogue, read_track
from numpy.typing import NDArray

#: File, from when to when, seconds: no third person speaks there.
STRETCHES = (
    ("ami_dev01", 0.0, 30.0),
    ("ami_trn03", 0.0, 30.0),
    ("ami_trn05", 2.2, 19.1),
    ("ami_trn06", 0.0, 11.4),
    ("ami_trn06", 10.6, 30.0),
    ("ami_trn09", 0.0, 15.7),
    ("ami_trn09", 16.6, 30.0),
)


@dataclass(frozen=True)
class Recording:
    """A recording and its truth."""

    name: str
    sound: NDArray[np.float32]  #: (n_samples,) 16 kHz
    active: NDArray[np.bool_]  #: (n_people, n_frames)


def stretches(shared: Path) -> list[Recording]:
    """Return every stretch of two people, and the clip mixed to one track."""
    meetings = shared / "conversations"
    found = [_stretch(meetings, *stretch) for stretch in STRETCHES]
    stem = shared / "clips" / "dialogue_speaker"
    tracks = read_dialogue(Path(f"{stem}1.wav"), Path(f"{stem}2.wav")).tracks
    return [*found, Recording("clip", tracks.sum(axis=0), speaking(tracks))]


def _stretch(folder: Path, name: str, start_s: float, end_s: float) -> Recording:
    sound = read_track(folder / f"{name}.flac")
    active = read_rttm(folder / f"{name}.rttm", n_frames_of(len(sound)))
    first, last = (round(second * SAMPLE_RATE / FRAME_SAMPLES) for second in (start_s, end_s))
    active = active[:, first:last]
    called = f"{name.removeprefix('ami_')}, {start_s:.0f}-{end_s:.0f} s"
    cut = sound[first * FRAME_SAMPLES : last * FRAME_SAMPLES]
    return Recording(called, cut, active[active.any(axis=1)])


def read_rttm(path: Path, n_frames: int) -> NDArray[np.bool_]:
    """Return who speaks in each frame, (n_people, n_frames), of a file of NIST's RTTM."""
    middles = (np.arange(n_frames) + 0.5) * FRAME_SAMPLES / SAMPLE_RATE
    people: dict[str, NDArray[np.bool_]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        _, _, _, start, length, _, _, name, *_ = line.split()
        row = people.setdefault(name, np.zeros(n_frames, bool))
        row |= (middles >= float(start)) & (middles < float(start) + float(length))
    return np.stack(list(people.values()))
