"""From one track with both voices to the complete motion of both people ("Talking Together").

Who speaks when (`core.conversation.turns.Turns`) tells the network whose lips the sound moves; a
staging tells it where both are. Windows of 10 s share their noise frame by frame and are blended at
every step of the sampler (MultiDiffusion: Bar-Tal et al. 2023), so that they join without a seam at
any length.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...core import stored
from ...core.conversation.dialogue import n_frames_of
from ...core.directing.staging import Staging, default_staging
from ...core.errors import InputError
from ...core.motion import Motion
from ...core.names import ARKIT_SHAPES
from ...core.progress import Report, silent
from .. import devices
from ..devices import DeviceName, Precision
from ..executor import run_on
from ..networks import diffusion
from ..networks.mixed import MixedNetwork
from ..networks.shared_space import Places
from ..networks.unet import N_MOTION, Conditions
from ..postprocess.liveliness import enlivened
from ..postprocess.motion import motion_of, postprocessed
from ..windows import Blend, Window, plan
from .gaze import with_fixations

WINDOW_FRAMES = 250
OVERLAP_FRAMES = 60
DEFAULT_STEPS = 8
_E = len(ARKIT_SHAPES)
#: What speech moves: all shapes of the mouth less smiles and frowns, and the jaw.
_LIPS = [
    *(
        i
        for i, name in enumerate(ARKIT_SHAPES)
        if name.startswith("mouth") and name[5:10] not in ("Smile", "Frown")
    ),
    *range(_E, _E + 3),
]

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class MixedOptions:
    """How to sample."""

    seed: int = 0  #: another number gives other listeners, not other lips
    steps: int = DEFAULT_STEPS
    staging: Staging = field(default_factory=default_staging)
    guidance: float = 1.0  #: how much more the staging counts than it does by itself
    raw: bool = False  #: the network's numbers untouched: not smoothed, not limited
    device: DeviceName = "auto"
    precision: Precision = "float32"  #: the fast one is for graphics cards

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InputError(f"The seed is {self.seed}; give 0 or more.")
        if self.steps < 1:
            raise InputError(f"The sampler takes {self.steps} steps; give at least 1.")


def predict_mixed(
    track: FloatArray,
    probability: FloatArray,
    network: MixedNetwork,
    options: MixedOptions = MixedOptions(),
    report: Report = silent,
) -> tuple[Motion, Motion]:
    """Return the motion of both people in the shared space of the staging.

    Unlike the motion of two tracks, head and eyes here hold all of the gaze: the head's
    turn to the partner and the eyes' rotation in the head.

    Args:
        track: (n_samples,) of both voices, 16 kHz.
        probability: (2, n_frames) that each person speaks, 25 fps; cut or held at the end to fit.
        network: of `checkpoints.load`.
        options: seed, steps, staging.
        report: told of progress; may cancel.

    Raises:
        InputError: there is no sound, or the turns are of another shape.
        CancelledError: `report` asked for it.
    """
    n_frames = n_frames_of(len(track))
    if n_frames == 0:
        raise InputError("The recording holds no sound: choose another file.")
    torch.set_num_threads(1)  # of the CPU: its layers are small: threads would wait for each other
    mask = torch.from_numpy(fitted(probability, n_frames))
    places = Places.of(options.staging)
    place = torch.from_numpy(places.conditions())

    def work(network: MixedNetwork, device: torch.device) -> FloatArray:
        sound = torch.from_numpy(track)
        gain = network.audio_encoder.gain(sound)
        with torch.inference_mode(), devices.autocast(device, options.precision):
            features = network.audio_encoder.encode(sound, n_frames, gain=gain)
            given = mask.to(device), place.to(device)
            return sampled(features, *given, network, options, report)

    values = run_on(network, options.device, work)
    first, second = (_motion(row, options, who) for who, row in enumerate(values))
    return (first, second) if options.raw else with_fixations((first, second), places)


def _motion(values: FloatArray, options: MixedOptions, person: int) -> Motion:
    """Make one head's motion of what the network gives for it, (n_frames, N_MOTION)."""
    motion = motion_of(values, "arkit", _E)
    stored.let_go()
    if not options.raw:
        motion = enlivened(postprocessed(motion), options.seed, person)
    return motion.stored()


def fitted(probability: FloatArray, n_frames: int) -> FloatArray:
    """Return turns (2, n) as (2, n_frames): cut, or as they end held on.

    Raises:
        InputError: they are not (2, n) or empty.
    """
    if probability.ndim != 2 or len(probability) != 2 or probability.shape[1] == 0:
        raise InputError(f"Turns are (2, n_frames), not {probability.shape}: find them anew.")
    frames = np.minimum(np.arange(n_frames), probability.shape[1] - 1)
    return np.ascontiguousarray(probability[:, frames], dtype=np.float32)


def noise_of(n_frames: int, seed: int) -> FloatArray:
    """Return white noise (2, n_frames, N_MOTION), each frame's whatever the length."""
    generator = np.random.Generator(np.random.PCG64(seed))
    noise: FloatArray = stored.zeros((2, n_frames, N_MOTION))
    for piece in stored.pieces(n_frames, 8 * N_MOTION):
        n = piece.stop - piece.start
        noise[:, piece] = generator.standard_normal((n, 2, N_MOTION), np.float32).swapaxes(0, 1)
    return noise


def sampled(
    features: Tensor,
    mask: Tensor,
    place: Tensor,
    network: MixedNetwork,
    options: MixedOptions,
    report: Report = silent,
) -> FloatArray:
    """Run the sampler over all windows at once, step by step: (2, n_frames, N_MOTION).

    It computes where `features`, `mask`, `place` and the network are.

    Args:
        features: (n_frames, n_features) of the audio encoder.
        mask: (2, n_frames) of 0 to 1.
        place: (2, N_PLACE) of `Places.conditions`; what `options` says of the staging is not used.
        network: weights and scale.
        options: seed, steps, guidance.
        report: told of progress; may cancel.
    """
    n_frames = len(features)
    windows = plan(n_frames, WINDOW_FRAMES, OVERLAP_FRAMES)
    noisy = torch.from_numpy(noise_of(n_frames, options.seed)).to(features.device)
    levels = diffusion.levels(options.steps)
    clean = noisy
    for step, (level, following) in enumerate(pairwise(levels)):
        blend = Blend(2, n_frames, N_MOTION, OVERLAP_FRAMES)
        for index, window in enumerate(windows):
            done = (step + index / len(windows)) / options.steps
            report(done, f"step {step + 1} of {options.steps}")
            given = Conditions(features[None, _span(window)], mask[:, _span(window)], place)
            one = _cleaned(noisy[:, _span(window)], level, given, network, options.guidance)
            blend.add(window, one.float().cpu().numpy())
            stored.let_go()
        found = torch.from_numpy(blend.result()).to(features.device)
        for piece in stored.pieces(n_frames, 32 * N_MOTION):
            if step > 0:
                _take_lips(found[:, piece], clean[:, piece])
            noisy[:, piece] = diffusion.stepped(noisy[:, piece], found[:, piece], level, following)
        clean = found
    report(1.0, "")
    for piece in stored.pieces(n_frames, 16 * N_MOTION):
        clean[:, piece] = clean[:, piece] * network.std + network.mean
    result: FloatArray = clean.cpu().numpy()
    return result


def _take_lips(clean: Tensor, first: Tensor) -> None:
    """Give motion the lips and the jaw of the first step.

    Lips are no matter of chance: what the first step sees in the sound alone is their mean, and
    every further step would add a guess where the sound leaves them open (docs/mixed.md).
    """
    clean[..., _LIPS] = first[..., _LIPS]


def _cleaned(
    noisy: Tensor, level: float, given: Conditions, network: MixedNetwork, guidance: float
) -> Tensor:
    """Return what the network takes for the clean motion of one window, (2, T, N_MOTION)."""
    levels = torch.full((2,), level, device=noisy.device)
    found: Tensor = network.unet(noisy, levels, given)
    if guidance == 1.0:
        return found
    unplaced = replace(given, place=torch.zeros_like(given.place))
    without = network.unet(noisy, levels, unplaced)
    guided: Tensor = without + guidance * (found - without)
    return guided


def _span(window: Window) -> slice:
    return slice(window.first, window.last)
