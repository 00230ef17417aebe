"""Building a network whose weights are about to be read: no memory, no first values."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

#: What networks compute filters, windows and small first values from.
_MAKERS = (torch.arange, torch.linspace, torch.randn, torch.hann_window, torch.hamming_window)


@contextmanager
def without_memory() -> Iterator[None]:
    """Build networks whose parameters have shapes alone (torch's device meta).

    Whatever is computed on that device makes torch load its compiler, which takes seconds: first
    values are left out, and the few numbers that a network makes itself are made on the CPU.
    """
    with torch.device("meta"), _NoValues():
        yield


class _NoValues(TorchFunctionMode):
    """Leaves alone what `torch.nn.init` would fill, and makes numbers on the CPU."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Return what torch calls for."""
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        if func in _MAKERS:
            kwargs = {"device": "cpu", **kwargs}
        return func(*args, **kwargs)
