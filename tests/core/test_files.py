"""Files are written whole or not at all, and what a stop leaves can be told from all else."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from dualtalk.core import files
from dualtalk.core.errors import DualTalkError, InputError
from dualtalk.core.files import atomic, check_target, clear_unfinished, together


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
    ours = files._new_file(tmp_path / "scene.blend")
    theirs = [tmp_path / name for name in ("scene.blend", ".scene-abc.blend", ".dualtalk-other-x")]
    for path in theirs:
        path.touch()
    # Of other outputs that are being written now, whose names begin alike:
    long = [tmp_path / f"{'n' * 30}_speaker{number}.blend" for number in (1, 2)]
    theirs += [files._new_file(path) for path in (tmp_path / "scene-1.blend", long[1])]
    assert clear_unfinished(tmp_path / "scene.blend") == 1
    assert clear_unfinished(long[0]) == 0
    assert not ours.exists()
    assert all(path.exists() for path in theirs)


def test_a_file_keeps_its_rights_and_one_that_is_locked_its_content(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    with atomic(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o444)  # nobody may write it: whoever runs this, root too
    with pytest.raises(InputError, match="write-protected"), atomic(path):
        pass
    assert path.read_text() == "new"


def test_an_input_is_no_target(tmp_path: Path) -> None:
    given = tmp_path / "a.wav"
    given.touch()
    (tmp_path / "link").symlink_to(given)
    with pytest.raises(InputError, match="input"):
        check_target(tmp_path / "link", [given])


def test_blender_takes_utf8_whatever_the_language() -> None:
    assert files.for_blender(Path("ä.wav")) == "ä.wav"
    # As Python has the same name where the system's language is C:
    in_c = Path("ä.wav".encode().decode("ascii", "surrogateescape"))
    assert files.for_blender(in_c) == "ä.wav"
    with pytest.raises(InputError, match="rename it"):
        files.for_blender(Path("bad\udcff.wav"))


def test_room_is_asked_for_before_the_work(tmp_path: Path) -> None:
    files.require_space(tmp_path / "a", 1000)
    with pytest.raises(DualTalkError, match="make room"):
        files.require_space(tmp_path / "a", 1e18)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Error: Could not open", "Could not open"),
        (
            "Error: Python: Traceback (most recent call last):\n  File x\nOSError: gone\n",
            "OSError: gone",
        ),
        (
            "Error: Python: Traceback (most recent call last):\n  File x, is_la...",
            "its exporter failed",
        ),
        ("", "its exporter failed"),
    ],
)
def test_what_an_exporter_said_is_one_line(told: str, said: str, tmp_path: Path) -> None:
    assert files.why_not_written(tmp_path / "x", told) == said


PAIR = ("talk_speaker1.npz", "talk_speaker2.npz")


def write_pair(folder: Path, text: str) -> None:
    with together(*(folder / name for name in PAIR)) as temporaries:
        for temporary in temporaries:
            temporary.write_text(text)


def texts(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in PAIR if (folder / name).exists()]


def test_a_pair_is_replaced_together_or_not_at_all(tmp_path: Path) -> None:
    write_pair(tmp_path, "old")
    with contextlib.suppress(RuntimeError), together(*(tmp_path / n for n in PAIR)) as temporaries:
        temporaries[0].write_text("new")
        raise RuntimeError
    assert texts(tmp_path) == ["old", "old"]
    write_pair(tmp_path, "new")
    assert texts(tmp_path) == ["new", "new"]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("fails_at", range(1, 5))
def test_a_move_that_fails_brings_the_old_pair_back(
    fails_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pair(tmp_path, "old")
    count, replace = [0], os.replace

    def failing(source: Path, target: Path) -> None:
        count[0] += 1
        if count[0] == fails_at:
            raise OSError(errno.EIO, "I/O error")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", failing)
        with contextlib.suppress(OSError):
            write_pair(tmp_path, "new")
    assert texts(tmp_path) in (["old", "old"], ["new", "new"])
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("there", [(), PAIR[:1], PAIR[1:], PAIR])
@pytest.mark.parametrize("step", range(1, 12))
def test_a_kill_between_the_moves_mixes_no_pair(
    step: int, there: tuple[str, ...], tmp_path: Path
) -> None:
    """The process ends before its n-th change of a name; then the work is done again."""
    for name in there:
        (tmp_path / name).write_text("old")
    child = os.fork()
    if child == 0:
        count = [0]

        def ending(call: Callable[..., None]) -> Callable[..., None]:
            def counted(*arguments: object, **more: object) -> None:
                count[0] += 1
                if count[0] == step:
                    os._exit(9)
                call(*arguments, **more)

            return counted

        os.replace, os.link = ending(os.replace), ending(os.link)
        os.unlink = ending(os.unlink)
        write_pair(tmp_path, "new")
        os._exit(0)
    os.waitpid(child, 0)
    assert texts(tmp_path) in ([], ["old"], ["new"], ["old", "old"], ["new", "new"])
    write_pair(tmp_path, "newer")
    assert texts(tmp_path) == ["newer", "newer"]
    for name in PAIR:
        clear_unfinished(tmp_path / name)
    assert len(list(tmp_path.iterdir())) == 2


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
