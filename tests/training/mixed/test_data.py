"""Dialogues of the network of one mixed track: the same by any number of processes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.training.mixed import batches, data
from dualtalk.training.mixed.config import MixedConfig, MixedStage
from dualtalk.training.speech.corpus import Corpus
from dualtalk.training.speech.phones import PHONE_INDEX, make_utterance

from .test_mixed import made

_CONFIG = """
name = "few"
seed = 1

[[sets]]
name = "voices"
sources = ["hum"]
shares = [1.0]
count = 3
seed = 11

[[stages]]
steps = 1
rate = 1e-3
full = 1
"""


def speak(folder: Path) -> None:
    """Write a corpus of three voices that hum syllables."""
    rng = np.random.default_rng(0)
    names = ["SIL", *("M", "AA", "B", "IY") * 4, "SIL"]
    edges = np.linspace(0, 4.0, len(names) + 1)
    tone = np.sin(2 * np.pi * 120 * np.arange(64_000) / 16_000)
    spoken = tuple(
        make_utterance(
            (tone * rng.random(64_000)).astype(np.float32), names, edges[:-1], edges[1:], voice
        )
        for voice in ("first", "second", "third")
    )
    assert PHONE_INDEX["SIL"] in spoken[0].phones
    Corpus(spoken).save(folder / "hum.npz")


def test_processes_make_the_same_dialogues_as_one(tmp_path: Path) -> None:
    speak(tmp_path)
    (tmp_path / "few.toml").write_text(_CONFIG)
    what = MixedConfig.load(tmp_path / "few.toml").sets[0]
    torch.set_num_threads(1)
    alone = data.made(data.Dialogues(what, tmp_path, data.audio_encoder_of(tmp_path)))
    assert len(alone) == 3
    words = ("--config", "few.toml", "--cache", ".", "--processes", "2")
    done = subprocess.run(
        [sys.executable, "-m", "dualtalk.training.mixed.data", *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    together = data.Scenes.load(what.path(tmp_path))
    for name in ("features", "motion", "speaking", "partner_m", "turn", "conditions"):
        np.testing.assert_array_equal(getattr(together, name), getattr(alone, name))


@pytest.mark.parametrize("workers", [0, 2])
def test_steps_are_the_same_by_whoever_draws_them(workers: int) -> None:
    stage = MixedStage(5, 1e-3, full=2, lips=1)
    steps = batches.Steps((made(0), made(1)), stage, (1, 0), rank=0)
    coming = list(steps.ahead(2, workers, torch.device("cpu")))
    assert len(coming) == 3
    for number, drawn in enumerate(coming, start=2):
        for one, other in zip(drawn, steps[number], strict=True):
            assert one is not None
            assert other is not None
            assert torch.equal(one.noise, other.noise)
            assert torch.equal(one.level, other.level)
            assert torch.equal(one.batch.motion, other.batch.motion)
            assert torch.equal(one.batch.mask, other.batch.mask)
