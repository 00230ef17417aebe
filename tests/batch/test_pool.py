"""Real workers: a broken shot stops no other, what is made is not made again, Ctrl-C ends all."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.batch import elsewhere, pool
from dualtalk.batch.analysis import Analysis
from dualtalk.batch.shot import Outputs, Shot
from dualtalk.cli import main
from dualtalk.core.files import UNFINISHED
from dualtalk.core.progress import Report
from dualtalk.inference import checkpoints

from .conftest import at_rest


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    generator = np.random.default_rng(3)
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * generator.standard_normal(8_000), 16_000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF no sound")
    path = tmp_path / "shots.toml"
    path.write_text(
        """
[defaults]
sounds = ["a.wav", "b.wav"]
[[shot]]
name = "good"
outputs.motion = "out/good"
[[shot]]
name = "broken"
sounds = ["broken.wav", "b.wav"]
outputs.motion = "out/broken"
[[shot]]
name = "missing"
sounds = ["nowhere.wav", "b.wav"]
outputs.motion = "out/missing"
[[shot]]
name = "better"
seed = 3
outputs.motion = "out/better"
""",
        encoding="utf-8",
    )
    return path


def states(shots: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    code = main(["batch", str(shots), "--jobs", "1", "--json"])
    report = json.loads(capsys.readouterr().out)
    kept = json.loads((shots.parent / ".dualtalk" / "shots" / "report.json").read_text())
    assert kept == report
    for row in report["shots"]:
        assert bool(row["error"]) == (row["state"] == "failed")
    return code, {row["shot"]: row["state"] for row in report["shots"]}


def test_broken_shots_stop_no_others(
    shots: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # More than one thread each: a worker that has a pool of them cannot be copied.
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    code, first = states(shots, capsys)
    assert code == 1
    assert first == {"good": "made", "broken": "failed", "missing": "failed", "better": "made"}
    assert len(list((shots.parent / "out").glob("*.npz"))) == 4
    text = shots.read_text().replace('sounds = ["broken.wav", "b.wav"]', "seed = 9")
    shots.write_text(text.replace('sounds = ["nowhere.wav", "b.wav"]', "seed = 8"))
    code, second = states(shots, capsys)
    assert code == 0
    assert second == {"good": "current", "broken": "made", "missing": "made", "better": "current"}


def test_inside_blender_broken_shots_stop_no_others_either(
    shots: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose Python has no torch: one after the other there, and the same report."""

    def analyse(shot: Shot, report: Report) -> Analysis:
        if shot.name == "broken":
            raise RuntimeError("not foreseen")
        return at_rest(shot)

    monkeypatch.setattr(elsewhere, "is_needed", lambda: True)
    monkeypatch.setattr(elsewhere, "analyse_elsewhere", analyse)
    code, first = states(shots, capsys)
    assert code == 1
    assert first == {"good": "made", "broken": "failed", "missing": "failed", "better": "made"}
    before = [path.stat().st_mtime_ns for path in sorted((shots.parent / "out").glob("*.npz"))]
    code, second = states(shots, capsys)
    assert second == {**first, "good": "current", "better": "current"}
    after = [path.stat().st_mtime_ns for path in sorted((shots.parent / "out").glob("*.npz"))]
    assert after == before


def test_ctrl_c_ends_the_workers_too(shots: Path) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "dualtalk.entry", "batch", str(shots), "--jobs", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        workers: list[int] = []
        end = time.monotonic() + 120
        while not workers and time.monotonic() < end:
            time.sleep(0.1)
            listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            threads = Path(f"/proc/{process.pid}/task").iterdir()
            listed += [c for t in threads for c in (t / "children").read_text().split()]
            workers = [int(child) for child in listed]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "Traceback" not in said
    assert workers
    end = time.monotonic() + 20  # a helper of multiprocessing ends when it sees its parent gone
    while any(map(_is_alive, workers)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(_is_alive, workers))
    assert not list(shots.parent.rglob(f"{UNFINISHED}*"))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_as_many_at_once_as_memory_allows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shot = Shot("x", (tmp_path / "a.wav",), outputs=Outputs(motion=tmp_path / "x"))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    monkeypatch.setattr(pool, "free_memory_bytes", lambda: 5e9)
    assert pool.worker_count([shot] * 10) == 3
    monkeypatch.setattr(pool, "free_memory_bytes", lambda: 1e8)
    assert pool.worker_count([shot] * 10) == 1
    assert pool.worker_count([shot] * 2, 8) == 2


_COUNTING = """
import sys
from dualtalk.inference import checkpoints
read = checkpoints.load
def load(path, *kind):
    with open(sys.argv[1], "a") as log:
        log.write(f"{path.name}\\n")
    return read(path, *kind)
checkpoints.load = load
from dualtalk.batch import worker
worker.main([])
"""


def test_a_worker_reads_the_network_once(shots: Path, tmp_path: Path) -> None:
    """And makes each shot in a process of its own."""
    sounds = (tmp_path / "a.wav", tmp_path / "b.wav")
    asked = [
        {
            "shot": Shot(name, sounds, outputs=Outputs(motion=tmp_path / name)).to_json(),
            "work": str(tmp_path / "work"),
            "steps": ["analyse"],
        }
        for name in ("one", "two", "three")
    ]
    answers = []
    with subprocess.Popen(
        [sys.executable, "-c", _COUNTING, str(tmp_path / "log")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        for each in asked:  # one at a time, as it is asked
            process.stdin.write(json.dumps(each) + "\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(60) == 0
    assert [answer.get("error") for answer in answers] == [None] * 3
    assert len(list(tmp_path.glob("*_speaker*.npz"))) == 6
    read = (tmp_path / "log").read_text().split()
    assert read.count(checkpoints.bundled_path().name) == 1
