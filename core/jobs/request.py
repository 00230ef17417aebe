"""What a request to a worker process is: its job by name, its fields as JSON in the job's folder.

A request knows the name of its job, so that whoever starts a worker gets the right type of result
back; `inference.workers.jobs` has the table of who does it.
"""

import json
import signal
import typing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar, Protocol, Self, TypeVar

from ..damage import DAMAGE, json_file, short
from ..errors import InputError
from ..paths import ROOT
from .results import VERSION

REQUEST_FILE = "request.json"
#: What a job's process runs.
START = ROOT / "inference" / "workers" / "start.py"

Result_co = TypeVar("Result_co", covariant=True)


class Request(Protocol[Result_co]):
    """A job for a worker process."""

    @property
    def job(self) -> str:
        """The name of the job."""

    def write(self, folder: Path) -> Path:
        """Write the request into the job's folder and return its path."""

    def command(self, program: Path, folder: Path) -> list[str]:
        """Return how the job is started with a program: a Python, or Blender."""

    def why_it_ended(self, code: int | None) -> str:
        """Return in a sentence why a process ended with a code and no result."""

    def result(self, folder: Path) -> Result_co:
        """Read the result from the job's folder; raises `WorkerError` if it is not whole."""


@dataclass(frozen=True)
class JsonRequest:
    """A request whose fields are all JSON values."""

    job: ClassVar[str]

    def write(self, folder: Path) -> Path:
        """Write the request into the job's folder and return its path."""
        path = folder / REQUEST_FILE
        said = {"job": self.job, "version": VERSION} | asdict(self)
        path.write_text(json.dumps(said, indent=2), encoding="utf-8")
        return path

    def command(self, program: Path, folder: Path) -> list[str]:
        """Return how the job is started with a Python that keeps to its own packages."""
        return [str(program), "-I", str(START), self.job, str(folder)]

    def why_it_ended(self, code: int | None) -> str:
        """Return in a sentence why a process ended with a code and no result."""
        if code in (-signal.SIGTERM, -getattr(signal, "SIGKILL", 9)):
            return (
                "The network's process was ended from outside, most likely because memory ran out: "
                "close other programs and try again."
            )
        return (
            f"The network's process ended with code {code} and no result: see its log, and check "
            "the Python in the add-on's preferences."
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` wrote into a job's folder.

        Raises:
            InputError: there is no request of this kind and version.
        """
        path = folder / REQUEST_FILE
        try:
            values = json_file(path)
            said = values.pop("job", None), values.pop("version", None)
            if said != (cls.job, VERSION):
                raise ValueError(f"it asks for {said[0]!r} of version {said[1]!r}")
            _check_fields(values, cls)
            return cls(**values)
        except DAMAGE as error:
            raise InputError(
                f"{path} is not a request of this version ({short(error)}): start again."
            ) from error


@dataclass(frozen=True)
class SoundsRequest(JsonRequest):
    """A request about the sounds of a dialogue."""

    sound_a: str
    sound_b: str = ""  #: empty: `sound_a` holds both
    is_mixed: bool = False  #: in one track, else a channel each
    swaps_voices: bool = False  #: the first channel is B's

    @property
    def sounds(self) -> tuple[Path, ...]:
        """The sound files."""
        return tuple(Path(path) for path in (self.sound_a, self.sound_b) if path)


def _check_fields(values: dict[str, Any], cls: type[JsonRequest]) -> None:
    """Check names and types of what is to become a request; lists become tuples.

    Raises:
        ValueError: a field is unknown or of another type.
    """
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(values) - {field.name for field in fields(cls)})
    if unknown:
        raise ValueError(f"it asks for {', '.join(unknown)}, which is unknown")
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
        allowed = [typing.get_origin(kind) or kind for kind in _kinds(hints[name])]
        if float in allowed:
            allowed.append(int)
        if type(values[name]) not in allowed:
            raise ValueError(f"its {name} is {type(value).__name__}")


def _kinds(hint: Any) -> tuple[Any, ...]:
    """Return the types of a union, or the one type."""
    return tuple(kind or NoneType for kind in typing.get_args(hint)) if _is_union(hint) else (hint,)


def _is_union(hint: Any) -> bool:
    return NoneType in typing.get_args(hint)
