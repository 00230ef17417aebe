"""`retake`: a range of a saved scene is new, all else as it was, and the file is not written."""

from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")
soundfile = pytest.importorskip("soundfile")
from dualtalk.cli import build_parser, main  # noqa: E402
from dualtalk.commands import blender, retake  # noqa: E402
from dualtalk.commands.common.table import COMMANDS  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import retaking, written  # noqa: E402


@pytest.fixture(scope="module")
def animated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scene of two voices that take turns, 4 s."""
    folder = tmp_path_factory.mktemp("animated")
    voices = 0.1 * np.random.default_rng(0).standard_normal((2, 64_000))
    voices[0, 32_000:] = voices[1, :32_000] = 0
    tracks = [str(folder / f"{name}.wav") for name in "ab"]
    for track, voice in zip(tracks, voices, strict=True):
        soundfile.write(track, voice, 16_000)
    assert main(["animate", *tracks, "--output", str(folder / "shot.blend")]) == 0
    return folder / "shot.blend"


def curves(blend: Path) -> dict[tuple[object, ...], np.ndarray]:
    """Return every curve that the network wrote, frame by frame."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    found = {}
    for speaker in (1, 2):
        character = heads.find(bpy.context.scene, speaker)
        for role, owner in written.owners(character):
            record = written.load(owner, role)
            for name, curve in written.curves_of(owner).items():
                found[speaker, role, *name] = written.keys_of(curve).at(record.frames)
    return found


def test_a_range_of_one_person_is_new_and_nothing_else(animated: Path, tmp_path: Path) -> None:
    before, content = curves(animated), animated.read_bytes()
    new = tmp_path / "new" / "shot.blend"
    arguments = ["retake", str(animated), "--first", "40", "--last", "70", "--speaker", "b"]
    assert main([*arguments, "--layer", "head", "--output", str(new)]) == 0
    assert animated.read_bytes() == content
    after = curves(new)
    assert set(after) == set(before)
    changed = {name for name in before if np.abs(after[name] - before[name]).max() > 1e-4}
    assert changed
    assert {name[0] for name in changed} == {2}
    for name in changed:
        outside = np.ones(len(before[name]), bool)
        outside[38:71] = False
        np.testing.assert_allclose(after[name][outside], before[name][outside], atol=1e-4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--first", "70", "--last", "40"], "no length"),
        (["--first", "900", "--last", "990"], "not in the performance"),
    ],
)
def test_ranges_that_cannot_be(
    given: list[str], said: str, animated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new.blend"
    assert main(["retake", str(animated), *given, "--output", str(output)]) == 2
    assert said in capsys.readouterr().err
    assert not output.exists()


def test_the_scene_is_never_the_output(animated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = animated.read_bytes()
    arguments = ["retake", str(animated), "--first", "1", "--last", "9"]
    assert main([*arguments, "--output", str(animated)]) == 2
    assert "input" in capsys.readouterr().err
    assert animated.read_bytes() == content


def test_layers_are_those_of_the_rig() -> None:
    assert retake.LAYERS == retaking.RETAKEN


def test_blenders_command_line_knows_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    names = {command.NAME for command in COMMANDS}
    assert names >= {
        "predict", "animate", "stage", "retake", "export", "turns", "evaluate", "convert",
        "bench", "batch", "info",
    }  # fmt: skip
    for name in names:
        assert blender.run([name, "--help"]) == 0
        assert f"blender --command dualtalk {name}" in capsys.readouterr().out
    assert build_parser().prog == "dualtalk"
