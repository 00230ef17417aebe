"""Files are written whole or not at all, and what a stop leaves can be told from all else."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dualtalk.core.errors import DualTalkError, InputError
from dualtalk.core.files import UNFINISHED, atomic, check_target, clear_unfinished


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with contextlib.suppress(RuntimeError), atomic(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_a_name_may_be_as_long_as_the_disk_allows(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 251}.txt"
    with atomic(path) as temporary:
        temporary.write_text("whole")
    assert path.read_text() == "whole"


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DualTalkError, match="the disk is full"), atomic(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_places_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "none" / "a", tmp_path / ("n" * 300)):
        with pytest.raises(InputError):
            check_target(path)
    check_target(tmp_path / "a")


def test_only_what_was_left_of_a_file_is_cleared(tmp_path: Path) -> None:
    ours = tmp_path / f"{UNFINISHED}scene-abc.blend"
    theirs = [tmp_path / name for name in ("scene.blend", ".scene-abc.blend", ".dualtalk-other-x")]
    for path in (ours, *theirs):
        path.touch()
    assert clear_unfinished(tmp_path / "scene.blend") == 1
    assert not ours.exists()
    assert all(path.exists() for path in theirs)


_WRITER = """
import sys, time
from pathlib import Path
from dualtalk.core import stopping
from dualtalk.core.files import atomic
stopping.install()
try:
    with atomic(Path(sys.argv[1])) as temporary:
        temporary.write_text("half")
        print("writing", flush=True)
        while True:
            try:
                time.sleep(0.01)
            except BaseException:  # as Blender's handlers do, and destructors
                pass
finally:
    pass
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_clears_what_is_unfinished_even_where_exceptions_are_swallowed(
    number: int, code: int, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "a.txt")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(number)
        time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(20) == code
        assert "Traceback" not in process.stderr.read()
    assert not list(tmp_path.iterdir())
