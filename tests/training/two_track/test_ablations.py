"""The table of what each departure is worth: truth scores full marks, stillness none."""

from pathlib import Path

import numpy as np
import pytest
import torch
from dualtalk.training.markdown import replace_measured
from dualtalk.training.two_track import ablations
from dualtalk.training.two_track.data import Batch, collate
from dualtalk.training.two_track.dialogues import Example

N = 200


@pytest.fixture
def batch() -> Batch:
    rng = np.random.default_rng(0)
    motion = rng.standard_normal((2, N, 52)).cumsum(axis=1).astype(np.float32)
    phones = np.zeros((2, 2 * N), np.int64)
    phones[0, :N], phones[1, N:] = 1, 1
    blank = np.zeros((2, N, 7), np.float32)
    return collate(
        [Example(np.zeros((2, N * 640)), motion, blank, phones, blank, np.zeros((2, N)))]
    )


def test_truth_scores_full_marks(batch: Batch) -> None:
    scores = ablations.scores(batch["motion"].numpy(), batch)
    assert all(value == pytest.approx(1.0) for value in scores.values())


def test_half_as_much_motion_is_half_the_amount(batch: Batch) -> None:
    scores = ablations.scores(0.5 * batch["motion"].numpy(), batch)
    assert scores["nods"] == pytest.approx(1.0)
    assert scores["nods_amount"] == pytest.approx(0.5)


def test_others_motion_scores_little(batch: Batch) -> None:
    other = torch.from_numpy(np.random.default_rng(1).standard_normal((2, N, 52)))
    scores = ablations.scores(other.float().numpy(), batch)
    assert abs(scores["nods"]) < 0.3


def test_only_what_is_measured_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nb\n")
    replace_measured(page, "new\n")
    replace_measured(page, "newer\n")
    text = page.read_text()
    assert text == "a\n<!-- measured: begin -->\nnewer\n<!-- measured: end -->\nb\n"
