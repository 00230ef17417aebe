"""A worker process as seen from outside: started, followed line by line, ended for sure.

The protocol is a JSON object per line on the worker's standard output:
`{"fraction": 0.5, "text": "..."}`, `{"note": "..."}` or
`{"error": "...", "kind": "InputError", "stage": "dialogue"}`. Its standard error is the log. It
ends itself when its standard input closes, so it never outlives Blender.
"""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

from .. import errors
from ..damage import DAMAGE, json_object, short
from ..errors import DualTalkError, WorkerError
from ..progress import Report
from .request import Request, Result_co

_LOG_LINES = 30
_POLL_S = 0.1
_END_S = 0.4
#: A worker that has ended is waited for so long at most, if what it started keeps its output open.
_OUTPUT_S = 1.0
FOLDER = "dualtalk-job-"
#: A job's folder in which nothing changed for so long is what a killed Blender left.
_LEFT_S = 24 * 3600.0
#: A longer line is no message.
_MOST_LINE_BYTES = 1 << 16
#: A message is a sentence or two, with a path at most.
_MOST_MESSAGE = 1000
#: Time left is said once this much is done and this long was worked.
_LEAST_FRACTION, _LEAST_S = 0.15, 2.0
#: What a worker may raise here; anything else it says is a plain `DualTalkError`.
_KINDS = ("InputError", "CheckpointError", "DeviceError", "WorkerError")


@dataclass
class Progress:
    """The last that was heard of the worker."""

    fraction: float = 0.0
    text: str = "starting"
    notes: list[str] = field(default_factory=list)
    started_s: float = field(default_factory=time.monotonic)
    moved_s: float = field(default_factory=time.monotonic)  #: when the fraction last grew

    def take(self, fraction: float, text: str) -> None:
        """Note what was heard; raises ValueError if that is no share of the work."""
        if not 0 <= fraction <= 1:
            raise ValueError(f"{fraction} of the work is no share of it")
        if fraction > self.fraction:
            self.moved_s = time.monotonic()
        self.fraction, self.text = fraction, short(text) if text else ""

    @property
    def left_s(self) -> float | None:
        """Seconds that are left if it goes on as it did, None while that cannot be said.

        They count down between two reports, and are not said where a step takes longer than that.
        """
        now_s = time.monotonic()
        if not _LEAST_FRACTION <= self.fraction < 1 or now_s - self.started_s < _LEAST_S:
            return None
        worked_s = self.moved_s - self.started_s
        left_s = worked_s * (1 - self.fraction) / self.fraction - (now_s - self.moved_s)
        return left_s if left_s > 0 else None

    def __str__(self) -> str:
        left_s = self.left_s
        if left_s is None:
            return self.text
        left = f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min"
        return f"{self.text}, {left} left" if self.text else f"{left} left"


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
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._has_ended = False
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_s = 0.0
        clear_left_folders()
        try:
            self._folder = tempfile.TemporaryDirectory(prefix=FOLDER, ignore_cleanup_errors=True)
            folder = Path(self._folder.name)
            self._log_path = folder / "log.txt"
            request.write(folder)
            self._process = self._started(request.command(python, folder), folder)
        except OSError as error:
            self.close()
            raise _cannot_start(python, error) from error
        self._reader.start()

    def _started(self, command: list[str], folder: Path) -> subprocess.Popen[bytes]:
        with open(self._log_path, "wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=folder,
                # What it leaves when it is killed, Blender's own folder too, goes with the job's.
                env=os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)),
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
            if not self._is_over():
                return False
        if self._process is not None:
            self._process.wait()
        self._has_ended = True
        return True

    def _is_over(self) -> bool:
        """Tell whether the worker ended though something that it started holds its output."""
        if self._process is None or self._process.poll() is None:
            return False
        self._ended_s = self._ended_s or time.monotonic()
        return time.monotonic() - self._ended_s > _OUTPUT_S

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
        if isinstance(self._error, WorkerError):
            raise WorkerError(str(self._error), self.log()) from None
        if self._error is not None:
            raise self._error
        code = self._process.returncode if self._process else None
        if code != 0:
            raise WorkerError(self._request.why_it_ended(code), self.log())
        try:
            return self._request.result(Path(self._folder.name))
        except WorkerError as error:
            raise WorkerError(str(error), self.log()) from error

    def kill(self) -> None:
        """End the worker and whatever it started, at once."""
        if self._process is None:
            return
        # What it started, and what holds its output, is in its group even when it has ended.
        if self._process.poll() is not None and not self._reader.is_alive():
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
            is_read = not self._reader.is_alive()  # else closing its end would wait for it
            for pipe in (self._process.stdin, self._process.stdout if is_read else None):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def log(self) -> str:
        """Return the last lines that the worker wrote to its standard error."""
        text = self._log_path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])

    def _read(self) -> None:
        output = self._process.stdout if self._process else None
        while output is not None and (line := output.readline(_MOST_LINE_BYTES)):
            self._lines.put(line)
        self._lines.put(None)

    def _take(self, line: bytes) -> None:
        try:
            said = json_object(line)
            if "error" in said:
                self._error = _error_of(said)
            elif "note" in said:
                self.progress.notes.append(short(str(said["note"]), _MOST_MESSAGE))
            elif "fraction" in said:
                self.progress.take(float(said["fraction"]), str(said.get("text", "")))
        except DAMAGE:
            return  # a library that prints is not a message


def clear_left_folders() -> int:
    """Delete the folders of jobs that were never closed, and return how many there were."""
    count = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with contextlib.suppress(OSError):
            changed_s = max(path.lstat().st_mtime for path in (folder, *folder.iterdir()))
            if folder.is_symlink() or changed_s > time.time() - _LEFT_S:
                continue
            shutil.rmtree(folder)
            count += 1
    return count


def _error_of(said: dict[str, Any]) -> DualTalkError:
    kind = said.get("kind", "")
    cls: type[DualTalkError] = getattr(errors, kind) if kind in _KINDS else DualTalkError
    error = cls(short(str(said["error"]), _MOST_MESSAGE))
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
