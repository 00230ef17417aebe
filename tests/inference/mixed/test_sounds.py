"""Recordings that are no talk of two: three voices, one, music, silence; each is said and moves."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk import cli
from dualtalk.core.conversation.dialogue import SAMPLE_RATE, Dialogue, n_frames_of
from dualtalk.core.conversation.turns import speaking
from dualtalk.core.motion import Motion
from dualtalk.inference.audio import read_dialogue

ASSETS = Path(__file__).resolve().parents[3] / "assets"
SPEECH = ASSETS.parent / ".." / "shared" / "speech"
_S = SAMPLE_RATE
#: A jaw that opens less than this is closed to the eye: 2 degrees.
CLOSED_RAD = 0.035


@pytest.fixture(scope="module")
def demo() -> Dialogue:
    return read_dialogue(ASSETS / "demo_speaker1.flac", ASSETS / "demo_speaker2.flac")


def predicted(sound: np.ndarray, folder: Path) -> list[Motion]:
    """Run the command on a recording and read both motions."""
    recording = folder / "recording.wav"
    soundfile.write(recording, sound, _S)
    assert cli.main(["predict", "--mixed", str(recording), "--output", str(folder / "out")]) == 0
    motions = [Motion.load(path) for path in sorted(folder.glob("out_*.npz"))]
    assert [motion.n_frames for motion in motions] == [n_frames_of(len(sound))] * 2
    for motion in motions:
        assert np.isfinite(motion.expression).all()
        assert 0 <= motion.expression.min() <= motion.expression.max() <= 1
        assert np.degrees(np.abs(motion.head).max()) < 60
        assert np.degrees(motion.head.std(axis=0).max()) > 0.1  # alive
    return motions


def openness(motion: Motion) -> float:
    """Return how far the jaw opens, all but the rarest moments, radians."""
    return float(np.percentile(motion.jaw[:, 0], 95))


def chords(seconds: int) -> np.ndarray:
    """Return broken chords of plucked strings (Karplus & Strong 1983)."""
    rng, notes = np.random.default_rng(0), []
    for index in range(4 * seconds):
        period = int(_S / (110 * 2 ** ((0, 4, 7, 12)[index % 4] / 12)))
        ring = rng.uniform(-1, 1, period)
        note = np.empty(_S // 4)
        for sample in range(len(note)):
            at = sample % period
            note[sample] = ring[at]
            ring[at] = 0.498 * (ring[at] + ring[(at + 1) % period])
        notes.append(0.1 * note)
    return np.concatenate(notes).astype(np.float32)


@pytest.mark.parametrize("sound", ["silence", "hiss", "music"])
def test_where_nobody_speaks_both_only_listen(
    sound: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {
        "silence": np.zeros(12 * _S, np.float32),
        "hiss": 0.01 * np.random.default_rng(1).standard_normal(12 * _S).astype(np.float32),
        "music": chords(12),
    }[sound]
    for motion in predicted(made, tmp_path):
        assert openness(motion) < CLOSED_RAD
    assert "No speech was found in the recording: both only listen." in capsys.readouterr().err


def test_one_person_alone_speaks_and_the_other_listens(
    demo: Dialogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    active = speaking(demo.tracks)[0]
    track = demo.tracks[0]
    alone = track[np.repeat(active, 640)[: len(track)]][: 12 * _S]
    speaker, listener = predicted(alone, tmp_path)
    assert "Only one voice was found" in capsys.readouterr().err
    assert openness(speaker) > 2 * CLOSED_RAD
    assert openness(listener) < CLOSED_RAD


@pytest.mark.skipif(not SPEECH.is_dir(), reason="needs ../shared/speech, voices of 251 people")
def test_three_people_are_said_and_share_two_heads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [SPEECH / f"{name}.flac" for name in VOICES]
    sounds = [soundfile.read(path, dtype="float32")[0][: 8 * _S] for path in people]
    talk = np.concatenate([part for start in (0, 4) for part in _parts(sounds, start)])
    motions = predicted(talk, tmp_path)
    assert "Three or more voices were found" in capsys.readouterr().err
    jaws = np.stack([motion.jaw[:, 0] for motion in motions])
    spoken = [jaws[:, index * 100 : (index + 1) * 100].std(axis=1).max() for index in range(6)]
    assert min(spoken) > CLOSED_RAD / 3  # somebody's lips say every word


VOICES = ("103-1240-0000", "1034-121119-0000", "1040-133433-0000")


def _parts(sounds: list[np.ndarray], start: int) -> list[np.ndarray]:
    return [sound[start * _S : (start + 4) * _S] for sound in sounds]
