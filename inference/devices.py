"""Which device computes, with how many threads and at which precision."""

import ctypes
import functools
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Literal

import torch

from ..core import stored
from ..core.damage import DAMAGE, json_file
from ..core.errors import DeviceError, InputError
from ..core.files import atomic

_log = logging.getLogger(__name__)

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["float32", "fast"]

#: Names of <malloc.h>.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3

_MEASURED_FRAMES, _MEASURED_SIZE = 500, 512
_MEASURED_REPEATS = 25


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


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Return a context in which a network of float32 weights computes at the precision asked for.

    The fast mode of a GPU is float16, whose three more bits keep it within a hundredth of float32.
    """
    if device.type == "cpu":
        return nullcontext()
    stack = ExitStack()
    stack.enter_context(tf32(precision))
    if precision == "fast":
        stack.enter_context(torch.autocast(device.type, dtype=torch.float16))
    return stack


@contextmanager
def tf32(precision: Precision) -> Iterator[None]:
    """Let an NVIDIA card use TF32 in the fast mode, and nowhere else.

    It rounds to ten bits what float32 says; left to itself torch uses it in convolutions.
    """
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn
    before = products.allow_tf32, convolutions.allow_tf32
    products.allow_tf32 = convolutions.allow_tf32 = precision == "fast"
    try:
        yield
    finally:
        products.allow_tf32, convolutions.allow_tf32 = before


def fast_dtype(device: torch.device) -> torch.dtype | None:
    """Return the type of the costliest weights in the fast mode; None where none is faster."""
    if device.type == "cpu":
        return torch.bfloat16 if cpu_prefers_bfloat16() else None
    return torch.float16


@functools.cache
def cpu_prefers_bfloat16() -> bool:
    """Tell whether this CPU multiplies bfloat16 matrices faster than float32 ones."""
    return _measured()["bfloat16_is_faster"] == 1


def use_best_thread_count() -> int:
    """Set the count of threads that is the fastest here, and return it.

    Two threads are slower than one where something else uses the other core.
    """
    best = _measured()["threads"]
    torch.set_num_threads(best)
    return best


def use_threads(count: int) -> None:
    """Compute with this many threads, until a network says what is best for it."""
    torch.set_num_threads(count)


def give_back_freed_memory() -> None:
    """Let glibc give the system what it keeps of freed memory; elsewhere do nothing.

    Over hundreds of windows it comes apart into pieces that nothing fits into.
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def zeros(shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """Return float32 zeros on a device; what is large lies on the disk instead of on the CPU."""
    if device.type != "cpu":
        return torch.zeros(shape, device=device)
    return torch.from_numpy(stored.zeros(shape))


def keep_freed_blocks(up_to_bytes: int) -> None:
    """Let glibc keep freed blocks up to this size for the next tensors; elsewhere do nothing.

    What it keeps is there at once, what it gives back the system has to clear anew: a tenth of the
    time of the full network. What it keeps also falls apart into pieces: a sixteenth of the memory
    of the compact one (docs/performance.md).
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    for parameter in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
        mallopt(parameter, up_to_bytes)


@functools.cache
def _measured() -> dict[str, int]:
    """Return what was measured on this machine at first use.

    It is kept in a file: another count of threads sums in another order, and the same input is to
    give the same bytes every time. Deleting the file measures again.
    """
    path = cache_folder() / "machine.json"
    key = f"torch {torch.__version__}, {os.cpu_count()} cores, at most {torch.get_num_threads()}"
    known: dict[str, dict[str, int]] = {}
    try:
        known = json_file(path)
        kept = {name: int(known[key][name]) for name in ("threads", "bfloat16_is_faster")}
        if 1 <= kept["threads"] <= torch.get_num_threads():
            return kept
    except DAMAGE:
        known = {}  # it holds anything
    known[key] = _measure()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as temporary:
            temporary.write_text(json.dumps(known), encoding="utf-8")
    except (OSError, InputError) as error:
        _log.info("What was measured of this machine cannot be kept: %s", error)
    return known[key]


def cache_folder() -> Path:
    """Return the folder for what can be made again: DUALTALK_CACHE, or one in the home."""
    return Path(os.environ.get("DUALTALK_CACHE") or Path.home() / ".cache" / "dualtalk")


def _measure() -> dict[str, int]:
    most = torch.get_num_threads()
    seconds = {}
    for count in sorted({1, max(1, most // 2), most}):
        torch.set_num_threads(count)
        seconds[count] = _product_seconds(torch.float32)
    # More threads must be worth it: on a busy machine they wait for each other.
    best = next(count for count in seconds if seconds[count] < 1.25 * min(seconds.values()))
    torch.set_num_threads(best)
    is_faster = _product_seconds(torch.bfloat16) < 0.8 * seconds[best]
    return {"threads": best, "bfloat16_is_faster": int(is_faster)}


def _product_seconds(dtype: torch.dtype) -> float:
    """Return the median time of a product of the size of a layer over one window."""
    a = torch.ones(_MEASURED_FRAMES, _MEASURED_SIZE, dtype=dtype)
    b = torch.ones(_MEASURED_SIZE, _MEASURED_SIZE, dtype=dtype)
    a @ b
    times = []
    for _ in range(_MEASURED_REPEATS):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]
