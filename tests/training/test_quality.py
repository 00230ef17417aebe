"""The bundled checkpoint's numbers on real people do not fall. docs/quality.md has all of them."""

from pathlib import Path

import pytest
import torch
from dualtalk.core import turns
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints
from dualtalk.inference.predict import PredictOptions, predict_both
from dualtalk.training import measure
from dualtalk.training.conditions import Clip, aligned_reading, real_clip

SHARED = Path(__file__).resolve().parents[3] / "shared"
pytestmark = [
    pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared"),
    pytest.mark.skipif(not checkpoints.bundled_path().is_file(), reason="no bundled checkpoint"),
]

#: A little below what docs/quality.md says, for the platforms' rounding.
MIN_CLIP_JAW = 0.44
MIN_READING_JAW, MIN_CLOSURE_AUC, MIN_CLOSURE_F1 = 0.86, 0.90, 0.69
MIN_CLOSED = 0.80


@pytest.fixture(scope="module")
def checkpoint() -> checkpoints.Checkpoint:
    torch.set_num_threads(1)
    return checkpoints.load(checkpoints.bundled_path())


@pytest.fixture(scope="module")
def clip() -> Clip:
    return real_clip(SHARED)


@pytest.fixture(scope="module")
def heads(checkpoint: checkpoints.Checkpoint, clip: Clip) -> tuple[Motion, Motion]:
    return predict_both(clip.dialogue, checkpoint, PredictOptions(device="cpu"))


def test_the_jaw_follows_a_real_conversation(heads: tuple[Motion, Motion], clip: Clip) -> None:
    active = turns.speaking(clip.dialogue.tracks)[0][: len(clip.jaw)]
    ours = measure.jaw_correlation(heads[0].jaw[:, 0], clip.jaw, active)
    rival = measure.rms_envelope(clip.dialogue.tracks[0], len(clip.jaw))
    assert ours > MIN_CLIP_JAW
    assert ours > measure.jaw_correlation(rival, clip.jaw, active) + 0.15


def test_who_is_silent_keeps_the_mouth_closed(heads: tuple[Motion, Motion], clip: Clip) -> None:
    active = turns.speaking(clip.dialogue.tracks)
    for i, motion in enumerate(heads):
        assert measure.silence_closed_share(motion, measure.away_from_speech(active[i])) > 0.95
        assert measure.silence_closed_share(motion, ~active[i]) > 0.88
        assert measure.role_energy_ratio(motion, active[i], active[1 - i]) < 0.15


def test_listeners_live(heads: tuple[Motion, Motion]) -> None:
    blinks = [measure.blinks_per_minute(motion) for motion in heads]
    assert 8 < sum(blinks) / 2 < 26
    for motion in heads:
        assert motion.head.std() > 0.005


def test_lips_close_at_bilabials_of_real_reading(checkpoint: checkpoints.Checkpoint) -> None:
    pytest.importorskip("pocketsphinx")
    utterances = aligned_reading(SHARED)
    options = PredictOptions(device="cpu")
    motions = [predict_both(measure.alone(u.sound), checkpoint, options)[0] for u in utterances]
    lips = measure.lips_of(motions, utterances)
    assert lips.jaw > MIN_READING_JAW
    assert lips.auc > MIN_CLOSURE_AUC
    assert lips.f1 > MIN_CLOSURE_F1
    assert lips.closed_share > MIN_CLOSED
    assert lips.open_share > 0.9
