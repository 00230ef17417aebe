"""The worker process: one request in, progress on standard output, motion files out."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from ...core.dialogue import Dialogue
from ...core.errors import DeviceError, DualTalkError
from ...core.jobs.requests import REQUEST_FILE, GenerateRequest, write_performance
from ...core.motion import Motion
from ...core.performance import Performance
from ...core.progress import part_of
from ...core.turns import speaking
from . import protocol

_log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Do the `GenerateRequest` in a job's folder (protocol: `core.jobs.worker_process`)."""
    folder = Path(arguments[0])
    return protocol.serve(lambda: run(GenerateRequest.read(folder / REQUEST_FILE), folder))


def run(request: GenerateRequest, folder: Path) -> None:
    """Predict both heads and write the result into the folder.

    Raises:
        DualTalkError: as reading, loading and predicting do.
    """
    protocol.report(0.0, "loading the network")
    if request.mixed:
        with _stage("generate"):
            performance, notes = _mixed(request)
    else:
        with _stage("dialogue"):
            dialogue = _read(request)
        with _stage("generate"):
            performance, notes = _predicted(request, dialogue), dialogue.notes
    with _stage("generate"):
        try:
            write_performance(folder, performance, notes)
        except OSError as error:
            raise DualTalkError(
                f"The result cannot be written ({error.strerror}): free some disk space in "
                f"{folder.parent}."
            ) from error


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
    options = predict.MixedOptions(seed=request.seed, staging=request.placed)
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
    checkpoint = checkpoints.load(path)
    try:
        motions = predict.predict_both(
            dialogue, checkpoint, options, part_of(protocol.report, 0.1, 1.0)
        )
    except RuntimeError as error:
        if "allocate" not in str(error) and "out of memory" not in str(error):
            raise
        _log.exception("predicting ran out of memory")
        raise DeviceError(
            "Memory ran out: close other programs, or choose the CPU in the add-on's preferences."
        ) from error
    return Performance(_in_bases(motions, request), request.sounds, speaking(dialogue.tracks))


def _in_bases(motions: tuple[Motion, Motion], request: GenerateRequest) -> tuple[Motion, Motion]:
    """Return the motions as the request's characters take them."""
    from ..postprocess.retarget import retargeted

    first, second = (
        retargeted(motion, "flame" if basis == "flame" else "arkit") if basis else motion
        for motion, basis in zip(motions, (request.basis_a, request.basis_b), strict=True)
    )
    return first, second


@contextlib.contextmanager
def _stage(name: str) -> Iterator[None]:
    """Say of an error which step of the work it belongs to."""
    try:
        yield
    except DualTalkError as error:
        error.stage = name
        raise
