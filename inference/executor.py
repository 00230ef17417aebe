"""One run of a network on one device: threads, precision, and what to do when memory is short."""

import logging
import weakref
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..core.conversation.dialogue import FRAME_SAMPLES
from . import devices, resident
from .networks.audio.compact_audio import CompactAudioConfig
from .networks.dualtalk import DualTalk
from .windows import Window

_log = logging.getLogger(__name__)

#: Windows that go through a GPU at once.
_GPU_BATCH = 8
#: The fast mode may differ from float32 by this much before it is given up (expression units,
#: radians). CPUs are fast in bfloat16 alone, which is coarser; the difference is always said.
_FAST_TOLERANCE = {"cuda": 1e-2, "mps": 1e-2, "cpu": 5e-2}
#: The two are compared on the beginning of the first piece: 2 s.
_COMPARED_FRAMES = 50
#: Freed memory is kept in blocks of up to these sizes: the longest whole, and 2 MB.
_FULL_BLOCK, _COMPACT_BLOCK = 1 << 30, 2 << 20

#: Networks whose fast mode was compared with float32 already, once while they live.
_compared: weakref.WeakSet[DualTalk] = weakref.WeakSet()

Compute = Callable[[DualTalk, Tensor, list[Window]], Tensor]
N = TypeVar("N", bound=nn.Module)
T = TypeVar("T")


def run_on(network: N, name: devices.DeviceName, work: Callable[[N, torch.device], T]) -> T:
    """Return `work` of a network on the device asked for, or on the nearest that works.

    Where that device is short of memory, the work begins anew on the CPU.
    """
    device = devices.choose_or_fall_back(name)
    if device.type != "cpu":
        try:
            return work(resident.on_device(network, device), device)
        except torch.OutOfMemoryError:
            resident.forget_devices(network)
            _log.warning("The %s is out of memory: going on with the CPU.", device.type)
    return work(network, torch.device("cpu"))


class WindowExecutor:
    """Computes windows on the device asked for, or on the nearest that works."""

    def __init__(
        self, network: DualTalk, device: devices.DeviceName, precision: devices.Precision
    ) -> None:
        self._original = network
        self._precision = precision
        self._is_checked = precision == "float32" or network in _compared
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
            _use_cpu_well(self._original)
            resident.forget_devices(self._original)
        dtype = devices.fast_dtype(device) if self._precision == "fast" else None
        try:
            self._network = resident.on_device(self._original, device, dtype)
        except torch.OutOfMemoryError:
            if device.type == "cpu":
                raise
            _log.warning("The %s is out of memory: going on with the CPU.", device.type)
            self._move_to(torch.device("cpu"))

    def _computed(
        self, solve: Compute, audio: Tensor, windows: list[Window]
    ) -> NDArray[np.float32]:
        with torch.inference_mode():
            on_device = audio.to(self._device)
            if not self._is_checked:
                self._check(solve, on_device, windows)
            with devices.tf32(self._precision):
                values = solve(self._network, on_device, windows).float()
        result: NDArray[np.float32] = values.cpu().numpy()
        return result

    def _check(self, solve: Compute, audio: Tensor, windows: list[Window]) -> None:
        """Give the fast mode up if it is not near float32 on the beginning of these windows."""
        self._is_checked = True
        n = min(_COMPARED_FRAMES, windows[0].n_frames)
        audio = audio[:, : n * FRAME_SAMPLES]
        windows = [Window(window.first, window.first + n) for window in windows]
        reference = resident.on_device(self._original, self._device)
        with devices.tf32("fast"):
            fast = solve(self._network, audio, windows).float()
        with devices.tf32("float32"):
            error = float((fast - solve(reference, audio, windows)).abs().max())
        if error <= _FAST_TOLERANCE[self._device.type]:
            _log.info("The fast mode is within %.1e of float32.", error)
            _compared.add(self._original)
            resident.forget(self._original, self._device, None)
            return
        _log.warning("The fast mode is %.1e off float32: going on with float32.", error)
        self._precision = "float32"
        self._network = reference


def _use_cpu_well(network: DualTalk) -> None:
    """Give the full network the best count of threads, and the compact one a single thread.

    Its layers are so small that threads wait for each other longer than they compute, above all
    on a busy machine.
    """
    if isinstance(network.config.audio, CompactAudioConfig):
        torch.set_num_threads(1)
        devices.keep_freed_blocks(up_to_bytes=_COMPACT_BLOCK)
    else:
        devices.use_best_thread_count()
        devices.keep_freed_blocks(up_to_bytes=_FULL_BLOCK)
