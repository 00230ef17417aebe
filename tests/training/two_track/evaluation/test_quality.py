"""The bundled checkpoint's numbers on real people do not fall. docs/quality.md has all of them."""

from ctypes.util import find_library
from pathlib import Path

import pytest
import torch
from dualtalk.core.conversation import turns
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training.two_track.evaluation import measure
from dualtalk.training.two_track.evaluation.conditions import (
    Clip,
    aligned_reading,
    real_clip,
    unseen_synthetic,
)
from dualtalk.training.two_track.evaluation.evaluate import Evaluation

SHARED = Path(__file__).resolve().parents[5] / "shared"
pytestmark = [
    pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared"),
    pytest.mark.skipif(not checkpoints.bundled_path().is_file(), reason="no bundled checkpoint"),
]

#: A little below what docs/quality.md says, for the platforms' rounding.
MIN_CLIP_JAW = 0.55
MIN_READING_JAW, MIN_CLOSURE_AUC, MIN_CLOSURE_F1 = 0.89, 0.96, 0.89
MIN_HEARD_AUC, MIN_CLOSED, MIN_CLOSED_SYNTHETIC = 0.97, 0.95, 0.86
#: Wanted are 40 ms; espeak-ng's sound differs a little by what it spoke before.
MAX_LAG_MS = 45
#: Of the clip's first person it misses the goal of 0.10 (docs/quality.md).
MAX_ENERGY_RATIO = 0.13


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
        assert measure.silence_closed_share(motion, ~active[i]) > 0.915
        assert measure.role_energy_ratio(motion, active[i], active[1 - i]) < MAX_ENERGY_RATIO


def test_listeners_live(checkpoint: checkpoints.Checkpoint, clip: Clip) -> None:
    people = Evaluation(checkpoint, SHARED).dialogue(clip.dialogue)
    for person in people:
        assert 14 < person["blinks_per_minute"] < 23
        assert 4 < person["nods_per_minute_listening"] < 20
        assert 0.62 < person["gaze_on_share_listening"] < 0.85
        assert 0.35 < person["gaze_on_share_speaking"] < 0.57
        assert 0.12 < person["head_speed_listening"] < 0.20


def test_seeds_move_the_listener_and_not_the_lips(
    checkpoint: checkpoints.Checkpoint, clip: Clip
) -> None:
    alike = Evaluation(checkpoint, SHARED).diversity(clip.dialogue)
    assert alike["lips, speaking"].value > 0.98
    assert abs(alike["head, listening"].value) < 0.3


def test_lips_close_at_bilabials_of_real_reading(checkpoint: checkpoints.Checkpoint) -> None:
    pytest.importorskip("pocketsphinx")
    utterances = aligned_reading(SHARED)
    lips = Evaluation(checkpoint, SHARED).lips(utterances, utterances)
    assert lips["jaw"].value > MIN_READING_JAW
    assert lips["heard_auc"].value > MIN_HEARD_AUC
    assert lips["auc"].value > MIN_CLOSURE_AUC
    assert lips["f1"].value > MIN_CLOSURE_F1
    assert lips["closed_share"].value > MIN_CLOSED
    assert lips["open_share"].value > 0.9


@pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")
def test_lips_close_and_open_with_unseen_synthetic_voices(
    checkpoint: checkpoints.Checkpoint,
) -> None:
    utterances = unseen_synthetic()
    run = Evaluation(checkpoint, SHARED)
    assert run.lips(utterances, utterances)["closed_share"].value > MIN_CLOSED_SYNTHETIC
    lags = run.timing(utterances)
    for name in ("opening_ms", "release_ms", "curve_ms", "closure_ms"):
        assert abs(lags[name].value) < MAX_LAG_MS, name
