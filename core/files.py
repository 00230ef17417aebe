"""Files that are written whole or not at all."""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .damage import short
from .errors import DualTalkError, InputError
from .stopping import cleared_on_stop, held

#: How unfinished files begin, so that those of a killed run can be told from everything else.
UNFINISHED = ".dualtalk-"
#: Of the file's own name in that of the unfinished one: names may be as long as the disk allows.
_KEPT_CHARACTERS = 24
#: A disk with less left is full: no scene, video or export is smaller.
_NO_ROOM_BYTES = 1 << 19
#: Rights of which a file that may be changed has one, whoever runs this.
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_NO_SPACE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "the file is too large for this disk or for a limit",
}


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there when the block ends without error.

    Raises:
        InputError: `path` is no place for a file, as `check_target` says.
        DualTalkError: the disk is full.
    """
    with together(path) as (temporary,):
        yield temporary


@contextmanager
def together(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a temporary path beside each path, and move all there when the block ends without error.

    Whoever looks finds all of the old files or all of the new ones. If the process is killed
    between two moves, a file lacks: never does a new one stand beside an old one.

    Raises:
        InputError: a path is no place for a file, as `check_target` says.
        DualTalkError: the disk is full.
    """
    for path in paths:
        check_target(path)
    if len(paths) > 1:
        _restore(paths)  # an earlier run may have been killed
    with ExitStack() as stack:
        temporaries = tuple(stack.enter_context(_beside(path)) for path in paths)
        try:
            yield temporaries
            for path, temporary in zip(paths, temporaries, strict=True):
                _finish(temporary, path)
            with held():
                _move(temporaries, paths)
        except OSError as error:
            if error.errno not in _NO_SPACE:
                raise
            where = paths[0] if len(paths) == 1 else paths[0].parent
            raise DualTalkError(
                f"Cannot write {where}: {_NO_SPACE[error.errno]}; make room, or choose another "
                "folder."
            ) from error


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give an empty file beside a path, which is gone afterwards unless it was moved."""
    with held():
        temporary = _new_file(path)
        clearing = cleared_on_stop(lambda: temporary.unlink(missing_ok=True))
        clearing.__enter__()
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
        clearing.__exit__(None, None, None)


def _finish(temporary: Path, path: Path) -> None:
    """Bring a file to the disk, with the rights that `path` has, or those of an ordinary file."""
    umask = os.umask(0)
    os.umask(umask)
    try:
        rights = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        rights = 0o666 & ~umask  # mkstemp makes files that only the owner can read
    temporary.chmod(rights)
    with open(temporary, "rb") as file:
        os.fsync(file.fileno())


def _move(temporaries: Sequence[Path], paths: Sequence[Path]) -> None:
    """Move files to where they belong: all, or none if one cannot be."""
    if len(paths) == 1:
        os.replace(temporaries[0], paths[0])
        return
    try:
        for path in paths[:0:-1]:  # from here on no old file stands beside a new first one
            if os.path.lexists(path):
                os.replace(path, _put_aside(path))
        if os.path.lexists(paths[0]):
            _keep_first(paths[0])
        for temporary, path in zip(temporaries, paths, strict=True):
            os.replace(temporary, path)
    except OSError:
        _restore(paths)
        raise
    for path in paths:  # the first says that the others are of a move that did not end
        _put_aside(path).unlink(missing_ok=True)


def _keep_first(path: Path) -> None:
    """Keep the old content under another name too; where a disk knows no links, only there."""
    try:
        os.link(path, _put_aside(path))
    except OSError:
        os.replace(path, _put_aside(path))


def _restore(paths: Sequence[Path]) -> None:
    """Bring back all old files of a move that did not end; what is left of one that did goes."""
    did_not_end = os.path.lexists(_put_aside(paths[0])) or not os.path.lexists(paths[0])
    for path in paths[::-1]:
        old = _put_aside(path)
        if did_not_end and os.path.lexists(old):
            os.replace(old, path)
        old.unlink(missing_ok=True)


def _put_aside(path: Path) -> Path:
    return path.with_name(f"{_beginning(path)}old")


def require_space(path: Path, n_bytes: float) -> None:
    """Check that a disk has room, before a writer starts that does not survive a full one.

    Raises:
        DualTalkError: it has not.
    """
    free = shutil.disk_usage(path.parent).free
    if free < n_bytes:
        raise DualTalkError(
            f"Cannot write {path}: it takes about {n_bytes / 1e6:.0f} MB and the disk has "
            f"{free / 1e6:.0f}; make room, or choose another folder."
        )


def why_not_written(path: Path, said: object) -> str:
    """Return in one line why a writer that is not ours failed: a full disk, or what it said.

    Blender tells of errors of its add-ons by a traceback, which may be cut short.
    """
    with contextlib.suppress(OSError):
        if shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES:
            return "the disk is full"
    lines = [line.strip() for line in str(said).splitlines() if line.strip()]
    if any(line.endswith("Traceback (most recent call last):") for line in lines):
        lines = [line for line in lines if re.match(r"\w*(Error|Exception)\b", line)][-1:]
        lines = [line for line in lines if not line.endswith("Traceback (most recent call last):")]
    return short(lines[0].removeprefix("Error: ")) if lines else "its exporter failed"


def check_target(path: Path, inputs: Iterable[Path] = ()) -> None:
    """Check that a file can be put at `path`, before the work that fills it.

    Args:
        path: of the file.
        inputs: what is read meanwhile, which must not be written over.

    Raises:
        InputError: something that is no file is there, or the folder is missing or not writable.
    """
    for given in inputs:
        if real(path) == real(given):
            raise InputError(f"{path} is an input of the same work: choose another name.")
    try:
        found = os.stat(path)
    except FileNotFoundError:
        found = None
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise InputError(f"Cannot write {path}: it is a folder; give the name of a file.")
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise InputError(f"Cannot write {path}: it is a device or a pipe; give a file's name.")
    is_locked = found is not None and not (found.st_mode & _WRITABLE and os.access(path, os.W_OK))
    if is_locked:
        raise InputError(f"Cannot write {path}: it is write-protected; choose another name.")
    if path.name in ("", "..") or not path.parent.is_dir():
        raise InputError(f"Cannot write {path}: choose a file's name in a folder that exists.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(f"Cannot write {path}: its folder is not writable; choose another.")


def real(path: Path) -> str:
    """Return where a path leads; of links that lead in a circle, one of them."""
    return os.path.realpath(path)


def for_blender(path: Path) -> str:
    """Return a path as Blender takes it, which is UTF-8 whatever the system's language is.

    Raises:
        InputError: its bytes are no UTF-8.
    """
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} has a name that Blender cannot hold, since it is no UTF-8: rename it."
        ) from error


def clear_unfinished(path: Path) -> int:
    """Delete what killed runs left of writing `path`, and return how many files that were."""
    ours = re.compile(re.escape(_beginning(path)) + r"[a-z0-9_]{8}" + re.escape(path.suffix))
    found = [
        each
        for each in path.parent.glob(f"{UNFINISHED}*")
        if ours.fullmatch(each.name) and each.is_file()
    ]
    for each in found:
        each.unlink(missing_ok=True)
    return len(found)


def _new_file(path: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(
            prefix=_beginning(path), suffix=path.suffix, dir=path.parent
        )
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error
    os.close(handle)
    return Path(name)


def _beginning(path: Path) -> str:
    """Return how the names of a file's unfinished ones begin: no other file's do."""
    whole = hashlib.sha256(os.fsencode(path.name)).hexdigest()
    return f"{UNFINISHED}{path.stem[:_KEPT_CHARACTERS]}-{whole[:8]}-"


def _cannot_write(path: Path, error: OSError | ValueError) -> InputError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    shown = str(path) if len(str(path)) <= 120 else f"{str(path)[:117]}..."
    return InputError(
        f"Cannot write {shown} ({why}): choose a shorter or other name in a folder that is there."
    )
