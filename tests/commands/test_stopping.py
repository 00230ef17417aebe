"""Ctrl-C and SIGTERM at any moment, start-up included: 130 and 143, no traceback, nothing left."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk import cli
from dualtalk.core.jobs.worker_process import FOLDER

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


@pytest.mark.parametrize("number", list(CODES))
@pytest.mark.parametrize("after_s", [0.05, 0.6, 3.0])
def test_a_signal_ends_it_at_once_and_leaves_nothing(
    number: signal.Signals, after_s: float, tmp_path: Path
) -> None:
    generator = np.random.default_rng(0)
    tracks = [str(tmp_path / f"{name}.wav") for name in "ab"]
    for track in tracks:
        soundfile.write(track, 0.1 * generator.standard_normal(320_000), 16_000)
    folder = tmp_path / "tmp"
    folder.mkdir()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(folder)}
    words = ["predict", *tracks, "--output", str(tmp_path / "o")]
    with subprocess.Popen(
        [sys.executable, "-m", "dualtalk.entry", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        time.sleep(after_s)
        process.send_signal(number)
        out, said = process.communicate(timeout=60)
    # Before Python runs a line of ours, the signal is Python's own: it just ends.
    assert process.returncode in (CODES[number], -number) or after_s < 0.5
    assert "Traceback" not in said or after_s < 0.5
    assert out == ""
    assert not list(tmp_path.glob("o*"))
    assert not list(tmp_path.glob(".dualtalk*"))
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("number", "after_s"),
    # Soon after its begin it is tried whether this machine draws at all; then come the frames.
    [(signal.SIGINT, 0.5), (signal.SIGTERM, 0.5), (signal.SIGTERM, 5.0)],
)
def test_a_signal_while_a_video_is_rendered(
    number: signal.Signals, after_s: float, tmp_path: Path
) -> None:
    pytest.importorskip("bpy", reason="needs Blender as a module")
    generator = np.random.default_rng(0)
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * generator.standard_normal(48_000), 16_000)
    folder = tmp_path / "tmp"
    folder.mkdir()
    words = ["animate", "a.wav", "b.wav", "--output", "o.blend", "--preview", "o.mp4"]
    with subprocess.Popen(
        [sys.executable, "-m", "dualtalk.entry", *words], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(folder)},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = b""
        while b"Rendering the video" not in said and (line := process.stderr.readline()):
            said += line
        time.sleep(after_s)
        process.send_signal(number)
        process.wait(60)
        said += process.stderr.read()
    assert process.returncode == CODES[number], said
    assert b"Traceback" not in said
    assert not list(tmp_path.glob("o.mp4"))
    assert not list(tmp_path.glob(".dualtalk*"))
    assert not list(folder.iterdir())


def test_what_a_killed_run_left_is_cleared_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of a run that was ended with SIGKILL goes when another one begins."""
    track = tmp_path / "a.wav"
    soundfile.write(track, np.zeros((8_000, 2)), 16_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = Path(tempfile.mkdtemp(prefix=FOLDER))
    (left / "shot").mkdir()
    for day in (0.0, time.time()):
        for path in (left / "shot", left):
            os.utime(path, (day, day))
        assert cli.main(["predict", str(track), "--output", str(tmp_path / "o")]) == 0
        assert left.exists() == bool(day)
        left.mkdir(exist_ok=True)
        (left / "shot").mkdir(exist_ok=True)
