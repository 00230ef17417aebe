"""A worker process as seen from outside: started, followed line by line, ended for sure.

The protocol is a JSON object per line on the worker's standard output:
`{"fraction": 0.5, "text": "..."}`, `{"note": "..."}` or
`{"error": "...", "kind": "InputError", "stage": "dialogue"}`. Its standard error is the log. It
ends itself when its standard input closes, so it never outlives Blender.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Generic

from .. import errors
from ..errors import DualTalkError, WorkerError
from ..paths import ROOT
from ..progress import Report
from .requests import Request, Result_co

_START = ROOT / "inference" / "workers" / "start.py"
_LOG_LINES = 30
_POLL_S = 0.1
_END_S = 0.4
#: Time left is said once this much is done and this long was worked.
_LEAST_FRACTION, _LEAST_S = 0.15, 2.0
#: What a worker may raise here; anything else it says is a plain `DualTalkError`.
_KINDS = ("InputError", "CheckpointError", "DeviceError")


@dataclass
class Progress:
    """The last that was heard of the worker."""

    fraction: float = 0.0
    text: str = "starting"
    notes: list[str] = field(default_factory=list)
    started_s: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float | None:
        """Seconds that are left if it goes on as it did, None while that cannot be said."""
        worked_s = time.monotonic() - self.started_s
        if not _LEAST_FRACTION <= self.fraction < 1 or worked_s < _LEAST_S:
            return None
        return worked_s * (1 - self.fraction) / self.fraction

    def __str__(self) -> str:
        left_s = self.left_s
        if left_s is None:
            return self.text
        left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min"
        return f"{self.text}, {left} left"


class WorkerProcess(Generic[Result_co]):
    """One job in a process of its own; `poll` it, or `wait` for it, and `close` it."""

    def __init__(self, python: Path, request: Request[Result_co]) -> None:
        """Start the job.

        Raises:
            WorkerError: the process cannot be started.
        """
        self.progress = Progress()
        self._request = request
        self._error: DualTalkError | None = None
        self._has_ended = False
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._folder = tempfile.TemporaryDirectory(
                prefix="dualtalk-", ignore_cleanup_errors=True
            )
            folder = Path(self._folder.name)
            self._log_path = folder / "log.txt"
            request.write(folder)
            self._process = self._started(python, request.module, folder)
        except OSError as error:
            self.close()
            raise _cannot_start(python, error) from error
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.daemon = True
        self._reader.start()

    def _started(self, python: Path, module: str, folder: Path) -> subprocess.Popen[bytes]:
        with open(self._log_path, "wb") as log:
            return subprocess.Popen(
                [str(python), "-I", str(_START), module, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid if self._process else 0

    def poll(self, timeout_s: float = 0.0) -> bool:
        """Take in what the worker said; return whether it has ended, however often it is asked."""
        if self._has_ended:
            return True
        try:
            line = self._lines.get(timeout=timeout_s) if timeout_s else self._lines.get_nowait()
            while line is not None:
                self._take(line)
                line = self._lines.get_nowait()
        except queue.Empty:
            return False
        if self._process is not None:
            self._process.wait()
        self._has_ended = True
        return True

    def wait(self, report: Report) -> Result_co:
        """Follow the worker to its end, close it and return its result.

        Raises:
            CancelledError: `report` asked for it; the worker is ended.
            DualTalkError: what the worker said was wrong.
            WorkerError: the worker ended without a result.
        """
        try:
            while not self.poll(_POLL_S):
                report(self.progress.fraction, self.progress.text)
            return self.result()
        finally:
            self.close()

    def result(self) -> Result_co:
        """Return the result of a worker that has ended and is not closed; raises as `wait`."""
        if self._error is not None:
            raise self._error
        code = self._process.returncode if self._process else None
        if code != 0:
            raise WorkerError(_why_it_ended(code), self.log())
        try:
            return self._request.result(Path(self._folder.name))
        except WorkerError as error:
            raise WorkerError(str(error), self.log()) from error

    def kill(self) -> None:
        """End the worker and whatever it started, at once."""
        if self._process is None or self._process.poll() is not None:
            return
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)

    def close(self) -> None:
        """End the worker if it still runs, and delete the job's folder."""
        self.kill()
        if self._process is not None:
            self._reader.join(_END_S)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def log(self) -> str:
        """Return the last lines that the worker wrote to its standard error."""
        text = self._log_path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])

    def _read(self, lines: IO[bytes]) -> None:
        for line in lines:
            self._lines.put(line)
        self._lines.put(None)

    def _take(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return  # a library that prints is not a message
        if not isinstance(said, dict):
            return
        if "error" in said:
            self._error = _error_of(said)
        elif "note" in said:
            self.progress.notes.append(str(said["note"]))
        elif "fraction" in said:
            self.progress.fraction = float(said["fraction"])
            self.progress.text = str(said.get("text", ""))


def _error_of(said: dict[str, Any]) -> DualTalkError:
    kind = said.get("kind", "")
    cls: type[DualTalkError] = getattr(errors, kind) if kind in _KINDS else DualTalkError
    error = cls(str(said["error"]))
    error.stage = str(said.get("stage", ""))
    return error


def _cannot_start(python: Path, error: OSError) -> WorkerError:
    if error.filename is None or Path(str(error.filename)) != python:
        return WorkerError(
            f"The job's folder cannot be written ({error.strerror}): free some disk space in "
            f"{tempfile.gettempdir()}."
        )
    return WorkerError(
        f"The network's process cannot start with {python} ({error.strerror}): choose another "
        "Python in the add-on's preferences."
    )


def _why_it_ended(code: int | None) -> str:
    if code in (-signal.SIGTERM, -getattr(signal, "SIGKILL", 9)):
        return (
            "The network's process was ended from outside, most likely because memory ran out: "
            "close other programs and try again."
        )
    return (
        f"The network's process ended with code {code} and no result: see its log, and check the "
        "Python in the add-on's preferences."
    )
