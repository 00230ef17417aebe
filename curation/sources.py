"""Which videos there are to work on."""

from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError
from .footage.video import SUFFIXES


@dataclass(frozen=True)
class Source:
    """A video to work on."""

    path: Path
    name: str  #: relative to the folder that was given, with forward slashes


def sources_in(path: Path) -> list[Source]:
    """Return a video, or those in a folder and the folders in it, in the order of names.

    Raises:
        InputError: there is none.
    """
    if path.is_file():
        return [Source(path, path.name)]
    if not path.is_dir():
        raise InputError(f"{path} does not exist: give a video, or a folder with videos.")
    found = [
        Source(file, file.relative_to(path).as_posix())
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in SUFFIXES and file.is_file()
    ]
    if not found:
        raise InputError(f"{path} holds no video ({', '.join(SUFFIXES)}): choose another folder.")
    return found
