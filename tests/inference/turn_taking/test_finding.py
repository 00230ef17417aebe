"""Who speaks when in one mixed recording, by the bundled network on the bundled voices."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from dualtalk import cli
from dualtalk.core.conversation.dialogue import SAMPLE_RATE, Dialogue
from dualtalk.core.conversation.turns import Stretch, Turns, spans, speaking
from dualtalk.core.errors import CancelledError, InputError
from dualtalk.core.progress import Report, silent
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_dialogue
from dualtalk.inference.devices import DeviceName
from dualtalk.inference.networks.speaker.voices import VoiceNetwork
from dualtalk.inference.turn_taking import finding, people, voice_features
from dualtalk.inference.turn_taking.finding import find_turns
from dualtalk.inference.turn_taking.voice_features import VoiceFeatures

ASSETS = Path(__file__).resolve().parents[3] / "assets"
_FEATURES: dict[bytes, VoiceFeatures] = {}


@pytest.fixture(autouse=True)
def hears_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hear each sound once in these tests: it takes seconds, and gives the same each time."""

    def features_of(
        network: VoiceNetwork, sound: np.ndarray, report: Report, device: DeviceName = "cpu"
    ) -> VoiceFeatures:
        report(0.0, "")
        key = sound.tobytes()
        if key not in _FEATURES:
            _FEATURES[key] = voice_features.features_of(network, sound, report, device)
        return _FEATURES[key]

    monkeypatch.setattr(finding, "features_of", features_of)


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
    assert turns.n_voices == 2
    assert turns.summary.startswith("Two voices")
    assert turns.probability.dtype == np.float32


def test_a_few_seconds_of_one_voice_say_who_is_a(demo: Dialogue, mix: np.ndarray) -> None:
    truth = speaking(demo.tracks)
    for who, expected in ((0, truth), (1, truth[::-1])):
        assert agreement(find_turns(mix, speaking_alone(demo, who, 3)), expected) > 0.92


def test_a_stretch_of_the_recording_says_who_is_a(demo: Dialogue, mix: np.ndarray) -> None:
    truth = speaking(demo.tracks)
    alone = [spans(row & ~other) for row, other in (truth, truth[::-1])]
    for own, expected in zip(alone, (truth, truth[::-1]), strict=True):
        first, last = max(own, key=lambda span: span[1] - span[0])
        stretch = Stretch(first / 25, last / 25)
        assert agreement(find_turns(mix, stretch), expected) > 0.92


def test_as_many_people_as_are_said_are_told_apart(demo: Dialogue, mix: np.ndarray) -> None:
    one = find_turns(mix, n_people=1)
    assert one.n_voices == 1
    assert not one.active[1].any()
    two = find_turns(speaking_alone(demo, 0, 12), n_people=2)
    assert two.n_voices == 2
    assert two.active.any(axis=1).all()
    with pytest.raises(InputError, match="0 people"):
        find_turns(mix, n_people=0)


def test_a_moment_of_speech_is_somebodys(demo: Dialogue) -> None:
    found = find_turns(speaking_alone(demo, 0, 0.6))
    assert found.n_voices in (0, 1)
    assert not found.active[1].any()


def test_a_recording_of_one_sample_has_no_speech() -> None:
    assert not find_turns(np.full(1, 0.1, np.float32)).active.any()


def test_the_same_recording_is_heard_the_same(mix: np.ndarray) -> None:
    network = checkpoints.load(checkpoints.bundled_path(VoiceNetwork), VoiceNetwork).network
    first, again = (voice_features.features_of(network, mix[:80_000], silent) for _ in range(2))
    np.testing.assert_array_equal(first.counts, again.counts)
    np.testing.assert_array_equal(first.long.places, again.long.places)


def test_what_is_heard_hangs_little_on_where_blocks_begin(mix: np.ndarray) -> None:
    network = checkpoints.load(checkpoints.bundled_path(VoiceNetwork), VoiceNetwork).network
    start = 20_480  # 1.28 s: eight voices later
    whole, later = (
        voice_features.features_of(network, mix[first : 16 * SAMPLE_RATE], silent)
        for first in (0, start)
    )
    voices = whole.long.times_s.round(3).tolist(), (later.long.times_s + 1.28).round(3).tolist()
    both = sorted(set(voices[0]) & set(voices[1]))
    assert len(both) > 40
    places = [
        heard.long.places[[times.index(time) for time in both]]
        for heard, times in zip((whole, later), voices, strict=True)
    ]
    units = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in places]
    assert np.median((units[0] * units[1]).sum(axis=1)) > 0.9


def test_silence_is_said(mix: np.ndarray) -> None:
    found = find_turns(np.zeros(5 * SAMPLE_RATE, np.float32))
    assert not found.active.any()
    assert "No speech" in found.notes[0]


def test_noise_is_not_speech() -> None:
    generator = np.random.default_rng(0)
    found = find_turns((0.05 * generator.standard_normal(5 * SAMPLE_RATE)).astype(np.float32))
    assert found.active.mean() < 0.02


def test_one_voice_alone_is_said_and_moves_one_head(demo: Dialogue) -> None:
    found = find_turns(speaking_alone(demo, 0, 12))
    assert "Only one voice" in found.notes[0]
    assert found.active[0].mean() > 0.8
    assert not found.active[1].any()


def test_who_only_speaks_over_another_is_found(demo: Dialogue) -> None:
    long, short = speaking_alone(demo, 0, 12).copy(), speaking_alone(demo, 1, 4)
    for start, piece in ((3, short[: 2 * SAMPLE_RATE]), (8, short[2 * SAMPLE_RATE :])):
        long[start * SAMPLE_RATE :][: len(piece)] += piece
    found = find_turns(long)
    assert found.n_voices == 2
    assert found.active[0].mean() > 0.8
    over = np.zeros(found.active.shape[1], bool)
    over[75:125] = over[200:250] = True
    assert found.active[1][over].mean() > 0.5
    assert found.active[1][~over].mean() < 0.1
    assert find_turns(long, n_people=1).n_voices == 1


def test_silence_around_a_turn_does_not_change_the_voice(demo: Dialogue) -> None:
    own = demo.tracks[0][speaking(demo.tracks)[0].repeat(640)[: demo.tracks.shape[1]]]
    turn = own[: 3 * SAMPLE_RATE]
    sparse = np.zeros(30 * SAMPLE_RATE, np.float32)
    sparse[4 * SAMPLE_RATE : 7 * SAMPLE_RATE] = turn
    sparse[20 * SAMPLE_RATE : 29 * SAMPLE_RATE] = own[: 9 * SAMPLE_RATE]
    assert find_turns(sparse).n_voices == 1
    path = checkpoints.bundled_path(VoiceNetwork)
    network = checkpoints.load(path, VoiceNetwork).network
    with torch.inference_mode():
        voices = voice_features.features_of(network, sparse, silent).long
    spread = network.space.spread.numpy().astype(np.float64)
    early, late = (people.person(voices.places[part], spread) for part in _halves(voices))
    assert people.likeness(early, late, spread) > 0.6


def _halves(voices: voice_features.Voices) -> tuple[np.ndarray, np.ndarray]:
    return voices.times_s < 15, voices.times_s > 15


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


def test_the_command_prints_and_writes_who_speaks(
    mix: np.ndarray, turns: Turns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "my talk.wav"
    soundfile.write(sound, mix, SAMPLE_RATE, "FLOAT")
    assert cli.main(["turns", str(sound), "--rttm", str(tmp_path / "out" / "talk.rttm")]) == 0
    said = capsys.readouterr()
    printed = said.out.splitlines()
    assert "Two voices" in said.err
    assert len(printed) == len(turns.utterances())
    lines = (tmp_path / "out" / "talk.rttm").read_text("utf-8").splitlines()
    first = turns.utterances()[0]
    length = first.end_s - first.start_s
    assert lines[0] == (f"SPEAKER my_talk 1 {first.start_s:.3f} {length:.3f} <NA> <NA> A <NA> <NA>")
    assert cli.main(["turns", str(sound), "--json"]) == 0
    spoken = json.loads(capsys.readouterr().out)
    assert spoken["voices"] == 2
    assert 0 < spoken["sureness"] <= 1
    assert [one["speaker"] for one in spoken["utterances"]] == [
        one.speaker for one in turns.utterances()
    ]


def test_the_command_fails_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["turns", str(tmp_path / "none.wav")]) != 0
    assert "none.wav" in capsys.readouterr().err


def test_the_command_takes_a_stretch_and_a_number(
    mix: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = tmp_path / "talk.wav"
    soundfile.write(sound, mix[: 8 * SAMPLE_RATE], SAMPLE_RATE, "FLOAT")
    options = ["--voice-a", "0.5-3", "--speakers", "2", "--json"]
    assert cli.main(["turns", str(sound), *options]) == 0
    assert json.loads(capsys.readouterr().out)["voices"] == 2
    assert cli.main(["turns", str(sound), "--voice-a", "3-1"]) == 2
    assert "ends before it begins" in capsys.readouterr().err
