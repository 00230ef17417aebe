"""The worker process: one request in, progress on standard output, motion files out."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from ..core.dialogue import Dialogue
from ..core.errors import DeviceError, DualTalkError
from ..core.job import part_of
from ..core.performance import Performance
from ..core.request import REQUEST_FILE, GenerateRequest, write_performance
from ..core.turns import speaking
from . import serving

_log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Do the `GenerateRequest` in a job's folder; see `core.worker_process` for the protocol."""
    folder = Path(arguments[0])
    return serving.serve(lambda: run(GenerateRequest.read(folder / REQUEST_FILE), folder))


def run(request: GenerateRequest, folder: Path) -> None:
    """Predict both heads and write the result into the folder.

    Raises:
        DualTalkError: as reading, loading and predicting do.
    """
    serving.report(0.0, "loading the network")
    with _stage("dialogue"):
        dialogue = _read(request)
    with _stage("generate"):
        performance = _predicted(request, dialogue)
        try:
            write_performance(folder, performance, dialogue.notes)
        except OSError as error:
            raise DualTalkError(
                f"The result cannot be written ({error.strerror}): free some disk space in "
                f"{folder.parent}."
            ) from error


def _read(request: GenerateRequest) -> Dialogue:
    from .audio import read_dialogue

    dialogue = read_dialogue(*request.sounds)
    for note in dialogue.notes:
        serving.note(note)
    return dialogue


def _predicted(request: GenerateRequest, dialogue: Dialogue) -> Performance:
    from . import checkpoints, predict
    from .retarget import retargeted

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
            dialogue, checkpoint, options, part_of(serving.report, 0.1, 1.0)
        )
    except RuntimeError as error:
        if "allocate" not in str(error) and "out of memory" not in str(error):
            raise
        _log.exception("predicting ran out of memory")
        raise DeviceError(
            "Memory ran out: close other programs, or choose the CPU in the add-on's preferences."
        ) from error
    first, second = (
        retargeted(motion, "flame" if basis == "flame" else "arkit") if basis else motion
        for motion, basis in zip(motions, (request.basis_a, request.basis_b), strict=True)
    )
    return Performance((first, second), request.sounds, speaking(dialogue.tracks))


@contextlib.contextmanager
def _stage(name: str) -> Iterator[None]:
    """Say of an error which step of the work it belongs to."""
    try:
        yield
    except DualTalkError as error:
        error.stage = name
        raise
