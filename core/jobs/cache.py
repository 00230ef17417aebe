"""Results that were computed before, kept so that asking again costs nothing.

They lie in a folder of our own below the one that the user chose, each in a folder that holds the
files of a result and nothing else: what is not ours by place, mark and name is never deleted.
"""

import contextlib
import functools
import hashlib
import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ..damage import DAMAGE, json_file
from ..errors import DualTalkError
from ..paths import ASSETS, ROOT
from .requests import GenerateRequest
from .results import PERFORMANCE_FILES, RESULT_FILE, VERSION, GenerateResult, write_performance

_log = logging.getLogger(__name__)
#: Our folder, and the results and the unfinished ones in it.
_OURS = "dualtalk-results"
_RESULT, _UNFINISHED = re.compile(r"[0-9a-f]{32}"), re.compile(r"new-[a-z0-9_]{8}")
#: What says whose a result is, in its folder beside its files.
_MARK_FILE, _MARK = "dualtalk.json", {"made_by": "dualtalk"}
#: Nobody takes so long to write a result: what is unfinished then was left by a killed run.
_LEFT_S = 600.0


@dataclass(frozen=True)
class ResultCache:
    """A folder of results, the least recently used of which go when it grows too large."""

    folder: Path  #: as chosen; ours is below it
    most_bytes: int  #: 0 keeps nothing

    @property
    def ours(self) -> Path:
        """The folder of the results."""
        return self.folder / _OURS

    def find(self, request: GenerateRequest) -> GenerateResult | None:
        """Return the result of the same request for unchanged files, or None.

        One that cannot be read is dropped, to be made anew.
        """
        place = self._place(request)
        if not self.most_bytes or not os.path.lexists(place):
            return None
        try:
            result = request.result(place)
            os.utime(place)
        except (DualTalkError, OSError) as error:
            _log.warning("a kept result cannot be read and is made anew: %s", error)
            _delete(place)
            return None
        return result

    def keep(self, request: GenerateRequest, result: GenerateResult) -> None:
        """Keep a result; a full disk or a folder that cannot be written costs only a warning."""
        if not self.most_bytes:
            return
        try:
            self.ours.mkdir(parents=True, exist_ok=True)
            new = Path(tempfile.mkdtemp(dir=self.ours, prefix="new-"))
            try:
                (new / _MARK_FILE).write_text(json.dumps(_MARK), encoding="utf-8")
                write_performance(new, result.performance, result.notes)
                place = self._place(request)
                _delete(place)
                new.rename(place)
            finally:
                _delete(new)
            self._shrink()
        except (DualTalkError, OSError) as error:
            _log.warning("the result is not kept for later: %s", error)

    def used_bytes(self) -> int:
        """Return how large the kept results are, with what killed runs left unfinished."""
        return sum(_bytes_of(place) for place in self._places())

    def clear(self) -> None:
        """Delete all kept results, and nothing else that may be in the folder."""
        for place in self._places():
            _delete(place)
        with contextlib.suppress(OSError):  # the user has put something there
            self.ours.rmdir()

    def _places(self) -> Iterator[Path]:
        """Yield the folders that we wrote; other processes may delete them meanwhile."""
        with contextlib.suppress(OSError):
            for place in sorted(self.ours.iterdir()):
                if _RESULT.fullmatch(place.name) and _is_marked(place):
                    yield place
                elif _UNFINISHED.fullmatch(place.name) and _age_s(place) > _LEFT_S:
                    yield place

    def _place(self, request: GenerateRequest) -> Path:
        return self.ours / _key(request)

    def _shrink(self) -> None:
        sizes = {place: _bytes_of(place) for place in self._places()}
        used = sum(sizes.values())
        for place in sorted(sizes, key=_age_s, reverse=True):
            if _UNFINISHED.fullmatch(place.name) or used > self.most_bytes:
                used -= sizes[place]
                _delete(place)


def _key(request: GenerateRequest) -> str:
    """Return a hash of the request and of the state of all that its result depends on."""
    names = (request.checkpoint, request.voice_a, request.face_a, request.face_b)
    given = [Path(name) for name in names if name]
    files = []
    for path in (*request.sounds, *given, *_bundled()):
        with contextlib.suppress(OSError, ValueError):  # what is missing is told by the worker
            state = path.stat()
            files.append((str(path), state.st_size, state.st_mtime_ns))
    asked = asdict(request) | {"turns": _content_of(request.turns)}
    text = json.dumps([VERSION, _code(), asked, files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _bundled() -> list[Path]:
    """Return the networks that ship, the bridge between the bases, and the rule for languages."""
    tables = [ASSETS / f"{name}.npz" for name in ("retarget", "language")]
    return [*sorted(ASSETS.glob("*.safetensors")), *tables]


@functools.cache
def _code() -> str:
    """Return a hash of the code between sound and motion: who changes it changes results."""
    hashed = hashlib.sha256()
    for room in ("core", "inference"):
        for path in sorted((ROOT / room).rglob("*.py")):
            hashed.update(path.read_bytes())
    return hashed.hexdigest()


def _content_of(name: str) -> str:
    """Return a hash of a small file that is written anew for each request, whatever its name."""
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest() if name else ""
    except (OSError, ValueError):
        return name


def _is_marked(place: Path) -> bool:
    try:
        return not place.is_symlink() and json_file(place / _MARK_FILE) == _MARK
    except DAMAGE:
        return False


def _age_s(place: Path) -> float:
    """Return how long ago a folder was used; one that is gone is young."""
    try:
        return time.time() - place.lstat().st_mtime
    except OSError:
        return 0.0


def _bytes_of(folder: Path) -> int:
    """Return how large our files in a folder are; one that is gone has none."""
    size = 0
    for name in (_MARK_FILE, *PERFORMANCE_FILES):
        with contextlib.suppress(OSError):
            size += (folder / name).lstat().st_size
    return size


def _delete(place: Path) -> None:
    """Delete our files in a folder, what says that it is whole first, and the folder if empty.

    A file or a link of our own name in our folder is what a damaged disk or an attack leaves.
    """
    with contextlib.suppress(OSError):
        if place.is_symlink() or not place.is_dir():
            place.unlink(missing_ok=True)
            return
        names = [RESULT_FILE, *PERFORMANCE_FILES, _MARK_FILE]
        unfinished = [path for path in place.iterdir() if path.name.startswith(".")]
        for path in (*(place / name for name in names), *unfinished):
            path.unlink(missing_ok=True)
        place.rmdir()
