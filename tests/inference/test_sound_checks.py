"""Sounds that cannot work are named: made of the demo, and of a real conversation if there."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.core.conversation.dialogue import SAMPLE_RATE, Dialogue
from dualtalk.core.paths import ASSETS
from dualtalk.inference import sound_checks
from dualtalk.inference.audio import read_dialogue, read_track
from dualtalk.inference.speech import level
from dualtalk.training.turns import music

CLIPS = Path(__file__).resolve().parents[3] / "shared" / "clips"


@pytest.fixture(scope="module", params=["demo", "clip"])
def tracks(request: pytest.FixtureRequest) -> np.ndarray:
    if request.param == "demo":
        return read_dialogue(ASSETS / "demo_speaker1.flac", ASSETS / "demo_speaker2.flac").tracks
    if not CLIPS.exists():
        pytest.skip("needs ../shared/clips")
    stem = CLIPS / "dialogue_speaker"
    return read_dialogue(Path(f"{stem}1.wav"), Path(f"{stem}2.wav")).tracks


def notes_on(tracks: np.ndarray) -> tuple[str, ...]:
    return sound_checks.checked(Dialogue(np.ascontiguousarray(tracks))).notes


def room(track: np.ndarray, delay_s: float = 0.004) -> np.ndarray:
    """Return a track as another microphone gets it: later and duller."""
    n = round(delay_s * SAMPLE_RATE)
    late = np.concatenate([np.zeros(n, np.float32), track[:-n]])
    return np.convolve(late, np.ones(3) / 3, "same").astype(np.float32)


def test_good_tracks_are_passed_over(tracks: np.ndarray) -> None:
    assert notes_on(tracks) == ()


def test_the_same_sound_twice_is_named(tracks: np.ndarray) -> None:
    mix = tracks.sum(axis=0)
    (note,) = notes_on(np.stack([mix, 0.7 * mix]))
    assert "same sound" in note
    assert "One Mixed Recording" in note
    (note,) = notes_on(np.stack([mix, -mix]))
    assert "turned over" in note


@pytest.mark.parametrize("level_db", [-4, -10, -13])
def test_bleeding_is_named_with_its_level(tracks: np.ndarray, level_db: float) -> None:
    gain = 10 ** (level_db / 20)
    both = tracks + np.float32(gain) * tracks[::-1]
    notes = notes_on(both)
    assert "A's voice is in B's track" in notes[0]
    assert "B's voice is in A's track" in notes[1]
    assert sound_checks.bleed_db(*both) == pytest.approx(level_db, abs=1.5)


def test_bleeding_through_a_room_is_measured(tracks: np.ndarray) -> None:
    gain = np.float32(10 ** (-12 / 20))
    both = np.stack([tracks[0] + gain * room(tracks[1]), tracks[1] + gain * room(tracks[0])])
    assert sound_checks.bleed_db(*both) == pytest.approx(-12.5, abs=1.5)


@pytest.mark.parametrize("level_db", [-20, -30])
def test_a_little_bleeding_is_passed_over(tracks: np.ndarray, level_db: float) -> None:
    gain = np.float32(10 ** (level_db / 20))
    assert notes_on(tracks + gain * tracks[::-1]) == ()


def test_a_quiet_track_and_a_silent_one_are_named(tracks: np.ndarray) -> None:
    quiet = tracks * np.array([[1e-3], [1]], np.float32)
    (note,) = notes_on(quiet)
    assert note.startswith("A's track is very quiet (-")
    (note,) = notes_on(np.stack([tracks[0], np.zeros_like(tracks[1])]))
    assert note == "B's track is silent: that head only listens."


@pytest.mark.parametrize("kind", ["music", "noise", "hum"])
def test_music_and_noise_alone_are_named(tracks: np.ndarray, kind: str) -> None:
    generator = np.random.default_rng(0)
    n = tracks.shape[1]
    t = np.arange(n) / SAMPLE_RATE
    sound = {
        "music": lambda: music.made(n, generator),
        "noise": lambda: 0.03 * generator.standard_normal(n),
        "hum": lambda: 0.05 * np.sin(2 * np.pi * 50 * t) + 0.03 * np.sin(2 * np.pi * 150 * t),
    }[kind]()
    (note,) = notes_on(np.stack([tracks[0], sound.astype(np.float32)]))
    assert "No speech is heard in B's track" in note


def test_speech_over_music_is_speech(tracks: np.ndarray) -> None:
    played = 0.3 * music.made(tracks.shape[1], np.random.default_rng(1))
    assert level.has_speech(tracks[0] + played)


def test_channels_of_opposite_phase_do_not_cancel(tracks: np.ndarray, tmp_path: Path) -> None:
    path, other = tmp_path / "anna.wav", tmp_path / "ben.wav"
    soundfile.write(path, np.stack([tracks[0], -tracks[0]], axis=1), SAMPLE_RATE, "FLOAT")
    soundfile.write(other, tracks[1], SAMPLE_RATE, "FLOAT")
    np.testing.assert_allclose(read_track(path), tracks[0], atol=1e-6)
    (note,) = sound_checks.read_checked(path, other).notes
    assert "anna.wav are of opposite phase" in note
    track, notes = sound_checks.read_checked_track(path)
    np.testing.assert_allclose(track, tracks[0], atol=1e-6)
    assert notes == (note,)


def test_a_quiet_recording_is_named(tracks: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, 1e-3 * tracks.sum(axis=0), SAMPLE_RATE, "FLOAT")
    _, (note,) = sound_checks.read_checked_track(path)
    assert note.startswith("The recording is very quiet")


def test_a_moment_of_sound_is_checked(tracks: np.ndarray) -> None:
    for n in (1, 160, 2000):
        notes_on(tracks[:, :n])


def test_a_track_that_holds_the_other_alone_is_named(tracks: np.ndarray) -> None:
    through = np.float32(10 ** (-20 / 20)) * room(tracks[0])
    (note,) = notes_on(np.stack([tracks[0], through]))
    assert note.startswith("In B's track only A's voice is heard")


def test_bleeding_is_measured_by_how_loud_each_speaks(tracks: np.ndarray) -> None:
    clean = np.float32(10 ** (-30 / 20)) * tracks[0]
    leaking = tracks[1] + np.float32(10 ** (-12 / 20)) * room(tracks[0])
    (note,) = notes_on(np.stack([clean, leaking]))
    assert "A's voice is in B's track too" in note


@pytest.mark.parametrize("level_db", [-33])
def test_quiet_english_is_not_another_language(tracks: np.ndarray, level_db: float) -> None:
    assert notes_on(np.float32(10 ** (level_db / 20)) * tracks) == ()


def test_who_says_little_is_not_silent(tracks: np.ndarray) -> None:
    loud = tracks[0].copy()
    seldom = np.zeros((2, 60 * SAMPLE_RATE), np.float32)
    seldom[1, : tracks.shape[1]] = tracks[1][: 60 * SAMPLE_RATE]
    best = int(np.argmax(np.convolve(np.abs(loud), np.ones(SAMPLE_RATE), "valid")))
    seldom[0, -3 * SAMPLE_RATE : -SAMPLE_RATE] = np.resize(loud[best:], 2 * SAMPLE_RATE)
    assert not any("A's track" in note for note in notes_on(seldom))
