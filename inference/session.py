"""One run of a network on one device: threads, precision, and what to do when memory is short."""

import copy
import logging
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from . import devices
from .networks.compact_audio import CompactAudioConfig
from .networks.dualtalk import DualTalk
from .windows import Window

_log = logging.getLogger(__name__)

#: Windows that go through a GPU at once.
_GPU_BATCH = 8
#: The fast mode may differ from float32 by this much before it is given up (expression units,
#: radians). CPUs have no float16 with room for more; the difference is always said.
_FAST_TOLERANCE = {"cuda": 1e-2, "mps": 1e-2, "cpu": 5e-2}

Compute = Callable[[DualTalk, Tensor, list[Window]], Tensor]


class Session:
    """Computes windows on the device asked for, or on the nearest that works."""

    def __init__(
        self, network: DualTalk, device: devices.DeviceName, precision: devices.Precision
    ) -> None:
        self._original = network
        self._precision = precision
        self._is_checked = precision == "float32"
        self._move_to(devices.choose_or_fall_back(device))

    @property
    def batch_size(self) -> int:
        """Windows per call of `compute`."""
        return 1 if self._device.type == "cpu" else _GPU_BATCH

    def compute(self, solve: Compute, audio: Tensor, windows: list[Window]) -> NDArray[np.float32]:
        """Return `solve` of the windows; on fewer at once or the CPU if memory is short."""
        try:
            return self._computed(solve, audio, windows)
        except torch.OutOfMemoryError:
            if self._device.type == "cpu":
                raise
        if len(windows) > 1:
            _log.warning("The %s is short of memory: trying smaller pieces.", self._device.type)
            half = len(windows) // 2
            return np.concatenate(
                [
                    self.compute(solve, audio[: 2 * half], windows[:half]),
                    self.compute(solve, audio[2 * half :], windows[half:]),
                ]
            )
        _log.warning("The %s is out of memory: going on with the CPU.", self._device.type)
        self._move_to(torch.device("cpu"))
        return self.compute(solve, audio, windows)

    def _move_to(self, device: torch.device) -> None:
        self._device = device
        if device.type == "cpu":
            _use_threads(self._original)
            self._network = self._original
        else:
            self._network = copy.deepcopy(self._original).to(device)

    def _computed(
        self, solve: Compute, audio: Tensor, windows: list[Window]
    ) -> NDArray[np.float32]:
        with torch.inference_mode():
            on_device = audio.to(self._device)
            with devices.autocast(self._device, self._precision):
                values = solve(self._network, on_device, windows).float()
            if not self._is_checked:
                values = self._checked(values, solve(self._network, on_device, windows))
        result: NDArray[np.float32] = values.cpu().numpy()
        return result

    def _checked(self, fast: Tensor, reference: Tensor) -> Tensor:
        """Return the fast result if it is near the reference; else give the fast mode up."""
        self._is_checked = True
        error = float((fast - reference).abs().max())
        if error <= _FAST_TOLERANCE[self._device.type]:
            _log.info("The fast mode is within %.1e of float32.", error)
            return fast
        _log.warning("The fast mode is %.1e off float32: going on with float32.", error)
        self._precision = "float32"
        return reference


def _use_threads(network: DualTalk) -> None:
    """Give the full network the best count of threads, and the compact one a single thread.

    Its layers are so small that threads wait for each other longer than they compute, above all
    on a busy machine.
    """
    if isinstance(network.config.audio, CompactAudioConfig):
        torch.set_num_threads(1)
    else:
        devices.use_best_thread_count()
