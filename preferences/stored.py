"""What the add-on's preferences store: where the network runs, and with which weights."""

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

from .pythons import PACKAGE, look_again


def _forget_check(preferences: "StoredPreferences", context: bpy.types.Context) -> None:
    preferences.checked = ""
    look_again()


def _forget_cache_size(preferences: "StoredPreferences", context: bpy.types.Context) -> None:
    preferences.cache_used = ""


class StoredPreferences:
    """What is stored; `panels/preferences.py` registers it with what it looks like."""

    bl_idname = PACKAGE

    python: StringProperty(
        name="Python",
        description="A Python 3.11 or newer with torch, soundfile, soxr, scipy and "
        "safetensors, in which the network runs; empty: the add-on's own if it is installed, "
        "else the one that Blender runs in",
        subtype="FILE_PATH",
        update=_forget_check,
    )
    checked: StringProperty(description="What the last check of the Python found")
    wheels: StringProperty(
        name="Folder of Packages",
        description="A folder with the wheels of torch and the other libraries, to install "
        "without a network; empty: download them from the Python package registry",
        subtype="DIR_PATH",
    )
    index: StringProperty(
        name="Package Registry",
        description="Address of another package registry, such as one with a smaller torch for "
        "the processor only; empty: the usual one",
    )
    checkpoint: StringProperty(
        name="Other Network",
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


def get(context: bpy.types.Context) -> StoredPreferences:
    """Return the add-on's preferences."""
    preferences: StoredPreferences = context.preferences.addons[PACKAGE].preferences
    return preferences
