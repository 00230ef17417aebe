"""A worker that makes the network's own Python: an environment that nothing else shares.

It runs in Blender's Python, which has pip's installer but none of the network's libraries; where a
system's Python lacks that installer (Debian's), another one on this computer makes the environment.
Everything is made beside the final folder and moved there at the end: whole or not at all.
"""

import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ...core.errors import DualTalkError, InputError
from ...core.jobs.libraries import python_in
from ...core.jobs.requests import CheckRequest, InstallRequest
from ...core.paths import ROOT
from . import protocol

_log = logging.getLogger(__name__)
#: Exact versions, the same that the tests run with.
CONSTRAINTS = ROOT / "constraints.txt"
#: The same versions for every system, with the hashes of their files.
LOCK = ROOT / "environment.lock"
#: How many packages pip fetches, about; only the progress bar depends on it.
_N_PACKAGES = 36
#: Under these names other Pythons are looked for, the best tested first.
_OTHERS = ("python3.11", "python3.12", "python3.13", "python3", "python")
_ENDED = "ERROR: pip ended with code"
_PIP_LINE = re.compile(r"\s*(Collecting|Processing|Downloading|Installing collected) ?(\S*)")


def run(request: InstallRequest, folder: Path) -> None:
    """Make the environment, fill it, check it, and put it in its place.

    Raises:
        DualTalkError: the disk is full, a library cannot be had, or the result does not work.
    """
    target = Path(request.folder)
    new = target.with_name(f"{target.name}.new")
    try:
        shutil.rmtree(new, ignore_errors=True)
        protocol.report(0.0, "making the environment")
        _make(new)
        _install(request, python_in(new))
        if request.is_checked:
            protocol.report(0.95, "checking the libraries")
            _check(python_in(new), folder)
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    except OSError as error:
        raise DualTalkError(
            f"The environment cannot be written to {target} ({error.strerror}): free some disk "
            "space, 2 GB or more."
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _make(folder: Path) -> None:
    for python in (sys.executable, *_other_pythons()):
        command = [python, "-I", "-m", "venv", "--clear", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        _log.error("%s: %s", python, (done.stderr or done.stdout).strip())
    raise DualTalkError(
        f"The Python of Blender ({sys.executable}) cannot make environments since it lacks "
        "ensurepip, and no other Python here can: install python3-venv (Debian, Ubuntu), or choose "
        "a Python with torch in the add-on's preferences."
    )


def _other_pythons() -> Iterator[str]:
    """Yield the Pythons of this computer that have pip's installer and are new enough."""
    asked = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    for name in _OTHERS:
        path = shutil.which(name)
        if path is None or Path(path).resolve() == Path(sys.executable).resolve():
            continue
        if subprocess.run([path, "-I", "-c", asked], capture_output=True, check=False).returncode:
            continue
        yield path


def pip_command(request: InstallRequest, python: Path) -> list[str]:
    """Return how pip is called.

    Over the network each file must have one of the hashes of `environment.lock`. Another registry
    and a folder of wheels, which the user vouches for, may have other builds of the same versions,
    such as torch for the processor only.

    Raises:
        InputError: the folder of wheels does not exist.
    """
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "--only-binary", ":all:"]
    if not request.wheels and not request.index:
        return [*command, "--require-hashes", "--requirement", str(LOCK)]
    command += ["--constraint", str(CONSTRAINTS)]
    if request.index and not request.wheels:
        return [*command, "--index-url", request.index, *request.libraries]
    if not Path(request.wheels).is_dir():
        raise InputError(f"The folder of wheels {request.wheels} does not exist.")
    return [*command, "--no-index", "--find-links", request.wheels, *request.libraries]


def _install(request: InstallRequest, python: Path) -> None:
    command = pip_command(request, python)
    error = ""
    n_packages = 0
    for line in _lines_of(command):
        _log.info("%s", line)
        if line.startswith("ERROR") and not (error and line.startswith(_ENDED)):
            error = line
        step = _PIP_LINE.match(line)
        if step:
            n_packages += step[1] in ("Collecting", "Processing")
            fraction = (
                0.9
                if step[1].startswith("Inst")
                else min(0.1 + 0.7 * n_packages / _N_PACKAGES, 0.8)
            )
            protocol.report(fraction, _text_of(step[1], step[2]))
    if error:
        raise DualTalkError(_why_pip_failed(error, request))


def _lines_of(command: list[str]) -> Iterator[str]:
    """Yield what pip prints; an exit code without a line of its own becomes one."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield from (line.rstrip() for line in process.stdout or ())
    if process.returncode:
        yield f"{_ENDED} {process.returncode}"


def _text_of(step: str, name: str) -> str:
    if step.startswith("Inst"):
        return "installing"
    return f"getting {re.split('[<>=!~;(-]', Path(name).name)[0]}"


def _why_pip_failed(line: str, request: InstallRequest) -> str:
    source = f"the folder {request.wheels}" if request.wheels else "the package registry"
    todo = (
        "give a folder that has wheels for this system and Python"
        if request.wheels
        else "check the network, or choose a folder of wheels"
    )
    return f"The libraries could not be had from {source} ({line}): {todo}."


def _check(python: Path, folder: Path) -> None:
    """Let the new Python say what it can do; its answer is this job's result too."""
    start = Path(__file__).with_name("start.py")
    asked = CheckRequest()
    asked.write(folder)
    done = subprocess.run(
        [python, "-I", start, asked.job, folder],
        capture_output=True, text=True, check=False,  # its input is ours: both end with Blender
    )  # fmt: skip
    if done.returncode:
        _log.error("%s", done.stderr)
        raise DualTalkError(
            "The libraries were installed but do not work on this computer: see the log."
        )
