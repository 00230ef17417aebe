"""Factors over time keep to few points; moods name shapes that exist."""

import numpy as np
import pytest
from dualtalk.core.acting.gain import Gain, product
from dualtalk.core.acting.moods import FACES, MOODS, added, shapes, stem_of, taken
from dualtalk.core.names import ARKIT_SHAPES


def test_few_points_come_close_to_a_curve() -> None:
    frames = np.arange(500.0)
    values = 1 + 0.5 * np.sin(frames / 40)
    gain = Gain.through(frames, values)
    assert len(gain.frames) < 100
    assert np.abs(gain.at(frames) - values).max() <= 0.0051


def test_a_factor_that_stays_is_one_number() -> None:
    assert Gain.through(np.arange(9.0), np.full(9, 0.5)) == Gain.constant(0.5)
    assert product([Gain.constant(0.5), Gain.constant(0.5)]) == Gain.constant(0.25)
    assert Gain.constant(1.0).is_plain


def test_a_product_of_two_ramps_is_followed() -> None:
    ramp = Gain((0.0, 100.0), (0.0, 2.0))
    found = product([ramp, ramp]).at(np.array([50.0, 100.0]))
    assert found == pytest.approx([1.0, 4.0], abs=0.01)


def test_moods_move_shapes_that_there_are() -> None:
    assert set(shapes()) <= set(ARKIT_SHAPES)
    stems = {stem_of(shape) for shape in shapes()}
    for mood in MOODS:
        named = {stem_of(name) for name in (*FACES[mood].shapes, *FACES[mood].takes)}
        assert named <= stems
        assert any(added(mood, s) or taken(mood, s) for s in shapes())
