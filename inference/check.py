"""A worker that says whether its Python can run the network, and on what."""

import platform
from pathlib import Path

from ..core.request import write_json
from . import serving


def main(arguments: list[str]) -> int:
    """Do the `CheckRequest` in a job's folder."""
    return serving.serve(lambda: run(Path(arguments[0])))


def run(folder: Path) -> None:
    """Import what the network imports and write down the versions."""
    serving.report(0.1, "loading torch")
    import torch

    from . import devices
    from . import predict as predict  # everything that a job will need

    write_json(
        folder,
        {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "devices": devices.available(),
        },
    )
