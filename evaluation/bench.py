"""`dualtalk bench`: seconds per second of dialogue and peak memory, each case in a process.

The full network has seeded random weights, which cost what trained ones cost; it is compared with a
plain run of the same weights (`plain_run`). On a GPU the weights are on the device before the clock
starts, as they are for every shot but a worker's first. The device `cpu-autocast` runs every
operation on a CPU in the number types of a GPU: not fast, but where there is no GPU it shows that
the types fit.
"""

import copy
import functools
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.conversation.dialogue import SAMPLE_RATE, Dialogue
from ..core.stopping import cleared_on_stop, end_child
from ..inference import checkpoints, devices, resident
from ..inference.checkpoints import Checkpoint
from ..inference.networks.audio.wav2vec2 import Wav2Vec2, Wav2Vec2Config
from ..inference.networks.config import DualTalkConfig
from ..inference.networks.dualtalk import DualTalk
from ..inference.two_track.predict import PredictOptions, predict_both
from .plain_run import plain_run

_SEED = 0
#: A network of the full one's kind that is small enough for every test run.
_TINY = DualTalkConfig(
    audio=Wav2Vec2Config(64, 2, 4, 128, 32, 16, 4), feature_size=32, feed_forward_size=64
)
_AUTOCAST = {"bfloat16": torch.bfloat16, "float16": torch.float16}
#: On a GPU graphs are recorded when a length has come some times (`inference.gpu.graphs`).
_RUNS_BEFORE = 4
#: Side of the square matrices whose product is taken for the device's peak.
_PEAK_SIDE = {"cuda": 8192, "mps": 4096, "cpu": 1024}


@dataclass(frozen=True)
class Case:
    """One measurement."""

    network: str  #: bundled, full, or tiny
    mode: str  #: baseline, float32, whole (float32 in one window), fast, bfloat16 or float16
    seconds: float
    window_s: float | None = None  #: None is the default
    device: str = "auto"


@dataclass(frozen=True)
class Result:
    """What a case took for both heads."""

    compute_s: float
    peak_mb: float  #: of the process; on a GPU, of the GPU
    error: float  #: largest difference to the plain run's numbers on 4 s, 0 where none is made
    share: float = math.nan  #: of the speed at which the device multiplies large matrices


def run(
    networks: Sequence[str],
    seconds: Sequence[float],
    limit_s: float,
    windows_s: Sequence[float] = (),
    device: str = "auto",
) -> Iterator[str]:
    """Yield the lines of the report.

    Args:
        networks: "bundled", "full", "tiny".
        seconds: lengths of dialogue.
        limit_s: the longest for which the baseline is run.
        windows_s: lengths of windows to measure beside the default.
        device: auto, cpu, cuda, mps or cpu-autocast.

    Raises:
        DeviceError: the device is not there.
    """
    name = devices.choose("cpu" if device == "cpu-autocast" else device).type  # type: ignore[arg-type]
    card = torch.cuda.get_device_name() if name == "cuda" else name
    yield (
        f"torch {torch.__version__}, {card}, bfloat16 is "
        f"{'' if devices.cpu_prefers_bfloat16() else 'not '}faster on this CPU"
    )
    yield f"{'network':<9}{'mode':<10}{'length':>8}{'s per s':>10}{'x real time':>13}{'peak MB':>9}{'x baseline':>12}{'error':>10}{'of peak':>9}"  # noqa: E501
    for network in networks:
        lengths = (_cases(network, each, limit_s, windows_s, device, name) for each in seconds)
        yield from _rows([case for cases in lengths for case in cases], name)


def _rows(cases: Sequence[Case], kind: str) -> Iterator[str]:
    baselines: dict[float, Result] = {}
    for case, result in zip(cases, _results(cases, kind), strict=True):
        if case.mode == "baseline":
            baselines[case.seconds] = result
        baseline = baselines.get(case.seconds)
        per_second = result.compute_s / case.seconds
        gain = f"{baseline.compute_s / result.compute_s:.2f}" if baseline else "-"
        mode = case.mode if case.window_s is None else f"{case.window_s:g} s"
        share = "-" if math.isnan(result.share) else f"{result.share:.0%}"
        yield (
            f"{case.network:<9}{mode:<10}{case.seconds:>6.0f} s{per_second:>10.4f}"
            f"{1 / per_second:>13.1f}{result.peak_mb:>9.0f}{gain:>12}{result.error:>10.1e}"
            f"{share:>9}"
        )


def _cases(
    name: str, length: float, limit_s: float, windows_s: Sequence[float], device: str, kind: str
) -> list[Case]:
    """Return what is measured of one network at one length, the baseline first."""
    if device == "cpu-autocast":
        modes = ["baseline", "float32", *_AUTOCAST]
    elif kind == "cpu":
        modes = ["float32"] if name == "bundled" else ["whole", "float32", "fast"]
    else:
        modes = ["float32", "fast"]
    if name != "bundled" and length <= limit_s and "baseline" not in modes:
        modes = ["baseline", *modes]
    if name == "bundled":
        modes = [mode for mode in modes if mode != "baseline"]
    cases = [Case(name, mode, length, None, device) for mode in modes]
    return cases + [Case(name, "float32", length, window, device) for window in windows_s]


def _results(cases: Sequence[Case], kind: str) -> Iterator[Result]:
    """Yield what each case took: one process each, whose memory is measured; a GPU's in one."""
    for group in [[case] for case in cases] if kind == "cpu" else [cases]:
        lines = iter(_in_a_process(group))
        for _ in group:
            line = next(lines, None)
            yield Result(math.inf, math.nan, math.nan) if line is None else Result(**line)


def _in_a_process(cases: Sequence[Case]) -> Iterator[dict[str, float]]:
    code = "import sys; from dualtalk.evaluation import bench; bench.measure(sys.argv[1])"
    given = json.dumps([asdict(case) for case in cases])
    with (
        subprocess.Popen([sys.executable, "-c", code, given], stdout=subprocess.PIPE) as process,
        cleared_on_stop(lambda: end_child(process)),
    ):
        assert process.stdout is not None
        yield from map(json.loads, process.stdout)


def measure(text: str) -> None:
    """Run cases of one network, given as JSON, and print a line of JSON for the result of each."""
    cases = [Case(**values) for values in json.loads(text)]
    checkpoint = _checkpoint(cases[0].network)
    for case in cases:
        resident.forget_devices(checkpoint.network)  # whose memory would count for the next mode
        _as_it_is.cache_clear()
        sys.stdout.write(json.dumps(asdict(_measured(case, checkpoint))) + "\n")
        sys.stdout.flush()


def _measured(case: Case, checkpoint: Checkpoint) -> Result:
    device = _device(case)
    _heads(case, checkpoint, _dialogue(2.0))  # warm up, and bring the weights there
    dialogue = _dialogue(case.seconds)
    n_flops = math.nan if device.type == "cpu" else _flops(case, checkpoint, dialogue)
    if device.type == "cuda":
        for _ in range(_RUNS_BEFORE):
            _heads(case, checkpoint, dialogue)
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
    start = time.perf_counter()
    _heads(case, checkpoint, dialogue)  # its numbers are on the CPU: nothing is left to wait for
    compute_s = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if device.type == "cuda":
        peak_mb = torch.cuda.max_memory_allocated() / 2**20
    error = _error(case, checkpoint) if case.network != "bundled" else 0.0
    share = math.nan
    if device.type != "cpu":
        share = n_flops / compute_s / _peak_flops(device, case.mode)
    return Result(compute_s, peak_mb, error, share)


def _device(case: Case) -> torch.device:
    return devices.choose("cpu" if case.device == "cpu-autocast" else case.device)  # type: ignore[arg-type]


def _checkpoint(name: str) -> Checkpoint:
    if name == "bundled":
        return checkpoints.load(checkpoints.bundled_path())
    torch.manual_seed(_SEED)
    network = DualTalk(_TINY if name == "tiny" else DualTalkConfig())
    joint = network.joint_encoder
    first, second = cast(Wav2Vec2, joint.audio_encoder1), cast(Wav2Vec2, joint.audio_encoder2)
    second.feature_extractor.load_state_dict(first.feature_extractor.state_dict())
    network.share_equal_features()
    return Checkpoint(network.eval().requires_grad_(False), "flame", "random")


def _dialogue(seconds: float) -> Dialogue:
    """Return two voices of noise that take turns every two seconds."""
    generator = np.random.default_rng(_SEED)
    n = round(seconds * SAMPLE_RATE)
    noise = generator.standard_normal((2, n), np.float32)
    noise *= 0.1
    for first in range(0, n, 2 * SAMPLE_RATE):
        speaker = first // (2 * SAMPLE_RATE) % 2
        noise[1 - speaker, first : first + 2 * SAMPLE_RATE] = 0
    return Dialogue(noise)


def _heads(case: Case, checkpoint: Checkpoint, dialogue: Dialogue) -> NDArray[np.float32]:
    """Return both heads' numbers, (2, n_frames, n_outputs)."""
    device = _device(case)
    if case.mode == "baseline":
        if device.type == "cpu":
            devices.use_best_thread_count()
        with devices.tf32("float32"):
            return plain_run(_as_it_is(checkpoint.network, device), dialogue)
    options = PredictOptions(
        window_s=0 if case.mode == "whole" else case.window_s,
        precision="fast" if case.mode == "fast" else "float32",
        device=device.type,  # type: ignore[arg-type]
        raw=True,
    )
    with _types_of(case):
        motions = predict_both(dialogue, checkpoint, options)
    return np.stack([np.concatenate([m.expression, m.jaw, m.head], axis=1) for m in motions])


@functools.cache
def _as_it_is(network: DualTalk, device: torch.device) -> DualTalk:
    return network if device.type == "cpu" else copy.deepcopy(network).to(device)


def _types_of(case: Case) -> AbstractContextManager[Any]:
    dtype = _AUTOCAST.get(case.mode)
    return nullcontext() if dtype is None else torch.autocast("cpu", dtype=dtype)


def _error(case: Case, checkpoint: Checkpoint) -> float:
    dialogue = _dialogue(4.0)
    ours = _heads(case, checkpoint, dialogue)
    return float(np.abs(ours - _plain_numbers(checkpoint.network)).max())


@functools.cache
def _plain_numbers(network: DualTalk) -> NDArray[np.float32]:
    """Return the plain run's numbers of 4 s on the CPU."""
    return plain_run(network, _dialogue(4.0))


def _flops(case: Case, checkpoint: Checkpoint, dialogue: Dialogue) -> float:
    """Return the multiplications and additions of products and convolutions in a case."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        _heads(case, checkpoint, dialogue)
    return float(counter.get_total_flops())


def _peak_flops(device: torch.device, mode: str) -> float:
    """Return how many a second the device does in one large product, in the mode's number type."""
    dtype = torch.float16 if mode == "fast" else torch.float32
    side, repeats = _PEAK_SIDE[device.type], 10
    a = torch.randn(side, side, device=device, dtype=dtype)  # zeros and ones are multiplied faster
    float((a @ a)[0, 0])
    start = time.perf_counter()
    for _ in range(repeats):
        b = a @ a
    float(b[0, 0])  # waits for the device
    return repeats * 2 * side**3 / (time.perf_counter() - start)
