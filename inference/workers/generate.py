"""The job that makes both heads talk: sound in, motion files out."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.conversation.dialogue import Dialogue
from ...core.conversation.turns import speaking
from ...core.formats.captured import read as read_face
from ...core.jobs.requests import GenerateRequest
from ...core.jobs.results import write_performance
from ...core.motion import Motion
from ...core.performance import Performance
from ...core.progress import part_of
from . import protocol

if TYPE_CHECKING:
    from ..checkpoints import Checkpoint
    from ..two_track.predict import PredictOptions

#: Of the whole, when both heads are predicted: the result is written, then Blender's keys are.
_DONE = 0.93


def run(request: GenerateRequest, folder: Path) -> None:
    """Predict both heads and write the result into the folder.

    Raises:
        DualTalkError: as reading, loading and predicting do.
    """
    protocol.report(0.01, "loading the libraries")
    import torch  # noqa: F401 - takes seconds, in which the bar would stand

    protocol.report(0.05, "loading the network")
    if request.mixed:
        with protocol.stage("generate"):
            performance, notes = _mixed(request)
    elif any(request.faces):
        performance, notes = _captured(request)
    else:
        with protocol.stage("dialogue"):
            dialogue = _read(request)
        with protocol.stage("generate"):
            performance, notes = _predicted(request, dialogue), dialogue.notes
    with protocol.stage("generate"):
        protocol.report(_DONE, "writing the result")
        write_performance(folder, performance, notes)


def _read(request: GenerateRequest) -> Dialogue:
    from ..sound_checks import read_checked

    dialogue = read_checked(*request.sounds)
    for note in dialogue.notes:
        protocol.note(note)
    return dialogue


def _mixed(request: GenerateRequest) -> tuple[Performance, tuple[str, ...]]:
    """Return both heads of one mixed recording, and what is to be said of it."""
    from ..mixed import animate, predict

    recording = animate.Recording(
        request.sounds[0],
        turns=Path(request.turns) if request.turns else None,
        voice_a=request.voice_a,
        swaps_voices=request.swaps_voices,
    )
    options = predict.MixedOptions(
        seed=request.seed,
        staging=request.placed,
        device=request.device,  # type: ignore[arg-type]
        precision=request.precision,  # type: ignore[arg-type]
    )
    heads = animate.animate_recording(
        recording, options, report=part_of(protocol.report, 0.1, _DONE)
    )
    for note in heads.notes:
        protocol.note(note)
    motions, gaze = heads.for_rig(options)
    performance = Performance(_in_bases(motions, request), request.sounds, heads.speaking, gaze)
    return performance, heads.notes


def _captured(request: GenerateRequest) -> tuple[Performance, tuple[str, ...]]:
    """Return both heads of a dialogue in which a face is captured, and what is to be said of it."""
    from ..two_track import captured

    with protocol.stage("dialogue"):
        first, second = (
            None if path is None else captured.Face(read_face(path), starts_s, path.name)
            for path, starts_s in zip(
                request.faces, (request.face_start_a, request.face_start_b), strict=True
            )
        )
        dialogue = _heard(request) if request.sounds else captured.silence_for((first, second))
    with protocol.stage("generate"):
        found = captured.perform(
            dialogue,
            (first, second),
            lambda: _checkpoint(request),
            _options(request),
            request.placed,
            part_of(protocol.report, 0.1, _DONE),
        )
    for note in found.notes:
        protocol.note(note)
    motions = _in_bases(found.motions, request)
    return (
        Performance(motions, request.sounds, found.speaking, found.gaze, request.silent),
        found.notes,
    )


def _heard(request: GenerateRequest) -> Dialogue:
    """Return the sound of those who have one; the rows of others are silent."""
    from ..audio import read_track
    from ..sound_checks import read_checked
    from ..speech import level

    if not request.silent:
        return read_checked(*request.sounds)
    track = read_track(request.sounds[0])
    rows = [np.zeros_like(track) if row in request.silent else track for row in (0, 1)]
    dialogue = Dialogue(np.stack(rows))
    return level.levelled(dialogue, level.own_levels_db(dialogue.tracks))


def _predicted(request: GenerateRequest, dialogue: Dialogue) -> Performance:
    from ..two_track import predict

    report = part_of(protocol.report, 0.1, _DONE)
    options = _options(request)
    motions = predict.predict_both(dialogue, _checkpoint(request), options, report)
    return Performance(_in_bases(motions, request), request.sounds, speaking(dialogue.tracks))


def _checkpoint(request: GenerateRequest) -> "Checkpoint":
    from .. import checkpoints

    path = Path(request.checkpoint) if request.checkpoint else checkpoints.bundled_path()
    return checkpoints.load(path)


def _options(request: GenerateRequest) -> "PredictOptions":
    from ..two_track.predict import PredictOptions

    return PredictOptions(
        window_s=request.window_s,
        seed=request.seed,
        device=request.device,  # type: ignore[arg-type]
        precision=request.precision,  # type: ignore[arg-type]
    )


def _in_bases(motions: tuple[Motion, Motion], request: GenerateRequest) -> tuple[Motion, Motion]:
    """Return the motions as the request's characters take them."""
    from ..postprocess.retarget import retargeted

    first, second = (
        retargeted(motion, "flame" if basis == "flame" else "arkit") if basis else motion
        for motion, basis in zip(motions, (request.basis_a, request.basis_b), strict=True)
    )
    return first, second
