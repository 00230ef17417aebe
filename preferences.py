"""Where the network runs, and with which weights."""

import functools
import importlib.util
import sys
from pathlib import Path

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from .core.errors import InputError
from .core.jobs.cache import ResultCache
from .core.jobs.requests import python_in

NO_PYTHON = (
    "The network needs a Python with torch: install or choose one in the add-on's preferences."
)


def _forget_check(preferences: "DUALTALK_AP_preferences", context: bpy.types.Context) -> None:
    preferences.checked = ""
    look_again()


def _forget_cache_size(preferences: "DUALTALK_AP_preferences", context: bpy.types.Context) -> None:
    preferences.cache_used = ""


class DUALTALK_AP_preferences(bpy.types.AddonPreferences):
    """The add-on's preferences."""

    bl_idname = __package__

    python: StringProperty(
        name="Python",
        description="A Python 3.11 or newer with torch, librosa, soundfile, soxr, scipy and "
        "safetensors, in which the network runs; empty: the add-on's own if it is installed, "
        "else the one that Blender runs in",
        subtype="FILE_PATH",
        update=_forget_check,
    )
    checked: StringProperty(description="What the last check of the Python found")
    wheels: StringProperty(
        name="Wheels",
        description="A folder with the wheels of torch and the other libraries, to install "
        "without a network; empty: download them from the Python package registry",
        subtype="DIR_PATH",
    )
    index: StringProperty(
        name="Registry",
        description="Address of another package registry, such as one with a smaller torch for "
        "the processor only; empty: the usual one",
    )
    checkpoint: StringProperty(
        name="Checkpoint",
        description="Weights of the network (.safetensors); empty: the bundled ones",
        subtype="FILE_PATH",
    )
    flame: StringProperty(
        name="FLAME Model",
        description="Your FLAME 2020 or 2023 (.pkl or .npz), for FLAME heads; it is read, never "
        "copied or run",
        subtype="FILE_PATH",
    )
    cache_folder: StringProperty(
        name="Cache",
        description="Where results are kept, so that generating the same again takes no time; "
        "empty: the add-on's own folder",
        subtype="DIR_PATH",
        update=_forget_cache_size,
    )
    cache_mb: IntProperty(
        name="Cache Size",
        description="How much is kept, in megabytes; the results that were not used for the "
        "longest time go first, 0 keeps none. A minute of two heads takes about 1 MB",
        default=500,
        min=0,
        soft_max=10_000,
    )
    cache_used: StringProperty(description="How much the cache holds, as last measured")
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
    look_again()
    problem = python_problem(chosen)
    if problem:
        raise InputError(problem)
    if chosen:
        return Path(bpy.path.abspath(chosen))
    return own_python() if has_own_python() else Path(sys.executable)


def own_folder(name: str) -> Path:
    """Return a folder of this name that is kept over updates, whether it is there or not.

    Raises:
        InputError: DualTalk was not installed as an extension, so it has no such folders.
    """
    try:
        return Path(bpy.utils.extension_path_user(__package__, path=name))
    except ValueError as error:
        raise InputError(
            "DualTalk has no folder of its own here: install the extension's zip."
        ) from error


def cache(context: bpy.types.Context) -> ResultCache | None:
    """Return where results are kept, None if there is no place for them."""
    chosen = get(context)
    if not chosen.cache_folder:
        try:
            folder = own_folder("cache")
        except InputError:
            return None
    else:
        folder = Path(bpy.path.abspath(chosen.cache_folder))
    return ResultCache(folder, chosen.cache_mb << 20)


def measure_cache(context: bpy.types.Context) -> None:
    """Note how much the cache holds, for the preferences to show."""
    found = cache(context)
    used = 0 if found is None else found.used_bytes()
    get(context).cache_used = f"{used / (1 << 20):.2f} MB used"


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


def look_again() -> None:
    """Forget which Pythons were found, because that may have changed."""
    has_own_python.cache_clear()
    python_problem.cache_clear()


@functools.cache  # panels ask at every draw, which must not touch files
def python_problem(chosen: str) -> str:
    """Return why the network cannot run with this choice, or nothing."""
    if chosen:
        if not Path(bpy.path.abspath(chosen)).is_file():
            return f"The Python {chosen} does not exist: choose another in the preferences."
        return ""
    if has_own_python():
        return ""
    if "python" not in Path(sys.executable).name or importlib.util.find_spec("torch") is None:
        return NO_PYTHON
    return ""


CLASSES = (DUALTALK_AP_preferences,)
