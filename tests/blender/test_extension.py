"""The built zip, installed through Blender's extension system, does what the plain API does."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import dualtalk
import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[2]
SESSION = Path(__file__).with_name("extension_session.py")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two seconds of the bundled dialogue."""
    folder = tmp_path_factory.mktemp("sounds")
    paths = []
    for number in (1, 2):
        samples, rate = soundfile.read(ROOT / "assets" / f"demo_speaker{number}.flac", stop=32_000)
        paths.append(folder / f"{number}.wav")
        soundfile.write(paths[-1], samples, rate)
    return paths[0], paths[1]


@pytest.fixture(scope="module")
def session(sounds: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a clean Blender found after installing and using the zip."""
    folder = tmp_path_factory.mktemp("blender")
    subprocess.run([sys.executable, ROOT / "scripts" / "build_extension.py"], check=True, cwd=ROOT)
    zip_path = ROOT / "dist" / f"dualtalk-{dualtalk.__version__}.zip"
    text = folder / "text.wav"
    text.write_text("no sound")
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(folder)}
    done = subprocess.run(
        [sys.executable, SESSION, zip_path, *sounds, text],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found: dict[str, Any] = json.loads(
        next(line for line in done.stdout.splitlines()[::-1] if line.startswith("{"))
    )
    return found


def test_manifest_and_package_have_one_version() -> None:
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text())
    assert manifest["version"] == dualtalk.__version__
    assert manifest["blender_version_min"] == "4.2.0"


def test_it_installs_and_enables(session: dict[str, Any]) -> None:
    assert session["enabled"]
    assert session["panels"]


def test_a_bad_sound_is_one_clear_error_and_leaves_the_scene(session: dict[str, Any]) -> None:
    assert "cannot be read as sound" in session["error"]
    assert session["untouched"]


def test_it_writes_what_the_plain_api_writes(
    session: dict[str, Any], sounds: tuple[Path, Path]
) -> None:
    from dualtalk.inference import checkpoints
    from dualtalk.inference.audio import read_dialogue
    from dualtalk.inference.predict import PredictOptions, predict_both
    from dualtalk.rig.write import quaternions

    assert session["result"] == ["FINISHED"]
    assert session["armatures"] == ["Speaker A", "Speaker B"]
    assert session["sounds"] == (2 if session["can_hear"] else 0)
    dialogue = read_dialogue(*sounds)
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    motions = predict_both(dialogue, checkpoint, PredictOptions(seed=5))
    # The empty factory scene runs at 24 frames per second.
    expected = [
        jaws[frame]
        for frame in range(0, session["frames"][1], 5)
        for jaws in [quaternions(m.resampled(24.0).jaw) for m in motions]
    ]
    np.testing.assert_allclose(session["jaws"], np.array(expected), atol=1e-4)


def test_generating_again_replaces(session: dict[str, Any]) -> None:
    assert session["same_after_again"]


def test_disabling_leaves_nothing_behind(session: dict[str, Any]) -> None:
    assert session["left_behind"] == []
