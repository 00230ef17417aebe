"""How the command line's process ends: told to stop (Ctrl-C, SIGTERM), or with Blender loaded.

A `KeyboardInterrupt` is raised wherever Python happens to be: in a library's import, in a
destructor that swallows it, in one of Blender's handlers that prints it and goes on. So the command
line does not unwind: what would be left behind is registered here while it exists, and the signal
clears it and ends the process.
"""

import atexit
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import subprocess

Clear = Callable[[], None]

#: What would be left behind if the process ended now, the latest last.
_to_clear: list[Clear] = []
#: While it is above zero a signal waits: something is being made and is not registered yet.
_n_held = 0
_waiting: int | None = None


@contextlib.contextmanager
def cleared_on_stop(clear: Clear) -> Iterator[None]:
    """Call `clear` if the process is told to stop inside the block."""
    _to_clear.append(clear)
    try:
        yield
    finally:
        _to_clear.remove(clear)


def clear_on_stop(clear: Clear) -> None:
    """Call `clear` if the process is told to stop from now on."""
    _to_clear.append(clear)


def end_child(process: "subprocess.Popen[bytes]", patience_s: float = 0.0) -> None:
    """End a process that this one may be waiting for: to be called by `cleared_on_stop`.

    A signal inside `Popen.wait` leaves its lock taken: another `wait` would never see the end.

    Args:
        process: to end.
        patience_s: how long it may clear up after itself before it is killed.
    """
    if patience_s:
        process.terminate()
    else:
        process.kill()
    deadline = time.monotonic() + patience_s
    while not _has_ended(process):
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.02)


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    if os.name != "posix":  # whose `wait` takes no lock
        return process.poll() is not None
    try:
        return os.waitpid(process.pid, os.WNOHANG)[0] != 0
    except ChildProcessError:  # waited for already
        return True


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Let a signal wait to the end of the block."""
    global _n_held
    _n_held += 1
    try:
        yield
    finally:
        _n_held -= 1
        if not _n_held and _waiting is not None:
            _stop(_waiting)


def install() -> None:
    """End the process at SIGINT and SIGTERM with 130 and 143, cleared up and without a traceback.

    For the command line's own process only, `blender --command` among them: never inside a Blender
    that does something else, whose signals are its own.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _take)


def leave_for_good(code: int) -> None:
    """End the console's process with this exit code at once: a signal has no time to change it.

    Only inside Blender's own program it goes on: that one ends by itself.
    """
    blender = sys.modules.get("bpy")
    if blender is not None:
        if blender.app.binary_path:  # a module has none
            return
        delete_folder_of(blender)
    leave(code)


def delete_folder_of(blender: Any) -> None:
    """Delete the folder for temporary files of Blender's module, which Blender itself would."""
    import shutil  # slow, and the command line can be stopped before anything that is

    folder = blender.app.tempdir
    if folder and Path(folder).name.startswith("blender_"):
        shutil.rmtree(folder, ignore_errors=True)


def leave(code: int) -> NoReturn:
    """End the process with this exit code as Python does, up to Blender's last destructors.

    They run after Python is gone, and crash in the module of Blender 4.2 once it has exported glTF
    (`bpy_class_free` asks for the interpreter): the exit code would be 139 when all is done.
    """
    atexit._run_exitfuncs()
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None where the caller closed it
        with contextlib.suppress(OSError, ValueError):  # closed, or nobody reads it
            stream.flush()
    os._exit(code)


def _take(number: int, _frame: FrameType | None) -> None:
    global _waiting
    if _n_held:
        _waiting = number
    else:
        _stop(number)


def _stop(number: int) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # a second one must not leave half of it there
    for clear in reversed(_to_clear):
        # What cannot be cleared is no reason to leave the rest.
        with contextlib.suppress(Exception):
            clear()
    with contextlib.suppress(OSError):
        os.write(2, b"\ndualtalk: Cancelled.\n")
    os._exit(128 + number)
