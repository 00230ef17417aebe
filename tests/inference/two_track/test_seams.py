"""Windows join unseen: on the bundled dialogue a seam moves no faster than ordinary frames."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.two_track.predict import OVERLAP_S, PredictOptions, predict_both
from dualtalk.inference.windows import plan
from numpy.typing import NDArray

ASSETS = Path(__file__).resolve().parents[3] / "assets"


@pytest.mark.parametrize("window_s", [8.0, 12.0])
def test_no_seam_jumps(window_s: float) -> None:
    dialogue = read_dialogue(*(ASSETS / f"demo_speaker{n}.flac" for n in (1, 2)))
    overlap = min(round(OVERLAP_S * 25), round(window_s * 25) // 3)
    windows = plan(dialogue.n_frames, round(window_s * 25), overlap)
    assert len(windows) > 2
    at_seam = np.zeros(dialogue.n_frames - 2, bool)
    for before, after in itertools.pairwise(windows):
        middle = (after.first + before.last) // 2
        at_seam[middle - 3 : middle + 2] = True
    for in_windows, whole in zip(_jumps(dialogue, window_s), _jumps(dialogue, 0), strict=True):
        # Lips that close fast where a seam happens to lie do so without a seam as well, up to a
        # quarter slower: windows of 8 s know less of what comes (those in use have 30 s).
        allowed = np.maximum(np.percentile(in_windows[~at_seam], 99), 1.25 * whole)
        assert (in_windows <= allowed)[at_seam].all()


def _jumps(dialogue: Dialogue, window_s: float) -> list[NDArray[np.float32]]:
    """Return how much the velocity of each head changes from frame to frame, (n_frames - 2,)."""
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    options = PredictOptions(window_s=window_s, device="cpu", raw=True)
    jumps = []
    for motion in predict_both(dialogue, checkpoint, options):
        values = np.concatenate([motion.jaw / 0.04, motion.head / 0.05], axis=1)
        jumps.append(np.linalg.norm(np.diff(values, n=2, axis=0), axis=1))
    return jumps
