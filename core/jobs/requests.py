"""What Blender asks of a worker process, as JSON, and what comes back.

Blender's Python has numpy but neither torch nor safetensors, so requests and results are JSON and
the motion files of `core.motion`. A request knows the module that serves it, so that whoever
starts a worker gets the right type of result back.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..directing.description import Direction
from ..directing.gaze_text import looks_to_json, plan_from_json
from ..directing.staging import Seat, Staging, default_staging
from ..errors import DualTalkError, InputError, WorkerError
from ..files import atomic
from ..motion import Motion
from ..names import SPEAKERS
from ..performance import Performance
from ..turns import Turns

REQUEST_FILE = "request.json"
RESULT_FILE = "result.json"
TURNS_FILE = "turns.npz"
_SPEAKING_FILE = "speaking.npy"
#: What the network's Python must have beside the standard library.
LIBRARIES = (
    *("torch", "numpy", "librosa", "soundfile", "soxr", "scipy", "safetensors"),
    "sentencepiece",
)

Result_co = TypeVar("Result_co", covariant=True)


class Request(Protocol[Result_co]):
    """A job for a worker process."""

    @property
    def module(self) -> str:
        """The module below the package that serves it; its `main` takes the job's folder."""

    def write(self, folder: Path) -> Path:
        """Write the request into the job's folder and return its path."""

    def result(self, folder: Path) -> Result_co:
        """Read the result from the job's folder; raises `WorkerError` if it is not whole."""


@dataclass(frozen=True)
class _JsonRequest:
    """A request whose fields are all JSON values."""

    module: ClassVar[str]

    def write(self, folder: Path) -> Path:
        """Write the request into the job's folder and return its path."""
        path = folder / REQUEST_FILE
        path.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` wrote.

        Raises:
            InputError: the file is no request of this kind and version.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            _check_fields(values, {field.name for field in fields(cls)})
            return cls(**values)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{path} is not a request of this version: {error}") from error


@dataclass(frozen=True)
class GenerateResult:
    """What `GenerateRequest` gives."""

    performance: Performance
    notes: tuple[str, ...]  #: for the user, a line each


@dataclass(frozen=True)
class GenerateRequest(_JsonRequest):
    """Predict the motion of both heads."""

    module: ClassVar[str] = "inference.workers.generate"

    sound_a: str
    sound_b: str = ""  #: empty: `sound_a` is stereo, one speaker per channel
    checkpoint: str = ""  #: empty: the bundled one
    device: str = "auto"
    precision: str = "float32"
    window_s: float | None = None
    seed: int = 0
    basis_a: str = ""  #: of the first speaker's character; empty: as the network writes it
    basis_b: str = ""
    mixed: bool = False  #: `sound_a` holds both voices in one track; the rest is for that alone
    turns: str = (
        ""  #: who speaks when, corrected by hand (`core.jobs.requests.write_turns`); empty: found
    )
    #: Some seconds of the first speaker alone, a file or "START-END"; empty: who speaks first is A.
    voice_a: str = ""
    swaps_voices: bool = False  #: the first voice is the second character's
    staging: dict[str, Any] | None = (
        None  #: `dataclasses.asdict` of a `Staging`; None: an interview
    )

    @property
    def placed(self) -> Staging:
        """Where both are.

        Raises:
            InputError: `staging` is not one of this version, or out of range.
        """
        if self.staging is None:
            return default_staging()
        try:
            values = dict(self.staging)
            first, second = (Seat(**seat) for seat in values.pop("seats"))
            return Staging(**values, seats=(first, second))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"The request's staging is not one of this version ({error}): generate again."
            ) from error

    @property
    def sounds(self) -> tuple[Path, ...]:
        """The sound files that are used."""
        given = (self.sound_a,) if self.mixed else (self.sound_a, self.sound_b)
        return tuple(Path(path) for path in given if path)

    def result(self, folder: Path) -> GenerateResult:
        """Return the performance and the notes for the user.

        Raises:
            WorkerError: the result is not there, not whole, or holds what is no motion.
        """
        try:
            result = read_json(folder)
            first, second = (Motion.load(folder / f"{speaker}.npz") for speaker in SPEAKERS)
            speaking = np.load(folder / _SPEAKING_FILE, allow_pickle=False)
            gaze = None
            if "looks" in result:
                gaze = plan_from_json(result["looks"], first.n_frames, result["gaze_fps"])
            performance = Performance((first, second), self.sounds, speaking.astype(bool), gaze)
            _check_lengths(performance)
            return GenerateResult(performance, tuple(str(note) for note in result["notes"]))
        except (OSError, ValueError, KeyError, TypeError, DualTalkError) as error:
            raise WorkerError(f"The worker's result is not whole ({error}): try again.") from error


@dataclass(frozen=True)
class TurnsRequest(_JsonRequest):
    """Find out who speaks when in one mixed recording."""

    module: ClassVar[str] = "inference.workers.turns"

    sound: str
    #: Some seconds of the first speaker alone, a file or "START-END"; empty: who speaks first is A.
    voice_a: str = ""
    n_people: int | None = None  #: how many speak, if that is known

    def result(self, folder: Path) -> Turns:
        """Return who speaks when, with the notes for the user.

        Raises:
            WorkerError: the result is not there or not whole.
        """
        try:
            read = read_json(folder)
            notes = tuple(str(note) for note in read["notes"])
            probability = read_turns(folder / TURNS_FILE)
            return Turns(probability, notes, read["n_voices"], read["sureness"])
        except (OSError, ValueError, KeyError, TypeError, DualTalkError) as error:
            raise WorkerError(f"The worker's turns are not whole ({error}): try again.") from error


@dataclass(frozen=True)
class DescribeRequest(_JsonRequest):
    """Read what a description of the scene directs."""

    module: ClassVar[str] = "inference.workers.description"

    text: str
    name_a: str = ""  #: what the text calls the two, beside "A" and "B"
    name_b: str = ""
    pronoun_a: str = "she"  #: "she", "he" or "they"
    pronoun_b: str = "he"

    def result(self, folder: Path) -> Direction:
        """Return what was understood.

        Raises:
            WorkerError: the result is not there or not whole.
        """
        try:
            read = read_json(folder)
            not_understood = tuple(str(part) for part in read["not_understood"])
            return Direction(read["values"], read["confidence"], not_understood, read["distance_m"])
        except (OSError, ValueError, KeyError, TypeError, InputError) as error:
            raise WorkerError(f"What was read is not whole ({error}): try again.") from error


@dataclass(frozen=True)
class CheckResult:
    """What a Python can do."""

    python: str  #: version
    torch: str  #: version
    devices: tuple[str, ...]  #: the fastest first

    @property
    def summary(self) -> str:
        """One line for the user."""
        return f"Python {self.python}, torch {self.torch}, {', '.join(self.devices)}"


@dataclass(frozen=True)
class CheckRequest(_JsonRequest):
    """Find out whether a Python can run the network, and on what."""

    module: ClassVar[str] = "inference.workers.check"

    def result(self, folder: Path) -> CheckResult:
        """Return what the Python can do.

        Raises:
            WorkerError: the result is not there or not whole.
        """
        try:
            result = read_json(folder)
            return CheckResult(
                str(result["python"]), str(result["torch"]), tuple(map(str, result["devices"]))
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WorkerError(f"The check gave no whole result ({error}): try again.") from error


@dataclass(frozen=True)
class ImportRequest(_JsonRequest):
    """Convert a published checkpoint."""

    module: ClassVar[str] = "inference.workers.import_checkpoint"

    source: str  #: the `.pth`
    target: str  #: the `.safetensors`

    def result(self, folder: Path) -> Path:
        """Return the converted checkpoint; raises `WorkerError` if it is not there."""
        if not Path(self.target).is_file():
            raise WorkerError(f"The checkpoint is not at {self.target}: try again.")
        return Path(self.target)


@dataclass(frozen=True)
class InstallRequest(_JsonRequest):
    """Make the network's own Python from a package registry or from a folder of wheels."""

    module: ClassVar[str] = "inference.workers.environment"

    folder: str  #: where the environment goes
    wheels: str = ""  #: a folder; empty: from the registry, over the network
    index: str = ""  #: address of another registry; empty: the usual one
    libraries: tuple[str, ...] = LIBRARIES
    is_checked: bool = True  #: load the libraries before the environment counts as made

    def result(self, folder: Path) -> CheckResult:
        """Return what the new Python can do; raises `WorkerError` if there is none."""
        if not python_in(Path(self.folder)).exists():
            raise WorkerError(f"The environment is not at {self.folder}: try again.")
        if not self.is_checked:
            return CheckResult("", "", ())
        return CheckRequest().result(folder)


def python_in(environment: Path) -> Path:
    """Return the interpreter of an environment, whether it is there or not."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def write_performance(folder: Path, performance: Performance, notes: tuple[str, ...]) -> None:
    """Write the result of a `GenerateRequest`; the JSON comes last: where it is, all is."""
    for speaker, motion in zip(SPEAKERS, performance.motions, strict=True):
        motion.save(folder / f"{speaker}.npz")
    np.save(folder / _SPEAKING_FILE, performance.speaking)
    gaze = performance.gaze
    looks = {} if gaze is None else {"looks": looks_to_json(gaze), "gaze_fps": gaze.fps}
    write_json(folder, {"notes": notes} | looks)


def write_turns(path: Path, probability: NDArray[Any]) -> None:
    """Write who speaks when, (2, n_frames) of 0 to 1 at 25 fps, for `GenerateRequest.turns`."""
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, probability=np.asarray(probability, np.float32))


def read_turns(path: Path) -> NDArray[np.float32]:
    """Read what `write_turns` wrote, (2, n_frames).

    Raises:
        InputError: the file is missing, or holds no turns.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            probability: NDArray[np.float32] = file["probability"].astype(np.float32)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise InputError(f"{path} holds no turns ({error}): find them anew.") from error
    if probability.ndim != 2 or len(probability) != 2 or not np.isfinite(probability).all():
        raise InputError(f"{path} holds {probability.shape}, not (2, n_frames): find turns anew.")
    return np.clip(probability, 0.0, 1.0)


def write_json(folder: Path, result: Mapping[str, object]) -> None:
    """Write the JSON part of a result."""
    (folder / RESULT_FILE).write_text(json.dumps(result), encoding="utf-8")


def read_json(folder: Path) -> dict[str, Any]:
    """Read the JSON part of a result; raises OSError or ValueError."""
    read = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        raise ValueError(f"{RESULT_FILE} holds no object")
    return read


def _check_fields(values: object, known: set[str]) -> None:
    if not isinstance(values, dict):
        raise ValueError("it holds no object")
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"it asks for {', '.join(unknown)}, which is unknown")


def _check_lengths(performance: Performance) -> None:
    first, second = (motion.n_frames for motion in performance.motions)
    if first != second or performance.speaking.shape != (2, first):
        raise ValueError(
            f"{first} and {second} frames, speech of shape {performance.speaking.shape}"
        )
