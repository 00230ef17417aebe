"""Start the worker from its file: python -I worker_start.py FOLDER.

The package is loaded from the folder that this file lies in, under the name dualtalk, whatever
the folder is called inside Blender; nothing of Blender's own packages gets on the path.
"""

import importlib
import importlib.util
import sys
from pathlib import Path


def main() -> int:
    """Load the package and run the worker."""
    root = Path(__file__).resolve().parents[1]
    spec = importlib.util.spec_from_file_location(
        "dualtalk", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"{root} is not DualTalk's folder: reinstall the add-on.")
    package = importlib.util.module_from_spec(spec)
    sys.modules["dualtalk"] = package
    spec.loader.exec_module(package)
    worker = importlib.import_module("dualtalk.inference.worker")
    return int(worker.main(Path(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(main())
