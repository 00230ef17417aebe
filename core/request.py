"""What Blender asks of the worker process, as JSON, and what comes back.

Blender's Python has numpy but neither torch nor safetensors, so requests and results are JSON and
the motion files of `core.motion`.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .errors import DualTalkError, InputError, WorkerError
from .motion import Motion
from .names import SPEAKERS
from .performance import Performance

REQUEST_FILE = "request.json"
RESULT_FILE = "result.json"
_SPEAKING_FILE = "speaking.npy"


@dataclass(frozen=True)
class GenerateRequest:
    """Predict the motion of both heads."""

    sound_a: str
    sound_b: str = ""  #: empty: `sound_a` is stereo, one speaker per channel
    checkpoint: str = ""  #: empty: the bundled one
    device: str = "auto"
    precision: str = "float32"
    window_s: float | None = None
    seed: int = 0

    @property
    def sounds(self) -> tuple[Path, ...]:
        """The sound files that are used."""
        return tuple(Path(path) for path in (self.sound_a, self.sound_b) if path)

    def write(self, folder: Path) -> Path:
        """Write the request into the job's folder and return its path."""
        path = folder / REQUEST_FILE
        path.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        return path

    @staticmethod
    def read(path: Path) -> "GenerateRequest":
        """Read what `write` wrote.

        Raises:
            InputError: the file is no request of this version.
        """
        try:
            return GenerateRequest(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} is not a request of this version: {error}") from error


def write_result(folder: Path, performance: Performance, notes: tuple[str, ...]) -> None:
    """Write a result; result.json comes last, so that where it is everything is."""
    for speaker, motion in zip(SPEAKERS, performance.motions, strict=True):
        motion.save(folder / f"{speaker}.npz")
    np.save(folder / _SPEAKING_FILE, performance.speaking)
    sounds = [str(path) for path in performance.sounds]
    text = json.dumps({"sounds": sounds, "notes": notes})
    (folder / RESULT_FILE).write_text(text, encoding="utf-8")


def read_result(folder: Path) -> tuple[Performance, tuple[str, ...]]:
    """Return the performance and the notes for the user.

    Raises:
        WorkerError: the result is not there or not whole.
    """
    try:
        result = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
        first, second = (Motion.load(folder / f"{speaker}.npz") for speaker in SPEAKERS)
        speaking = np.load(folder / _SPEAKING_FILE, allow_pickle=False)
        sounds = tuple(Path(path) for path in result["sounds"])
        return Performance((first, second), sounds, speaking), tuple(result["notes"])
    except (OSError, ValueError, KeyError, DualTalkError) as error:
        raise WorkerError(f"The worker's result is not whole ({error}): try again.") from error
