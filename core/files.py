"""Files that are written whole or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import DualTalkError, InputError
from .stopping import cleared_on_stop, held

#: How unfinished files begin, so that those of a killed run can be told from everything else.
UNFINISHED = ".dualtalk-"
#: Of the file's own name in that of the unfinished one: names may be as long as the disk allows.
_KEPT_CHARACTERS = 24
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
    check_target(path)
    with held():
        temporary = _new_file(path)
        clearing = cleared_on_stop(lambda: temporary.unlink(missing_ok=True))
        clearing.__enter__()
    try:
        yield temporary
        # mkstemp makes files that only the owner can read; a result is an ordinary file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise DualTalkError(
            f"Cannot write {path}: {_NO_SPACE[error.errno]}; make room, or choose another folder."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
        clearing.__exit__(None, None, None)


def check_target(path: Path) -> None:
    """Check that a file can be put at `path`, before the work that fills it.

    Raises:
        InputError: something that is no file is there, or the folder is missing or not writable.
    """
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
    if found is not None and not os.access(path, os.W_OK):
        raise InputError(f"Cannot write {path}: it is write-protected; choose another name.")
    if path.name in ("", "..") or not path.parent.is_dir():
        raise InputError(f"Cannot write {path}: choose a file's name in a folder that exists.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(f"Cannot write {path}: its folder is not writable; choose another.")


def clear_unfinished(path: Path) -> int:
    """Delete what killed runs left of writing `path`, and return how many files that were."""
    found = [
        each
        for each in path.parent.glob(f"{UNFINISHED}*")
        if each.name.startswith(_beginning(path)) and each.is_file()
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
    return f"{UNFINISHED}{path.stem[:_KEPT_CHARACTERS]}-"


def _cannot_write(path: Path, error: OSError | ValueError) -> InputError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    shown = str(path) if len(str(path)) <= 120 else f"{str(path)[:117]}..."
    return InputError(
        f"Cannot write {shown} ({why}): choose a shorter or other name in a folder that is there."
    )
