"""A worker that says whether its Python can run the network, and on what."""

import platform
from pathlib import Path

from ...core.jobs.requests import CheckRequest
from ...core.jobs.results import write_json
from . import protocol


def run(_request: CheckRequest, folder: Path) -> None:
    """Import what the network imports and write down the versions."""
    protocol.report(0.1, "loading torch")
    import torch

    from .. import devices

    write_json(
        folder,
        {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "devices": devices.available(),
        },
    )
