"""What the network's Python must be and have.

`inference/workers/start.py` loads this file by itself, in whatever Python the user named: nothing
here needs more than the standard library of an old one.
"""

import importlib.util
import os
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
#: The one list of libraries beside the standard one: what is installed -> what is imported.
LIBRARIES = {
    "torch": "torch",
    "numpy": "numpy",
    "soundfile": "soundfile",
    "soxr": "soxr",
    "scipy": "scipy",
    "scikit-learn": "sklearn",
    "safetensors": "safetensors",
    "sentencepiece": "sentencepiece",
}
#: What is installed with them, and done without where it lacks: sound of video files.
OPTIONAL = {"av": "av"}
#: Jobs that a Python without them can do: making the other Python, and work in Blender.
INSTALL, VIDEO, EXPORT = "install", "video", "export"


def problem(job: str) -> str:
    """Return why this Python cannot do a job, or nothing; imports none of the libraries."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, sys.version_info[:3]))
        return f"{sys.executable} is Python {version}, and 3.11 is the oldest that works"
    if job in (INSTALL, VIDEO, EXPORT):
        return ""
    missing = [
        name for name, module in LIBRARIES.items() if importlib.util.find_spec(module) is None
    ]
    return f"{sys.executable} lacks {', '.join(missing)}" if missing else ""


def python_in(environment: Path) -> Path:
    """Return the interpreter of an environment, whether it is there or not."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"
