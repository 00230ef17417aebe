"""Networks on the device that computes: copied there once, and kept while the original lives.

Copying the full network's 2.6 GB takes a GPU several times as long as 30 s of dialogue do.
"""

import copy
import weakref
from typing import Any, TypeVar

import torch
from torch import nn

from .gpu.prepared import prepared
from .low_precision import in_low_precision
from .networks.dualtalk import DualTalk

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
        dtype: of the costliest weights (`in_low_precision`, `gpu.prepared`); None leaves all.
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
        kept[key] = _copied(network, device, dtype)
        n_copied += 1
    found: N = kept[key]
    return found


def _copied(network: N, device: torch.device, dtype: torch.dtype | None) -> Any:
    if isinstance(network, DualTalk) and device.type != "cpu":
        return prepared(network, device, dtype)
    there = copy.deepcopy(network).to(device) if device.type != "cpu" else network
    return there if dtype is None else in_low_precision(there, dtype)


def forget(network: nn.Module, device: torch.device, dtype: torch.dtype | None) -> None:
    """Give up one copy, and the memory it takes."""
    _copies.get(network, {}).pop((str(device), dtype), None)


def forget_devices(network: nn.Module) -> None:
    """Give up the copies of a network on other devices than the CPU, and the memory they take."""
    kept = _copies.get(network, {})
    for key in [key for key in kept if not key[0].startswith("cpu")]:
        del kept[key]


def _n_changes(network: nn.Module) -> int:
    """Return how often the weights were changed in place."""
    parameters = (each for module in network.modules() for each in module._parameters.values())
    return sum(0 if p is None or p.is_inference() else p._version for p in parameters)
