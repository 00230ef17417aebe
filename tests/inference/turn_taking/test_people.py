"""How many people there are, and who speaks when, from voices that are made up."""

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.inference.turn_taking import alternation, people
from dualtalk.inference.turn_taking.voice_features import VOICE_HOP_S, VoiceFeatures, Voices

SPREAD = np.concatenate([np.linspace(12, 1, 64), np.full(64, 0.5)])


def voices(order: list[int], seed: int = 0) -> Voices:
    """Return a voice every 0.16 s of the person whose number stands there."""
    generator = np.random.default_rng(seed)
    means = generator.standard_normal((4, 128)) * np.sqrt(SPREAD)
    places = means[order] + generator.standard_normal((len(order), 128))
    times = (np.arange(len(order)) + 0.5) * VOICE_HOP_S
    clean = np.ones(len(order), np.float32)
    return Voices(times.astype(np.float32), places.astype(np.float32), clean)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_as_many_people_are_found_as_there_are(number: int) -> None:
    order = [turn % number for turn in range(12) for _ in range(15)]
    counted = people.count(voices(order), SPREAD)
    assert counted.number == number
    assert counted.sureness > 0.5


def test_few_voices_are_one_persons_and_unsure() -> None:
    assert people.count(voices([0] * 6), SPREAD) == people.Count(1, 0.5)


def test_those_most_alike_share_a_place() -> None:
    generator = np.random.default_rng(1)
    means = generator.standard_normal((3, 128)) * np.sqrt(SPREAD)
    means[2] = 0.8 * means[1] + 0.4 * means[2]
    order = np.repeat(np.tile(np.arange(3), 4), 15)
    places = means[order] + generator.standard_normal((len(order), 128))
    heard = Voices(
        np.arange(len(order), dtype=np.float32),
        places.astype(np.float32),
        np.ones(len(order), np.float32),
    )
    both = people.told_apart(heard, SPREAD, 2)
    likeness = [[people.likeness(mean, one, SPREAD) for one in means] for mean in both.means]
    alone = int(np.argmax([row[0] for row in likeness]))
    assert likeness[alone][0] > 0.8
    assert min(likeness[1 - alone][1:]) > 0.7


def test_one_persons_voices_are_split_when_two_are_asked_for() -> None:
    both = people.told_apart(voices([0] * 80), SPREAD, 2)
    assert both.means.shape == (2, 128)


def test_turns_follow_the_voices_and_overlap_the_counts() -> None:
    order = [0] * 20 + [1] * 20 + [0] * 20
    short = voices(order)
    n_frames = round(len(order) * VOICE_HOP_S * 25)
    counts = np.tile(np.array([0.02, 0.96, 0.02], np.float32), (n_frames, 1))
    counts[30:40] = (0.0, 0.1, 0.9)
    heard = VoiceFeatures(counts, short, short)
    both = people.told_apart(short, SPREAD, 2)
    likely = 1 - counts[:, 0]
    active = alternation.alternated(heard, both, likely) > 0.5
    assert active[:, 32:38].all()
    first = active if active[0, 0] else active[::-1]
    assert first[0, 45:75].mean() > 0.95
    assert first[1, 85:155].mean() > 0.95
    assert not first[0, 85:155].any()


def test_silence_inside_speech_is_a_pause() -> None:
    generator = np.random.default_rng(2)
    sound = (0.1 * generator.standard_normal(4 * SAMPLE_RATE)).astype(np.float32)
    sound[SAMPLE_RATE : 2 * SAMPLE_RATE] *= 1e-3
    counts = np.tile(np.array([0.0, 1.0, 0.0], np.float32), (100, 1))
    likely = alternation.speech(VoiceFeatures(counts, voices([0]), voices([0])), sound)
    assert not (likely[27:48] > 0.5).any()
    assert (likely[:24] > 0.5).all()
    assert (likely[52:] > 0.5).all()
