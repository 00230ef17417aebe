"""The worker process as seen from outside: started, followed line by line, ended for sure.

The protocol is a JSON object per line on the worker's standard output:
`{"fraction": 0.5, "text": "..."}`, `{"note": "..."}` or `{"error": "...", "exit_code": 2}`.
Its standard error is the log. It ends itself when its standard input closes, so it never
outlives Blender.
"""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .errors import CancelledError, DualTalkError, InputError, WorkerError
from .job import Report
from .performance import Performance
from .request import GenerateRequest, read_result

_START = Path(__file__).resolve().parents[1] / "inference" / "worker_start.py"
_LOG_LINES = 30
_POLL_S = 0.1
_END_S = 0.4


@dataclass
class Progress:
    """The last that was heard of the worker."""

    fraction: float = 0.0
    text: str = "starting"
    notes: list[str] = field(default_factory=list)


class WorkerProcess:
    """One job in a process of its own; `poll` it, or `wait` for it."""

    def __init__(self, python: Path, request: GenerateRequest) -> None:
        self.progress = Progress()
        self._error: DualTalkError | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="dualtalk-")
        folder = Path(self._folder.name)
        self._log_path = folder / "log.txt"
        request.write(folder)
        self._log: IO[bytes] = open(self._log_path, "wb")  # noqa: SIM115 - closed in close()
        try:
            self._process = subprocess.Popen(
                [str(python), "-I", str(_START), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self.close()
            raise WorkerError(
                f"The worker cannot start with {python} ({error.strerror}): choose another Python "
                "in the add-on's preferences."
            ) from error
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def poll(self, timeout_s: float = 0.0) -> bool:
        """Take in what the worker said; return whether it has ended."""
        try:
            line = self._lines.get(timeout=timeout_s) if timeout_s else self._lines.get_nowait()
            while line is not None:
                self._take(line)
                line = self._lines.get_nowait()
        except queue.Empty:
            return False
        self._process.wait()
        return True

    def wait(self, report: Report) -> tuple[Performance, tuple[str, ...]]:
        """Follow the worker to its end and return its result.

        Raises:
            CancelledError: `report` asked for it; the worker is ended.
            DualTalkError: what the worker said was wrong.
            WorkerError: the worker ended without a result.
        """
        try:
            while not self.poll(_POLL_S):
                report(self.progress.fraction, self.progress.text)
            return self.result()
        except CancelledError:
            self.kill()
            raise
        finally:
            self.close()

    def result(self) -> tuple[Performance, tuple[str, ...]]:
        """Return the result of a worker that has ended; raises as `wait` does."""
        if self._error is not None:
            raise self._error
        code = self._process.returncode
        if code != 0:
            raise WorkerError(_why_it_ended(code), self.log())
        return read_result(Path(self._folder.name))

    def kill(self) -> None:
        """End the worker and whatever it started, at once."""
        if self._process.poll() is not None:
            return
        if os.name == "posix":
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait(_END_S)

    def close(self) -> None:
        """End the worker if it still runs, and delete the job's folder."""
        if hasattr(self, "_process"):
            self.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
        self._log.close()
        self._folder.cleanup()

    def log(self) -> str:
        """Return the last lines that the worker wrote to its standard error."""
        text = self._log_path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
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
            kind = InputError if said.get("exit_code") == 2 else DualTalkError
            self._error = kind(str(said["error"]))
        elif "note" in said:
            self.progress.notes.append(str(said["note"]))
        elif "fraction" in said:
            self.progress.fraction = float(said["fraction"])
            self.progress.text = str(said.get("text", ""))


def _why_it_ended(code: int) -> str:
    if code in (-signal.SIGTERM, -getattr(signal, "SIGKILL", 9)):
        return (
            "The worker was ended from outside, most likely because memory ran out: close other "
            "programs, or choose a shorter window."
        )
    return f"The worker ended with code {code} and no result: see its log."
