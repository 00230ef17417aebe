"""Do a job of the package from this file: python -I start.py JOB FOLDER, or one of its programs.

The package is loaded from the folder that this file lies in, under the name dualtalk, whatever
the folder is called inside Blender; nothing of Blender's own packages gets on the path. This file
and `libraries.py` run in an older Python too, to say that it is one.
"""

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: What is no job of a folder: modules whose `main` takes the other arguments.
PROGRAMS = ("cli", "batch.worker", "batch.analysis")
#: Jobs that run in Blender's own Python.
IN_BLENDER = {"video": "batch.video", "export": "batch.exporting"}


def main() -> int:
    """Check this Python, load the package, do the job; exit with what it returns."""
    # Blender has arguments of its own, and leaves what follows "--" to scripts.
    given = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    job, arguments = given[0], given[1:]
    problem = _loaded("dualtalk_libraries", ROOT / "core" / "jobs" / "libraries.py").problem(job)
    if problem:
        message = problem + ": choose another Python for the network in the add-on's preferences."
        sys.stderr.write(message + "\n")
        sys.stdout.write(json.dumps({"error": message, "kind": "InputError"}) + "\n")
        return 2
    _loaded("dualtalk", ROOT / "__init__.py")
    code = _done(job, arguments)
    importlib.import_module("dualtalk.core.stopping").leave_for_good(code)
    return code


def _done(job: str, arguments: list[str]) -> int:
    """Do a job and return its exit code."""
    if job in IN_BLENDER:
        return int(importlib.import_module(f"dualtalk.{IN_BLENDER[job]}").main(arguments))
    if job == "cli":
        importlib.import_module("dualtalk.core.stopping").install()
    if job in PROGRAMS:
        return int(importlib.import_module(f"dualtalk.{job}").main(arguments))
    jobs = importlib.import_module("dualtalk.inference.workers.jobs")
    return int(jobs.do(job, Path(arguments[0])))


def _loaded(name: str, path: Path) -> Any:
    """Load a module from its file under this name."""
    locations = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=locations)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not there: reinstall the add-on.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
