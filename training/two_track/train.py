"""Train a network.

`python -m training.two_track.train --config training/two_track/configs/bundled.toml`

A run continues where it stopped. With several GPUs: `torchrun --nproc-per-node N -m
training.two_track.train ...`; gradients are averaged over the processes.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.inference import checkpoints, devices
from dualtalk.inference.networks.dualtalk import DualTalk
from dualtalk.training.common import averaging, processes, saving
from dualtalk.training.common.schedule import warm_cosine
from dualtalk.training.common.steps import Every, next_stage, run_stage
from dualtalk.training.speech.make import default_cache
from dualtalk.training.two_track import dualtalk_dataset
from dualtalk.training.two_track.config import Stage, TrainingConfig
from dualtalk.training.two_track.data import Batch, load_sources
from dualtalk.training.two_track.data import collate as collate_synthetic
from dualtalk.training.two_track.learner import Learner, beginning
from dualtalk.training.two_track.prepared import examples_of
from dualtalk.training.two_track.video import VideoDialogues
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

_AVERAGING = 0.99
#: Share of the highest rate at the end of a stage.
_LEAST_RATE = 0.01
_SAVE_EVERY, _LOG_EVERY = 100, 25
_ATTRIBUTION = (
    "trained in part on LibriSpeech (Panayotov et al. 2015, CC BY 4.0) and the AMI corpus "
    "(Carletta 2007, CC BY 4.0); audio features of Moonshine tiny (Jeffries et al. 2024, MIT)"
)


@dataclass
class Run:
    """A training run in this process."""

    config: TrainingConfig
    learner: Learner
    average: averaging.Weights
    before: averaging.Weights  #: the average when the current stage began
    folder: Path
    device: torch.device
    stage: int = 0
    step: int = 0
    sources: str = ""  #: how much there is of each source, for the checkpoint's card

    @property
    def state_path(self) -> Path:
        """Where the run is kept so that it can go on."""
        return self.folder / f"{self.config.name}-state.pt"


def start(config: TrainingConfig, folder: Path, device: torch.device) -> Run:
    """Begin a run with the compact network's config, seeded."""
    learner = beginning(config).to(device)
    weights = learner.state_dict()
    copies = averaging.copied(weights), averaging.copied(weights)
    return Run(config, learner, *copies, folder, device)


def optimizer_of(run: Run, stage: Stage) -> torch.optim.AdamW:
    """Return the stage's optimizer: the audio encoder may learn more slowly than the rest."""
    encoder = run.learner.network.joint_encoder.audio_encoder1
    mine = {id(p) for p in encoder.parameters()}
    rest = [p for p in run.learner.parameters() if id(p) not in mine]
    trained = [p for p in encoder.parameters() if p.requires_grad]
    groups = [
        {"params": trained, "share": stage.encoder_rate},
        {"params": rest, "share": 1.0},
    ]
    return torch.optim.AdamW(groups, lr=stage.rate, weight_decay=0.01, betas=(0.9, 0.98))


def batches(data: Dataset[Any], stage: Stage, first_step: int, workers: int) -> Iterator[Batch]:
    """Return the batches of a stage from a step on; each process takes its own examples."""
    per_step = stage.batch * processes.count()
    mine = [
        step * per_step + processes.rank() * stage.batch + i
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
    state = saving.load(run.state_path, run.device) if run.step else None
    if state is None:
        run.before = averaging.copied(run.average)
    else:
        optimizer.load_state_dict(state["optimizer"])
    coming = batches(data, stage, run.step, workers)
    run_stage(
        run,
        stage.steps,
        lambda _: train_step(run, optimizer, next(coming), stage),
        Every(_SAVE_EVERY, _LOG_EVERY),
        lambda: save(run, optimizer),
        stage.kind if processes.rank() == 0 else "",
    )
    averaging.blend(run.average, run.before, stage.blend)
    save(run, optimizer)
    next_stage(run)


def seed_step(run: Run) -> None:
    """Seed what a step draws by the run, the stage, the step and the process.

    A run that was stopped then goes on as if it had not been.
    """
    numbers = (run.config.seed, run.stage, run.step, processes.rank())
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1)[0]))


def train_step(
    run: Run, optimizer: torch.optim.Optimizer, batch: Batch, stage: Stage
) -> dict[str, float]:
    """Take one step, fold it into the average of the weights, and return the parts of its loss."""
    seed_step(run)
    for group in optimizer.param_groups:
        group["lr"] = stage.rate * group["share"] * warm_cosine(run.step, stage.steps, _LEAST_RATE)
    batch = {name: value.to(run.device) for name, value in batch.items()}
    is_fast = run.device.type != "cpu" or devices.cpu_prefers_bfloat16()
    with torch.autocast(run.device.type, torch.bfloat16, enabled=is_fast):
        loss = run.learner.loss(batch, stage)
    optimizer.zero_grad(set_to_none=True)
    loss.total.backward()
    processes.average_gradients(run.learner)
    nn.utils.clip_grad_norm_(run.learner.parameters(), 1.0)
    optimizer.step()
    averaging.follow(run.average, run.learner, averaging.early(run.step, _AVERAGING))
    return loss.parts


def save(run: Run, optimizer: torch.optim.Optimizer) -> None:
    """Keep the whole run, and the averaged network as a checkpoint."""
    if processes.rank() != 0:
        return
    state = {
        "learner": run.learner.state_dict(),
        "average": run.average,
        "before": run.before,
        "optimizer": optimizer.state_dict(),
        "stage": run.stage,
        "step": run.step,
    }
    saving.save(run.state_path, state)
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
        "sources": run.sources or ", ".join(run.config.sources),
        "stage": f"{run.stage + 1} of {len(run.config.stages)}, step {run.step}",
        "attribution": _ATTRIBUTION,
    }
    checkpoints.save(path, network, run.config.basis, run.config.name, card, is_half=True)
    return path


def resume(run: Run) -> None:
    """Continue from the folder's last saved state, if there is one."""
    state = saving.load(run.state_path, run.device)
    if state is None:
        return
    run.learner.load_state_dict(state["learner"])
    run.average, run.before = state["average"], state["before"]
    run.stage, run.step = state["stage"], state["step"]
    if run.step == run.config.stages[run.stage].steps:
        next_stage(run)


def main() -> None:
    """Train every stage of a config that is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--output", type=Path, help="folder of the run; the cache by default")
    parser.add_argument("--data", type=Path, help="folder of the DualTalk data set's files")
    parser.add_argument("--shards", type=Path, help="of curation, in place of the config's")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=1, help="of torch; two are often slower")
    parser.add_argument("--workers", type=int, default=1, help="processes that make data")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    config = TrainingConfig.load(arguments.config)
    if arguments.shards is not None:
        config = replace(config, shards=str(arguments.shards))
    folder = arguments.output or arguments.cache
    folder.mkdir(parents=True, exist_ok=True)
    run = start(config, folder, processes.join(arguments.device))
    resume(run)
    sources = load_sources(arguments.cache, config.sources)
    run.sources = ", ".join(
        f"{name} {source.n_utterances} utterances {source.duration_s / 3600:.2f} h"
        for name, source in zip(config.sources, sources, strict=True)
    )
    while run.stage < len(config.stages):
        stage = config.stages[run.stage]
        data: Dataset[Any]
        if stage.kind == "video":
            data = VideoDialogues(Path(config.shards), stage.frames, config.seed)
        elif stage.kind == "dualtalk":
            data = dualtalk_dataset.DualTalkDataset(arguments.data, stage.frames, config.seed)
        else:
            data = examples_of(sources, config, run.stage, arguments.cache)
        train_stage(run, data, arguments.workers)


if __name__ == "__main__":
    main()
