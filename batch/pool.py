"""Many shots in parallel: as many workers as cores and memory allow; one that dies is replaced."""

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.paths import ROOT
from ..core.stopping import cleared_on_stop
from . import worker
from .shot import Shot

_log = logging.getLogger(__name__)
_START = ROOT / "inference" / "workers" / "start.py"
#: Memory that a worker and its shot take beside the weights, and how often the weights count: as
#: read, and once more as computed with (measured: docs/performance.md).
_WORKER_BYTES, _WEIGHT_COPIES = 1.6e9, 2.0
#: More Blenders than this wait for each other's memory more than they gain.
_MOST_BLENDERS = 4
_END_S = 3.0
#: The most that a worker that died is started anew for shots that it had not begun.
_STARTS_PER_WORKER = 1000


@dataclass
class Outcome:
    """How one shot went."""

    shot: Shot
    state: str  #: "made", "current" or "failed"
    error: str = ""
    took_s: float = 0.0  #: of the wall clock, start-up of its process included
    facts: dict[str, Any] = field(default_factory=dict)  #: of `batch.worker`


def worker_count(shots: Sequence[Shot], asked: int | None = None) -> int:
    """Return how many shots are made at once: what was asked for, or what fits this machine."""
    if asked is not None:
        return max(1, min(asked, len(shots)))
    weights = max((_weight_bytes(shot) for shot in shots), default=0)
    fit = int(free_memory_bytes() // (_WORKER_BYTES + _WEIGHT_COPIES * weights))
    return max(1, min(_n_cores(), fit, len(shots)))


def blender_count() -> int:
    """Return how many Blenders render one shot's video at once where no other is made."""
    return max(1, min(_n_cores(), _MOST_BLENDERS, int(free_memory_bytes() // _WORKER_BYTES)))


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory_bytes() -> float:
    """Return the memory that programs can have without swapping; a guess where nobody says."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    return 8e9


def make_all(
    work: Path,
    tasks: Sequence[tuple[Shot, tuple[str, ...]]],
    n_workers: int,
    done: Callable[[Outcome], None],
) -> None:
    """Make shots in parallel, each with its steps; `done` hears of each in this thread."""
    waiting: queue.SimpleQueue[tuple[Shot, tuple[str, ...]]] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    threads = max(1, (os.cpu_count() or 1) // n_workers)
    workers = [_Worker(work, waiting, outcomes, threads) for _ in range(n_workers)]
    with cleared_on_stop(lambda: _end_all(workers)):
        try:
            for each in workers:
                each.thread.start()
            for _ in tasks:
                done(_next(outcomes))
        finally:
            for each in workers:
                each.close()
            for each in workers:
                each.end()


def make_here(
    work: Path, tasks: Sequence[tuple[Shot, tuple[str, ...]]], done: Callable[[Outcome], None]
) -> None:
    """Make one shot after the other in this process; inside Blender there is no other Blender."""
    for shot, steps in tasks:
        start = time.perf_counter()
        try:
            facts = worker.made(shot, work, steps)
        except Exception as error:  # noqa: BLE001 - a broken shot stops no other
            _log.exception("%s failed", shot.name)
            facts = {"error": f"It met an error that nobody foresaw ({error}): see the log above."}
        wrong = str(facts.get("error", ""))
        took_s = time.perf_counter() - start
        done(Outcome(shot, "failed" if wrong else "made", wrong, took_s, facts))


def _next(outcomes: "queue.SimpleQueue[Outcome]") -> Outcome:
    """Wait for the next outcome, and for signals."""
    while True:
        with contextlib.suppress(queue.Empty):
            return outcomes.get(timeout=0.2)


class _Worker:
    """A thread that keeps one worker process busy."""

    def __init__(
        self,
        work: Path,
        waiting: "queue.SimpleQueue[tuple[Shot, tuple[str, ...]]]",
        outcomes: "queue.SimpleQueue[Outcome]",
        n_threads: int,
    ) -> None:
        self._work, self._waiting, self._outcomes = work, waiting, outcomes
        self._environment = os.environ | {
            "OMP_NUM_THREADS": str(n_threads), "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def signal(self, number: int) -> None:
        """Send a signal to the process and its children, which may outlive it by a moment."""
        if self._process is not None:
            with contextlib.suppress(OSError):
                if os.name == "posix":
                    os.killpg(self._process.pid, number)
                else:
                    self._process.terminate()

    def is_gone(self) -> bool:
        """Tell whether the process and its children have ended."""
        if self._process is None or (self._process.poll() is not None and os.name != "posix"):
            return True
        try:
            os.killpg(self._process.pid, 0)
        except OSError:
            return True
        return False

    def wait(self, timeout_s: float) -> None:
        """Wait for the process to end."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)

    def close(self) -> None:
        """Let the process end by itself."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def end(self) -> None:
        """Wait for a process that was closed, end it if it does not, and let go of it."""
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            self.wait(_END_S)
            self.signal(number)
        self.wait(_END_S)
        self.thread.join(_END_S)
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def _run(self) -> None:
        for _ in range(_STARTS_PER_WORKER):
            try:
                shot, steps = self._waiting.get_nowait()
            except queue.Empty:
                return
            start = time.perf_counter()
            try:
                facts = self._asked(shot, steps)
            except (OSError, ValueError) as error:
                facts = {"error": f"Its worker cannot be used ({error})."}
            took_s = time.perf_counter() - start
            wrong = str(facts.get("error", ""))
            state = "failed" if wrong else "made"
            self._outcomes.put(Outcome(shot, state, wrong, took_s, facts))

    def _asked(self, shot: Shot, steps: tuple[str, ...]) -> dict[str, Any]:
        process = self._started()
        if process.stdin is None or process.stdout is None:
            raise ValueError("it has no pipes")
        request = {"shot": shot.to_json(), "work": str(self._work), "steps": steps}
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            return {"error": f"Its worker ended with code {code}: see the log above."}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_START), "batch.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                start_new_session=os.name == "posix",
            )
        return self._process


def _end_all(workers: Sequence[_Worker]) -> None:
    """End all at once: they clear what they had begun, and who does not end in time is killed."""
    for each in workers:
        each.signal(signal.SIGTERM)
    end = time.monotonic() + _END_S
    while time.monotonic() < end and not all(each.is_gone() for each in workers):
        time.sleep(0.02)
    for each in workers:
        each.signal(getattr(signal, "SIGKILL", signal.SIGTERM))


def _weight_bytes(shot: Shot) -> int:
    path = shot.checkpoint
    return path.stat().st_size if path is not None and path.is_file() else 0
