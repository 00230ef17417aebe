"""Train a network.

`python -m training.two_track.train --config training/two_track/configs/bundled.toml`

A run continues where it stopped. With several GPUs: `torchrun --nproc-per-node N -m
training.two_track.train ...`; gradients are averaged over the processes.
"""

import argparse
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from dualtalk.inference import checkpoints, devices, pretrained
from dualtalk.inference.networks.audio.compact_audio import CompactAudioConfig
from dualtalk.inference.networks.config import DualTalkConfig, compact_config
from dualtalk.inference.networks.dualtalk import AudioFeatures, DualTalk, swapped
from dualtalk.training.speech import visemes
from dualtalk.training.speech.make import default_cache
from dualtalk.training.speech.phones import PHONES
from dualtalk.training.two_track import behaviour, dualtalk_dataset, losses
from dualtalk.training.two_track.config import Stage, TrainingConfig
from dualtalk.training.two_track.data import Batch, load_sources
from dualtalk.training.two_track.data import collate as collate_synthetic
from dualtalk.training.two_track.prepared import examples_of
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Subset

_AVERAGING = 0.99
_SAVE_EVERY = 100
_LOG_EVERY = 25
_BLINK_THRESHOLDS, _BLINK_STEEPNESS = (1.8, 2.25, 2.4, 2.6), 12.0
_ATTRIBUTION = (
    "trained in part on LibriSpeech (Panayotov et al. 2015, CC BY 4.0) and the AMI corpus "
    "(Carletta 2007, CC BY 4.0); hears through Moonshine tiny (Jeffries et al. 2024, MIT)"
)
#: Share of dialogues in which the partner's motion is withheld, as in the first pass over both.
_PARTNER_AT_REST = 0.2


class Learner(nn.Module):
    """The network and what only training needs: what its features of sound must tell.

    That is where the articulators are, and where low pitch invites the listener to answer.
    """

    def __init__(self, config: DualTalkConfig) -> None:
        super().__init__()
        self.network = DualTalk(config)
        self.articulators = nn.Linear(config.feature_size, len(visemes.ARTICULATORS))
        self.cues = nn.Linear(config.feature_size, 1)

    def loss(self, batch: Batch, stage: Stage) -> losses.Loss:
        """Return the loss of one batch of a stage."""
        if stage.kind == "dualtalk":
            return self._published_loss(batch)
        learns = stage.encoder_rate > 0
        with torch.set_grad_enabled(learns):
            heard, hearing = self._hear(batch, learns)
        if stage.kind == "monologues":
            direct = self.network.direct_path(heard)
            loss = losses.mouth_loss(direct.float(), batch["motion"])
        else:
            features = AudioFeatures(heard, swapped(heard))
            motion = self.network.decode(features, self._partner(batch["motion"]), batch["noise"])
            loss = losses.motion_loss(motion.float(), batch["motion"])
        total = loss.total + hearing.total if learns else loss.total
        return losses.Loss(total, {**hearing.parts, **loss.parts})

    def _hear(self, batch: Batch, learns: bool) -> tuple[Tensor, losses.Loss]:
        """Return the features (2 B, T, feature_size) of the sound, and how well they tell it."""
        joint = self.network.joint_encoder
        encoder = joint.audio_encoder1
        encoder.train(learns)
        at_50 = encoder.at_50(
            batch["audio"], batch["motion"].shape[1], batch.get("heard")
        )  # (2 B, 2 T, hidden)
        features = encoder.at_motion_rate(at_50)  # (2 B, T, hidden)
        heard = joint.audio_projection(features)
        loss = losses.hearing_loss(
            losses.Hearing(
                encoder.phones(at_50).float(),
                encoder.lips(features).float(),
                self.articulators(heard).float(),
                self.cues(heard).float().squeeze(-1),
            ),
            batch,
        )
        return heard, loss

    def _published_loss(self, batch: Batch) -> losses.Loss:
        """Return the paper's loss for the first of each two heads; no phones are known."""
        audio, motion = batch["audio"], batch["motion"]
        noise = batch["noise"][0::2] if "noise" in batch else None
        ours = self.network(audio[0::2], audio[1::2], motion[1::2], noise)
        return losses.published_loss(ours.float(), motion[0::2])

    def _partner(self, motion: Tensor) -> Tensor:
        """Return the partner's motion (2 B, T, 52) as it will be known: at times not at all."""
        known = torch.rand(len(motion), 1, 1, device=motion.device) > _PARTNER_AT_REST
        return swapped(motion) * known


@dataclass
class Run:
    """A training run in this process."""

    config: TrainingConfig
    learner: Learner
    average: dict[str, Tensor]
    before: dict[str, Tensor]  #: the average when the current stage began
    folder: Path
    device: torch.device
    stage: int = 0
    step: int = 0
    heard: str = ""  #: how much there is of each source, for the checkpoint's card

    @property
    def state_path(self) -> Path:
        """Where the run is kept so that it can go on."""
        return self.folder / f"{self.config.name}-state.pt"


def start(config: TrainingConfig, folder: Path, device: torch.device) -> Run:
    """Begin a run with the compact network's config, seeded."""
    torch.manual_seed(config.seed)
    learner = Learner(network_config(config)).to(device)
    pretrained.load_into(learner)
    if learner.network.config.n_noise:
        expect_blinks(learner.network)
    weights = learner.state_dict()
    return Run(config, learner, copied(weights), copied(weights), folder, device)


def copied(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights that training does not change."""
    return {key: value.clone() for key, value in weights.items()}


def network_config(config: TrainingConfig) -> DualTalkConfig:
    """Return the compact network's config with what the run's config changes in it."""
    if config.basis == "flame":
        flame = replace(
            compact_config(), n_expression=dualtalk_dataset.N_EXPRESSION, has_eyes=False
        )
        return replace(flame, **config.network)
    audio = CompactAudioConfig(n_phone_classes=len(PHONES), hears_lips=True)
    network = compact_config(behaviour.N_NOISE, replace(audio, **config.audio))
    return replace(network, **config.network)


@torch.no_grad()
def expect_blinks(network: DualTalk) -> None:
    """Let four units of the noise's encoder begin as thresholds on the channel of blinks.

    A blink is what happens beyond about two standard deviations, in one frame of a hundred: a unit
    of random weights sees too few of them to find the threshold. The units taken are those that
    the rest of the network uses least.
    """
    encoder = network.interaction_module.noise_encoder
    units = encoder.course.weight.square().sum(dim=(0, 2)).argsort()[: len(_BLINK_THRESHOLDS)]
    for unit, threshold in zip(units, _BLINK_THRESHOLDS, strict=True):
        encoder.decision.weight[unit] = 0
        encoder.decision.weight[unit, behaviour.BLINK_CHANNEL] = _BLINK_STEEPNESS
        encoder.decision.bias[unit] = -_BLINK_STEEPNESS * threshold


def optimizer_of(run: Run, stage: Stage) -> torch.optim.AdamW:
    """Return the stage's optimizer: the audio encoder may learn more slowly than the rest."""
    encoder = run.learner.network.joint_encoder.audio_encoder1
    mine = {id(p) for p in encoder.parameters()}
    rest = [p for p in run.learner.parameters() if id(p) not in mine]
    ears = [p for p in encoder.parameters() if p.requires_grad]
    groups = [
        {"params": ears, "share": stage.encoder_rate},
        {"params": rest, "share": 1.0},
    ]
    return torch.optim.AdamW(groups, lr=stage.rate, weight_decay=0.01, betas=(0.9, 0.98))


def set_rate(optimizer: torch.optim.Optimizer, stage: Stage, step: int) -> None:
    """Warm up over 5 % of the stage, then fall along a cosine to a hundredth."""
    warm = max(1, stage.steps // 20)
    done = max(0.0, (step - warm) / max(1, stage.steps - warm))
    factor = min(1.0, (step + 1) / warm) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
    for group in optimizer.param_groups:
        group["lr"] = stage.rate * group["share"] * factor


def batches(data: Dataset[Any], stage: Stage, first_step: int, workers: int) -> Iterator[Batch]:
    """Return the batches of a stage from a step on; each process takes its own examples."""
    rank, world = _rank(), _world()
    per_step = stage.batch * world
    mine = [
        step * per_step + rank * stage.batch + i
        for step in range(first_step, stage.steps)
        for i in range(stage.batch)
    ]
    collate = dualtalk_dataset.collate if stage.kind == "dualtalk" else collate_synthetic
    loader = DataLoader(
        Subset(data, mine),
        stage.batch,
        num_workers=workers,
        collate_fn=collate,
        prefetch_factor=4 if workers else None,
    )
    yield from loader


def train_stage(run: Run, data: Dataset[Any], workers: int) -> None:
    """Train the run's current stage to its end, saving on the way."""
    stage = run.config.stages[run.stage]
    optimizer = optimizer_of(run, stage)
    if run.step:
        optimizer.load_state_dict(torch.load(run.state_path, weights_only=True)["optimizer"])
    else:
        run.before = copied(run.average)
    began, first = time.monotonic(), run.step
    for batch in batches(data, stage, run.step, workers):
        set_rate(optimizer, stage, run.step)
        seed_step(run)
        loss = train_step(run, optimizer, batch, stage)
        run.step += 1
        if run.step % _LOG_EVERY == 0 and _rank() == 0:
            pace = (time.monotonic() - began) / (run.step - first)
            numbers = " ".join(f"{name} {value:.3f}" for name, value in loss.parts.items())
            print(f"{stage.kind} {run.step}/{stage.steps} {pace:.2f} s/step {numbers}", flush=True)
        if run.step % _SAVE_EVERY == 0 and run.step < stage.steps:
            save(run, optimizer)
    for key, value in run.before.items():
        run.average[key].lerp_(value, 1 - stage.blend)
    save(run, optimizer)
    run.stage, run.step = run.stage + 1, 0


def seed_step(run: Run) -> None:
    """Seed what a step draws by the run, the stage, the step and the process.

    A run that was stopped then goes on as if it had not been.
    """
    numbers = (run.config.seed, run.stage, run.step, _rank())
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))


def train_step(
    run: Run, optimizer: torch.optim.Optimizer, batch: Batch, stage: Stage
) -> losses.Loss:
    """Take one step and fold it into the average of the weights."""
    batch = {name: value.to(run.device) for name, value in batch.items()}
    is_fast = run.device.type != "cpu" or devices.cpu_prefers_bfloat16()
    with torch.autocast(run.device.type, torch.bfloat16, enabled=is_fast):
        loss = run.learner.loss(batch, stage)
    optimizer.zero_grad(set_to_none=True)
    loss.total.backward()
    average_gradients(run.learner)
    nn.utils.clip_grad_norm_(run.learner.parameters(), 1.0)
    optimizer.step()
    # Early in a stage the average follows closely, or it would hold the weights before it.
    kept = min(_AVERAGING, (1 + run.step) / (10 + run.step))
    for key, value in run.learner.state_dict().items():
        run.average[key].lerp_(value.detach(), 1 - kept)
    return loss


def average_gradients(learner: nn.Module) -> None:
    """Give every process the mean of all processes' gradients."""
    if _world() == 1:
        return
    for parameter in (p for p in learner.parameters() if p.requires_grad):
        if parameter.grad is None:  # every process must take part in every sum
            parameter.grad = torch.zeros_like(parameter)
        dist.all_reduce(parameter.grad)  # gloo, for CPUs, cannot average
        parameter.grad /= _world()


def save(run: Run, optimizer: torch.optim.Optimizer) -> None:
    """Keep the whole run, and the averaged network as a checkpoint."""
    if _rank() != 0:
        return
    temporary = run.state_path.with_suffix(".part")
    torch.save(
        {
            "learner": run.learner.state_dict(),
            "average": run.average,
            "before": run.before,
            "optimizer": optimizer.state_dict(),
            "stage": run.stage,
            "step": run.step,
        },
        temporary,
    )
    os.replace(temporary, run.state_path)
    export(run)


def export(run: Run) -> Path:
    """Write the averaged network as a checkpoint, and return where."""
    network = DualTalk(run.learner.network.config)
    prefix = "network."
    network.load_state_dict(
        {k.removeprefix(prefix): v for k, v in run.average.items() if k.startswith(prefix)}
    )
    path = run.folder / f"{run.config.name}.safetensors"
    card = {
        "command": f"python -m training.two_track.train --config {run.config.path}",
        "seed": str(run.config.seed),
        "sources": run.heard or ", ".join(run.config.sources),
        "stage": f"{run.stage + 1} of {len(run.config.stages)}, step {run.step}",
        "attribution": _ATTRIBUTION,
    }
    checkpoints.save(path, network, run.config.basis, run.config.name, card, is_half=True)
    return path


def resume(run: Run) -> None:
    """Continue from the folder's last saved state, if there is one."""
    if not run.state_path.is_file():
        return
    state = torch.load(run.state_path, map_location=run.device, weights_only=True)
    run.learner.load_state_dict(state["learner"])
    run.average, run.before = state["average"], state["before"]
    run.stage, run.step = state["stage"], state["step"]
    if run.step == run.config.stages[run.stage].steps:
        run.stage, run.step = run.stage + 1, 0


def _rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def _world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def _device(name: str) -> torch.device:
    if "LOCAL_RANK" in os.environ:
        dist.init_process_group()
        if torch.cuda.is_available():
            return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)


def main() -> None:
    """Train every stage of a config that is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--output", type=Path, help="folder of the run; the cache by default")
    parser.add_argument("--data", type=Path, help="folder of the DualTalk data set's files")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=1, help="of torch; two are often slower")
    parser.add_argument("--workers", type=int, default=1, help="processes that make data")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    config = TrainingConfig.load(arguments.config)
    folder = arguments.output or arguments.cache
    folder.mkdir(parents=True, exist_ok=True)
    run = start(config, folder, _device(arguments.device))
    resume(run)
    sources = load_sources(arguments.cache, config.sources)
    run.heard = ", ".join(
        f"{name} {source.n_utterances} utterances {source.duration_s / 3600:.2f} h"
        for name, source in zip(config.sources, sources, strict=True)
    )
    while run.stage < len(config.stages):
        stage = config.stages[run.stage]
        data: Dataset[Any]
        if stage.kind == "dualtalk":
            data = dualtalk_dataset.DualTalkDataset(arguments.data, stage.frames, config.seed)
        else:
            data = examples_of(sources, config, run.stage, arguments.cache)
        train_stage(run, data, arguments.workers)


if __name__ == "__main__":
    main()
