"""Networks on the device that computes: copied there once, and kept while the original lives.

Copying the full network's 2.6 GB takes a GPU several times as long as 30 s of dialogue do.
"""

import copy
import weakref
from typing import Any, TypeVar

import torch
from torch import nn

from .low_precision import in_low_precision

N = TypeVar("N", bound=nn.Module)
_Key = tuple[str, torch.dtype | None]
#: Original -> device and number type -> copy.
_copies: weakref.WeakKeyDictionary[nn.Module, dict[_Key, Any]] = weakref.WeakKeyDictionary()
#: How often the weights had been changed when the copies were made.
_changes: weakref.WeakKeyDictionary[nn.Module, int] = weakref.WeakKeyDictionary()
#: How many copies were made, for tests.
n_copied = 0


def on_device(network: N, device: torch.device, dtype: torch.dtype | None = None) -> N:
    """Return a network whose weights are on a device; the original stays on the CPU.

    Args:
        network: the original.
        device: where the weights shall be.
        dtype: of the costliest weights (`in_low_precision`); None leaves all as they are.
    """
    global n_copied
    if device.type == "cpu" and dtype is None:
        return network
    kept = _copies.setdefault(network, {})
    changes = _n_changes(network)
    if _changes.get(network) != changes:  # it was trained on, or read anew
        kept.clear()
        _changes[network] = changes
    key = (str(device), dtype)
    if key not in kept:
        if dtype is not None:
            kept[key] = in_low_precision(on_device(network, device), dtype)
        else:
            kept[key] = copy.deepcopy(network).to(device)
        n_copied += 1
    found: N = kept[key]
    return found


def forget_devices(network: nn.Module) -> None:
    """Give up the copies of a network on other devices than the CPU, and the memory they take."""
    kept = _copies.get(network, {})
    for key in [key for key in kept if not key[0].startswith("cpu")]:
        del kept[key]


def _n_changes(network: nn.Module) -> int:
    """Return how often the weights were changed in place."""
    return sum(0 if each.is_inference() else each._version for each in network.parameters())
