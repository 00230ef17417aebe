"""Memory that `dualtalk predict` takes for dialogues of some lengths (docs/performance.md).

Use: python scripts/measure_memory.py SECONDS ... [--mixed] [--computed WINDOWS]
The bundled demo is repeated to each length; a process of its own predicts it, and the system tells
the most memory that it had (the same number as that of GNU time). With --computed the network hears
that many windows of two tracks, and all others get what the last of them gave: everything before
and after the network is that of the whole length, in a few minutes.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import soundfile

#: The command line, with a network that computes so many windows.
_FEW = """
import sys
from dualtalk.inference.executor import WindowExecutor
compute, n, last = WindowExecutor.compute, 0, None
def few(self, solve, audio, windows):
    global n, last
    n += 1
    if n <= {n} or last.shape[1] != windows[0].n_frames:
        last = compute(self, solve, audio, windows)
    return last.copy()
WindowExecutor.compute = few
from dualtalk.entry import main
sys.exit(main())
"""
ASSETS = Path(__file__).resolve().parents[1] / "assets"


def main() -> None:
    """Print a row for each length."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("seconds", type=float, nargs="+")
    parser.add_argument("--mixed", action="store_true", help="one recording with both voices")
    parser.add_argument("--computed", type=int, default=0, help="windows; 0: all")
    options = parser.parse_args()
    sys.stdout.write(
        "| dialogue | peak memory | times the first | wall clock |\n|---|---|---|---|\n"
    )
    first = 0.0
    for seconds in options.seconds:
        with tempfile.TemporaryDirectory() as folder:
            sounds = written(Path(folder), seconds, options.mixed)
            peak_mb, took_s = measured(
                [*sounds, "--output", str(Path(folder) / "out")], options.computed
            )
        first = first or peak_mb
        row = f"| {seconds:.0f} s | {peak_mb:.0f} MB | {peak_mb / first:.2f} | {took_s:.0f} s |"
        sys.stdout.write(row + "\n")
        sys.stdout.flush()


def written(folder: Path, seconds: float, is_mixed: bool) -> list[str]:
    """Write the sounds, and return the arguments that name them."""
    voices = [soundfile.read(ASSETS / f"demo_speaker{n}.flac", dtype="float32") for n in (1, 2)]
    rate = voices[0][1]
    tracks = [voice for voice, _ in voices]
    if is_mixed:
        tracks = [(tracks[0] + tracks[1]) / 2]
    paths = [folder / f"{n}.wav" for n in range(len(tracks))]
    for path, track in zip(paths, tracks, strict=True):
        with soundfile.SoundFile(path, "w", rate, 1, "PCM_16") as file:
            left = round(seconds * rate)
            while left > 0:
                file.write(track[: min(left, len(track))])
                left -= min(left, len(track))
    return ["--mixed", str(paths[0])] if is_mixed else [str(path) for path in paths]


def measured(arguments: Sequence[str], n_computed: int = 0) -> tuple[float, float]:
    """Return the most memory of a run, MB, and its seconds."""
    start = time.perf_counter()
    program = ["-m", "dualtalk.entry"]
    if n_computed:
        program = ["-c", _FEW.format(n=n_computed)]
    command = [sys.executable, *program, "predict", *arguments]
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit("the run failed")
    return used.ru_maxrss * 1024 / 1e6, time.perf_counter() - start


if __name__ == "__main__":
    main()
