"""Show versions, the devices that can compute and the checkpoints that were found."""

import importlib.metadata
import platform
from argparse import ArgumentParser, Namespace
from typing import Any

from .common.answer import Answer

NAME, HELP = "info", "show versions, devices and checkpoints"


def add_arguments(_parser: ArgumentParser) -> None:
    """Add nothing: the command has no options of its own."""


def run(_options: Namespace) -> Answer:
    """Gather the facts."""
    facts = _facts()
    lines: list[str] = []
    for name, value in facts.items():
        if isinstance(value, list):
            lines.append(f"{name}:")
            lines += ["  " + "  ".join(str(part) for part in entry.values()) for entry in value]
        else:
            lines.append(f"{name}: {value}")
    return Answer(facts, lines)


def _facts() -> dict[str, Any]:
    from ..core.version import VERSION
    from ..inference import checkpoints, devices

    return {
        "dualtalk": VERSION,
        "python": platform.python_version(),
        **{name: _version(name) for name in ("torch", "numpy", "librosa", "bpy")},
        "devices": [{"device": name} for name in devices.available()],
        "checkpoints": [
            {"path": str(found.path), "network": found.network, "basis": found.basis}
            for found in checkpoints.find()
        ],
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
