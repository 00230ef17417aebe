"""Only what changed turns touch is performed anew."""

import numpy as np
from dualtalk.core.edits.changed_turns import ranges


def test_a_longer_turn_touches_its_new_part_and_a_reaction() -> None:
    before = np.zeros((2, 500), np.bool_)
    before[0, 100:200] = True
    after = before.copy()
    after[0, 200:230] = True
    assert ranges(before, after) == [(185, 245)]


def test_edges_of_a_frame_or_two_are_no_change() -> None:
    before = np.zeros((2, 300), np.bool_)
    before[1, 50:150] = True
    after = np.zeros((2, 200), np.bool_)  # strips end with the last turn
    after[1, 51:152] = True
    assert ranges(before, after) == []


def test_a_turn_that_went_to_the_other_is_one_range() -> None:
    before = np.zeros((2, 300), np.bool_)
    before[0, 100:150] = True
    assert ranges(before, before[::-1].copy()) == [(85, 165)]
