"""What corrections of words do to curves."""

import numpy as np
import pytest
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.core.speech import mouths, words
from dualtalk.core.speech.words import Phone, SpokenWord

FPS = 50.0
N = 200
SAID = (
    SpokenWord("ah", (Phone("AA", 1.0, 1.5),)),
    SpokenWord("be", (Phone("B", 1.5, 1.6), Phone("IY", 1.6, 2.0))),
)


def test_a_moved_edge_bends_time_there_alone() -> None:
    rows = np.sin(np.linspace(0, 30, N))[None]
    moved = mouths.bent(rows, SAID, words.with_edge(SAID, 1, 1.4), FPS)
    times = np.arange(N) / FPS
    still = (times <= 1.0) | (times >= 1.6)
    np.testing.assert_array_equal(moved[0, still], rows[0, still])
    assert moved[0, 70] == pytest.approx(rows[0, 75], abs=1e-6)  # what was at 1.5 s is at 1.4 s


def test_a_long_pause_is_bent_near_the_word_only() -> None:
    rows = np.linspace(0, 1, N)[None]
    later = words.with_end(SAID, 2, 2.2)
    moved = mouths.bent(rows, SAID, later, FPS)
    np.testing.assert_allclose(moved[0, 125:], rows[0, 125:], atol=1e-9)
    assert moved[0, 110] == pytest.approx(rows[0, 100], abs=1e-6)


def test_another_phone_closes_the_lips() -> None:
    other = words.with_text(SAID, 0, "ma", ("M", "AA"))
    found = mouths.difference(SAID, other, N, FPS)
    assert found.closing[round(1.12 * FPS)] > 0.9
    assert found.shapes[round(1.12 * FPS), ARKIT_INDEX["mouthPressLeft"]] > 0
    assert not found.closing[: round(0.8 * FPS)].any()
    np.testing.assert_allclose(found.jaw[-20:], 0, atol=1e-3)


def test_a_mouth_is_held_smoothed_and_knows_its_closures() -> None:
    rows = np.random.default_rng(0).normal(size=(2, N))
    held = mouths.held(rows, 1.0, 1.0, 1.4, FPS)
    np.testing.assert_allclose(held[:, 50:70], np.repeat(rows[:, 50:51], 20, axis=1))
    np.testing.assert_array_equal(held[:, 80:], rows[:, 80:])
    w = mouths.weight(N, 1.0, 2.0, FPS)
    soft = mouths.smoothed(rows, 0.04, w, FPS)
    assert np.diff(soft[0, 52:98]).std() < 0.4 * np.diff(rows[0, 52:98]).std()
    np.testing.assert_array_equal(soft[:, w == 0], rows[:, w == 0])
    assert mouths.closures(SAID, N, FPS).argmax() in range(76, 80)


def test_a_word_in_hours_of_talk_costs_no_more_than_alone() -> None:
    # What is far away has no say, so that the difference is the same as among few words.
    phones = [("M", "AA"), ("T", "IY"), ("B", "OW")]
    talk = tuple(
        SpokenWord("x", (Phone(phones[i % 3][0], i * 0.5, i * 0.5 + 0.2),
                         Phone(phones[i % 3][1], i * 0.5 + 0.2, i * 0.5 + 0.5)))
        for i in range(40)
    )  # fmt: skip
    other = words.with_text(talk, 20, "pa", ("P", "AA"))
    long = mouths.difference(talk, other, 1000, FPS)
    some = mouths.difference(talk[16:25], other[16:25], 1000, FPS)
    np.testing.assert_allclose(long.jaw, some.jaw, atol=1e-4)
    np.testing.assert_allclose(long.shapes, some.shapes, atol=2e-3)
    assert not long.jaw[: round(8.9 * FPS)].any()


def test_a_word_in_silence_moves_the_mouth_there_alone() -> None:
    found = mouths.difference((), SAID, N, FPS)
    times = np.arange(N) / FPS
    assert found.jaw[round(1.25 * FPS)] > 0.1
    assert np.abs(found.jaw[(times < 0.8) | (times > 2.2)]).max() < 0.05  # it is anticipated
    assert np.abs(found.jaw[(times < 0.4) | (times > 2.6)]).max() < 0.005
    gone = mouths.difference(SAID, (), N, FPS)
    np.testing.assert_allclose(gone.jaw, -found.jaw, atol=1e-6)
    assert gone.opening.max() > 0.9
