"""Train the network of who speaks when: `python -m training.turns.train --speech FOLDER`.

The card of the checkpoint says which voices it was trained with. A run continues where it last
saved.
"""

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.dualtalk import gain_to_speech_level
from dualtalk.inference.networks.turns import Heard, TurnConfig, TurnNetwork
from dualtalk.training.speech.make import default_cache
from dualtalk.training.turns import mixtures, voices
from dualtalk.training.turns.mixtures import Person
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

SECONDS = 8.0
_N_FRAMES = round(SECONDS * 25)
#: How sharply likenesses become probabilities.
_SCALE = 20.0
#: Profiles hold up to this much of the other person, and some come from another recording.
_MOST_MIXED, _NO_SESSION = 0.35, 0.15
#: One person in so many is asked for with a voice of somebody who is not there.
_ABSENT = 0.15
_AVERAGING = 0.998
_SAVE_EVERY, _LOG_EVERY = 200, 50


#: Mixtures are kept and heard again, as making them takes as long as learning from them.
_POOL, _HEARD_AGAIN = 256, 0.5
_SYNTHETIC = 0.2


class Mixtures(IterableDataset[dict[str, Tensor]]):
    """Endless seeded mixtures of real voices, some of synthetic ones."""

    def __init__(
        self, real: list[Person], synthetic: list[Person], seed: int, effort_db: float = 0.0
    ) -> None:
        self.real, self.synthetic = real, synthetic
        self.seed, self.effort_db = seed, effort_db

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        generator = np.random.default_rng(self.seed)
        pool: list[dict[str, Tensor]] = []
        while True:
            if len(pool) < _POOL or generator.random() > _HEARD_AGAIN:
                made = self._made(generator)
                pool = [*pool[-_POOL + 1 :], made]
                yield made
            else:
                yield pool[int(generator.integers(len(pool)))]

    def _made(self, generator: np.random.Generator) -> dict[str, Tensor]:
        is_real = not self.synthetic or generator.random() > _SYNTHETIC
        people = self.real if is_real else self.synthetic
        made = mixtures.mixture(people, SECONDS, generator, self.effort_db)
        offset = 0 if is_real else len(self.real)
        numbers = [number + offset if number >= 0 else -1 for number in made.people]
        return {
            "sound": torch.from_numpy(made.sound),
            "active": torch.from_numpy(made.active[:, :_N_FRAMES]).float(),
            "people": torch.tensor(numbers),
        }


class Learner(nn.Module):
    """The network, and for training alone the direction of each voice (`voices.directions`)."""

    def __init__(self, config: TurnConfig, directions: Tensor) -> None:
        super().__init__()
        self.network = TurnNetwork(config)
        self.register_buffer("directions", directions, persistent=False)
        self.pair_scale = nn.Parameter(torch.tensor(5.0))

    def loss(self, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        """Return the loss of a batch: voices, how many speak, and who."""
        active, people = batch["active"], batch["people"]  # (B, 2, T), (B, 2)
        audio = torch.stack([sound * gain_to_speech_level(sound) for sound in batch["sound"]])
        with torch.autocast("cpu", torch.bfloat16):  # twice as fast on a CPU with matrix units
            heard = self.network.listen(audio, active.shape[2])
        heard = Heard(heard.features.float(), heard.voices.float(), heard.counts.float())
        alone = active * (1 - active.flip(1))
        voices = self._voice_loss(heard, alone, people)
        profiles, is_known = _profiles(heard, alone)
        pair = self._pair_loss(heard, alone, profiles, is_known)
        count = F.cross_entropy(heard.counts.flatten(0, 1), active.sum(dim=1).long().flatten())
        person = self._person_loss(heard, active, profiles, is_known)
        parts = {"voices": voices, "pair": pair, "count": count, "person": person}
        numbers = {key: float(value.detach()) for key, value in parts.items()}
        return 0.2 * voices + 0.5 * pair + 0.5 * count + person, numbers

    def _voice_loss(self, heard: Heard, alone: Tensor, people: Tensor) -> Tensor:
        """Return the loss of telling everybody from everybody, frame by frame."""
        row, person, frame = torch.nonzero(alone, as_tuple=True)
        chosen = torch.randperm(len(row))[:1024]
        row, person, frame = row[chosen], person[chosen], frame[chosen]
        voices = heard.voices[row, frame, : self.directions.shape[1]]
        return F.cross_entropy(_SCALE * voices @ self.directions.T, people[row, person])

    def _pair_loss(self, heard: Heard, alone: Tensor, profiles: Tensor, is_known: Tensor) -> Tensor:
        """Return the loss of telling the two people of a recording apart by likeness alone."""
        likeness = torch.einsum("btv,bpv->bpt", heard.voices, profiles)
        logits = self.pair_scale * (likeness[:, 0] - likeness[:, 1])
        weight = alone.sum(dim=1) * is_known.all(dim=1)[:, None]
        each = F.binary_cross_entropy_with_logits(logits, alone[:, 0], reduction="none")
        return (each * weight).sum() / weight.sum().clamp(min=1)

    def _person_loss(
        self, heard: Heard, active: Tensor, profiles: Tensor, is_known: Tensor
    ) -> Tensor:
        """Return the loss of asking for both people by what they are like on average."""
        profiles = self._disturbed(profiles)
        absent = torch.rand(len(active)) < _ABSENT
        other = torch.where(absent[:, None], profiles[:, 1].roll(1, 0), profiles[:, 1])
        active = torch.stack([active[:, 0], active[:, 1] * ~absent[:, None]], dim=1)
        weight = torch.stack([is_known[:, 0], is_known[:, 1] | absent], dim=1).float()
        with torch.autocast("cpu", torch.bfloat16):
            first = self.network.ask(heard, profiles[:, 0], other)
            second = self.network.ask(heard, other, profiles[:, 0])
        logits = torch.stack([first, second], dim=1).float()
        each = F.binary_cross_entropy_with_logits(logits, active, reduction="none").mean(dim=2)
        return (each * weight).sum() / weight.sum().clamp(min=1)

    def _disturbed(self, profiles: Tensor) -> Tensor:
        """Mix the two people's profiles (B, 2, P), as clusters do, or hide the session."""
        share = (
            _MOST_MIXED * torch.rand(len(profiles), 2, 1) * (torch.rand(len(profiles), 1, 1) < 0.5)
        )
        mixed = profiles + share * (profiles.flip(1) - profiles)
        size = self.directions.shape[1]
        is_new = torch.rand(len(profiles), 2, 1) < _NO_SESSION
        session = torch.where(is_new, torch.zeros(()), mixed[..., size:])
        return torch.cat([F.normalize(mixed[..., :size], dim=-1), session], dim=-1)


def _profiles(heard: Heard, alone: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the people are like on average, (B, 2, P), and whether they speak, (B, 2)."""
    known = _some_of(alone)
    is_known = known.sum(dim=2) > 0
    mean = torch.einsum("bpt,btv->bpv", known, heard.voices)
    return mean / known.sum(dim=2, keepdim=True).clamp(min=1), is_known


def _some_of(alone: Tensor) -> Tensor:
    """Keep a random stretch of each row's frames: at use a profile is never exact."""
    n_rows, _, n_frames = alone.shape
    length = torch.randint(n_frames // 4, n_frames + 1, (n_rows, 2, 1))
    first = (torch.rand(n_rows, 2, 1) * (n_frames - length + 1)).long()
    frame = torch.arange(n_frames)
    kept = alone * ((frame >= first) & (frame < first + length))
    return torch.where(kept.sum(dim=2, keepdim=True) > 0, kept, alone)


@dataclass
class Run:
    """A training run."""

    learner: Learner
    average: dict[str, Tensor]
    optimizer: torch.optim.AdamW
    step: int = 0

    def save(self, path: Path) -> None:
        """Keep the run so that it can go on."""
        state = {
            "learner": self.learner.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def load(self, path: Path) -> None:
        """Go on with a kept run."""
        state = torch.load(path, weights_only=True)
        self.learner.load_state_dict(state["learner"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.step = state["average"], state["step"]


def train(
    run: Run, batches: Iterator[dict[str, Tensor]], steps: int, rate: float, path: Path
) -> None:
    """Train to `steps` with a one-cycle rate, averaging the weights."""
    started = time.perf_counter()
    for step in range(run.step, steps):
        progress = step / steps
        for group in run.optimizer.param_groups:
            group["lr"] = rate * min(1.0, step / 200) * 0.5 * (1 + math.cos(math.pi * progress))
        loss, numbers = run.learner.loss(next(batches))
        run.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(run.learner.parameters(), 1.0)
        run.optimizer.step()
        for key, value in run.learner.state_dict().items():
            run.average[key].lerp_(value, 1 - min(_AVERAGING, step / (step + 10)))
        run.step = step + 1
        if run.step % _LOG_EVERY == 0:
            text = " ".join(f"{key} {value:.3f}" for key, value in numbers.items())
            each = (time.perf_counter() - started) / _LOG_EVERY
            print(f"{run.step}/{steps} {each:.2f} s/step {text}", flush=True)
            started = time.perf_counter()
        if run.step % _SAVE_EVERY == 0 or run.step == steps:
            run.save(path)


def main() -> None:
    """Train, and write the averaged network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True, help="LibriSpeech flac files")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--effort", type=float, default=0.0, help="dB, from turn to turn")
    parser.add_argument("--output", type=Path, help="the checkpoint; in the cache by default")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    real = mixtures.warped(mixtures.real_people(options.speech, kept_apart=False))
    corpora = [options.cache / f"{name}.npz" for name in ("espeak", "flite")]
    synthetic = [person for path in corpora for person in mixtures.synthetic_people(path)]
    config = TurnConfig()
    learner = Learner(
        config, torch.from_numpy(voices.directions([*real, *synthetic], config.voice_size))
    )
    average = {key: value.clone() for key, value in learner.state_dict().items()}
    optimizer = torch.optim.AdamW(learner.parameters(), lr=options.rate, weight_decay=0.01)
    run = Run(learner, average, optimizer)
    state = options.cache / "turns-state.pt"
    if state.exists():
        run.load(state)
    first_step = run.step
    # The seed moves with the step, so that a run that goes on hears other mixtures.
    dataset = Mixtures(real, synthetic, options.seed + 1 + run.step, options.effort)
    loader = DataLoader(dataset, options.batch, num_workers=1, prefetch_factor=4)
    print(f"{len(real)} real and {len(synthetic)} synthetic voices", flush=True)
    train(run, iter(loader), options.steps, options.rate, state)
    learner.load_state_dict(run.average)
    card = {
        "command": f"python -m training.turns.train --speech SPEECH --steps {options.steps} "
        f"--batch {options.batch} --rate {options.rate} --seed {options.seed} "
        f"--effort {options.effort}, from step {first_step}",
        "data": f"LibriSpeech train-clean-100 (CC-BY-4.0), {len(real) // len(mixtures.WARPS)} "
        f"speakers at {len(mixtures.WARPS)} speeds; {len(synthetic)} voices of espeak-ng and flite",
    }
    path = options.output or options.cache / "turns.safetensors"
    checkpoints.save(path, learner.network.eval(), card=card, is_half=True)


if __name__ == "__main__":
    main()
