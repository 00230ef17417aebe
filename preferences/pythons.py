"""The add-on's own folders, and which Python runs the network."""

import functools
import importlib.util
import sys
from pathlib import Path

import bpy

from ..core.errors import InputError
from ..core.jobs import libraries
from ..core.jobs.libraries import python_in

#: The add-on's package, under which Blender keeps its preferences and folders.
PACKAGE = __package__.rpartition(".")[0]
NO_PYTHON = (
    "The network needs a Python with torch: install or choose one in the add-on's preferences."
)


def own_folder(name: str) -> Path:
    """Return a folder of this name that is kept over updates, whether it is there or not.

    Raises:
        InputError: DualTalk was not installed as an extension, so it has no such folders.
    """
    try:
        return Path(bpy.utils.extension_path_user(PACKAGE, path=name))
    except ValueError as error:
        raise InputError(
            "DualTalk has no folder of its own here: install the extension's zip."
        ) from error


def own_environment() -> Path:
    """Return the folder of the network's own Python, whether it is there or not."""
    return own_folder("environment")


def own_python() -> Path:
    """Return the interpreter of the network's own environment."""
    return python_in(own_environment())


@functools.cache  # panels ask at every draw, which must not touch files
def has_own_python() -> bool:
    """Tell whether the network's own environment is there."""
    try:
        return own_python().is_file()
    except InputError:
        return False


@functools.cache  # panels ask at every draw, which must not touch files
def problem(chosen: str) -> str:
    """Return why the network cannot run with this choice of a Python, or nothing."""
    if chosen:
        if not Path(bpy.path.abspath(chosen)).is_file():
            return f"The Python {chosen} does not exist: choose another in the preferences."
        return ""
    if has_own_python():
        return ""
    if "python" not in Path(sys.executable).name or importlib.util.find_spec("torch") is None:
        return NO_PYTHON
    lacking = libraries.problem("generate")
    return f"{lacking}: install or choose a Python in the add-on's preferences." if lacking else ""


def look_again() -> None:
    """Forget which Pythons were found, because that may have changed."""
    has_own_python.cache_clear()
    problem.cache_clear()


def worker_python(chosen: str) -> Path:
    """Return the Python that runs the network.

    Raises:
        InputError: there is none; the message says what to do.
    """
    look_again()
    found = problem(chosen)
    if found:
        raise InputError(found)
    if chosen:
        return Path(bpy.path.abspath(chosen))
    return own_python() if has_own_python() else Path(sys.executable)
