"""Where the network runs, and with which weights."""

import importlib.util
import sys
from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty

from .core.errors import InputError


class DUALTALK_AP_preferences(bpy.types.AddonPreferences):
    """The add-on's preferences."""

    bl_idname = __package__

    python: StringProperty(
        name="Python for the Network",
        description="A Python with torch, librosa, soundfile, soxr, scipy and safetensors; empty "
        "uses the Python that Blender runs in",
        subtype="FILE_PATH",
    )
    checkpoint: StringProperty(
        name="Checkpoint",
        description="Weights of the network (.safetensors); empty uses the bundled ones",
        subtype="FILE_PATH",
    )
    device: EnumProperty(
        name="Device",
        description="What computes",
        items=[
            ("auto", "Automatic", "The fastest that is there"),
            ("cpu", "CPU", "The processor"),
            ("cuda", "CUDA", "An Nvidia graphics card"),
            ("mps", "Metal", "An Apple graphics processor"),
        ],
        default="auto",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Show the settings, and what is missing."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "python")
        reason = python_problem(self.python)
        if reason:
            layout.label(text=reason, icon="ERROR")
        layout.prop(self, "device")
        layout.prop(self, "checkpoint")


def get(context: bpy.types.Context) -> DUALTALK_AP_preferences:
    """Return the add-on's preferences."""
    preferences: DUALTALK_AP_preferences = context.preferences.addons[__package__].preferences
    return preferences


def worker_python(chosen: str) -> Path:
    """Return the Python that runs the network.

    Raises:
        InputError: there is none; the message says what to do.
    """
    problem = python_problem(chosen)
    if problem:
        raise InputError(problem)
    return Path(bpy.path.abspath(chosen)) if chosen else Path(sys.executable)


def python_problem(chosen: str) -> str:
    """Return why the network cannot run with this choice, or nothing."""
    if chosen:
        if not Path(bpy.path.abspath(chosen)).is_file():
            return f"The Python {chosen} does not exist: choose another in the preferences."
        return ""
    if "python" not in Path(sys.executable).name or importlib.util.find_spec("torch") is None:
        return "No Python with torch: choose one in the add-on's preferences."
    return ""


CLASSES = (DUALTALK_AP_preferences,)
