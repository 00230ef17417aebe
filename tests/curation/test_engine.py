"""A run that is killed goes on: the same rows, none twice."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dualtalk.curation.options import Options
from dualtalk.curation.sources import sources_in

from .conftest import two_heads, write_video
from .kill_session import OPTIONS


@pytest.fixture
def videos(tmp_path: Path, av: Any, cv2: Any) -> Path:
    """Return a folder of small videos: two that are taken, the rest refused for many reasons."""
    folder = tmp_path / "videos"
    folder.mkdir()
    for name, seed in (("0_pair.mp4", 1), ("8_pair.mp4", 2)):
        write_video(folder / name, two_heads(16, seed), [j / 25 for j in range(16)])
    for i in range(1, 6):
        picture = np.full((64, 96, 3), 40 + 10 * i, np.uint8)
        write_video(folder / f"{i}.mp4", [picture] * 10, [j / 25 for j in range(10)])
    (folder / "broken.mp4").write_bytes(b"no video")
    return folder


def _rows(output: Path) -> list[dict[str, Any]]:
    """Return all that the shards hold, by the clips' names."""
    from dualtalk.curation.records import shards

    return sorted(shards.rows(output / "shards"), key=lambda row: str(row["clip_id"]))


def _said(output: Path) -> list[dict[str, Any]]:
    lines = (output / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_killed_run_goes_on_without_a_duplicate(
    videos: Path, landmarker: Any, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow", reason="needs the packages of 'make setup-curation'")
    from dualtalk.curation.engine import local

    killed, whole = tmp_path / "killed", tmp_path / "whole"
    _kill_in_the_middle(videos, killed)
    assert 3 <= len(_rows(killed)) < 8
    local.run(sources_in(videos), killed, OPTIONS)
    local.run(sources_in(videos), whole, OPTIONS)
    _check_equal(killed, whole)


def _kill_in_the_middle(videos: Path, killed: Path, *engine: str) -> None:
    """Start a run, and kill -9 it when three shards are whole."""
    from dualtalk.curation.engine import output
    from dualtalk.curation.records import shards

    def n_whole() -> int:
        return sum(map(shards.is_whole, shards.files(killed / output.SHARDS)))

    script = Path(__file__).with_name("kill_session.py")
    command = [sys.executable, str(script), str(videos), str(killed), *engine]
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 600  # of a machine with much else to do
        while process.poll() is None and time.monotonic() < deadline and n_whole() < 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)


def _check_equal(killed: Path, whole: Path) -> None:
    """Both folders hold the same rows, each once, and the files of what was taken."""
    from dualtalk.curation.engine import output

    assert _said(killed) == _said(whole)
    assert len({said["clip_id"] for said in _said(killed)}) == len(_said(killed)) == 8
    assert _rows(killed) == _rows(whole)  # to the last byte of the motions
    assert sum(row["accepted"] for row in _rows(killed)) == 2
    for made in (killed, whole):
        assert len(list((made / output.CLIPS).glob("*/speaker2.npz"))) == 2


def test_a_second_run_does_nothing(videos: Path, landmarker: Any, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs the packages of 'make setup-curation'")
    from dualtalk.curation.engine import local, output

    local.run(sources_in(videos), tmp_path / "out", OPTIONS)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out" / output.SHARDS).iterdir()}
    local.run(sources_in(videos), tmp_path / "out", OPTIONS)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "out" / output.SHARDS).iterdir()} == before


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_gives_the_same_rows(videos: Path, landmarker: Any, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason='needs pip install "ray[data]==2.60.0"')
    from dualtalk.curation.engine import local, ray_data

    local.run(sources_in(videos), tmp_path / "local", OPTIONS)
    try:
        ray_data.run(sources_in(videos), tmp_path / "ray", OPTIONS, n_workers=1)
        ray_data.run(sources_in(videos), tmp_path / "ray", OPTIONS, n_workers=1)  # nothing more
    finally:
        ray.shutdown()
    assert _said(tmp_path / "ray") == _said(tmp_path / "local")
    assert _rows(tmp_path / "ray") == _rows(tmp_path / "local")
    assert sum(row["accepted"] for row in _rows(tmp_path / "ray")) == 2


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_goes_on_after_its_driver_was_killed(
    videos: Path, landmarker: Any, tmp_path: Path
) -> None:
    ray = pytest.importorskip("ray", reason='needs pip install "ray[data]==2.60.0"')
    from dualtalk.curation.engine import local, ray_data

    killed, whole = tmp_path / "killed", tmp_path / "whole"
    _kill_in_the_middle(videos, killed, "ray")
    _wait_until_still(killed)
    try:
        ray_data.run(sources_in(videos), killed, OPTIONS, n_workers=1)
    finally:
        ray.shutdown()
    local.run(sources_in(videos), whole, OPTIONS)
    _check_equal(killed, whole)


def _wait_until_still(folder: Path) -> None:
    """Wait until Ray's processes, which notice that their driver is gone, write no more."""
    from dualtalk.curation.engine import output

    before: list[tuple[str, int]] | None = None
    now: list[tuple[str, int]] = []
    while before != now:
        time.sleep(3)
        files = (folder / output.SHARDS).iterdir()
        before, now = now, sorted((file.name, file.stat().st_size) for file in files)


def test_actors_leave_a_core_to_who_writes(cv2: Any) -> None:
    pytest.importorskip("mediapipe", reason="needs the packages of 'make setup-curation'")
    from dualtalk.core.errors import InputError
    from dualtalk.curation.engine import ray_data

    ray_data.check_cores(2, 2.0)
    ray_data.check_cores(1, 1.0)
    for workers, cores, most in ((2, 1.0, 1), (3, 2.0, 2), (0, 2.0, 2)):
        with pytest.raises(InputError, match=f"1 to {most} workers"):
            ray_data.check_cores(workers, cores)
    assert [ray_data.n_parts(n, 2) for n in (1, 7, 100, 1000)] == [1, 7, 8, 63]


def test_without_ray_it_says_what_to_do(videos: Path, cv2: Any, tmp_path: Path) -> None:
    from dualtalk.core.errors import InputError
    from dualtalk.curation.engine import ray_data

    try:
        import ray  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="--engine local"):
            ray_data.run(sources_in(videos), tmp_path / "ray", Options())
    else:
        pytest.skip("Ray is installed")
