"""Results that were computed before, kept so that asking again costs nothing."""

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import DualTalkError
from ..paths import ASSETS
from .requests import GenerateRequest, GenerateResult, write_performance

_log = logging.getLogger(__name__)
_PREFIX = "result-"
#: Raised when the same request gives another result than before.
_VERSION = 1


@dataclass(frozen=True)
class ResultCache:
    """A folder of results, the least recently used of which go when it grows too large."""

    folder: Path
    most_bytes: int  #: 0 keeps nothing

    def find(self, request: GenerateRequest) -> GenerateResult | None:
        """Return the result of the same request for unchanged files, or None."""
        place = self._place(request)
        if not self.most_bytes or not place.is_dir():
            return None
        try:
            result = request.result(place)
            os.utime(place)
        except (DualTalkError, OSError) as error:
            _log.warning("a kept result cannot be read and is dropped: %s", error)
            shutil.rmtree(place, ignore_errors=True)
            return None
        return result

    def keep(self, request: GenerateRequest, result: GenerateResult) -> None:
        """Keep a result; a full disk or a folder that cannot be written costs only a warning."""
        if not self.most_bytes:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(dir=self.folder, prefix="new-"))
            try:
                write_performance(new, result.performance, result.notes)
                place = self._place(request)
                shutil.rmtree(place, ignore_errors=True)
                new.rename(place)
            finally:
                shutil.rmtree(new, ignore_errors=True)
            self._shrink()
        except (DualTalkError, OSError) as error:
            _log.warning("the result is not kept for later: %s", error)

    def used_bytes(self) -> int:
        """Return how large the kept results are."""
        return sum(_bytes_of(place) for place in self._places())

    def clear(self) -> None:
        """Delete all kept results, and nothing else that may be in the folder."""
        for place in self._places():
            shutil.rmtree(place, ignore_errors=True)

    def _places(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [place for place in self.folder.iterdir() if place.name.startswith(_PREFIX)]

    def _place(self, request: GenerateRequest) -> Path:
        return self.folder / f"{_PREFIX}{_key(request)}"

    def _shrink(self) -> None:
        used = self.used_bytes()
        for place in sorted(self._places(), key=lambda path: path.stat().st_mtime):
            if used <= self.most_bytes:
                return
            used -= _bytes_of(place)
            shutil.rmtree(place, ignore_errors=True)


def _key(request: GenerateRequest) -> str:
    """Return a hash of the request and of the state of the files that it names."""
    given = [Path(name) for name in (request.checkpoint, request.voice_a) if name]
    files = []
    for path in (*request.sounds, *given, *sorted(ASSETS.glob("*.safetensors"))):
        with contextlib.suppress(OSError):  # what is missing is told by the worker
            state = path.stat()
            files.append((str(path), state.st_size, state.st_mtime_ns))
    asked = asdict(request) | {"turns": _content_of(request.turns)}
    text = json.dumps([_VERSION, asked, files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _content_of(name: str) -> str:
    """Return a hash of a small file that is written anew for each request, whatever its name."""
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest() if name else ""
    except OSError:
        return name


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
