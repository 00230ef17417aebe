"""The trial of fine-tuning: what is free learns, what is not stays, and both see the same."""

from ctypes.util import find_library

import pytest
import torch
from dualtalk.training.pretrained import fine_tuning
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.speech.phones import Utterance

pytestmark = pytest.mark.skipif(find_library("espeak-ng") is None, reason="no libespeak-ng")


@pytest.fixture(scope="module")
def spoken() -> tuple[Utterance, ...]:
    return (Espeak().speak("my puppy met a fabulous beaver", "en-us+f1", 160, 50, 50),)


def test_free_layers_alone_learn(spoken: tuple[Utterance, ...]) -> None:
    shipped = fine_tuning.Hearing(0).encoder.pretrained.state_dict()
    frozen, free = (
        fine_tuning.trained(spoken, n, steps=2, seed=1).encoder.pretrained.state_dict()
        for n in (0, 2)
    )
    assert all(torch.equal(frozen[name], value) for name, value in shipped.items())
    changed = {name for name, value in shipped.items() if not torch.equal(free[name], value)}
    assert {name.split(".")[1] for name in changed} == {"2", "3"}


def test_a_recording_gives_a_row_of_four(spoken: tuple[Utterance, ...]) -> None:
    row = fine_tuning.row_of(fine_tuning.Hearing(0).eval(), spoken)
    assert len(row) == 4
    assert all(" to " in cell for cell in row)
