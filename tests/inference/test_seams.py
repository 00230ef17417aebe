"""Windows join unseen: on the bundled dialogue a seam moves no faster than ordinary frames."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.predict import OVERLAP_S, PredictOptions, predict_both
from dualtalk.inference.windows import plan

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@pytest.mark.parametrize("window_s", [8.0, 12.0])
def test_no_seam_jumps(window_s: float) -> None:
    dialogue = read_dialogue(*(ASSETS / f"demo_speaker{n}.flac" for n in (1, 2)))
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    options = PredictOptions(window_s=window_s, device="cpu", raw=True)
    motions = predict_both(dialogue, checkpoint, options)
    overlap = min(round(OVERLAP_S * 25), round(window_s * 25) // 3)
    windows = plan(dialogue.n_frames, round(window_s * 25), overlap)
    assert len(windows) > 2
    at_seam = np.zeros(dialogue.n_frames, bool)
    for before, after in itertools.pairwise(windows):
        middle = (after.first + before.last) // 2
        at_seam[middle - 2 : middle + 3] = True
    for motion in motions:
        values = np.concatenate([motion.jaw / 0.04, motion.head / 0.05], axis=1)
        jump = np.linalg.norm(np.diff(values, n=2, axis=0), axis=1)  # change of velocity
        seams = at_seam[1:-1]
        assert jump[seams].max() <= np.percentile(jump[~seams], 99)
