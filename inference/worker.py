"""The worker process: one request in, progress on standard output, motion files out."""

import importlib.util
import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

from ..core.errors import DualTalkError
from ..core.job import part_of
from ..core.performance import Performance
from ..core.request import REQUEST_FILE, GenerateRequest, write_result
from ..core.turns import speaking


def main(folder: Path) -> int:
    """Do the request in a job's folder; see `core.worker_process` for the protocol."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger().addHandler(_Notes(logging.WARNING))
    try:
        _require_libraries()
        run(GenerateRequest.read(folder / REQUEST_FILE), folder)
    except DualTalkError as error:
        _say({"error": str(error), "exit_code": error.exit_code})
        return error.exit_code
    except OSError as error:
        _say({"error": f"The result cannot be written ({error.strerror}): free some disk space."})
        return 1
    except MemoryError:
        _say({"error": "Memory ran out: close other programs, or choose a shorter window."})
        return 1
    return 0


def run(request: GenerateRequest, folder: Path) -> None:
    """Predict both heads and write the result into the folder.

    Raises:
        DualTalkError: as reading, loading and predicting do.
    """
    _report(0.0, "loading the network")
    from . import checkpoints, predict
    from .audio import read_dialogue

    dialogue = read_dialogue(*request.sounds)
    for note in dialogue.notes:
        _say({"note": note})
    path = Path(request.checkpoint) if request.checkpoint else checkpoints.bundled_path()
    checkpoint = checkpoints.load(path)
    options = predict.PredictOptions(
        window_s=request.window_s,
        seed=request.seed,
        device=request.device,  # type: ignore[arg-type]
        precision=request.precision,  # type: ignore[arg-type]
    )
    motions = predict.predict_both(dialogue, checkpoint, options, part_of(_report, 0.1, 1.0))
    performance = Performance(motions, request.sounds, speaking(dialogue.tracks))
    write_result(folder, performance, dialogue.notes)


def _report(fraction: float, text: str) -> None:
    _say({"fraction": fraction, "text": text})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _require_libraries() -> None:
    needed = ("torch", "numpy", "librosa", "soundfile", "soxr", "scipy", "safetensors")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise DualTalkError(
            f"The Python for the network ({sys.executable}) lacks {', '.join(missing)}: choose one "
            "that has them in the add-on's preferences."
        )


def _end_with_parent() -> None:
    """End this process when the parent's end of standard input closes."""
    while os.read(0, 4096):  # not sys.stdin: its lock would be held at exit
        pass
    os._exit(1)


class _Notes(logging.Handler):
    """Warnings are notes for the user."""

    def emit(self, record: logging.LogRecord) -> None:
        _say({"note": record.getMessage()})
