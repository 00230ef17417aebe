"""What Blender asks of a worker process, as JSON, and what comes back.

Blender's Python has numpy but neither torch nor safetensors, so requests and results are JSON and
`.npz` (`results.py`); `request.py` has what all requests share.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..conversation.turns import Turns
from ..damage import DAMAGE, short
from ..directing.description import Direction
from ..directing.staging import Seat, Staging, default_staging
from ..errors import DualTalkError, InputError, WorkerError
from ..files import clear_unfinished
from . import libraries
from .libraries import python_in
from .request import START, JsonRequest
from .results import GenerateResult, read_json, read_performance, read_turns

TURNS_FILE = "turns.npz"


@dataclass(frozen=True)
class GenerateRequest(JsonRequest):
    """Predict the motion of both heads."""

    job: ClassVar[str] = "generate"

    sound_a: str
    sound_b: str = ""  #: empty: `sound_a` is stereo, one speaker per channel
    checkpoint: str = ""  #: empty: the bundled one
    device: str = "auto"
    precision: str = "float32"
    window_s: float | None = None
    seed: int = 0
    basis_a: str = ""  #: of the first speaker's character; empty: as the network writes it
    basis_b: str = ""
    #: A recording of the first speaker's face (`core.formats.captured`): the other one reacts.
    face_a: str = ""
    face_b: str = ""
    face_start_a: float = 0.0  #: when in the sound the recording begins, seconds
    face_start_b: float = 0.0
    #: With faces: rows of those without a sound; the sounds given are of the others.
    silent: tuple[int, ...] = ()
    mixed: bool = False  #: `sound_a` holds both voices in one track; the rest is for that alone
    turns: str = (
        ""  #: who speaks when, corrected by hand (`core.jobs.results.write_turns`); empty: found
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
        except DAMAGE as error:
            raise InputError(
                f"The request's staging is not of this version ({short(error)}): generate again."
            ) from error

    @property
    def faces(self) -> tuple[Path | None, Path | None]:
        """The recordings of both faces."""
        return _path(self.face_a), _path(self.face_b)

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
        return read_performance(folder, self.sounds)


@dataclass(frozen=True)
class TurnsRequest(JsonRequest):
    """Find out who speaks when in one mixed recording."""

    job: ClassVar[str] = "turns"

    sound: str
    #: Some seconds of the first speaker alone, a file or "START-END"; empty: who speaks first is A.
    voice_a: str = ""
    n_people: int | None = None  #: how many speak, if that is known
    device: str = "auto"

    def result(self, folder: Path) -> Turns:
        """Return who speaks when, with the notes for the user.

        Raises:
            WorkerError: the result is not there or not whole.
        """
        try:
            read = read_json(folder)
            notes = tuple(str(note) for note in read["notes"])
            probability = read_turns(folder / TURNS_FILE)
            return Turns(probability, notes, *_count(read))
        except (*DAMAGE, DualTalkError) as error:
            raise WorkerError(
                f"The worker's turns are not whole ({short(error)}): try again."
            ) from error


@dataclass(frozen=True)
class DescribeRequest(JsonRequest):
    """Read what a description of the scene directs."""

    job: ClassVar[str] = "describe"

    text: str
    name_a: str = ""  #: what the text calls the two, beside "A" and "B"
    name_b: str = ""
    pronoun_a: str = "she"  #: "she", "he" or "they"
    pronoun_b: str = "he"
    left: str = "a"  #: who is on the left of the picture, "a" or "b"

    def result(self, folder: Path) -> Direction:
        """Return what was understood.

        Raises:
            WorkerError: the result is not there or not whole.
        """
        try:
            return Direction.from_json(read_json(folder))
        except (*DAMAGE, DualTalkError) as error:
            raise WorkerError(f"What was read is not whole ({short(error)}): try again.") from error


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
class CheckRequest(JsonRequest):
    """Find out whether a Python can run the network, and on what."""

    job: ClassVar[str] = "check"

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
        except DAMAGE as error:
            raise WorkerError(
                f"The check gave no whole result ({short(error)}): try again."
            ) from error


@dataclass(frozen=True)
class ImportRequest(JsonRequest):
    """Convert a published checkpoint."""

    job: ClassVar[str] = "import"

    source: str  #: the `.pth`
    target: str  #: the `.safetensors`

    def result(self, folder: Path) -> Path:
        """Return the converted checkpoint; raises `WorkerError` if it is not there."""
        if not Path(self.target).is_file():
            raise WorkerError(f"The checkpoint is not at {self.target}: try again.")
        return Path(self.target)


@dataclass(frozen=True)
class InstallRequest(JsonRequest):
    """Make the network's own Python from a package registry or from a folder of wheels."""

    job: ClassVar[str] = libraries.INSTALL

    folder: str  #: where the environment goes
    wheels: str = ""  #: a folder; empty: from the registry, over the network
    index: str = ""  #: address of another registry; empty: the usual one
    libraries: tuple[str, ...] = (*libraries.LIBRARIES, *libraries.OPTIONAL)
    is_checked: bool = True  #: load the libraries before the environment counts as made

    def result(self, folder: Path) -> CheckResult:
        """Return what the new Python can do; raises `WorkerError` if there is none."""
        if not python_in(Path(self.folder)).exists():
            raise WorkerError(f"The environment is not at {self.folder}: try again.")
        if not self.is_checked:
            return CheckResult("", "", ())
        return CheckRequest().result(folder)


@dataclass(frozen=True)
class BlenderRequest(JsonRequest):
    """A job on a saved scene in a Blender of its own, so that the user's stays responsive."""

    blend: str  #: the file, a copy of what the user has open
    scene: str  #: its name; empty: the one that is active in it
    output: str  #: the file that is written

    def command(self, program: Path, folder: Path) -> list[str]:
        """Return how the job is started with Blender, or with a Python that has its module."""
        if "python" in program.name.lower():
            return super().command(program, folder)
        arguments = ["--background", "--factory-startup", "--python-exit-code", "1"]
        return [str(program), *arguments, "--python", str(START), "--", self.job, str(folder)]

    def why_it_ended(self, code: int | None) -> str:
        """Clear what Blender had begun to write, and return in a sentence why it ended."""
        target = Path(self.output)
        clear_unfinished(target)
        return (
            f"Blender ended (code {code}) while it wrote {target.name}, as it may on a full disk "
            "or when memory runs out: make room, or choose another folder."
        )


@dataclass(frozen=True)
class VideoRequest(BlenderRequest):
    """Render a saved scene to a video (.mp4)."""

    job: ClassVar[str] = libraries.VIDEO

    width: int
    height: int
    first: int  #: frames
    last: int
    engine: str = "WORKBENCH"  #: "EEVEE" and "CYCLES" keep the scene's own look
    draws: bool = False  #: it is known that this machine can draw

    def result(self, folder: Path) -> Path:
        """Return the video; raises `WorkerError` if it is not there."""
        if not Path(self.output).is_file():
            raise WorkerError(f"The video is not at {self.output}: try again.")
        return Path(self.output)


@dataclass(frozen=True)
class Exported:
    """What an `ExportRequest` gives."""

    path: Path
    notes: tuple[str, ...]  #: for the user, a sentence each


@dataclass(frozen=True)
class ExportRequest(BlenderRequest):
    """Write the characters of a saved scene, or their faces' motion, for another program."""

    job: ClassVar[str] = libraries.EXPORT

    form: str  #: which of `rig.output.export.EXPORTERS`, or of `face_files.FORMS`
    bakes: bool = True
    starts_at_zero: bool = True

    def result(self, folder: Path) -> Exported:
        """Return the file and what is to be said; raises `WorkerError` if it is not there."""
        try:
            read = read_json(folder)
            notes = tuple(str(note) for note in read["notes"])
        except DAMAGE as error:
            raise WorkerError(f"The export gave no result ({short(error)}): try again.") from error
        if not Path(str(read["path"])).is_file():
            raise WorkerError(f"The export is not at {self.output}: try again.")
        return Exported(Path(str(read["path"])), notes)


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _count(read: dict[str, Any]) -> tuple[int | None, float | None]:
    """Return how many voices were heard and how sure that is, if anybody counted."""
    n_voices, sureness = read["n_voices"], read["sureness"]
    return (
        None if n_voices is None else int(n_voices),
        None if sureness is None else float(sureness),
    )
