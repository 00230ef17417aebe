"""The measurements give what they must on motions whose answer is known."""

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import Utterance, make_utterance
from dualtalk.training.two_track.evaluation import articulation, measure, people
from scipy.ndimage import gaussian_filter1d
from sklearn.metrics import f1_score, roc_auc_score


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
    lips = articulation.lips_of([labelled(utterance)], [utterance])
    assert lips.jaw.low == pytest.approx(1.0)
    assert lips.auc.low > 0.97
    assert lips.closed_share.value == 1.0
    assert lips.open_share.value == 1.0


def test_a_curve_of_closure_is_scored_by_its_order(utterance: Utterance) -> None:
    n = len(utterance.sound) // 640
    labels = visemes.at_motion_rate(visemes.articulators(utterance), n)[:, 1]
    heard_closures = articulation.heard_closures
    assert [found.value for found in heard_closures([labels], [utterance])] == [1.0, 1.0]
    assert heard_closures([-labels], [utterance])[0].value == 0.0
    assert heard_closures([np.ones(n)], [utterance])[0].value == 0.5


def test_a_still_open_mouth_scores_nothing(utterance: Utterance) -> None:
    n = len(utterance.sound) // 640
    wobble = 0.1 + 0.001 * np.sin(np.arange(n))
    motion = Motion.from_arrays(np.zeros((n, 40)), np.outer(wobble, [1, 0, 0]))
    lips = articulation.lips_of([motion], [utterance])
    assert abs(lips.jaw.value) < 0.6
    assert lips.closed_share.value == 0.0


def test_a_score_is_that_of_the_library(utterance: Utterance) -> None:
    draw = np.random.default_rng(4)
    truth = draw.random(400) < 0.2
    score = np.round(draw.standard_normal(400) + truth, 1)  # with ties
    found = articulation.auc_of(truth, score)
    assert found.value == pytest.approx(roc_auc_score(truth, score))
    assert found.low < found.value < found.high
    best = articulation.f1_of(truth, -score, np.quantile(-score, np.linspace(0.02, 0.5, 49)))
    limits = np.quantile(-score, np.linspace(0.02, 0.5, 49))
    assert best.value == pytest.approx(max(f1_score(truth, -score < limit) for limit in limits))


def test_lag_is_found(utterance: Utterance) -> None:
    assert abs(articulation.timing([labelled(utterance)], [utterance])["curve_ms"].value) < 5
    late = articulation.timing([labelled(utterance, 2)], [utterance])
    assert late["curve_ms"].value == pytest.approx(80, abs=15)


def test_lagged_correlation_finds_a_shift() -> None:
    curve = np.random.default_rng(1).standard_normal(200).astype(np.float32)
    lags = measure.lagged_correlations(np.roll(curve, 2), curve, np.ones(200, bool))
    assert max(lags, key=lags.get) == 2


def test_the_interval_of_the_jaw_chooses_the_lag_anew() -> None:
    draw = np.random.default_rng(2)
    truth, other = gaussian_filter1d(draw.standard_normal((2, 750)), 2.0, axis=1)
    active = np.arange(750) % 250 < 200
    predicted = np.roll(0.6 * truth + 0.8 * other, 2)
    zero, best = measure.jaw_intervals(predicted, truth, active)
    assert zero.value < best.value - 0.05  # the shift is found
    assert best.low < 0.6 < best.high
    assert best.value == measure.jaw_correlation(predicted, truth, active)


def test_what_is_outside_the_range_of_people_is_said() -> None:
    blinks, *_ = people.FACE
    assert blinks.text == "15-26 (Bentivoglio et al. 1997)"
    assert (blinks.cell(20.0), blinks.cell(32.0), blinks.cell(None)) == ("20.0", "**32.0**", "")
    said = people.missed(people.FACE, {"A": {"blinks_per_minute": 32.0}, "B": {}})
    assert said.startswith("**Missed**")
    assert "A 32.0" in said
    assert people.missed(people.FACE, {"B": {"blinks_per_minute": 20.0}}).startswith("All lie in")
    assert people.MOUTH[0].text == "at most 0.1"
    assert people.MOUTH[2].text == ""


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
