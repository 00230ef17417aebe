"""Windows cut from scenes, with masks as wrong as those that will be estimated, and their noise.

What a step learns from is a function of the run's seed, the stage and the step's number alone, so
that other processes can draw it ahead of the one that learns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.inference.networks import diffusion
from dualtalk.training.mixed.config import MixedStage
from dualtalk.training.mixed.data import Scenes, as_it_is
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

FloatArray = NDArray[np.float32]

#: Channels that speech moves: the mouth's shapes but those of moods, and the jaw's turn.
_MOODS = ("mouthSmile", "mouthFrown", "mouthDimple")
SPEECH = [
    *(
        i
        for name, i in ARKIT_INDEX.items()
        if name.startswith("mouth") and not name.startswith(_MOODS)
    ),
    *range(len(ARKIT_INDEX), len(ARKIT_INDEX) + 3),
]

WINDOW_FRAMES = 250
#: Share of scenes whose staging is withheld, for classifier-free guidance (Ho & Salimans 2022).
_UNPLACED = 0.12
#: Share of windows whose mask is exact, and how often a wrong span comes in the others, per second.
_EXACT, _WRONG_PER_S = 0.3, 0.08


@dataclass(frozen=True)
class Batch:
    """Windows; rows 2 i and 2 i + 1 are the two people of one scene."""

    features: Tensor  #: (B, T, n_features)
    mask: Tensor  #: (2 B, T)
    place: Tensor  #: (2 B, N_PLACE)
    motion: Tensor  #: (2 B, T, 55)
    partner_m: Tensor  #: (B, 2, 3)
    turn: Tensor  #: (B, 2, 3, 3)
    trust: Tensor | None = None  #: (2 B, T, 55) of motion that was seen in a video

    def with_mouth(self, share: float) -> "Batch":
        """Return the batch with what speech moves counting as a `share` of what it is trusted."""
        if self.trust is None or share == 1:
            return self
        trust = self.trust.clone()
        trust[..., SPEECH] *= share
        return replace(self, trust=trust)


@dataclass(frozen=True)
class Drawn:
    """A batch and the noise that spoils its motion."""

    batch: Batch
    level: Tensor  #: (2 B,) how noisy; both people share it
    noise: Tensor  #: (2 B, T, 55)

    def to(self, device: torch.device) -> "Drawn":
        """Return what was drawn on a device."""
        batch = Batch(**{name: x.to(device, non_blocking=True) for name, x in _of(self.batch)})
        rest = (x.to(device, non_blocking=True) for x in (self.level, self.noise))
        return Drawn(batch, *rest)

    def pin_memory(self) -> "Drawn":
        """Return it where a device can fetch it while the program goes on (torch calls this)."""
        batch = Batch(**{name: x.pin_memory() for name, x in _of(self.batch)})
        return Drawn(batch, self.level.pin_memory(), self.noise.pin_memory())


def _of(batch: Batch) -> Iterator[tuple[str, Tensor]]:
    for each in fields(batch):
        value = getattr(batch, each.name)
        if value is not None:
            yield each.name, value


#: Of every kind that a stage draws from, in its order: full, lips, video.
Sets = Sequence[Scenes | None]
Step = list[Drawn | None]


class Steps(Dataset[Step]):
    """What each step of a stage learns from, kind by kind."""

    def __init__(self, sets: Sets, stage: MixedStage, seed: tuple[int, ...], rank: int) -> None:
        """Tell what is drawn from.

        Args:
            sets: see `Sets`.
            stage: how much of each.
            seed: of the run and the stage.
            rank: of this process; all but the first draw scenes of their own.
        """
        self.sets, self.stage = sets, stage
        self.seed, self.rank = seed, (rank,) if rank else ()

    def __getitem__(self, step: int) -> Step:
        """Draw for a step."""
        generator = np.random.default_rng((*self.seed, step, *self.rank))
        counts = (self.stage.full, self.stage.lips, self.stage.video)
        return [
            spoiled(self._drawn(scenes, count, generator), generator, self.stage.shift)
            if count and scenes is not None
            else None
            for scenes, count in zip(self.sets, counts, strict=False)
        ]

    def _drawn(self, scenes: Scenes, count: int, generator: Generator) -> Batch:
        return draw(scenes, count, generator).with_mouth(self.stage.mouth)

    def ahead(self, first: int, workers: int, device: torch.device) -> Iterator[Step]:
        """Draw for the steps from `first` on, in so many processes beside this one."""
        loader: DataLoader[Any] = DataLoader(
            self,
            batch_size=None,
            sampler=range(first, self.stage.steps),
            num_workers=workers,
            collate_fn=as_it_is,
            pin_memory=device.type == "cuda",
        )
        yield from loader


def spoiled(batch: Batch, generator: Generator, shift: float) -> Drawn:
    """Draw a batch's noise: one level per scene, spread evenly over the batch."""
    n_scenes = len(batch.features)
    drawn = (generator.random() + np.arange(n_scenes) / n_scenes) % 1.0
    levels = [diffusion.shifted(level, shift) for level in drawn.tolist()]
    noise = torch.from_numpy(generator.standard_normal(tuple(batch.motion.shape), np.float32))
    return Drawn(batch, torch.tensor(levels).repeat_interleave(2), noise)


def draw(scenes: Scenes, count: int, generator: Generator) -> Batch:
    """Cut `count` windows at random, the two people in a random order."""
    rows = generator.integers(len(scenes), size=count)
    firsts = generator.integers(scenes.features.shape[1] - WINDOW_FRAMES + 1, size=count)
    orders = [[0, 1] if generator.random() < 0.5 else [1, 0] for _ in rows]
    spans = [slice(first, first + WINDOW_FRAMES) for first in firsts]
    features = np.stack([scenes.features[row, span] for row, span in zip(rows, spans, strict=True)])
    motion = [scenes.motion[r, o, s] for r, o, s in zip(rows, orders, spans, strict=True)]
    masks = [
        estimated(scenes.speaking[r, o, s].astype(np.float32), generator)
        for r, o, s in zip(rows, orders, spans, strict=True)
    ]
    place = np.stack([scenes.conditions[r, o] for r, o in zip(rows, orders, strict=True)])
    place[generator.random(count) < _UNPLACED] = 0
    partner = np.stack([scenes.partner_m[r, o] for r, o in zip(rows, orders, strict=True)])
    turn = np.stack([scenes.turn[r, o] for r, o in zip(rows, orders, strict=True)])
    trust = None
    if scenes.trust is not None:
        cut = [scenes.trust[r, o, s] for r, o, s in zip(rows, orders, spans, strict=True)]
        trust = torch.from_numpy(np.concatenate(cut).astype(np.float32))
    return Batch(
        torch.from_numpy(features.astype(np.float32)),
        torch.from_numpy(np.concatenate(masks)),
        torch.from_numpy(place.reshape(2 * count, -1)),
        torch.from_numpy(np.concatenate(motion).astype(np.float32)),
        torch.from_numpy(partner),
        torch.from_numpy(turn),
        trust,
    )


def estimated(speaking: FloatArray, generator: Generator) -> FloatArray:
    """Return who speaks (2, T) as an estimate might have it: blurred, late, unsure, wrong at times.

    A wrong span gives one person's words to the other, or finds both or nobody speaking.
    """
    if generator.random() < _EXACT:
        return speaking
    mask = np.roll(speaking, generator.integers(-3, 4), axis=1).copy()
    n = mask.shape[1]
    for _ in range(generator.poisson(_WRONG_PER_S * n / 25)):
        first = generator.integers(n)
        span = slice(first, first + int(generator.uniform(3, 20)))
        kind = generator.random()
        if kind < 0.5:
            mask[:, span] = mask[::-1, span].copy()
        else:
            mask[generator.integers(2), span] = float(kind < 0.75)
    mask = gaussian_filter1d(mask, generator.uniform(0.3, 4.0), axis=1)
    steepness, noise = generator.uniform(3, 12), generator.uniform(0, 0.8)
    odds = (
        steepness * (mask - 0.5)
        + noise * gaussian_filter1d(generator.standard_normal(mask.shape), 3.0, axis=1) * 3.0
    )
    result: FloatArray = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return result
