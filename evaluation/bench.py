"""`dualtalk bench`: seconds per second of dialogue and peak memory, each case in a process.

The full network has seeded random weights, which cost what trained ones cost. Its baseline is
a plain run of the same weights: float32, eager attention whose maps are kept, convolutions by
torch, nothing shared between the encoders or the heads, one head after the other.
"""

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from ..core.dialogue import SAMPLE_RATE, Dialogue
from ..inference import checkpoints, devices
from ..inference.checkpoints import Checkpoint
from ..inference.networks.config import DualTalkConfig
from ..inference.networks.dualtalk import AudioFeatures, DualTalk
from ..inference.networks.wav2vec2 import SelfAttention, Wav2Vec2
from ..inference.networks.wav2vec2_features import ConvolutionLayer, FeatureExtractor
from ..inference.two_track.predict import PredictOptions, predict_both

_SEED = 0


@dataclass(frozen=True)
class Case:
    """One measurement."""

    network: str  #: bundled or full
    mode: str  #: baseline, float32, whole (float32 in one window) or fast
    seconds: float
    window_s: float | None = None  #: None is the default


@dataclass(frozen=True)
class Result:
    """What a case took for both heads."""

    compute_s: float
    peak_mb: float
    error: float  #: largest difference to the plain run's numbers on 4 s, 0 where none is made


def run(
    networks: Sequence[str],
    seconds: Sequence[float],
    limit_s: float,
    windows_s: Sequence[float] = (),
) -> Iterator[str]:
    """Yield the lines of the report.

    Args:
        networks: "bundled", "full" or both.
        seconds: lengths of dialogue.
        limit_s: the longest for which the baseline is run.
        windows_s: lengths of windows to measure beside the default.
    """
    yield (
        f"torch {torch.__version__}, {devices.available()[0]}, bfloat16 is "
        f"{'' if devices.cpu_prefers_bfloat16() else 'not '}faster on this CPU"
    )
    yield f"{'network':<9}{'mode':<10}{'length':>8}{'s per s':>10}{'x real time':>13}{'peak MB':>9}{'x baseline':>12}{'error':>10}"  # noqa: E501
    for name in networks:
        for length in seconds:
            yield from _rows(name, length, limit_s, windows_s)


def _rows(name: str, length: float, limit_s: float, windows_s: Sequence[float]) -> Iterator[str]:
    baseline: Result | None = None
    for case in _cases(name, length, limit_s, windows_s):
        result = _in_a_process(case)
        baseline = result if case.mode == "baseline" else baseline
        per_second = result.compute_s / length
        gain = f"{baseline.compute_s / result.compute_s:.2f}" if baseline else "-"
        mode = case.mode if case.window_s is None else f"{case.window_s:g} s"
        yield (
            f"{name:<9}{mode:<10}{length:>6.0f} s{per_second:>10.4f}{1 / per_second:>13.1f}"
            f"{result.peak_mb:>9.0f}{gain:>12}{result.error:>10.1e}"
        )


def _cases(name: str, length: float, limit_s: float, windows_s: Sequence[float]) -> list[Case]:
    """Return what is measured of one network at one length, the baseline first."""
    modes = ["float32"] if name == "bundled" else ["float32", "fast"]
    if name == "full" and length <= limit_s:
        modes = ["baseline", "whole", *modes]
    cases = [Case(name, mode, length) for mode in modes]
    return cases + [Case(name, "float32", length, window) for window in windows_s]


def _in_a_process(case: Case) -> Result:
    code = "import sys, json; from dualtalk.evaluation import bench; bench.measure(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(asdict(case))],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return Result(math.inf, math.nan, math.nan)
    return Result(**json.loads(done.stdout.splitlines()[-1]))


def measure(text: str) -> None:
    """Run one case, given as JSON, and print its result as JSON."""
    case = Case(**json.loads(text))
    checkpoint = _checkpoint(case.network)
    _heads(case, checkpoint, _dialogue(2.0))  # warm up
    dialogue = _dialogue(case.seconds)
    start = time.perf_counter()
    _heads(case, checkpoint, dialogue)
    compute_s = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    error = _error(case, checkpoint) if case.network == "full" else 0.0
    result = Result(compute_s, peak_mb, error)
    sys.stdout.write(json.dumps(asdict(result)) + "\n")


def _checkpoint(name: str) -> Checkpoint:
    if name == "bundled":
        return checkpoints.load(checkpoints.bundled_path())
    torch.manual_seed(_SEED)
    network = DualTalk(DualTalkConfig())
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


def _heads(case: Case, checkpoint: Checkpoint, dialogue: Dialogue) -> Any:
    if case.mode == "baseline":
        devices.use_best_thread_count()
        return _plain(checkpoint.network, dialogue)
    options = PredictOptions(
        window_s=0 if case.mode == "whole" else case.window_s,
        precision="fast" if case.mode == "fast" else "float32",
        device="cpu" if checkpoint.name == "random" else "auto",
        raw=True,
    )
    motions = predict_both(dialogue, checkpoint, options)
    return np.stack([np.concatenate([m.expression, m.jaw, m.head], axis=1) for m in motions])


def _error(case: Case, checkpoint: Checkpoint) -> float:
    dialogue = _dialogue(4.0)
    ours = _heads(case, checkpoint, dialogue)
    return float(np.abs(ours - _plain(checkpoint.network, dialogue)).max())


def _plain(network: DualTalk, dialogue: Dialogue) -> Any:
    """Return both heads' numbers by the plain run, (2, n_frames, n_outputs)."""
    maps: list[Tensor] = []
    handles = _make_eager(network, maps)
    joint = network.joint_encoder
    tracks = torch.from_numpy(dialogue.tracks)
    motion = torch.zeros(2, dialogue.n_frames, network.config.n_outputs)
    try:
        with torch.inference_mode():
            features = []
            for own, partner in ((0, 1), (1, 0)):
                heard = []
                for track, is_partner in ((tracks[own], False), (tracks[partner], True)):
                    maps.clear()  # a plain run keeps the maps of one encoder at a time
                    sound = network.prepare(track)[None]
                    n_frames = dialogue.n_frames
                    heard.append(joint.encode_audio(sound, n_frames, is_partner=is_partner))
                features.append(AudioFeatures(*heard))
            for _ in range(6):
                before = motion.clone()
                motion = torch.cat(
                    [network.decode(features[i], before[1 - i][None]) for i in (0, 1)]
                )
                if float((motion - before).abs().max()) < 1e-3:
                    break
    finally:
        for module, forward in handles:
            module.forward = forward
    return motion.numpy()


def _make_eager(network: DualTalk, maps: list[Tensor]) -> list[tuple[nn.Module, Any]]:
    """Replace what is fast by what is plain; return how to undo it."""
    replaced: list[tuple[nn.Module, Any]] = []
    for module in network.modules():
        plain: Any = None
        if isinstance(module, SelfAttention):
            plain = _eager_attention(module, maps)
        elif isinstance(module, FeatureExtractor):
            plain = _channel_major_convolutions(module)
        if plain is not None:
            replaced.append((module, module.forward))
            module.forward = plain
    return replaced


def _eager_attention(module: SelfAttention, maps: list[Tensor]) -> Any:
    def forward(x: Tensor) -> Tensor:
        n_batch, n_time, _ = x.shape
        q, k, v = (
            p(x).view(n_batch, n_time, module.n_heads, -1).transpose(1, 2)
            for p in (module.q_proj, module.k_proj, module.v_proj)
        )
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), dim=-1)
        maps.append(weights)
        out: Tensor = module.out_proj((weights @ v).transpose(1, 2).flatten(2))
        return out

    return forward


def _channel_major_convolutions(module: FeatureExtractor) -> Any:
    def forward(audio: Tensor) -> Tensor:
        x = audio[:, None]  # (B, channels, n)
        for layer in module.conv_layers:
            assert isinstance(layer, ConvolutionLayer)
            normed = layer.layer_norm(layer.conv(x).transpose(1, 2))
            x = F.gelu(normed).transpose(1, 2)
        return x.transpose(1, 2)

    return forward
