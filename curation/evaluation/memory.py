"""How much memory workers take that run at the same time: `make evaluate-curation` writes it down.

    python -m dualtalk.curation.evaluation.memory --workers 2
    python -m dualtalk.curation.evaluation.memory --workers 2 --engine ray

Each worker is a process of its own that curates the same videos, previews too; workers of Ray are
its actors, each of which is given a copy. What the workers share (the code of libraries) is counted
once: what is each one's own, and the largest shared part. The proportional set size (PSS) of Linux
is given beside, which is less where others on the machine use the same libraries, and the sum of
the resident sizes, which counts the code for everyone.
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
from ..sources import sources_in
from .measure import at_most, write

#: Where the page has the table of each engine.
MARKS = {
    engine: (f"<!-- memory{name} -->\n", f"<!-- end of memory{name} -->\n")
    for engine, name in (("local", ""), ("ray", " of Ray"))
}

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
    beside_mb: float  #: proportional sizes of what runs beside: Ray's own, its store, its driver
    cpu_s: float  #: of all, from their start to their end


def processes_of(root: int, engine: str) -> tuple[list[int], list[int]]:
    """Return who works, and what runs beside: of one process and those that were started from it.

    Workers are all of them, or Ray's actors.
    """
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
    if engine != "ray":
        return found, []
    actors = [process for process in found if _is_actor(process)]
    return actors, [process for process in found if process not in actors]


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
    together, pss, rss, beside = map(float, most)
    return Taken(together, pss, rss, beside, _cpu_s() - before)


def _watched(started: Sequence[subprocess.Popen[bytes]], engine: str) -> NDArray[np.float64]:
    """Return the most that was taken until all had ended, (4,), in the order of `Taken`."""
    most = np.zeros(4)
    while any(process.poll() is None for process in started):
        found = [processes_of(process.pid, engine) for process in started]
        sizes, beside = (
            [size_of(pid) for both in found for pid in both[which]] for which in (0, 1)
        )
        own, pss, shared = (sum(getattr(s, n) for s in sizes) for n in ("own", "pss", "shared"))
        together = own + max((size.shared for size in sizes), default=0.0)
        rest = sum(size.pss for size in beside)
        most = np.maximum(most, (together, pss, own + shared, rest))
        time.sleep(_EVERY_S)
    return most


def _cpu_s() -> float:
    """Return what the processes took that were started from here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _commands(videos: Path, n_workers: int, engine: str, folder: Path) -> Iterator[list[str]]:
    base = [sys.executable, "-m", "dualtalk.curation", "--silent"]
    if engine == "ray":
        copies = _copies(videos, n_workers, folder / "videos")
        ray = ["--engine", "ray", "--workers", str(n_workers)]
        yield [*base, str(copies), "--output", str(folder / "0"), *ray]
        return
    for number in range(n_workers):
        yield [*base, str(videos), "--output", str(folder / str(number))]


def _copies(videos: Path, n_copies: int, folder: Path) -> Path:
    """Return a folder in which every video is so many times, so that each actor has it."""
    for source in sources_in(videos):
        for number in range(n_copies):
            link = folder / str(number) / source.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(source.path.resolve())
    return folder


def report(taken: Sequence[tuple[str, Taken]], n_workers: int, engine: str = "local") -> str:
    """Return a table of what was measured."""
    lines = ["| what | wanted | measured | |", "|---|---|---|---|"]
    who = "actors of Ray" if engine == "ray" else "workers"
    for name, each in taken:
        lines.append(at_most(f"{n_workers} {who}, {name}", MOST_MB, each.together_mb, 0, " MB"))
        lines.append(f"| proportional set sizes (PSS) | | {each.pss_mb:.0f} MB | |")
        lines.append(f"| what is shared counted for each (RSS) | | {each.rss_mb:.0f} MB | |")
        if engine == "ray":
            beside = "Ray's own processes, its store and its driver beside them (PSS)"
            lines.append(f"| {beside} | | {each.beside_mb:.0f} MB | |")
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
    text = report(taken, given.workers, given.engine)
    sys.stdout.write(text + "".join(f"{name}: {each}\n" for name, each in taken))
    write(given.page, text, *MARKS[given.engine])


if __name__ == "__main__":
    main()
