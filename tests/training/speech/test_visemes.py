"""Labels: bilabials close, vowels open, silence rests, closures survive the low frame rate."""

import numpy as np
import pytest
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.training.speech import visemes
from dualtalk.training.speech.phones import PHONES, Utterance, make_utterance


def say(*phones: tuple[str, float]) -> Utterance:
    """Return a silent recording in which each phone takes so many seconds."""
    ends = np.cumsum([seconds for _, seconds in phones])
    sound = np.zeros(round(ends[-1] * 16_000), np.float32)
    return make_utterance(sound, [p for p, _ in phones], np.append(0.0, ends[:-1]), ends, "none")


def motion_of(utterance: Utterance) -> tuple[np.ndarray, np.ndarray]:
    n = len(utterance.sound) // 640
    return visemes.mouth(visemes.at_motion_rate(visemes.articulators(utterance), n))


@pytest.mark.parametrize("bilabial", ["P", "B", "M"])
@pytest.mark.parametrize("seconds", [0.05, 0.09])
def test_lips_meet_at_a_bilabial(bilabial: str, seconds: float) -> None:
    shapes, jaw = motion_of(say(("AA", 0.3), (bilabial, seconds), ("AE", 0.3)))
    aperture = visemes.lip_aperture(shapes, jaw)
    assert aperture[6:11].min() < 0.03
    assert aperture[3:5].max() > 0.3


def test_the_lower_lip_reaches_the_teeth_at_f() -> None:
    shapes, _ = motion_of(say(("AA", 0.3), ("F", 0.12), ("AA", 0.3)))
    roll = shapes[:, ARKIT_INDEX["mouthRollLower"]]
    assert roll[8:10].min() > 0.4
    assert roll[2] < 0.1


def test_rounded_vowels_round_and_spread_vowels_spread() -> None:
    rounded, _ = motion_of(say(("UW", 0.4)))
    spread, _ = motion_of(say(("IY", 0.4)))
    pucker, stretch = ARKIT_INDEX["mouthPucker"], ARKIT_INDEX["mouthStretchLeft"]
    assert rounded[5, pucker] > 0.4 > spread[5, pucker]
    assert spread[5, stretch] > 0.2 > rounded[5, stretch]


def test_silence_rests_closed_and_the_jaw_stays_within_ordinary_speech() -> None:
    shapes, jaw = motion_of(say(("AA", 0.4), ("SIL", 1.0)))
    assert visemes.lip_aperture(shapes, jaw)[-8:].max() < 0.01
    assert 0.12 < jaw[:, 0].max() < 0.6 * JAW_OPEN_RAD


def test_rounding_is_anticipated() -> None:
    shapes, _ = motion_of(say(("T", 0.1), ("T", 0.1), ("UW", 0.3)))
    plain, _ = motion_of(say(("T", 0.1), ("T", 0.1), ("AH", 0.3)))
    pucker = ARKIT_INDEX["mouthPucker"]
    assert shapes[3, pucker] > plain[3, pucker] + 0.1


def test_every_phone_has_a_viseme() -> None:
    for phone in PHONES:
        shapes, jaw = motion_of(say((phone, 0.2)))
        assert np.isfinite(shapes).all()
        assert np.isfinite(jaw).all()


def test_phones_of_one_name_share_its_time() -> None:
    utterance = make_utterance(
        np.zeros(1600, np.float32), ["AA R"], np.array([0.0]), np.array([0.1]), "none"
    )
    assert [PHONES[p] for p in utterance.phones] == ["AA", "R"]
    assert list(utterance.starts) == [0, 800]
    assert list(utterance.at_rate(50, 5)) == [utterance.phones[0]] * 2 + [utterance.phones[1]] * 3
