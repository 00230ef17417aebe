"""A worker of a batch: keeps the network, and makes shot after shot, each in a child of its own.

A line of JSON on standard input asks for a shot, a line on standard output says how it went. The
child is a copy of this process (fork), so that the network's weights are read once and shared; what
a shot does to its memory, or to Blender, ends with it. Where processes cannot be copied (Windows,
or a GPU, whose weights stay on it) the worker makes the shots itself. It ends with its parent.
"""

import contextlib
import ctypes
import json
import logging
import os
import select
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import stopping
from ..core.errors import DualTalkError
from . import making
from .shot import Shot

if TYPE_CHECKING:
    from ..inference.checkpoints import Checkpoint

_PR_SET_PDEATHSIG = 1
_BLOCK = 1 << 16
#: Networks by path and change, as they were read.
_networks: dict[tuple[str, int], "Checkpoint"] = {}


def main(_arguments: list[str]) -> int:
    """Serve until standard input closes."""
    stopping.install()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="dualtalk: %(message)s")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Blender prints is no answer
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()
    os._exit(0)  # at once: what the libraries would tidy up ends with the process


def load(path: Path | None) -> "Checkpoint":
    """Read a checkpoint, once while the file does not change."""
    from ..inference import checkpoints

    found = path or checkpoints.bundled_path()
    key = (str(found), found.stat().st_mtime_ns if found.is_file() else 0)
    if key not in _networks:
        _networks[key] = checkpoints.load(found)
    return _networks[key]


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    shot = Shot.from_json(request["shot"])
    work, steps = Path(request["work"]), tuple(request["steps"])
    if not hasattr(os, "fork") or _uses_gpu(shot):
        return made(shot, work, steps)
    with contextlib.suppress(DualTalkError):  # the child says what is wrong
        if "analyse" in steps:
            _warm_up(shot)
    return _in_a_child(shot, work, steps)


def made(shot: Shot, work: Path, steps: tuple[str, ...]) -> dict[str, Any]:
    """Make a shot here, and say how it went."""
    try:
        done = making.make(shot, work, steps, load=load)
    except DualTalkError as error:
        return {"error": str(error), "exit_code": error.exit_code}
    except MemoryError:
        return {"error": "Memory ran out: run fewer shots at once (--jobs).", "exit_code": 1}
    except OSError as error:
        return {"error": f"{error.filename or ''} {error.strerror or error}.", "exit_code": 1}
    return {
        "notes": list(done.notes),
        "duration_s": done.duration_s,
        "took_s": done.took_s,
        "lines": [asdict(line) | {"doubt": line.doubt, "why": line.why} for line in done.lines],
    }


def _warm_up(shot: Shot) -> None:
    """Read what every child needs, in one thread: a pool of threads does not survive copying.

    A child of a process that has one waits for ever for threads that were not copied.
    """
    from ..inference import audio, devices
    from ..inference.two_track import predict

    devices.use_threads(1)

    if shot.mixed is None:
        load(shot.checkpoint)
    del audio, predict


def _in_a_child(shot: Shot, work: Path, steps: tuple[str, ...]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            _end_with_parent()
            if shot.checkpoint is not None:  # the bundled networks are as fast in one
                _use_all_threads()
            answer = made(shot, work, steps)
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump(answer, pipe)
            code = 0
        except BaseException:
            logging.getLogger(__name__).exception("%s failed", shot.name)
        finally:
            os._exit(code)
    os.close(writing)
    with stopping.cleared_on_stop(lambda: _end(child)), os.fdopen(reading, "rb") as pipe:
        text = _listen(pipe.fileno(), child)
        _, status = os.waitpid(child, 0)
    if text:
        said: dict[str, Any] = json.loads(text)
        return said
    return {"error": _why_it_ended(os.waitstatus_to_exitcode(status)), "exit_code": 1}


def _listen(pipe: int, child: int) -> bytes:
    """Return what the child says; if the parent ends meanwhile, end both."""
    text = b""
    while True:
        ready, _, _ = select.select([pipe, 0], [], [])
        if pipe in ready:
            block = os.read(pipe, _BLOCK)
            if not block:
                return text
            text += block
        elif not os.read(0, _BLOCK):  # asked for nothing before it has its answer: it has ended
            _end(child)
            os._exit(1)


def _use_all_threads() -> None:
    """Let a child compute with as many threads as its worker was given."""
    if "torch" in sys.modules:
        from ..inference import devices

        devices.use_threads(int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1))


def _end(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)


def _end_with_parent() -> None:
    """Let Linux end this process if its parent is killed."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _why_it_ended(code: int) -> str:
    if code == -signal.SIGKILL:
        return "Its process was killed, most likely for want of memory: use fewer --jobs."
    return f"Its process ended with code {code}: see the log."


def _uses_gpu(shot: Shot) -> bool:
    """Tell whether the shot's network runs on a GPU, whose state does not survive copying."""
    if shot.device == "cpu":
        return False
    from ..inference import devices

    return devices.choose_or_fall_back(shot.device).type != "cpu"  # type: ignore[arg-type]
