"""The whole way from one mixed recording to two heads: read, find who speaks, sample."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.conversation.dialogue import SAMPLE_RATE
from ...core.directing.gaze_plan import GazePlan
from ...core.jobs.results import read_turns
from ...core.motion import Motion
from ...core.progress import Report, part_of, silent
from .. import checkpoints
from ..networks.mixed import MixedNetwork
from ..sound_checks import language_note, read_checked_track
from .gaze import for_gaze_rig
from .predict import MixedOptions, fitted, predict_mixed

FloatArray = NDArray[np.float32]

#: Who speaks more surely than this speaks.
_SPEAKS = 0.5


@dataclass(frozen=True)
class Recording:
    """One recording of two people and what is known of it."""

    path: Path
    turns: Path | None = None  #: corrected by hand (`core.jobs.results.write_turns`); None: found
    voice_a: str = ""  #: some seconds of the first speaker alone: a file, or "START-END" in seconds
    swaps_voices: bool = False  #: the first voice found is the second person's
    duration_s: float | None = None  #: take only the beginning


@dataclass(frozen=True)
class MixedHeads:
    """Both heads of a recording."""

    motions: tuple[Motion, Motion]  #: in the shared space (`mixed.predict_mixed`)
    probability: FloatArray  #: (2, n_frames) that each speaks
    notes: tuple[str, ...] = field(default=())  #: for the user, a line each

    @property
    def speaking(self) -> NDArray[np.bool_]:
        """Who speaks in which frame, (2, n_frames)."""
        return self.probability > _SPEAKS

    def for_rig(self, options: MixedOptions) -> tuple[tuple[Motion, Motion], GazePlan]:
        """Return the motions less what the rig's gaze does, and that gaze."""
        return for_gaze_rig(self.motions, options.staging)


def animate_recording(
    recording: Recording,
    options: MixedOptions,
    checkpoint: Path | None = None,
    report: Report = silent,
) -> MixedHeads:
    """Return both heads of a recording.

    Raises:
        InputError: the recording or the turns cannot be used.
        CheckpointError: the network is missing or damaged.
        CancelledError: `report` asked for it.
    """
    track, odd = read_checked_track(recording.path)
    if recording.duration_s is not None:
        track = track[: max(1, round(recording.duration_s * SAMPLE_RATE))]
    path = checkpoint or checkpoints.bundled_path(MixedNetwork)
    network = checkpoints.load(path, MixedNetwork).network
    probability, notes = _turns(recording, track, options, part_of(report, 0.0, 0.3))
    foreign = language_note("The recording", track) if (probability > 0.5).any() else ""
    motions = predict_mixed(track, probability, network, options, part_of(report, 0.3, 1.0))
    said = tuple(filter(None, (*odd, *notes, foreign)))
    return MixedHeads(motions, fitted(probability, motions[0].n_frames), said)


def _turns(
    recording: Recording, track: FloatArray, options: MixedOptions, report: Report
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return who speaks when, corrected or found, and what is to be said of it."""
    notes: tuple[str, ...] = ()
    if recording.turns is not None:
        probability = read_turns(recording.turns)
    else:
        from ..turn_taking.finding import find_turns, voice_of

        voice = voice_of(recording.voice_a) if recording.voice_a else None
        found = find_turns(track, voice, report, device=options.device)
        probability, notes = found.probability, found.notes
    return (probability[::-1] if recording.swaps_voices else probability), notes
