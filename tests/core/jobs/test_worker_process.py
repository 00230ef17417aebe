"""A worker process is followed, ended at once, and every way that it can fail is one sentence."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.errors import CancelledError, DualTalkError, InputError, WorkerError
from dualtalk.core.jobs import worker_process
from dualtalk.core.jobs.requests import CheckRequest, GenerateRequest
from dualtalk.core.jobs.worker_process import Progress, WorkerProcess
from dualtalk.core.progress import silent

ROOT = Path(__file__).resolve().parents[3]
PYTHON = Path(sys.executable)

pytest.importorskip("torch", reason="the worker needs torch")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two seconds of noise per speaker."""
    soundfile = pytest.importorskip("soundfile")
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(1)
    for name in "ab":
        soundfile.write(folder / f"{name}.wav", 0.1 * rng.standard_normal(32_000), 16_000)
    return str(folder / "a.wav"), str(folder / "b.wav")


def started(sounds: tuple[str, str], python: Path = PYTHON) -> WorkerProcess[object]:
    return WorkerProcess(python, GenerateRequest(*sounds, device="cpu"))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_job_gives_motion_and_progress(sounds: tuple[str, str]) -> None:
    heard: list[tuple[float, str]] = []
    worker = WorkerProcess(PYTHON, GenerateRequest(*sounds, device="cpu"))
    result = worker.wait(lambda fraction, text: heard.append((fraction, text)))
    assert [motion.n_frames for motion in result.performance.motions] == [50, 50]
    assert any("loading the network" in text for _, text in heard)
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1  # what comes after the network takes time too
    assert heard[-1][1] == "writing the result"
    assert "str" not in {text for _, text in heard}  # an empty text is none
    assert not is_alive(worker.pid)


def test_each_head_gets_motion_of_its_own_basis(sounds: tuple[str, str]) -> None:
    asked = GenerateRequest(*sounds, device="cpu", basis_a="flame", basis_b="arkit")
    first, second = WorkerProcess(PYTHON, asked).wait(silent).performance.motions
    assert (first.basis, first.expression.shape[1]) == ("flame", 50)
    assert (second.basis, second.expression.shape[1]) == ("arkit", 40)


def test_cancelling_ends_the_process_within_half_a_second(sounds: tuple[str, str]) -> None:
    worker = started(sounds)
    begun: list[float] = []

    def cancel(fraction: float, text: str) -> None:
        if worker.progress.fraction or text != "starting":
            begun.append(time.monotonic())
            raise CancelledError

    with pytest.raises(CancelledError):
        worker.wait(cancel)
    assert time.monotonic() - begun[0] < 0.5
    assert not is_alive(worker.pid)


def test_a_killed_worker_is_told(sounds: tuple[str, str]) -> None:
    worker = started(sounds)
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match="memory ran out"):
        worker.wait(silent)


def test_the_worker_ends_with_whoever_started_it(sounds: tuple[str, str]) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from dualtalk.core.jobs.requests import GenerateRequest\n"
        "from dualtalk.core.jobs.worker_process import WorkerProcess\n"
        "w = WorkerProcess(Path(sys.executable), GenerateRequest(*sys.argv[1:]))\n"
        "print(w.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [PYTHON, "-c", script, *sounds], capture_output=True, text=True, check=False
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


def test_bad_input_is_the_same_error_as_without_a_process(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist") as caught:
        started((str(tmp_path / "none.wav"), "")).wait(silent)
    assert caught.value.stage == "dialogue"


def test_a_python_that_cannot_start_is_named(sounds: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="choose another Python"):
        started(sounds, tmp_path / "no_python")


def test_a_program_that_is_no_python_is_told_with_its_log(sounds: tuple[str, str]) -> None:
    with pytest.raises(WorkerError, match="no result") as caught:
        started(sounds, Path(shutil.which("ls") or "/bin/ls")).wait(silent)
    assert caught.value.log


def test_a_python_without_torch_is_told(sounds: tuple[str, str], tmp_path: Path) -> None:
    # An environment without packages, as Blender's own Python is.
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    with pytest.raises(DualTalkError, match="lacks torch"):
        started(sounds, tmp_path / "bare" / "bin" / "python").wait(silent)


def test_an_old_python_is_told(sounds: tuple[str, str], tmp_path: Path) -> None:
    old = tmp_path / "python"
    start = ROOT / "inference" / "workers" / "start.py"
    old.write_text(
        f"#!{PYTHON}\nimport sys, runpy; sys.version_info = (3, 9, 2)\n"
        f"sys.argv = [{str(start)!r}, 'generate', 'folder']\n"
        f"runpy.run_path({str(start)!r}, run_name='__main__')\n"
    )
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(InputError, match=r"is Python 3\.9\.2, and 3\.11"):
        started(sounds, old).wait(silent)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")
def test_a_full_disk_is_told(sounds: tuple[str, str], tmp_path: Path) -> None:
    script = (
        "import sys, tempfile; from pathlib import Path\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "from dualtalk.core.jobs.requests import GenerateRequest\n"
        "from dualtalk.core.jobs.worker_process import WorkerProcess\n"
        "WorkerProcess(Path(sys.executable), GenerateRequest(*sys.argv[2:])).wait(\n"
        "    lambda fraction, text: None)\n"
    )
    small = tmp_path / "small"
    small.mkdir()
    mount = f'mount -t tmpfs -o size=16k none {small} && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", mount, "_", PYTHON, "-c", script, small, *sounds],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no file system can be mounted here")
    assert "the disk is full; make room" in done.stderr.splitlines()[-1]


def test_a_check_finds_torch() -> None:
    import torch

    found = WorkerProcess(PYTHON, CheckRequest()).wait(silent)
    assert found.torch == torch.__version__
    assert "cpu" in found.devices


class Script:
    """A job that a script of a few lines does in place of the worker."""

    job = "check"

    def __init__(self, script: Path) -> None:
        self.script = script

    def command(self, program: Path, folder: Path) -> list[str]:
        return [str(program), "-I", str(self.script), self.job, str(folder)]

    def write(self, folder: Path) -> Path:
        return folder

    def why_it_ended(self, code: int | None) -> str:
        return f"ended with code {code}"

    def result(self, folder: Path) -> str:
        return "done"


def run_script(lines: str, tmp_path: Path) -> WorkerProcess[object]:
    script = tmp_path / "script.py"
    script.write_text(f"import json, os, subprocess, sys, time\n{lines}\n")
    return WorkerProcess(PYTHON, Script(script))


def test_what_the_worker_started_and_left_running_keeps_nobody_waiting(tmp_path: Path) -> None:
    lines = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    begun = time.monotonic()
    assert run_script(lines, tmp_path).wait(silent) == "done"
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    "line",
    [
        "[" * 60_000,
        '{"fraction": "much"}',
        '{"fraction": [1]}',
        '{"fraction": NaN}',
        '{"fraction": 1e400}',
        '{"fraction": -1}',
        '{"fraction": null}',
        "{" + "x" * 200_000,
        "\\xff\\x00",
        "[1]",
        "7",
    ],
)
def test_lines_that_are_no_messages_are_passed_over(line: str, tmp_path: Path) -> None:
    (tmp_path / "line").write_text(line)
    lines = (
        f"print(open({str(tmp_path / 'line')!r}).read())\n"
        "print(json.dumps({'fraction': 0.25, 'text': 'half way'}))"
    )
    worker = run_script(lines, tmp_path)
    assert worker.wait(silent) == "done"
    assert (worker.progress.fraction, worker.progress.text) == (0.25, "half way")


def test_an_error_without_end_is_one_line(tmp_path: Path) -> None:
    lines = (
        "sys.stderr.write('why'); "
        "print(json.dumps({'error': 'a\\n' + 'b' * 9000, 'kind': 'WorkerError'}))"
    )
    with pytest.raises(WorkerError) as error:
        run_script(lines, tmp_path).wait(silent)
    assert len(str(error.value)) <= 1000
    assert "\n" not in str(error.value)
    assert error.value.log == "why"


def test_folders_of_jobs_that_were_never_closed_are_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("dualtalk-job-old", "dualtalk-job-new", "dualtalk-mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.txt").write_text("x")
    for name in ("dualtalk-job-old", "dualtalk-mine"):
        for path in (tmp_path / name / "log.txt", tmp_path / name):
            os.utime(path, (1000, 1000))
    assert worker_process.clear_left_folders() == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dualtalk-job-new", "dualtalk-mine"]


def test_time_left_is_said_once_it_can_be_known() -> None:
    progress = Progress(text="window 2 of 4")
    assert str(progress) == "window 2 of 4"
    progress.fraction = 0.25
    progress.started_s -= 10.0
    assert str(progress) == "window 2 of 4, 30 s left"
    progress.started_s -= 590.0
    assert str(progress) == "window 2 of 4, 30 min left"


def test_time_left_counts_down_and_never_up() -> None:
    progress = Progress(fraction=0.5, text="installing", started_s=time.monotonic() - 30)
    progress.moved_s = time.monotonic() - 10  # 20 s for the first half
    assert str(progress) == "installing, 10 s left"
    progress.take(0.5, "installing")
    assert str(progress) == "installing, 10 s left"
    progress.moved_s -= 20  # a step that takes longer than the rest was thought to
    assert str(progress) == "installing"


def test_an_ended_worker_stays_ended_and_has_nothing_left_to_do() -> None:
    worker = WorkerProcess(PYTHON, CheckRequest())
    try:
        while not worker.poll(1.0):
            pass
        # An answer may have to wait until its user leaves Edit Mode.
        assert worker.poll()
        assert worker.poll(0.01)
        assert worker.result().python.startswith("3.")
    finally:
        worker.close()
    assert Progress(fraction=1.0, started_s=time.monotonic() - 60).left_s is None
