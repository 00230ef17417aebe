"""What every worker does: speak the protocol of `core.jobs.worker_process`, end with Blender."""

import contextlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ...core.damage import short
from ...core.errors import DeviceError, DualTalkError, WorkerError
from ...core.jobs.request import JsonRequest

_log = logging.getLogger(__name__)
#: Blender's own drawing goes first. On Windows the process is started so.
_NICE = 5
#: How the allocators of torch and of the graphics cards say it.
_SHORT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "bad_alloc")

R = TypeVar("R", bound=JsonRequest)


def serve(request: type[R], run: Callable[[R, Path], None], folder: Path) -> int:
    """Read the request in a job's folder and do it; return the exit code, as `follow`."""
    return follow(lambda: run(request.read(folder), folder))


def follow(work: Callable[[], None]) -> int:
    """Do the work, say what goes wrong, and return the process's exit code."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger("dualtalk").addHandler(_Notes(logging.WARNING))
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whoever started the job is told
        # What is the input's fault is told in a sentence: its traceback is for the job's log alone.
        level = logging.INFO if isinstance(error, DualTalkError) else logging.ERROR
        _log.log(level, "the job failed", exc_info=True)
        told = as_told(error)
        _say({"error": str(told), "kind": type(told).__name__, "stage": told.stage})
        return told.exit_code
    return 0


def as_told(error: Exception) -> DualTalkError:
    """Return what the user is told of an error: every kind is one sentence."""
    if isinstance(error, DualTalkError):
        return error
    if is_out_of_memory(error):
        return DeviceError(
            "Memory ran out: close other programs, or choose the CPU in the add-on's preferences."
        )
    if isinstance(error, OSError):
        return DualTalkError(
            f"A file cannot be read or written ({short(error)}): free some disk space, or choose "
            "another folder."
        )
    return WorkerError(
        f"The job met an error that nobody foresaw ({type(error).__name__}: {short(error)}): "
        "please report it with the log."
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, of the machine or of the device that computes."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(text in said for text in _SHORT_OF_MEMORY)
    )


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Say of an error which step of the work it belongs to."""
    try:
        yield
    except Exception as error:
        told = as_told(error)
        told.stage = told.stage or name
        raise told from error


def report(fraction: float, text: str) -> None:
    """Say how much is done; a `core.progress.Report`."""
    _log.info("%3.0f %% %s", 100 * fraction, text)
    _say({"fraction": fraction, "text": text})


def note(text: str) -> None:
    """Say something that the user should know."""
    _say({"note": text})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """End this process when the parent's end of standard input closes."""
    while os.read(0, 4096):  # not sys.stdin: its lock would be held at exit
        pass
    os._exit(1)


class _Notes(logging.Handler):
    """Our own warnings are notes for the user."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is None:  # what ends the job is told by itself
            note(record.getMessage())
