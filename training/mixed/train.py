"""Train the network of one mixed track: `python -m training.mixed.train --config CONFIG.toml`.

The sets come from `python -m training.mixed.data --config CONFIG.toml`, shards of video from
`python -m dualtalk.curation`. A run continues where it last saved. With several GPUs: `torchrun
--nproc-per-node N -m training.mixed.train ...`; each process draws scenes of its own, and gradients
are averaged.
"""

import argparse
import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from dualtalk.inference import checkpoints, devices
from dualtalk.inference.networks import diffusion
from dualtalk.inference.networks.audio.frozen_encoder import FrozenAudioEncoder
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.inference.networks.unet import Conditions, UNet
from dualtalk.training.common import averaging, processes, saving
from dualtalk.training.common.schedule import warm_cosine
from dualtalk.training.common.steps import Every, next_stage, run_stage
from dualtalk.training.mixed import losses
from dualtalk.training.mixed.batches import Drawn, Sets, Step, Steps
from dualtalk.training.mixed.config import MixedConfig
from dualtalk.training.mixed.curated.scenes import load
from dualtalk.training.mixed.data import Scenes, audio_encoder_of, beginning
from dualtalk.training.mixed.losses import Scale, Truth
from dualtalk.training.speech.make import default_cache
from torch import Tensor, nn

_AVERAGING = 0.998
#: Share of the highest rate at the end of a stage.
_LEAST_RATE = 0.02
#: Scenes that mean and deviation are measured on.
_MEASURED = 300
_SAVE_EVERY, _LOG_EVERY = 200, 50
#: A channel that never moves in the data is kept at rest by this least deviation.
_LEAST_STD = 0.02
_CPU = torch.device("cpu")


@dataclass
class Run:
    """A training run in this process."""

    config: MixedConfig
    network: UNet
    scale: Scale
    average: dict[str, Tensor]
    folder: Path
    optimizer: torch.optim.AdamW
    audio_encoder: FrozenAudioEncoder  #: that the scenes were made with
    device: torch.device
    kept: UNet | None = None  #: what the run began from: as it was where a video shows nothing
    stage: int = 0
    step: int = 0

    @property
    def state_path(self) -> Path:
        """Where the run is kept so that it can go on."""
        return self.folder / f"{self.config.name}-mixed-state.pt"


def start(
    config: MixedConfig,
    folder: Path,
    scenes: Scenes,
    audio_encoder: FrozenAudioEncoder,
    device: torch.device = _CPU,
) -> Run:
    """Begin a run, seeded, with the scale of its motion."""
    torch.manual_seed(config.seed)
    if config.begin:
        return _gone_on(config, folder, device)
    network = UNet(config.network)
    features = torch.from_numpy(scenes.features[:_MEASURED].astype(np.float32)).flatten(0, 1)
    network.conditioner.features_mean.copy_(features.mean(dim=0))
    network.conditioner.features_std.copy_(features.std(dim=0).clamp(min=1e-3))
    network.to(device)
    average = averaging.copied(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01, betas=(0.9, 0.98))
    scale = scale_on(scale_of(scenes), device)
    return Run(config, network, scale, average, folder, optimizer, audio_encoder, device)


def _gone_on(config: MixedConfig, folder: Path, device: torch.device) -> Run:
    """Begin a run from a network that is trained already."""
    trained = beginning(config.begin)
    network = copy.deepcopy(trained.unet).requires_grad_(True).train().to(device)
    config = replace(config, network=network.config)
    average = averaging.copied(network.state_dict())
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01, betas=(0.9, 0.98))
    scale = scale_on(Scale(trained.mean, trained.std), device)
    kept = copy.deepcopy(trained.unet).requires_grad_(False).to(device)
    encoder = trained.audio_encoder
    return Run(config, network, scale, average, folder, optimizer, encoder, device, kept)


def scale_of(scenes: Scenes) -> Scale:
    """Return mean and deviation of each channel of motion."""
    motion = scenes.motion[:_MEASURED].astype(np.float32).reshape(-1, 55)
    std = np.maximum(motion.std(axis=0), _LEAST_STD)
    std[-3:] = np.maximum(motion[:, -3:].std(axis=0), 1e-3)  # metres
    return Scale(torch.from_numpy(motion.mean(axis=0)), torch.from_numpy(std))


def scale_on(scale: Scale, device: torch.device) -> Scale:
    """Return a scale whose numbers are on a device."""
    return Scale(scale.mean.to(device), scale.std.to(device))


def train_stage(run: Run, sets: Sets, workers: int = 0) -> None:
    """Train the run's current stage to its end, saving on the way."""
    coming = steps_of(run, sets).ahead(run.step, workers, run.device)
    run_stage(
        run,
        run.config.stages[run.stage].steps,
        lambda _: train_step(run, next(coming)),
        Every(_SAVE_EVERY, _LOG_EVERY),
        lambda: save(run),
        f"stage {run.stage + 1}" if processes.rank() == 0 else "",
    )
    save(run)
    next_stage(run)


def steps_of(run: Run, sets: Sets) -> Steps:
    """Return what the steps of the run's current stage learn from, in this process."""
    seed = (run.config.seed, run.stage)
    return Steps(sets, run.config.stages[run.stage], seed, processes.rank())


def train_step(run: Run, drawn: Step) -> losses.Parts:
    """Take one step on what was drawn for it, and return the parts of its loss."""
    stage = run.config.stages[run.stage]
    for group in run.optimizer.param_groups:
        group["lr"] = stage.rate * warm_cosine(run.step, stage.steps, _LEAST_RATE)
    full_loss = partial(losses.full_loss, smiles=stage.smiles)
    kinds = zip(drawn, (full_loss, losses.lip_loss, full_loss), strict=False)
    given = [(each.to(run.device), loss) for each, loss in kinds if each is not None]
    found = denoised(run, [each for each, _ in given])
    n_rows = sum(len(clean) for clean, _ in found)
    total = torch.zeros((), device=run.device)
    numbers: losses.Parts = {}
    for (_, loss), (clean, truth) in zip(given, found, strict=True):
        part, more = loss(clean, truth, run.scale, run.config.weights)
        total = total + part * (len(clean) / n_rows)
        numbers |= more
    run.optimizer.zero_grad(set_to_none=True)
    total.backward()
    processes.average_gradients(run.network)
    nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
    run.optimizer.step()
    kept = averaging.early(run.step, _AVERAGING) if run.stage == 0 else _AVERAGING
    averaging.follow(run.average, run.network, kept)
    return numbers


def denoised(run: Run, drawn: Sequence[Drawn]) -> list[tuple[Tensor, Truth]]:
    """Let the network clean the motion of a step, all kinds at once; return it beside the truth."""
    batches = [each.batch for each in drawn]
    clean = [(batch.motion - run.scale.mean) / run.scale.std for batch in batches]
    rows = zip(clean, drawn, strict=True)
    noisy = torch.cat([diffusion.noised(x, each.noise, each.level) for x, each in rows])
    level = torch.cat([each.level for each in drawn])
    conditions = Conditions(
        torch.cat([batch.features for batch in batches]),
        torch.cat([batch.mask for batch in batches]),
        torch.cat([batch.place for batch in batches]),
    )
    is_fast = run.device.type != "cpu" or devices.cpu_prefers_bfloat16()
    fast = torch.autocast(run.device.type, torch.bfloat16, enabled=is_fast)
    with fast:
        found = run.network(noisy, level, conditions).float()
    sizes = [len(each.level) for each in drawn]
    truths = [
        Truth(x, batch.partner_m, batch.turn, batch.trust)
        for x, batch in zip(clean, batches, strict=True)
    ]
    if run.kept is not None:
        with torch.no_grad(), fast:
            kept = run.kept(noisy, level, conditions).float().split(sizes)
        truths = [truth.toward(one) for truth, one in zip(truths, kept, strict=True)]
    return list(zip(found.split(sizes), truths, strict=True))


def save(run: Run) -> None:
    """Keep the whole run, and the averaged network as a checkpoint."""
    if processes.rank() != 0:
        return
    state = {
        "network": run.network.state_dict(),
        "average": run.average,
        "optimizer": run.optimizer.state_dict(),
        "scale": (run.scale.mean, run.scale.std),
        "stage": run.stage,
        "step": run.step,
    }
    saving.save(run.state_path, state)
    export(run)


def export(run: Run) -> Path:
    """Write the averaged network and the audio encoder as a checkpoint, and return where."""
    network = UNet(run.config.network)
    network.load_state_dict(run.average)
    path = run.folder / f"{run.config.name}-mixed.safetensors"
    card = {
        "command": "python -m training.mixed.train",
        **({"begun from": run.config.begin} if run.config.begin else {}),
        "seed": str(run.config.seed),
        "stage": f"{run.stage + 1}, step {run.step}",
        "attribution": "trained in part on LibriSpeech (Panayotov et al. 2015), CC-BY-4.0",
    }
    scale = scale_on(run.scale, _CPU)
    made = MixedNetwork.of(network, run.audio_encoder, scale.mean, scale.std)
    checkpoints.save(path, made, name=run.config.name, card=card, is_half=True)
    return path


def resume(run: Run) -> None:
    """Continue from the folder's last saved state, if there is one."""
    state = saving.load(run.state_path, run.device)
    if state is None:
        return
    run.network.load_state_dict(state["network"])
    run.optimizer.load_state_dict(state["optimizer"])
    run.average = state["average"]
    run.scale = Scale(*state["scale"])
    run.stage, run.step = state["stage"], state["step"]
    if run.step == run.config.stages[run.stage].steps:
        next_stage(run)


def main() -> None:
    """Train every stage of a config that is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--output", type=Path, help="folder of the run; the cache by default")
    parser.add_argument("--shards", type=Path, help="of curation, in place of the config's")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw steps ahead")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = MixedConfig.load(arguments.config)
    if arguments.shards is not None:
        config = replace(config, shards=str(arguments.shards))
    folder = arguments.output or arguments.cache
    folder.mkdir(parents=True, exist_ok=True)
    audio_encoder = audio_encoder_of(arguments.cache, config.begin)
    sets = load_sets(config, arguments.cache, audio_encoder)
    scenes = next(each for each in sets if each is not None)
    device = processes.join(arguments.device)
    run = start(config, folder, scenes, audio_encoder, device)
    resume(run)
    while run.stage < len(config.stages):
        train_stage(run, sets, arguments.workers)


def load_sets(config: MixedConfig, cache: Path, audio_encoder: FrozenAudioEncoder) -> Sets:
    """Read what the stages draw from.

    Raises:
        InputError: shards are damaged, or hold no clip that was taken.
    """
    made: list[Scenes | None] = [Scenes.load(data.path(cache)) for data in config.sets]
    made += [None] * (2 - len(made))
    is_drawn = any(stage.video for stage in config.stages)
    return [*made, load(Path(config.shards), cache, audio_encoder) if is_drawn else None]


if __name__ == "__main__":
    main()
