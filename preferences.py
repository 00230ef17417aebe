"""Where the network runs, and with which weights."""

import functools
import importlib.util
import sys
from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty

from .core.errors import InputError

NO_PYTHON = "The network needs a Python with torch: choose one in the add-on's preferences."


def _forget_check(preferences: "DUALTALK_AP_preferences", context: bpy.types.Context) -> None:
    preferences.checked = ""
    python_problem.cache_clear()


class DUALTALK_AP_preferences(bpy.types.AddonPreferences):
    """The add-on's preferences."""

    bl_idname = __package__

    python: StringProperty(
        name="Python",
        description="A Python 3.11 or newer with torch, librosa, soundfile, soxr, scipy and "
        "safetensors, in which the network runs; empty: the Python that Blender runs in",
        subtype="FILE_PATH",
        update=_forget_check,
    )
    checked: StringProperty(description="What the last check of the Python found")
    checkpoint: StringProperty(
        name="Checkpoint",
        description="Weights of the network (.safetensors); empty: the bundled ones",
        subtype="FILE_PATH",
    )
    device: EnumProperty(
        name="Device",
        description="What computes; if it is not there, the processor does",
        items=[
            ("auto", "Automatic", "The fastest that is there"),
            ("cpu", "CPU", "The processor"),
            ("cuda", "CUDA", "An Nvidia graphics card"),
            ("mps", "Metal", "An Apple graphics processor"),
        ],
        default="auto",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the settings; the layout is with the other panels."""
        from .panels.preferences import draw

        draw(self, self.layout)


def get(context: bpy.types.Context) -> DUALTALK_AP_preferences:
    """Return the add-on's preferences."""
    preferences: DUALTALK_AP_preferences = context.preferences.addons[__package__].preferences
    return preferences


def worker_python(chosen: str) -> Path:
    """Return the Python that runs the network.

    Raises:
        InputError: there is none; the message says what to do.
    """
    python_problem.cache_clear()
    problem = python_problem(chosen)
    if problem:
        raise InputError(problem)
    return Path(bpy.path.abspath(chosen)) if chosen else Path(sys.executable)


@functools.cache  # panels ask at every draw, which must not touch files
def python_problem(chosen: str) -> str:
    """Return why the network cannot run with this choice, or nothing."""
    if chosen:
        if not Path(bpy.path.abspath(chosen)).is_file():
            return f"The Python {chosen} does not exist: choose another in the preferences."
        return ""
    if "python" not in Path(sys.executable).name or importlib.util.find_spec("torch") is None:
        return NO_PYTHON
    return ""


CLASSES = (DUALTALK_AP_preferences,)
