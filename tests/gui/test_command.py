"""`blender --command dualtalk` in a real Blender with the zip installed, beside the script."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from dualtalk.commands.common.table import COMMANDS
from dualtalk.core.motion import Motion

ROOT = Path(__file__).resolve().parents[2]
SHOTS = """
[defaults]
sounds = ["a.wav", "b.wav"]
[[shot]]
name = "broken"
sounds = ["broken.wav", "b.wav"]
outputs.motion = "out/broken"
[[shot]]
name = "good"
outputs = { motion = "out/good", scene = "out/good.blend" }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where all commands run."""
    work = tmp_path_factory.mktemp("command").resolve()
    for number, name in ((1, "a"), (2, "b")):
        path = ROOT / "assets" / f"demo_speaker{number}.flac"
        samples, rate = soundfile.read(path, start=64_000, stop=96_000)
        soundfile.write(work / f"{name}.wav", samples, rate)
    (work / "broken.wav").write_bytes(b"RIFF no sound")
    (work / "shots.toml").write_text(SHOTS)
    return work


@pytest.fixture(scope="module")
def found(window: Any, folder: Path) -> dict[str, Any]:
    """What each command printed."""
    said: dict[str, Any] = window.run_without_window("command_session.py", folder)
    return said


def answer(ran: dict[str, Any]) -> dict[str, Any]:
    """Return the one JSON document on standard output, and nothing else is there."""
    document: dict[str, Any] = json.loads(ran["out"])
    return document


def test_the_network_runs_in_the_named_python(found: dict[str, Any]) -> None:
    import torch

    assert found["info"]["code"] == 0
    assert answer(found["info"])["torch"] == torch.__version__


def test_predict_writes_what_the_script_writes(found: dict[str, Any], folder: Path) -> None:
    assert found["predict"]["code"] == 0, found["predict"]["err"]
    outputs = answer(found["predict"])["outputs"]
    assert outputs == ["out/p_speaker1.npz", "out/p_speaker2.npz"]
    words = ["predict", "a.wav", "b.wav", "--seed", "5", "--output", "here"]
    subprocess.run([sys.executable, "-m", "dualtalk.entry", *words], cwd=folder, check=True)
    for number in (1, 2):
        one, two = (Motion.load(folder / f"{at}_speaker{number}.npz") for at in ("out/p", "here"))
        np.testing.assert_allclose(one.expression, two.expression, atol=1e-5)
        np.testing.assert_allclose(one.head, two.head, atol=1e-5)


def test_bad_input_is_one_line_and_code_2(found: dict[str, Any]) -> None:
    missing = found["missing"]
    assert missing["code"] == 2
    assert answer(missing) == {"error": answer(missing)["error"], "exit_code": 2}
    assert "nowhere.wav does not exist" in answer(missing)["error"]
    assert "dualtalk: error: nowhere.wav does not exist" in missing["err"]
    assert found["wrong"]["code"] == 2
    assert found["wrong"]["out"] == ""
    assert "--output" in found["wrong"]["err"]
    for ran in found.values():
        assert "Traceback" not in ran["err"]


@pytest.mark.parametrize("name", ["animate", "stage"])
def test_scenes_are_written_by_this_blender(name: str, found: dict[str, Any], folder: Path) -> None:
    assert found[name]["code"] == 0, found[name]["err"]
    (path,) = answer(found[name])["outputs"]
    assert (folder / path).stat().st_size > 100_000
    assert "Building the scene" in found["animate"]["err"]
    assert "INFO:" not in found[name]["err"]


def test_a_broken_shot_stops_no_other(found: dict[str, Any], folder: Path) -> None:
    first, second = answer(found["batch"]), answer(found["again"])
    assert [found[name]["code"] for name in ("batch", "again")] == [1, 1]
    assert {row["shot"]: row["state"] for row in first["shots"]} == {
        "broken": "failed", "good": "made",
    }  # fmt: skip
    assert {row["shot"]: row["state"] for row in second["shots"]} == {
        "broken": "failed", "good": "current",
    }  # fmt: skip
    assert (folder / "out" / "good.blend").exists()


def test_help_lists_every_command(found: dict[str, Any]) -> None:
    assert found["help"]["code"] == 0
    assert found["help"]["out"].startswith("usage: blender --command dualtalk")
    for command in COMMANDS:
        assert f"    {command.NAME} " in found["help"]["out"]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_it_with_nothing_left(name: str, code: int, found: dict[str, Any]) -> None:
    ended = found[name]
    assert ended["code"] == code, ended["err"]
    assert "dualtalk: Cancelled." in ended["err"]
    assert ended["left"] == []
    assert ended["running"] == []
