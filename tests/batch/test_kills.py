"""Killed at any moment, a run leaves no half file, and the next one goes on where it was."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dualtalk.batch import making, manifest, shot_file
from dualtalk.core.files import UNFINISHED
from dualtalk.core.motion import Motion

SESSION = Path(__file__).with_name("kill_session.py")
N_SHOTS, N_FRAMES, N_KILLS = 8, 4000, 12


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    tables = []
    for index in range(N_SHOTS):
        for letter in "ab":
            (tmp_path / f"{index}{letter}.wav").write_bytes(bytes(N_FRAMES + index))
        tables.append(
            f'[[shot]]\nname = "sh{index}"\nsounds = ["{index}a.wav", "{index}b.wav"]\n'
            f'outputs.motion = "out/sh{index}"\n'
        )
    path = tmp_path / "shots.toml"
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


def check_whole(path: Path) -> int:
    """Check that every output that is there is whole, and return how many are current."""
    n_current = 0
    for shot in shot_file.read(path):
        for kind, files in shot.outputs.files().items():
            for file in files:
                if file.exists():
                    assert Motion.load(file).n_frames >= N_FRAMES
                if manifest.path_of(file).exists():
                    json.loads(manifest.path_of(file).read_text())
                n_current += manifest.is_current(file, shot, kind)
    return n_current


def begin(path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, str(SESSION), str(path), str(path.parent / "work")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_kills_in_a_loop_leave_nothing_half(number: int, shots: Path) -> None:
    generator = random.Random(0)
    current, killed = [0], 0
    for _ in range(N_KILLS):
        with begin(shots) as process:
            time.sleep(generator.uniform(0.0, 0.1))
            process.send_signal(number)
            code = process.wait(60)
        assert code in (0, -number, 128 + number)
        killed += code != 0
        current.append(check_whole(shots))
        assert current[-1] >= current[-2]  # what was made stays made
        if number == signal.SIGTERM:
            assert not list((shots.parent / "out").glob(f"{UNFINISHED}*"))
        if current[-1] == 2 * N_SHOTS:
            break
    with begin(shots) as process:
        assert process.wait(120) == 0
    assert killed
    assert check_whole(shots) == 2 * N_SHOTS
    assert not list(shots.parent.rglob(f"{UNFINISHED}*"))
    assert not list(shots.parent.rglob("new-*"))
    assert all(making.todo(shot) == () for shot in shot_file.read(shots))
