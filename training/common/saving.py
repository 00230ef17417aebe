"""The state of a run in a file, from which it goes on as if it had not stopped."""

from pathlib import Path
from typing import Any

import torch
from dualtalk.core.files import atomic


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a state whole or not at all."""
    with atomic(path) as temporary:
        torch.save(state, temporary)


def load(path: Path, device: torch.device | str = "cpu") -> dict[str, Any] | None:
    """Return the state that was saved last, or None; only tensors and numbers are read."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    return state
