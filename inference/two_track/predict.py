"""From a dialogue to the motion of one or both heads.

DualTalk needs the partner's motion. When only sound is given, both heads start at rest and
passes of the network over both are repeated until each agrees with the other.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...core import stored
from ...core.conversation.dialogue import FRAME_SAMPLES, Dialogue
from ...core.errors import InputError
from ...core.motion import NETWORK_FPS, Motion
from ...core.progress import Report, silent
from ..checkpoints import Checkpoint
from ..devices import DeviceName, Precision, give_back_freed_memory
from ..executor import WindowExecutor
from ..gpu import graphs
from ..networks.audio.compact_audio import N_LIP_CUES
from ..networks.dualtalk import AudioFeatures, DualTalk, swapped
from ..noise import draw
from ..postprocess.arousal import arousal, excite
from ..postprocess.liveliness import enlivened
from ..postprocess.motion import motion_of, postprocessed
from ..windows import Blend, Window, batches, plan

#: Longest piece that goes through the network at once, and what neighbours share
#: (docs/performance.md).
DEFAULT_WINDOW_S = 30.0
OVERLAP_S = 4.0
#: Both heads agree when no number changes by more than this from one pass to the next.
AGREEMENT = 1e-3
#: What passes that are left out may be worth, at most.
_LEFT: dict[Precision, float] = {"float32": 1e-4, "fast": 1e-3}
#: After so many windows freed memory goes back to the system.
_TRIMMED_WINDOWS = 2
MAX_PASSES = 6

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class PredictOptions:
    """How to run a network; the defaults give the reference result on the fastest device."""

    window_s: float | None = None  #: 0 takes the dialogue whole, None the default
    seed: int = 0
    device: DeviceName = "auto"
    precision: Precision = "float32"
    raw: bool = False  #: the network's numbers untouched: not smoothed, not limited

    def __post_init__(self) -> None:
        if self.window_s is not None and not (self.window_s == 0 or self.window_s >= 1):
            raise InputError(
                f"The window is {self.window_s} s: give 0 for the whole, or at least 1 second."
            )


def predict_both(
    dialogue: Dialogue,
    checkpoint: Checkpoint,
    options: PredictOptions = PredictOptions(),
    report: Report = silent,
) -> tuple[Motion, Motion]:
    """Return the motion of both speakers, each reacting to the other.

    Raises:
        CancelledError: `report` asked for it.
    """
    return predict_with_cues(dialogue, checkpoint, options, report)[0]


def predict_with_cues(
    dialogue: Dialogue,
    checkpoint: Checkpoint,
    options: PredictOptions = PredictOptions(),
    report: Report = silent,
) -> tuple[tuple[Motion, Motion], FloatArray | None]:
    """Return the motion of both speakers, and the lip cues, if the network predicts any.

    Returns:
        The motions, and (2, n_frames, `N_LIP_CUES`): how likely each voice closes the lips, how
        likely it is silent, and how certain the phones are, each 0 to 1.

    Raises:
        CancelledError: `report` asked for it.
    """
    noise = _noise(checkpoint.network, dialogue.n_frames, options.seed)

    def solve(network: DualTalk, audio: Tensor, windows: list[Window]) -> Tensor:
        features = _encoded(network, audio, windows)
        given = None if noise is None else _cut(noise, windows).to(audio.device)
        return _with_lip_cues(_agreed(network, features, given, options.precision), features)

    values = _run(dialogue, checkpoint, options, solve, report, n_heads=2)
    first, second = (
        _motion(row, dialogue.tracks[who], checkpoint, options, who)
        for who, row in enumerate(values)
    )
    n_outputs = checkpoint.network.config.n_outputs
    return (first, second), values[..., n_outputs:] if checkpoint.network.predicts_lips else None


def predict_reaction(
    dialogue: Dialogue,
    checkpoint: Checkpoint,
    options: PredictOptions,
    partner_motion: Motion,
    report: Report = silent,
) -> Motion:
    """Return the motion of the first speaker, who reacts to the second's given motion.

    Raises:
        InputError: the partner's motion is of another basis than the network's.
        CancelledError: `report` asked for it.
    """
    network = checkpoint.network
    partner = partner_vector(partner_motion, checkpoint, dialogue.n_frames)
    noise = _noise(network, dialogue.n_frames, options.seed)

    def solve(network: DualTalk, audio: Tensor, windows: list[Window]) -> Tensor:
        features = network.encode_audio(audio[0::2], audio[1::2])
        motion = _cut(partner[None], windows).to(audio.device)
        given = None if noise is None else _cut(noise[:1], windows).to(audio.device)
        return _with_lip_cues(network.decode(features, motion, given), features)

    values = _run(dialogue, checkpoint, options, solve, report, n_heads=1)
    return _motion(values[0], dialogue.tracks[0], checkpoint, options, person=0)


def partner_vector(motion: Motion, checkpoint: Checkpoint, n_frames: int) -> Tensor:
    """Return a motion as the network takes it, (n_frames, n_outputs).

    It is brought to 25 frames per second; after its end it rests in its last pose, and what the
    network does not know (further coefficients, eyes) is left out.

    Raises:
        InputError: the motion is of another basis, or holds no frames.
    """
    config = checkpoint.network.config
    if motion.basis != checkpoint.basis:
        raise InputError(
            f"The partner's motion is of the basis {motion.basis!r}, but this checkpoint works in "
            f"{checkpoint.basis!r}: give a motion of that basis, or another checkpoint."
        )
    if motion.n_frames == 0:
        raise InputError("The partner's motion holds no frames: choose another file.")
    motion = motion.resampled(NETWORK_FPS)
    n = motion.n_frames
    expression = np.zeros((n, config.n_expression), np.float32)
    kept = min(motion.expression.shape[1], config.n_expression)
    expression[:, :kept] = motion.expression[:, :kept]
    parts = [expression, motion.jaw, motion.head]
    if config.has_eyes:
        parts.append(motion.eyes.reshape(n, 6))
    vector = np.concatenate(parts, axis=1)  # (n, n_outputs)
    frames = np.minimum(np.arange(n_frames), n - 1)
    return torch.from_numpy(vector[frames])


def _with_lip_cues(motion: Tensor, features: AudioFeatures) -> Tensor:
    """Append the lip cues, if the network gives any: (B, T, n_outputs + `N_LIP_CUES`)."""
    if features.lips is None:
        return motion
    return torch.cat([motion, features.lips.to(motion.dtype)], dim=-1)


def _motion(
    values: FloatArray,
    track: FloatArray,
    checkpoint: Checkpoint,
    options: PredictOptions,
    person: int,
) -> Motion:
    """Make one head's motion of what `_run` gives for it and of its own track (n_samples,)."""
    config = checkpoint.network.config
    n_outputs = config.n_outputs
    motion = motion_of(values[:, :n_outputs], checkpoint.basis, config.n_expression)
    cues = stored.copied(values[:, n_outputs:]) if checkpoint.network.predicts_lips else None
    stored.let_go()
    if options.raw:
        return motion.stored()
    motion = postprocessed(motion, cues)
    if motion.basis == "arkit":
        motion = enlivened(motion, options.seed, person)
        motion = excite(motion, arousal(track, motion.n_frames))
    return motion.stored()


Solve = Callable[[DualTalk, Tensor, list[Window]], Tensor]


def _run(
    dialogue: Dialogue,
    checkpoint: Checkpoint,
    options: PredictOptions,
    solve: Solve,
    report: Report,
    n_heads: int,
) -> FloatArray:
    """Run `solve` window by window and blend: (n_heads, n_frames, n_outputs and `N_LIP_CUES`)."""
    window_s = DEFAULT_WINDOW_S if options.window_s is None else options.window_s
    window_frames = round(window_s * NETWORK_FPS)
    overlap = min(round(OVERLAP_S * NETWORK_FPS), window_frames // 3)
    windows = plan(dialogue.n_frames, window_frames, overlap)
    executor = WindowExecutor(checkpoint.network, options.device, options.precision)
    tracks = torch.from_numpy(dialogue.tracks)
    levels = [
        checkpoint.network.level(track, is_levelled)
        for track, is_levelled in zip(tracks, dialogue.is_levelled, strict=True)
    ]
    n_values = checkpoint.network.config.n_outputs + N_LIP_CUES * checkpoint.network.predicts_lips
    blend = Blend(n_heads, dialogue.n_frames, n_values, overlap)
    done = 0
    for batch in batches(windows, executor.batch_size):
        report(done / len(windows), f"window {done + 1} of {len(windows)}")
        audio = _cut_audio(tracks, levels, batch)
        values = executor.compute(solve, audio, batch)
        del audio  # before the next piece is cut
        stored.let_go()
        if done // _TRIMMED_WINDOWS < (done + len(batch)) // _TRIMMED_WINDOWS:
            give_back_freed_memory()
        for index, window in enumerate(batch):
            blend.add(window, values[index * n_heads : (index + 1) * n_heads])
        done += len(batch)
    if len(windows) > 1:
        give_back_freed_memory()
    report(1.0, "")
    return blend.result()


def _encoded(network: DualTalk, audio: Tensor, windows: list[Window]) -> AudioFeatures:
    """Return the features of both heads; of a joined pair of encoders from a graph on a GPU."""
    if network.joint_encoder.pair is None:
        return network.encode_dialogue(audio)

    def encode(audio: Tensor) -> tuple[Tensor, ...]:
        features = network.encode_dialogue(audio)
        return features.own, features.partner

    n_frames = windows[0].n_frames
    return AudioFeatures(*graphs.run(network, encode, audio, n_frames=n_frames, after=1))


def _agreed(
    network: DualTalk, features: AudioFeatures, noise: Tensor | None, precision: Precision
) -> Tensor:
    """Return the motion of both heads, (2 B, T, n_outputs), once each agrees with the other.

    Passes draw nearer by about one factor. They end when the last one changed no number by more
    than `AGREEMENT`, or when by that factor those to come would change less than `_LEFT`.
    """
    n_rows, n_frames, _ = features.own.shape
    # float32 whatever the features are
    shape = n_rows, n_frames, network.config.n_outputs
    motion = torch.zeros(shape, device=features.own.device)
    change = math.inf
    for _ in range(MAX_PASSES):
        before, last = motion, change
        motion = _decoded(network, features, swapped(before), noise)
        change = float((motion - before).abs().max())
        if change < AGREEMENT or _left(change, last) < _LEFT[precision]:
            break
    return motion


def _left(change: float, last: float) -> float:
    """Return how much the passes to come would change, by the last two changes."""
    if not change < last < math.inf:
        return change
    return change**2 / (last - change)  # a geometric series


def _decoded(
    network: DualTalk, features: AudioFeatures, motion: Tensor, noise: Tensor | None
) -> Tensor:
    """Return one pass; from a graph on a GPU, where a dialogue of this length came before."""

    def decode(own: Tensor, partner: Tensor, motion: Tensor, *noise: Tensor) -> tuple[Tensor, ...]:
        features = AudioFeatures(own, partner)
        return (network.decode(features, motion, noise[0] if noise else None),)

    given = () if noise is None else (noise,)
    n_frames = features.own.shape[1]
    (decoded,) = graphs.run(
        network, decode, features.own, features.partner, motion, *given,
        n_frames=n_frames, after=MAX_PASSES,
    )  # fmt: skip
    return decoded


def _noise(network: DualTalk, n_frames: int, seed: int) -> Tensor | None:
    """Return the noise of both heads, (2, n_frames, n_noise), whose frames no window changes."""
    if not network.config.n_noise:
        return None
    return torch.from_numpy(draw(n_frames, network.config.n_noise, seed))


def _cut(values: Tensor, windows: list[Window]) -> Tensor:
    """Cut windows of one length out of (heads, n_frames, K): (windows * heads, T, K)."""
    return torch.cat([values[:, window.first : window.last] for window in windows])


def _cut_audio(
    tracks: Tensor, levels: list[tuple[Tensor, Tensor]], windows: list[Window]
) -> Tensor:
    """Cut the levelled sound of windows out of (2, n_samples): (2 * windows, samples)."""
    spans = [(window.first * FRAME_SAMPLES, _end(window, tracks.shape[1])) for window in windows]
    longest = max(end - start for start, end in spans)
    rows = tracks.new_zeros(len(spans) * len(tracks), longest)
    for index, row in enumerate(rows):
        start, end = spans[index // len(tracks)]
        who = index % len(tracks)
        offset, gain = levels[who]
        sound = row[: end - start]
        torch.sub(tracks[who, start:end], offset, out=sound)
        sound.mul_(gain)
    return rows


def _end(window: Window, n_samples: int) -> int:
    """Return the sample where a window's sound ends; the last one's is the sound's own."""
    end = window.last * FRAME_SAMPLES
    return n_samples if end >= n_samples else end
