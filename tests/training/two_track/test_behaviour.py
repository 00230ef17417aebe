"""Behaviour is a function of its noise, and its rates lie in the ranges of the sources."""

import numpy as np
import pytest
from dualtalk.core.motion import Motion
from dualtalk.inference.noise import draw
from dualtalk.training.two_track import behaviour
from dualtalk.training.two_track.evaluation import measure

MINUTES = 4


def turns(n_frames: int) -> np.ndarray:
    """Return who speaks: 4 s each in turn, (2, n_frames)."""
    first = (np.arange(n_frames) // 100 % 2 == 0).astype(np.float32)
    return np.stack([first, 1 - first])


def performed(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a motion (n_frames, 52) and who speaks."""
    n = MINUTES * 60 * 25
    active, noise = turns(n), draw(n, behaviour.N_NOISE, seed)
    cues = np.zeros(n, np.float32)
    cues[::83] = active[1, ::83]  # as often as in made-up dialogues, some 18 in a minute of speech
    context = behaviour.Context(active[0], active[1], active[0], cues)
    rest = np.zeros((n, 40), np.float32)
    jaw = np.zeros((n, 3), np.float32)
    return behaviour.behave(context, rest, jaw, noise[0], noise[1]), active


@pytest.fixture(scope="module")
def performance() -> tuple[Motion, np.ndarray]:
    values, active = performed(3)
    eyes = values[:, 46:].reshape(-1, 2, 3)
    return Motion.from_arrays(
        values[:, :40], values[:, 40:43], values[:, 43:46], eyes
    ), active > 0.5


def test_rates_are_human(performance: tuple[Motion, np.ndarray]) -> None:
    motion, active = performance
    assert 12 < measure.blinks_per_minute(motion) < 30
    assert 0.6 < measure.gaze_on_share(motion, active[1]) < 0.9
    assert 0.25 < measure.gaze_on_share(motion, active[0]) < 0.6
    ratio = measure.head_speed(motion, active[0]) / measure.head_speed(motion, active[1])
    assert 1.5 < ratio < 3.0


def test_listeners_nod_more_than_speakers_swing_at_random(
    performance: tuple[Motion, np.ndarray],
) -> None:
    motion, active = performance
    assert 4 < measure.nods_per_minute(motion, active[1]) < 20


def test_low_pitch_of_the_partner_is_answered_with_a_nod() -> None:
    n = 60 * 25
    listening = np.zeros(n, np.float32)
    cues = np.zeros(n, np.float32)
    cues[50::100] = 1  # every four seconds
    noise, rest, jaw = draw(n, behaviour.N_NOISE, 4), np.zeros((n, 40)), np.zeros((n, 3))
    swings = []
    for invited in (cues, np.zeros_like(cues)):
        context = behaviour.Context(listening, 1 - listening, listening, invited)
        pitch = behaviour.behave(context, rest, jaw, noise[0], noise[1])[:, 43]
        swings.append(np.abs(np.diff(pitch)).reshape(-1)[:1400].reshape(14, 100))
    answered, uninvited = (s.mean(axis=0) for s in swings)
    # Frames 54 to 79 are 0.16 to 1.16 s after the invitation.
    assert answered[54:79].mean() > 2 * uninvited[54:79].mean()
    assert answered[:45].mean() < 1.3 * uninvited[:45].mean()


def test_the_same_noise_gives_the_same_face_and_another_seed_another() -> None:
    first, again, other = performed(1)[0], performed(1)[0], performed(2)[0]
    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.005
    assert np.array_equal(first[:, 40:43], other[:, 40:43])
