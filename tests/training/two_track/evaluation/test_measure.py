"""The measurements give what they must on motions whose answer is known."""

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import Utterance, make_utterance
from dualtalk.training.two_track.evaluation import measure


@pytest.fixture
def utterance() -> Utterance:
    names = ["SIL", "P", "AA", "M", "AE", "B", "IY", "T", "AA", "SIL"]
    ends = np.cumsum([0.4, 0.09, 0.2, 0.1, 0.25, 0.09, 0.2, 0.08, 0.2, 0.5])
    sound = np.zeros(round(ends[-1] * 16_000), np.float32)
    return make_utterance(sound, names, np.append(0.0, ends[:-1]), ends, "none")


def labelled(utterance: Utterance, late_frames: int = 0) -> Motion:
    """Return the motion that the labels ask for, late by some frames."""
    n = len(utterance.sound) // 640
    shapes, jaw = visemes.mouth(visemes.at_motion_rate(visemes.articulators(utterance), n))
    late = np.maximum(np.arange(n) - late_frames, 0)
    return Motion.from_arrays(shapes[late], jaw[late])


def test_labels_score_full_marks(utterance: Utterance) -> None:
    lips = measure.lips_of([labelled(utterance)], [utterance])
    assert lips.jaw == pytest.approx(1.0)
    assert lips.auc > 0.97
    assert lips.closed_share == 1.0
    assert lips.open_share == 1.0


def test_a_curve_of_closure_is_scored_by_its_order(utterance: Utterance) -> None:
    n = len(utterance.sound) // 640
    labels = visemes.at_motion_rate(visemes.articulators(utterance), n)[:, 1]
    assert measure.heard_closure_auc([labels], [utterance]) == 1.0
    assert measure.heard_closure_auc([-labels], [utterance]) == 0.0
    assert measure.heard_closure_auc([np.ones(n)], [utterance]) == 0.5


def test_a_still_open_mouth_scores_nothing(utterance: Utterance) -> None:
    n = len(utterance.sound) // 640
    wobble = 0.1 + 0.001 * np.sin(np.arange(n))
    motion = Motion.from_arrays(np.zeros((n, 40)), np.outer(wobble, [1, 0, 0]))
    lips = measure.lips_of([motion], [utterance])
    assert abs(lips.jaw) < 0.6
    assert lips.closed_share == 0.0


def test_lag_is_found(utterance: Utterance) -> None:
    assert abs(measure.timing([labelled(utterance)], [utterance])["curve_ms"]) < 5
    late = measure.timing([labelled(utterance, 2)], [utterance])
    assert late["curve_ms"] == pytest.approx(80, abs=15)


def test_lagged_correlation_finds_a_shift() -> None:
    curve = np.random.default_rng(1).standard_normal(200).astype(np.float32)
    lags = measure.lagged_correlations(np.roll(curve, 2), curve, np.ones(200, bool))
    assert max(lags, key=lags.get) == 2


def test_blinks_and_nods_are_counted() -> None:
    n = 25 * 60
    expression, head = np.zeros((n, 40)), np.zeros((n, 3))
    for second in range(0, 60, 4):
        expression[second * 25 + 3 : second * 25 + 6, [0, 3]] = 1
    t = np.arange(25) / 25
    head[500:525, 0] = np.radians(3) * np.sin(2 * np.pi * 2 * t)
    motion = Motion.from_arrays(expression, head=head)
    assert measure.blinks_per_minute(motion) == 15
    assert 1 <= measure.nods_per_minute(motion, np.ones(n, bool)) <= 3


def test_silence_begins_where_lips_have_settled() -> None:
    own = np.zeros(20, bool)
    own[8:11] = True
    silent = measure.away_from_speech(own)
    assert np.flatnonzero(~silent).tolist() == list(range(5, 14))


def test_a_head_has_the_numbers_of_a_whole_face(utterance: Utterance) -> None:
    rng = np.random.default_rng(0)
    head = np.cumsum(rng.standard_normal((200, 3)) * 0.01, axis=0)
    jaw = np.outer(0.1 + 0.05 * np.sin(np.arange(200)), [1, 0, 0])
    motion = Motion.from_arrays(np.zeros((200, 40)), jaw, head)
    own = np.arange(200) % 50 < 25
    whole = measure.behaviour_of(motion, own, ~own)
    alone = measure.head_of(motion, own, ~own)
    assert {key: whole[key] for key in alone} == alone
    assert alone["head_speed_listening"] > 0
