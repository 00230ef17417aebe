"""Who speaks when in one mixed recording, by the bundled network on the bundled voices."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from dualtalk import cli
from dualtalk.core.dialogue import SAMPLE_RATE, Dialogue
from dualtalk.core.errors import CancelledError, CheckpointError, InputError
from dualtalk.core.turns import Turns, speaking
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.networks.compact_audio import CompactAudioConfig
from dualtalk.inference.networks.turns import TurnConfig, TurnNetwork
from dualtalk.inference.turn_taking import finding
from dualtalk.inference.turn_taking.finding import find_turns

ASSETS = Path(__file__).resolve().parents[3] / "assets"


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """`find_turns` chooses how many threads work; others get theirs back."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def demo() -> Dialogue:
    return read_dialogue(ASSETS / "demo_speaker1.flac", ASSETS / "demo_speaker2.flac")


@pytest.fixture(scope="module")
def mix(demo: Dialogue) -> np.ndarray:
    return demo.tracks.sum(axis=0)


@pytest.fixture(scope="module")
def turns(mix: np.ndarray) -> Turns:
    return find_turns(mix)


def agreement(found: Turns, truth: np.ndarray) -> float:
    n = min(found.active.shape[1], truth.shape[1])
    return float((found.active[:, :n] == truth[:, :n]).mean())


def speaking_alone(demo: Dialogue, who: int, seconds: float) -> np.ndarray:
    active = speaking(demo.tracks)[who]
    track = demo.tracks[who]
    return track[np.repeat(active, 640)[: len(track)]][: round(seconds * SAMPLE_RATE)]


def test_both_speakers_of_the_demo_are_found(demo: Dialogue, turns: Turns) -> None:
    truth = speaking(demo.tracks)
    first = truth if truth[0].argmax() <= truth[1].argmax() else truth[::-1]
    assert agreement(turns, first) > 0.92
    assert turns.notes == ()
    assert turns.probability.dtype == np.float32


def test_a_few_seconds_of_one_voice_say_who_is_a(demo: Dialogue, mix: np.ndarray) -> None:
    truth = speaking(demo.tracks)
    for who, expected in ((0, truth), (1, truth[::-1])):
        assert agreement(find_turns(mix, speaking_alone(demo, who, 3)), expected) > 0.92


def test_the_same_recording_gives_the_same_turns(mix: np.ndarray, turns: Turns) -> None:
    np.testing.assert_array_equal(find_turns(mix).probability, turns.probability)


def test_pieces_of_a_long_recording_join_without_a_seam(
    mix: np.ndarray, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_PIECE_FRAMES", 175)
    np.testing.assert_allclose(find_turns(mix).probability, turns.probability, atol=1e-4)


def test_silence_is_said(mix: np.ndarray) -> None:
    found = find_turns(np.zeros(5 * SAMPLE_RATE, np.float32))
    assert not found.active.any()
    assert "No speech" in found.notes[0]


def test_noise_is_not_speech() -> None:
    generator = np.random.default_rng(0)
    found = find_turns((0.05 * generator.standard_normal(5 * SAMPLE_RATE)).astype(np.float32))
    assert found.active.mean() < 0.02


def test_speech_that_neither_is_surely_said_to_speak_goes_to_the_likelier() -> None:
    probability = torch.tensor([[0.3, 0.3, 0.1, 0.9], [0.1, 0.4, 0.2, 0.1]])
    speech = torch.tensor([0.95, 0.92, 0.5, 0.99])
    covered = finding._covered(probability, speech)
    expected = torch.tensor([[0.95, 0.3, 0.1, 0.9], [0.1, 0.92, 0.2, 0.1]])
    torch.testing.assert_close(covered, expected)


def test_one_voice_alone_is_said_and_moves_one_head(demo: Dialogue) -> None:
    found = find_turns(speaking_alone(demo, 0, 12))
    assert "Only one voice" in found.notes[0]
    assert found.active[0].mean() > 0.8
    assert not found.active[1].any()


def test_a_known_voice_that_is_not_heard_listens(demo: Dialogue) -> None:
    found = find_turns(speaking_alone(demo, 1, 12), speaking_alone(demo, 0, 4))
    assert not found.active[0].any()
    assert found.active[1].mean() > 0.8


def test_a_voice_clip_without_speech_is_refused(mix: np.ndarray) -> None:
    with pytest.raises(InputError, match="clip of A's voice"):
        find_turns(mix, np.zeros(SAMPLE_RATE, np.float32))


def test_no_sound_is_refused() -> None:
    with pytest.raises(InputError, match="holds no sound"):
        find_turns(np.zeros(0, np.float32))


def test_it_can_be_cancelled(mix: np.ndarray) -> None:
    def cancel(fraction: float, message: str) -> None:
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        find_turns(mix, report=cancel)


def test_a_network_is_read_as_it_was_written(tmp_path: Path) -> None:
    audio = CompactAudioConfig(hidden_size=16, dilations=(1, 2))
    network = TurnNetwork(TurnConfig(audio, voice_size=8, person_size=16)).eval()
    checkpoints.save(tmp_path / "small.safetensors", network, is_half=True)
    again = checkpoints.load(tmp_path / "small.safetensors", TurnNetwork).network
    assert again.config == network.config
    for key, value in again.state_dict().items():
        torch.testing.assert_close(value, network.state_dict()[key].half().float())


def test_another_network_is_refused() -> None:
    with pytest.raises(CheckpointError, match="who speaks when"):
        checkpoints.load(ASSETS / "dualtalk.safetensors", TurnNetwork)


def test_the_command_prints_and_writes_who_speaks(
    mix: np.ndarray, turns: Turns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "my talk.wav"
    soundfile.write(sound, mix, SAMPLE_RATE, "FLOAT")
    assert cli.main(["turns", str(sound), "--rttm", str(tmp_path / "out" / "talk.rttm")]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(turns.utterances())
    lines = (tmp_path / "out" / "talk.rttm").read_text("utf-8").splitlines()
    first = turns.utterances()[0]
    length = first.end_s - first.start_s
    assert lines[0] == (f"SPEAKER my_talk 1 {first.start_s:.3f} {length:.3f} <NA> <NA> A <NA> <NA>")
    assert cli.main(["turns", str(sound), "--json"]) == 0
    spoken = json.loads(capsys.readouterr().out)
    assert [one["speaker"] for one in spoken["utterances"]] == [
        one.speaker for one in turns.utterances()
    ]


def test_the_command_fails_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["turns", str(tmp_path / "none.wav")]) != 0
    assert "none.wav" in capsys.readouterr().err
