"""Analysing from inside Blender, whose Python has none of the network's libraries."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..core.errors import DualTalkError, InputError
from ..core.jobs.worker_process import FOLDER
from ..core.paths import ROOT
from ..core.progress import Report
from ..core.stopping import cleared_on_stop, end_child
from . import analysis
from .analysis import Analysis
from .shot import Shot

#: The Python that has the libraries, for Blender's command line; else the add-on's own is used.
VARIABLE = "DUALTALK_PYTHON"
_START = ROOT / "inference" / "workers" / "start.py"
_END_S = 5.0
#: The add-on's preferences know a Python; `registration` says which.
_known: list[Path] = []


def is_needed() -> bool:
    """Tell whether this Python cannot run the network."""
    return importlib.util.find_spec("torch") is None


def use(python: Path) -> None:
    """Say which Python runs the network, where no environment variable does."""
    _known[:] = [python]


def python() -> Path:
    """Return the Python that runs the network.

    Raises:
        InputError: none is known.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    if _known:
        return _known[0]
    if not is_needed():
        return Path(sys.executable)
    raise InputError(
        f"This Python has no torch: set {VARIABLE} to one that has it, or install the network's "
        "own in the add-on's preferences."
    )


def run_command(arguments: list[str]) -> int:
    """Run a command of ours in that Python, with this process's streams; return its code."""
    command = [str(python()), "-I", str(_START), "cli", *arguments]
    with subprocess.Popen(command) as process, cleared_on_stop(lambda: end_child(process, _END_S)):
        return process.wait()


def analyse_elsewhere(shot: Shot, report: Report) -> Analysis:
    """Analyse a shot in that Python.

    Raises:
        DualTalkError: what the other process says is wrong.
    """
    with tempfile.TemporaryDirectory(prefix=FOLDER) as name:
        folder = Path(name)
        with cleared_on_stop(lambda: shutil.rmtree(folder, ignore_errors=True)):
            (folder / analysis.SHOT_FILE).write_text(json.dumps(shot.to_json()), encoding="utf-8")
            _follow(folder, report)
            return analysis.recall(shot, folder)


def _follow(folder: Path, report: Report) -> None:
    command = [str(python()), "-I", str(_START), "batch.analysis", str(folder)]
    wrong = ""
    # The process ends itself when its standard input closes, so it never outlives this one.
    with (
        # In a session of its own: Ctrl-C in a terminal is for this process, which ends that one.
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=os.name == "posix",
        ) as process,
        cleared_on_stop(lambda: end_child(process, _END_S)),
    ):
        for line in process.stdout or ():
            said = _said(line)
            if "error" in said:
                wrong = str(said["error"])
            elif "fraction" in said:
                report(float(str(said["fraction"])), str(said.get("text", "")))
    if wrong or process.returncode:
        raise DualTalkError(wrong or f"The network's process ended with {process.returncode}.")


def _said(line: bytes) -> dict[str, object]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
