"""What the threshold of speaking at once is chosen on."""

from pathlib import Path

import numpy as np
import pytest
from dualtalk.training import held_out
from dualtalk.training.turns import choose, conversations

SHARED = Path(__file__).resolve().parents[3].parent / "shared"


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_nobody_is_chosen_on_who_is_held_out() -> None:
    chosen = {one.name for one in choose.meetings(SHARED)}
    apart = {one.name for one in conversations.stretches(SHARED)} - chosen
    assert chosen
    assert {name.split(",")[0] for name in apart} == set(held_out.CONVERSATIONS)


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_mixtures_are_the_same_each_time() -> None:
    first, again = (choose.mixed(SHARED / "speech", 2) for _ in range(2))
    assert first[0].active.shape[0] == 2
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.sound, other.sound)
