"""What every worker does: speak the protocol of `core.jobs.worker_process`, end with Blender."""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from ...core.errors import DualTalkError

_log = logging.getLogger(__name__)
#: Blender's own drawing goes first. On Windows the process is started so.
_NICE = 5


def serve(work: Callable[[], None]) -> int:
    """Do the work, say what goes wrong, and return the process's exit code."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    logging.getLogger("dualtalk").addHandler(_Notes(logging.WARNING))
    try:
        work()
    except DualTalkError as error:
        _say({"error": str(error), "kind": type(error).__name__, "stage": error.stage})
        return error.exit_code
    except MemoryError:
        _say({"error": "Memory ran out: close other programs and try again."})
        return 1
    return 0


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
        note(record.getMessage())
