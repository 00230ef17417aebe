"""Who speaks when follows the energy of each track; turns that were found become utterances."""

import numpy as np
import pytest
from dualtalk.core.conversation.turns import Stretch, Turns, Utterance, spans, speaking, stretch_of
from dualtalk.core.errors import InputError


def noise(seconds: float, level: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal(round(seconds * 16_000))).astype(np.float32)


def test_each_speaks_where_their_track_is_loud() -> None:
    tracks = np.stack([noise(4, 0.001, 0), noise(4, 0.001, 1)])
    tracks[0, 16_000:32_000] += noise(1, 0.1, 2)
    tracks[1, 40_000:56_000] += noise(1, 0.1, 3)
    active = speaking(tracks)
    assert spans(active[0]) == [(25, 50)]
    assert spans(active[1]) == [(62, 88)]


def test_a_short_gap_stays_inside_the_utterance() -> None:
    tracks = np.stack([noise(4, 0.001, 0), noise(4, 0.001, 1)])
    tracks[0, 16_000:32_000] += noise(1, 0.1, 2)
    tracks[0, 22_400:25_600] = 0
    assert spans(speaking(tracks)[0]) == [(25, 50)]


def test_the_partner_heard_through_the_own_microphone_is_not_speech() -> None:
    voice = noise(1, 0.1, 2)
    tracks = np.stack([noise(4, 0.0001, 0), noise(4, 0.0001, 1)])
    tracks[0, 16_000:32_000] += voice
    tracks[1, 16_000:32_000] += 0.05 * voice
    active = speaking(tracks)
    assert active[0].sum() == 25
    assert not active[1].any()


def test_silence_is_nobody() -> None:
    assert not speaking(np.zeros((2, 16_000), np.float32)).any()


def test_turns_become_utterances_in_the_order_of_time_and_can_be_swapped() -> None:
    probability = np.zeros((2, 100), np.float32)
    probability[0, 10:35] = 0.9
    probability[0, 38:50] = 0.8  # a breath lies between
    probability[1, 45:75] = 0.7
    turns = Turns(probability)
    assert turns.utterances() == [Utterance("A", 0.4, 2.0), Utterance("B", 1.8, 3.0)]
    assert [one.speaker for one in turns.swapped().utterances()] == ["B", "A"]
    np.testing.assert_array_equal(turns.swapped().swapped().probability, probability)


def test_turns_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=r"\(2, n_frames\), not \(3, 7\)"):
        Turns(np.zeros((3, 7), np.float32))


def test_a_stretch_is_read_from_seconds() -> None:
    assert stretch_of("12.5-15") == Stretch(12.5, 15.0)
    assert stretch_of(" 0 - 3 ") == Stretch(0.0, 3.0)
    assert stretch_of("anna.wav") is None
    assert stretch_of("take-2.wav") is None
    with pytest.raises(InputError, match="ends before it begins"):
        stretch_of("3-3")


def test_the_number_of_voices_is_said_with_how_sure_it_is() -> None:
    nobody = np.zeros((2, 3), np.float32)
    assert Turns(nobody).summary == ""
    assert Turns(nobody, (), 1, 1.0).summary == "One voice (sure)"
    assert Turns(nobody, (), 2, 0.6).summary == "Two voices (likely)"
    assert Turns(nobody, (), 4, 0.4).summary == "4 voices or more (unsure)"
    assert Turns(nobody, (), 2, 1.0).swapped().n_voices == 2
