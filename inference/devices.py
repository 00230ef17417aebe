"""Which device computes, with how many threads and at which precision."""

import functools
import logging
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from ..core.errors import DeviceError

_log = logging.getLogger(__name__)

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["float32", "fast"]

_MEASURED_SIZE = 1024
_MEASURED_REPEATS = 3


def available() -> list[str]:
    """Return the devices that torch can compute on here, the fastest first."""
    names = []
    if torch.cuda.is_available():
        names.append("cuda")
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def choose(name: DeviceName) -> torch.device:
    """Return the device of that name; `auto` is the fastest that is there.

    Raises:
        DeviceError: torch has no such device here.
    """
    present = available()
    if name == "auto":
        return torch.device(present[0])
    if name not in present:
        raise DeviceError(
            f"The device {name!r} is not available (torch {torch.__version__} sees "
            f"{', '.join(present)}): choose auto, or install a torch built for it."
        )
    return torch.device(name)


def choose_or_fall_back(name: DeviceName) -> torch.device:
    """Return the device of that name, or the CPU with a warning if it is not there."""
    try:
        return choose(name)
    except DeviceError as error:
        _log.warning("%s Going on with the CPU.", error)
        return torch.device("cpu")


def reduced_type(device: torch.device) -> torch.dtype:
    """Return the number type of the fast mode: float16 on Apple's GPUs, bfloat16 elsewhere."""
    return torch.float16 if device.type == "mps" else torch.bfloat16


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Return a context in which the network computes at the precision asked for.

    The fast mode is used only where it is faster: on a GPU, or on a CPU where a measurement at
    first use says so (matrix units for bfloat16).
    """
    if precision == "float32" or (device.type == "cpu" and not cpu_prefers_bfloat16()):
        return nullcontext()
    return torch.autocast(device.type, dtype=reduced_type(device))


@functools.cache
def cpu_prefers_bfloat16() -> bool:
    """Measure once whether this CPU multiplies bfloat16 matrices faster than float32 ones."""
    return _product_seconds(torch.bfloat16) < 0.8 * _product_seconds(torch.float32)


@functools.cache
def use_best_thread_count() -> int:
    """Measure once which count of threads is the fastest, set it, and return it.

    Two threads are slower than one where something else uses the other core.
    """
    most = torch.get_num_threads()
    counts = sorted({1, max(1, most // 2), most})
    seconds = {}
    for count in counts:
        torch.set_num_threads(count)
        seconds[count] = _product_seconds(torch.float32)
    best = min(counts, key=lambda count: seconds[count])
    torch.set_num_threads(best)
    return best


def _product_seconds(dtype: torch.dtype) -> float:
    """Return the shortest time of some products of two square matrices."""
    a = torch.ones(_MEASURED_SIZE // 4, _MEASURED_SIZE, dtype=dtype)
    b = torch.ones(_MEASURED_SIZE, _MEASURED_SIZE, dtype=dtype)
    a @ b
    times = []
    for _ in range(_MEASURED_REPEATS):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return min(times)
