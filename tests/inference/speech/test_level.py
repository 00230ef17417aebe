"""Speech is levelled by how loud the person speaks, whatever else is heard in the track."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dualtalk.core.conversation.dialogue import SAMPLE_RATE, Dialogue
from dualtalk.core.conversation.turns import frame_levels_db, speaking
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD
from dualtalk.core.paths import ASSETS
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.speech import level
from dualtalk.inference.two_track.predict import predict_both

CLIPS = Path(__file__).resolve().parents[4] / "shared" / "clips"


@pytest.fixture(scope="module", params=["demo", "clip"])
def tracks(request: pytest.FixtureRequest) -> np.ndarray:
    stem = ASSETS / "demo_speaker"
    paths = [Path(f"{stem}{n}.flac") for n in (1, 2)]
    if request.param == "clip":
        stem = CLIPS / "dialogue_speaker"
        paths = [Path(f"{stem}{n}.wav") for n in (1, 2)]
        if not CLIPS.exists():
            pytest.skip("needs ../shared/clips")
    tracks: np.ndarray = read_dialogue(*paths).tracks[:, : 14 * SAMPLE_RATE]
    return tracks


@pytest.fixture(scope="module")
def reference(tracks: np.ndarray) -> np.ndarray:
    return opening(Dialogue(tracks))


def by(sound: np.ndarray, level_db: float) -> np.ndarray:
    return np.float32(10 ** (level_db / 20)) * sound


def through_a_room(sound: np.ndarray, rings_s: float = 0.5) -> np.ndarray:
    """Return a voice as a microphone at the other end of a room gets it, as loud as it was."""
    n = round(rings_s * SAMPLE_RATE)
    generator = np.random.default_rng(5)
    ringing = generator.standard_normal(n) * 10 ** (-3 * np.arange(n) / n)
    ringing[64] += 20
    size = 1 << int(np.ceil(np.log2(len(sound) + n)))
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(ringing, size)
    heard = np.fft.irfft(spectrum, size)[: len(sound)]
    return (heard * np.sqrt(np.square(sound).mean() / np.square(heard).mean())).astype(np.float32)


def hiss(n: int, level_db: float) -> np.ndarray:
    return by(np.random.default_rng(3).standard_normal(n).astype(np.float32), level_db)


def levelled(first: np.ndarray, second: np.ndarray) -> Dialogue:
    dialogue = Dialogue(np.stack([first, second]))
    return level.levelled(dialogue, level.own_levels_db(dialogue.tracks))


def opening(dialogue: Dialogue) -> np.ndarray:
    """Return how open A's mouth is, (n_frames,), 0 to 1."""
    motion, _ = predict_both(dialogue, checkpoints.load(checkpoints.bundled_path()))
    opened: np.ndarray = motion.jaw[:, 0] / JAW_OPEN_RAD
    return opened - motion.expression[:, ARKIT_INDEX["mouthClose"]]


def test_ordinary_tracks_stay_as_they_are(tracks: np.ndarray) -> None:
    assert levelled(*tracks).is_levelled == (False, False)
    np.testing.assert_array_equal(levelled(*tracks).tracks, tracks)


@pytest.mark.parametrize("level_db", [-31, -46])
def test_quiet_speech_moves_lips_as_loud_speech_does(
    tracks: np.ndarray, reference: np.ndarray, level_db: float
) -> None:
    quiet = levelled(by(tracks[0], level_db), tracks[1])
    opened = opening(quiet)
    assert np.corrcoef(opened, reference)[0, 1] > 0.99
    np.testing.assert_allclose(opened.std(), reference.std(), rtol=0.03)
    assert (speaking(quiet.tracks)[0] == speaking(tracks)[0]).mean() > 0.9


def test_quiet_speech_over_quieter_bleeding_is_brought_up(
    tracks: np.ndarray, reference: np.ndarray
) -> None:
    both = tracks[0] + by(through_a_room(tracks[1]), -18)
    quiet = levelled(by(both, -32), tracks[1])
    assert np.corrcoef(opening(quiet), reference)[0, 1] > 0.95


@pytest.mark.parametrize(("level_db", "rings_s"), [(-18, 0.2), (-24, 1.2), (-37, 0.8)])
def test_bleeding_alone_moves_no_lips(tracks: np.ndarray, level_db: float, rings_s: float) -> None:
    through = by(through_a_room(tracks[1], rings_s), level_db)
    listener = levelled(through + hiss(len(through), -74), tracks[1])
    assert listener.is_levelled[0]
    assert level.loud_db(frame_levels_db(listener.tracks[0])) < -59
    assert not speaking(listener.tracks)[0].any()
    if level_db == -18:
        assert opening(listener).std() < 0.01


def test_who_is_heard_better_by_the_other_microphone_speaks(tracks: np.ndarray) -> None:
    leaking = tracks[1] + by(through_a_room(tracks[0]), -10)
    own_db, _ = level.own_levels_db(np.stack([by(tracks[0], -33), leaking]))
    assert own_db == pytest.approx(level.loud_db(frame_levels_db(tracks[0])) - 33, abs=6)


def test_who_speaks_seldom_is_levelled_by_speech_not_by_noise(tracks: np.ndarray) -> None:
    n = 60 * SAMPLE_RATE
    theirs = np.resize(tracks[1], n)
    theirs[-5 * SAMPLE_RATE :] = 0
    loudest = int(np.argmax(np.convolve(np.abs(tracks[0]), np.ones(SAMPLE_RATE), "valid")))
    word = np.resize(tracks[0][loudest:], 2 * SAMPLE_RATE)
    seldom = hiss(n, -46)
    seldom[-3 * SAMPLE_RATE : -SAMPLE_RATE] += word
    own_db, _ = level.own_levels_db(np.stack([seldom, theirs]))
    assert own_db is not None
    spoken = np.sqrt(np.square(word.reshape(-1, 640)).mean(axis=1))
    np.testing.assert_allclose(own_db, 20 * np.log10(np.percentile(spoken, 95)), atol=3)
    end = levelled(seldom, theirs)
    found = opening(replace(end, tracks=np.ascontiguousarray(end.tracks[:, -12 * SAMPLE_RATE :])))
    assert found[: -5 * 25].std() < 0.2 * found[-3 * 25 :].std()


def test_noise_alone_is_not_listened_to_as_speech(tracks: np.ndarray) -> None:
    noise = hiss(tracks.shape[1], -58)
    assert level.own_levels_db(np.stack([noise, tracks[1]]))[0] is None
    np.testing.assert_array_equal(level.raised(noise), noise)


def test_a_quiet_recording_of_both_is_brought_up(tracks: np.ndarray) -> None:
    mix = tracks.sum(axis=0)
    np.testing.assert_array_equal(level.raised(mix), mix)
    loud = level.raised(by(mix, -40))
    assert np.corrcoef(loud, mix)[0, 1] > 0.999
    assert level.loud_db(frame_levels_db(loud)) == pytest.approx(level.SPEECH_DB, abs=0.1)
