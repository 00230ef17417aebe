"""How much memory workers take that run at the same time: `make evaluate-curation` writes it down.

    python -m dualtalk.curation.evaluation.memory --workers 2

Each worker is a process of its own that curates the same videos, previews too. What the workers
share (the code of libraries) is counted once: what is each one's own, and the largest shared part.
The proportional set size (PSS) of Linux is given beside, which is less where others on the machine
use the same libraries, and the sum of the resident sizes, which counts the code for everyone.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.errors import InputError
from .measure import at_most, write

BEGIN, END = "<!-- memory -->\n", "<!-- end of memory -->\n"

#: What two workers may take, megabytes.
MOST_MB = 1200.0
_EVERY_S = 0.3
_PROCESSES = Path("/proc")
#: How Ray Data calls its actors; what it starts beside them (who writes, who waits) is left out.
_ACTOR = b"ray::MapWorker"


@dataclass(frozen=True)
class Taken:
    """What workers took together, where they took most."""

    together_mb: float  #: what is shared counted once
    pss_mb: float  #: each having its share, also with others than workers
    rss_mb: float  #: and counted for everyone
    cpu_s: float  #: of all, from their start to their end


def workers_of(root: int, engine: str) -> list[int]:
    """Return the processes that work: one and those started from it, or its actors of Ray."""
    children: dict[int, list[int]] = {}
    for folder in _PROCESSES.glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2]
        except OSError:  # it ended
            continue
        children.setdefault(int(after_name.split()[1]), []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        found.append(process)
    return [process for process in found if engine != "ray" or _is_actor(process)]


def _is_actor(process: int) -> bool:
    try:
        return (_PROCESSES / str(process) / "cmdline").read_bytes().startswith(_ACTOR)
    except OSError:
        return False


@dataclass(frozen=True)
class Size:
    """Of one process, megabytes; 0 where it has ended."""

    own: float = 0.0
    shared: float = 0.0
    pss: float = 0.0


def size_of(process: int) -> Size:
    """Return what a process takes."""
    try:
        text = (_PROCESSES / str(process) / "smaps_rollup").read_text(encoding="utf-8")
    except OSError:
        return Size()
    lines = dict(line.split(":", 1) for line in text.splitlines()[1:])
    mb = {name: int(said.split()[0]) * 1024 / 1e6 for name, said in lines.items()}
    own, shared = (mb[f"{kind}_Clean"] + mb[f"{kind}_Dirty"] for kind in ("Private", "Shared"))
    return Size(own, shared, mb["Pss"])


def measured(videos: Path, n_workers: int, engine: str = "local") -> Taken:
    """Run workers over the same videos at the same time and watch what they take.

    Raises:
        InputError: a worker failed, or this system does not say what a process takes.
    """
    if not (_PROCESSES / "self" / "smaps_rollup").is_file():
        raise InputError("Only Linux says what a process shares: measure memory there.")
    before = _cpu_s()
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log.txt", "wb") as log:
        started = [
            subprocess.Popen(command, stdout=log, stderr=log)
            for command in _commands(videos, n_workers, engine, Path(folder))
        ]
        try:
            most = _watched(started, engine)
        finally:
            for process in started:
                process.kill()  # nothing where it has ended
                process.wait()
        if any(process.returncode for process in started):
            said = (Path(folder) / "log.txt").read_text(encoding="utf-8", errors="replace")
            raise InputError(f"A worker failed, so nothing was measured: {said.strip()[-300:]}")
    return Taken(float(most[0]), float(most[1]), float(most[2]), _cpu_s() - before)


def _watched(started: Sequence[subprocess.Popen[bytes]], engine: str) -> NDArray[np.float64]:
    """Return the most that was taken until all had ended, (3,), in the order of `Taken`."""
    most = np.zeros(3)
    while any(process.poll() is None for process in started):
        pids = [pid for process in started for pid in workers_of(process.pid, engine)]
        sizes = [size_of(pid) for pid in pids]
        own, pss, shared = (sum(getattr(s, n) for s in sizes) for n in ("own", "pss", "shared"))
        together = own + max((size.shared for size in sizes), default=0.0)
        most = np.maximum(most, (together, pss, own + shared))
        time.sleep(_EVERY_S)
    return most


def _cpu_s() -> float:
    """Return what the processes took that were started from here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _commands(videos: Path, n_workers: int, engine: str, folder: Path) -> Iterator[list[str]]:
    base = [sys.executable, "-m", "dualtalk.curation", str(videos), "--silent"]
    if engine == "ray":
        yield [*base, "--output", str(folder / "0"), "--engine", "ray", "--workers", str(n_workers)]
        return
    for number in range(n_workers):
        yield [*base, "--output", str(folder / str(number))]


def report(taken: Sequence[tuple[str, Taken]], n_workers: int) -> str:
    """Return a table of what was measured."""
    lines = ["| what | wanted | measured | |", "|---|---|---|---|"]
    for name, each in taken:
        lines.append(at_most(f"{n_workers} workers, {name}", MOST_MB, each.together_mb, 0, " MB"))
        lines.append(f"| proportional set sizes (PSS) | | {each.pss_mb:.0f} MB | |")
        lines.append(f"| what is shared counted for each (RSS) | | {each.rss_mb:.0f} MB | |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--videos", type=Path, action="append", help="a video or a folder; may be said repeatedly"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument("--page", type=Path, default=root / "docs" / "curation.md")
    given = parser.parse_args(arguments)
    scene = Path("build/curation/scenes/natural_0.mp4")
    folders = given.videos or [scene, Path("../shared/video/clips")]
    taken = [
        (folder.name, measured(folder, given.workers, given.engine))
        for folder in folders
        if folder.exists()
    ]
    text = report(taken, given.workers)
    sys.stdout.write(text + "".join(f"{name}: {each}\n" for name, each in taken))
    write(given.page, text, BEGIN, END)


if __name__ == "__main__":
    main()
