"""The command line as a pipeline sees it: files, exit codes and one-line errors."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dualtalk.cli import main
from dualtalk.core.motion import Motion


@pytest.fixture
def tracks(tmp_path: Path) -> tuple[str, str]:
    """Two seconds of two voices taking turns."""
    generator = np.random.default_rng(0)
    voices = 0.1 * generator.standard_normal((2, 32_000))
    voices[0, 16_000:] = 0
    voices[1, :16_000] = 0
    paths = tuple(str(tmp_path / f"{name}.wav") for name in "ab")
    for path, voice in zip(paths, voices, strict=True):
        soundfile.write(path, voice, 16_000)
    return paths  # type: ignore[return-value]


def one_line(text: str) -> str:
    """Return the only line of stderr that is no progress bar."""
    lines = [line for line in text.splitlines() if line.startswith("dualtalk: ")]
    assert len(lines) == 1
    assert "Traceback" not in text
    return lines[0]


def test_predict_writes_a_file_per_speaker(tracks: tuple[str, str], tmp_path: Path) -> None:
    assert main(["predict", *tracks, "--output", str(tmp_path / "new" / "talk")]) == 0
    for speaker in ("speaker1", "speaker2"):
        motion = Motion.load(tmp_path / "new" / f"talk_{speaker}.npz")
        assert (motion.n_frames, motion.fps, motion.basis) == (50, 25.0, "arkit")


def test_predict_is_repeatable_byte_for_byte(tracks: tuple[str, str], tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main(["predict", *tracks, "--output", str(tmp_path / name), "--seed", "3"]) == 0
    first, second = (tmp_path / f"{name}_speaker1.npz" for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()


def test_another_seed_gives_another_performance(tracks: tuple[str, str], tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert main(["predict", *tracks, "--output", str(tmp_path / seed), "--seed", seed]) == 0
    first, second = (Motion.load(tmp_path / f"{seed}_speaker1.npz") for seed in "12")
    assert np.abs(first.head - second.head).max() > 1e-4


def test_partner_motion_gives_only_the_first_speaker(
    tracks: tuple[str, str], tmp_path: Path
) -> None:
    partner = tmp_path / "partner.npz"
    Motion.at_rest(50).save(partner)
    arguments = ["predict", *tracks, "--partner-motion", str(partner)]
    assert main([*arguments, "--output", str(tmp_path / "talk")]) == 0
    assert (tmp_path / "talk_speaker1.npz").exists()
    assert not (tmp_path / "talk_speaker2.npz").exists()


def test_duration_takes_the_beginning(tracks: tuple[str, str], tmp_path: Path) -> None:
    output = str(tmp_path / "talk")
    assert main(["predict", *tracks, "--output", output, "--duration", "0.5"]) == 0
    assert Motion.load(tmp_path / "talk_speaker1.npz").n_frames == 13


def test_tracks_of_different_length_are_padded_and_said(
    tracks: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short.wav"
    soundfile.write(short, np.zeros(8_000), 16_000)
    output = str(tmp_path / "talk")
    assert main(["predict", tracks[0], str(short), "--output", output]) == 0
    # A noise and a silence are no voices, which is said too.
    assert "short.wav is 1.50 s shorter" in capsys.readouterr().err
    assert Motion.load(tmp_path / "talk_speaker2.npz").n_frames == 50


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["predict", "none.wav", "{b}", "--output", "{out}"], "does not exist"),
        (["predict", "{a}", "--output", "{out}"], "one channel"),
        (
            ["predict", "{a}", "{b}", "--output", "{out}", "--checkpoint", "no.safetensors"],
            "no.saf",
        ),
        (
            ["predict", "{a}", "{b}", "--output", "{out}", "--partner-motion", "{a}"],
            "no captured face",
        ),
        (["animate", "{a}", "{b}", "--output", "{out}.txt"], "does not end in .blend"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str],
    said: str,
    tracks: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "out"
    filled = [part.format(a=tracks[0], b=tracks[1], out=output) for part in arguments]
    assert main(filled) == 2
    assert said in one_line(capsys.readouterr().err)
    assert not list(tmp_path.glob("out*"))


def test_unknown_options_are_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["predict", "--loud"])
    assert stop.value.code == 2
    assert "--help" in one_line(capsys.readouterr().err)


def test_info_shows_versions_devices_and_checkpoints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["torch"].startswith("2.")
    assert {"device": "cpu"} in facts["devices"]
    assert any(found["basis"] == "arkit" for found in facts["checkpoints"])


def test_help_does_not_load_torch() -> None:
    code = "import sys, dualtalk.cli as c; c.build_parser(); print('torch' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "False"
