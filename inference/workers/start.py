"""Start a module of the package from its file: python -I worker_start.py MODULE ARGUMENT...

The package is loaded from the folder that this file lies in, under the name dualtalk, whatever
the folder is called inside Blender; nothing of Blender's own packages gets on the path.
"""

import importlib
import importlib.util
import json
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
#: What the network's Python must have beside the standard library.
LIBRARIES = ("torch", "numpy", "librosa", "soundfile", "soxr", "scipy", "safetensors")


def main() -> int:
    """Load the package and run the module's `main`; exit with what it returns."""
    # Making the network's Python is the one thing that Blender's bare one must do.
    problem = _problem(() if sys.argv[1] == "inference.workers.environment" else LIBRARIES)
    if problem:
        message = f"{problem}: choose another Python for the network in the add-on's preferences."
        sys.stderr.write(message + "\n")
        sys.stdout.write(json.dumps({"error": message, "kind": "InputError"}) + "\n")
        return 2
    root = Path(__file__).resolve().parents[2]
    spec = importlib.util.spec_from_file_location(
        "dualtalk", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"{root} is not DualTalk's folder: reinstall the add-on.")
    package = importlib.util.module_from_spec(spec)
    sys.modules["dualtalk"] = package
    spec.loader.exec_module(package)
    module = importlib.import_module("dualtalk." + sys.argv[1])
    return int(module.main(sys.argv[2:]))


def _problem(libraries: tuple[str, ...]) -> str:
    """Return why this Python cannot run the package, or nothing; imports none of it."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, sys.version_info[:3]))
        return f"{sys.executable} is Python {version}, and 3.11 is the oldest that works"
    missing = [name for name in libraries if importlib.util.find_spec(name) is None]
    return f"{sys.executable} lacks {', '.join(missing)}" if missing else ""


if __name__ == "__main__":
    sys.exit(main())
