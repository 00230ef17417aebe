"""Batches of synthetic dialogues, each a function of the seed and its number alone."""

from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES
from dualtalk.training.speech.corpus import Corpus
from dualtalk.training.two_track.config import Stage, TrainingConfig
from dualtalk.training.two_track.dialogues import (
    Example,
    Voices,
    conversation,
    example,
    monologues,
)
from torch import Tensor
from torch.utils.data import Dataset

Batch = dict[str, Tensor]


class SyntheticDialogues(Dataset[Example]):
    """Examples of one stage, made when they are asked for."""

    def __init__(self, sources: list[Voices], config: TrainingConfig, stage_index: int) -> None:
        self.sources = sources
        self.seed = (config.seed, stage_index)
        self.stage: Stage = config.stages[stage_index]
        self.shares = np.array(self.stage.shares) / sum(self.stage.shares)

    def __getitem__(self, index: int) -> Example:
        """Return example `index` of the stage; the same number gives the same example."""
        generator = np.random.default_rng((*self.seed, index))
        voices = self.sources[generator.choice(len(self.sources), p=self.shares)]
        make = monologues if self.stage.kind == "monologues" else conversation
        n_frames = self.stage.frames
        tracks = make(voices, n_frames, generator)
        babble = voices.choose(generator)
        others = np.resize(babble[generator.integers(len(babble))].sound, n_frames * FRAME_SAMPLES)
        return example(tracks, others, generator, self.stage.separated, self.stage.bleed_db)


def load_sources(cache: Path, names: tuple[str, ...]) -> list[Voices]:
    """Read the corpora that `training.speech.make` wrote.

    Raises:
        InputError: one is missing.
    """
    return [Voices(Corpus.load(cache / f"{name}.npz").utterances) for name in names]


def collate(examples: list[Example]) -> Batch:
    """Join examples; rows 2 i and 2 i + 1 of every tensor are the two heads of one dialogue."""
    names = ["audio", "motion", "noise", "phones", "articulators", "cues"]
    for name in ("pretrained", "trust"):
        if all(getattr(example, name) is not None for example in examples):
            names.append(name)
    return {
        name: torch.from_numpy(np.concatenate([getattr(e, name) for e in examples]))
        for name in names
    }
