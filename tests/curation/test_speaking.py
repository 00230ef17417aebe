"""A voice is given to the face whose lips move as it asks."""

import numpy as np
import pytest
from dualtalk.core.conversation.turns import Turns
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_INDEX
from dualtalk.curation import speaking
from dualtalk.curation.speaking import assigned, evidence, width
from dualtalk.inference import checkpoints

_HEARD = np.ones(100, bool)


def _course(seed: int, n_frames: int = 100) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    rough = np.random.default_rng(seed).normal(size=(n_frames, 2))
    return np.asarray(gaussian_filter1d(rough, 1.5, axis=0)) * 0.3


def _noise(seed: int) -> np.ndarray:
    return 0.02 * np.random.default_rng(seed).normal(size=(100, 2))


def test_the_mouth_that_moves_as_expected_speaks() -> None:
    expected = _course(1)
    late = np.roll(expected, 2, axis=0) + _noise(3)
    first, second = evidence(expected, np.stack([late, _course(2)]), _HEARD)
    assert first > second + 0.5


def test_the_width_of_a_mouth_tells_where_its_opening_does_not() -> None:
    expected, shared = _course(1), _course(4)[:, 0]
    right = np.stack([shared, expected[:, 1]], axis=1) + _noise(3)
    wrong = np.stack([shared, _course(2)[:, 1]], axis=1) + _noise(5)
    first, second = evidence(expected, np.stack([wrong, right]), _HEARD)
    assert second > first + 0.3


def test_a_change_of_posture_does_not_hide_who_speaks() -> None:
    expected = _course(1)
    drift = np.linspace(0, 3, 100)[:, None]
    both = np.stack([_course(2) + drift, expected - drift])
    first, second = evidence(expected + 0.3 * drift, both, _HEARD)
    assert second > first + 0.5


def test_a_still_mouth_does_not_speak() -> None:
    expected = _course(1)
    moving = expected + 0.5 * _course(5)
    first, second = evidence(expected, np.stack([moving, _noise(4)]), _HEARD)
    assert first > second


def test_what_is_too_short_is_not_judged() -> None:
    heard = np.zeros(100, bool)
    heard[:5] = True
    assert not evidence(_course(1), np.stack([_course(1), _course(2)]), heard).any()


def test_rounded_lips_are_narrow() -> None:
    face = np.zeros((2, 40))
    face[1, ARKIT_INDEX["mouthPucker"]] = 1
    narrow = width(Motion.from_arrays(face))
    assert narrow[1] < narrow[0]


def test_two_voices_are_of_two_people_unless_the_mouths_say_otherwise() -> None:
    one_mouth_moves = np.array([[3.3, -0.1], [3.4, 0.1]])
    assert assigned(one_mouth_moves, 1.5) == ((0, 0), pytest.approx(1.8))
    assert assigned(one_mouth_moves[:, ::-1], 1.5)[0] == (1, 1)
    hardly_better = np.array([[2.7, 0.2], [1.5, 1.2]])
    assert assigned(hardly_better, 1.5)[0] == (0, 1)
    assert assigned(hardly_better[:, ::-1], 0.5)[0] == (1, 0)


def test_in_a_monologue_one_speaks_and_the_other_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The turn network is asked for two people, and calls each half of a monologue another's."""
    n_frames = 200
    halves = np.zeros((2, n_frames), np.float32)
    halves[0, :100] = halves[1, 100:] = 1
    asked: list[int | None] = []

    def found(sound: np.ndarray, n_people: int | None = None) -> Turns:
        asked.append(n_people)
        return Turns(halves, n_voices=n_people or 1)

    expected = _course(1, n_frames)
    monkeypatch.setattr(speaking, "find_turns", found)
    monkeypatch.setattr(speaking, "expected_mouth", lambda *_: expected)
    mouths = np.stack([0.02 * _course(6, n_frames), expected + 0.05 * _course(5, n_frames)])
    spoken = speaking.who_speaks(np.zeros(n_frames * 640, np.float32), mouths)
    assert asked == [None, 2]
    assert not spoken.turns.probability[0].any()
    assert spoken.turns.probability[1].all()
    assert spoken.margin > 1


def test_a_worker_keeps_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time is in memory while a clip is listened to, and none when that is done."""
    kept: list[int] = []

    def found(sound: np.ndarray, n_people: int | None = None) -> Turns:
        kept.append(checkpoints._loaded.cache_info().currsize)
        return Turns(np.ones((2, 50), np.float32), n_voices=2)

    def expected(*_: object) -> np.ndarray:
        kept.append(checkpoints._loaded.cache_info().currsize)
        return _course(1, 50)

    checkpoints.forget()
    monkeypatch.setattr(speaking, "find_turns", found)
    monkeypatch.setattr(speaking, "expected_mouth", expected)
    mouths = np.stack([_course(6, 50), _course(5, 50)])
    speaking.who_speaks(np.zeros(50 * 640, np.float32), mouths)
    assert [*kept, checkpoints._loaded.cache_info().currsize] == [1, 0, 0]
