"""The job that makes both heads talk: sound in, motion files out."""

from pathlib import Path

from ...core.conversation.dialogue import Dialogue
from ...core.conversation.turns import speaking
from ...core.jobs.requests import GenerateRequest
from ...core.jobs.results import write_performance
from ...core.motion import Motion
from ...core.performance import Performance
from ...core.progress import part_of
from . import protocol


def run(request: GenerateRequest, folder: Path) -> None:
    """Predict both heads and write the result into the folder.

    Raises:
        DualTalkError: as reading, loading and predicting do.
    """
    protocol.report(0.0, "loading the network")
    if request.mixed:
        with protocol.stage("generate"):
            performance, notes = _mixed(request)
    else:
        with protocol.stage("dialogue"):
            dialogue = _read(request)
        with protocol.stage("generate"):
            performance, notes = _predicted(request, dialogue), dialogue.notes
    with protocol.stage("generate"):
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
    heads = animate.animate_recording(recording, options, report=part_of(protocol.report, 0.1, 1.0))
    for note in heads.notes:
        protocol.note(note)
    motions, gaze = heads.for_rig(options)
    performance = Performance(_in_bases(motions, request), request.sounds, heads.speaking, gaze)
    return performance, heads.notes


def _predicted(request: GenerateRequest, dialogue: Dialogue) -> Performance:
    from .. import checkpoints
    from ..two_track import predict

    path = Path(request.checkpoint) if request.checkpoint else checkpoints.bundled_path()
    options = predict.PredictOptions(
        window_s=request.window_s,
        seed=request.seed,
        device=request.device,  # type: ignore[arg-type]
        precision=request.precision,  # type: ignore[arg-type]
    )
    report = part_of(protocol.report, 0.1, 1.0)
    motions = predict.predict_both(dialogue, checkpoints.load(path), options, report)
    return Performance(_in_bases(motions, request), request.sounds, speaking(dialogue.tracks))


def _in_bases(motions: tuple[Motion, Motion], request: GenerateRequest) -> tuple[Motion, Motion]:
    """Return the motions as the request's characters take them."""
    from ..postprocess.retarget import retargeted

    first, second = (
        retargeted(motion, "flame" if basis == "flame" else "arkit") if basis else motion
        for motion, basis in zip(motions, (request.basis_a, request.basis_b), strict=True)
    )
    return first, second
