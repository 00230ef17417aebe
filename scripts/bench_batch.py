"""Shots a minute of `dualtalk batch`, and what its start-up takes of them (docs/performance.md).

Use: python scripts/bench_batch.py [--shots 100] [--seconds 10] [--jobs N] [--outputs motion scene]
Stretches of the bundled demo, each at a loudness of its own, so that no two shots have the same
sound. Two batches are made, one of a single shot for each worker and one of all; the difference is
what shots cost, the rest is start-up. Processor time stands beside the clock's, which other work on
the machine lengthens: the load is printed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

ASSETS = Path(__file__).resolve().parents[1] / "assets"
SUFFIXES = {"motion": "", "scene": ".blend", "preview": ".mp4", "usd": ".usdc", "fbx": ".fbx"}
HOURS = 10_000


@dataclass(frozen=True)
class Run:
    """What one batch took."""

    n_shots: int
    wall_s: float
    cpu_s: float  #: of all its processes, waited for


@dataclass(frozen=True)
class Cost:
    """What two batches say of any: start-up once a worker, and each shot."""

    start_wall_s: float
    start_cpu_s: float  #: of one worker
    shot_wall_s: float  #: from one shot of a worker to its next
    shot_cpu_s: float


def main() -> None:
    """Make both batches and print the table."""
    options = arguments()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few = measured(folder / "few", options.jobs, options)
        many = measured(folder / "many", options.shots, options)
        again = measured(folder / "many", options.shots, options)
    found = cost(few, many, options.jobs)
    for line in table(few, many, again, found, options.jobs, options.seconds):
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"Load average {before:.1f} before, {os.getloadavg()[0]:.1f} after.\n")


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shots", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--outputs", nargs="+", choices=sorted(SUFFIXES), default=["motion"])
    options = parser.parse_args()
    if options.shots <= options.jobs:
        parser.error("--shots must be more than --jobs")
    return options


def measured(folder: Path, n_shots: int, options: argparse.Namespace) -> Run:
    """Run a batch of so many shots in a folder; what lies there already is current."""
    path = folder / "shots.toml"
    if not path.exists():
        write_shots(path, n_shots, options.seconds, options.outputs)
    words = ["batch", str(path), "--jobs", str(options.jobs), "--json"]
    start, used = time.perf_counter(), cpu_s()
    done = subprocess.run(
        [sys.executable, "-m", "dualtalk.entry", *words], stdout=subprocess.PIPE, check=False
    )
    run = Run(n_shots, time.perf_counter() - start, cpu_s() - used)
    if done.returncode or json.loads(done.stdout)["counts"]["failed"]:
        raise SystemExit("a shot failed: see above")
    return run


def cpu_s() -> float:
    """Return the processor time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write_shots(path: Path, n_shots: int, seconds: float, outputs: Sequence[str]) -> None:
    """Write the shots and their sounds."""
    path.parent.mkdir(parents=True)
    voices = [soundfile.read(ASSETS / f"demo_speaker{n}.flac", dtype="float32") for n in (1, 2)]
    rate, tables = voices[0][1], []
    n_samples = round(seconds * rate)
    for index in range(n_shots):
        for letter, (voice, _) in zip("ab", voices, strict=True):
            stretch = np.resize(np.roll(voice, -index * rate // 2), n_samples)
            sound = path.parent / f"{index}{letter}.wav"
            soundfile.write(sound, stretch * (1 - index / (2 * n_shots)), rate)
        wanted = ", ".join(f'{kind} = "out/{index}{SUFFIXES[kind]}"' for kind in outputs)
        tables.append(
            f'[[shot]]\nname = "s{index}"\nsounds = ["{index}a.wav", "{index}b.wav"]\n'
            f"outputs = {{ {wanted} }}\n"
        )
    path.write_text("\n".join(tables), encoding="utf-8")


def cost(few: Run, many: Run, n_workers: int) -> Cost:
    """Return what start-up and a shot cost, from a batch of one shot a worker and a longer one."""
    rounds = many.n_shots / n_workers - few.n_shots / n_workers
    shot_wall_s = (many.wall_s - few.wall_s) / rounds
    shot_cpu_s = (many.cpu_s - few.cpu_s) / (many.n_shots - few.n_shots)
    return Cost(
        few.wall_s - shot_wall_s * few.n_shots / n_workers,
        (few.cpu_s - shot_cpu_s * few.n_shots) / n_workers,
        shot_wall_s,
        shot_cpu_s,
    )


def table(
    few: Run, many: Run, again: Run, found: Cost, n_workers: int, seconds: float
) -> list[str]:
    """Return the report's lines."""
    start_cpu_s = found.start_cpu_s * n_workers
    core_hours = HOURS * found.shot_cpu_s / seconds
    rows = [
        (f"{many.n_shots} shots of {seconds:g} s, {n_workers} workers", many.wall_s, many.cpu_s),
        (f"{few.n_shots} shots", few.wall_s, few.cpu_s),
        ("start-up, by the difference", found.start_wall_s, start_cpu_s),
        ("a shot after that", found.shot_wall_s, found.shot_cpu_s),
        ("a second run, nothing changed", again.wall_s, again.cpu_s),
    ]
    return [
        "| | wall clock, s | processor, s |",
        "|---|---|---|",
        *(f"| {what} | {wall_s:.1f} | {used_s:.1f} |" for what, wall_s, used_s in rows),
        "",
        f"{60 * many.n_shots / many.wall_s:.1f} shots a minute by the clock, "
        f"{60 * n_workers * many.n_shots / many.cpu_s:.1f} if the processor time were all of "
        f"{n_workers} cores.",
        f"Start-up: {found.start_wall_s / many.wall_s:.1%} of the clock, "
        f"{start_cpu_s / many.cpu_s:.1%} of the processor time.",
        f"{HOURS:,} hours: {core_hours:,.0f} core-hours, "
        f"{HOURS * (found.shot_cpu_s + found.start_cpu_s) / seconds:,.0f} if each shot is a "
        "process of its own.",
    ]


if __name__ == "__main__":
    main()
