"""Shots in TOML: what is wrong is said with its key and its line."""

from pathlib import Path

import pytest
from dualtalk.batch import shot_file
from dualtalk.batch.shot import Outputs, Shot
from dualtalk.core.directing.staging import PRESETS
from dualtalk.core.errors import InputError

GOOD = """\
[defaults]
staging = "bench"
seed = 2

[[shot]]
name = "sc010"
sounds = ["a.wav", "b.wav"]
outputs = { scene = "out/sc010.blend", preview = "out/sc010.mp4" }

[[shot]]
name = "sc020"
mixed = "m.wav"
seed = 5
[shot.outputs]
motion = "out/sc020"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "shots.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_shots_take_the_defaults_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    first, second = shot_file.read(written(tmp_path, GOOD))
    assert (first.seed, first.staging, first.sounds[0]) == (2, "bench", tmp_path / "a.wav")
    assert first.outputs.preview == tmp_path / "out" / "sc010.mp4"
    assert first.steps() == ("analyse", "animate", "preview")
    assert (second.seed, second.mixed) == (5, tmp_path / "m.wav")
    assert second.steps() == ("analyse",)


def test_a_shot_survives_json(tmp_path: Path) -> None:
    for shot in shot_file.read(written(tmp_path, GOOD)):
        assert Shot.from_json(shot.to_json()) == shot


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ('staging = "bench"', 'staging = "sofa"', "staging", 2),
        ("seed = 5", "seed = -1", "seed", 13),
        ("seed = 5", "seed = true", "seed", 13),
        ("seed = 5", "seed = 1.5", "seed", 13),
        ("seed = 5", "fps = nan", "fps", 13),
        ("seed = 5", "window = inf", "window", 13),
        ("seed = 5", f"duration = {'9' * 400}", "duration", 13),
        ("seed = 5", "duration = 0", "duration", 13),
        ("seed = 5", 'sead = "x"', "sead", 13),
        ('name = "sc020"', 'name = "sc010"', "name", 11),
        ('name = "sc020"', 'name = "../x"', "name", 11),
        ('mixed = "m.wav"', "mixed = 3", "mixed", 12),
        ('sounds = ["a.wav", "b.wav"]', "sounds = []", "sounds", 7),
        ('motion = "out/sc020"', 'film = "out/x.mov"', "film", 15),
        ('motion = "out/sc020"', 'scene = "out/sc010.blend"', "scene", 15),
        ('motion = "out/sc020"', 'scene = "a.wav"', "", 10),
    ],
)
def test_what_is_wrong_is_said_with_key_and_line(
    old: str, new: str, key: str, line: int, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as wrong:
        shot_file.read(written(tmp_path, GOOD.replace(old, new)))
    assert f"line {line}" in str(wrong.value)
    assert f"'{key}'" in str(wrong.value) or not key
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = ",
        "shot = 3",
        "[[shot]]",
        "[shot]\nname='a'",
        "a = " + "[" * 5000,
        "a = " + "9" * 5000,
    ],
)
def test_files_that_hold_no_shots(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        shot_file.read(written(tmp_path, text))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "none.toml", tmp_path / "binary.toml"):
        with pytest.raises(InputError):
            shot_file.read(path)


def test_shots_that_contradict_themselves() -> None:
    sounds = (Path("a.wav"), Path("b.wav"))
    for wrong in (
        {},
        {"sounds": sounds, "mixed": Path("m.wav")},
        {"sounds": sounds, "turns": Path("t.npz")},
        {"sounds": sounds, "characters": ("A", "B")},
        {"sounds": sounds, "scene": Path("s.blend"), "characters": ("A",)},
        {"sounds": sounds, "scene": Path("s.blend"), "characters": ("A", "A")},
        {"sounds": sounds, "scene": Path("s.blend"), "outputs": Outputs(scene=Path("s.blend"))},
    ):
        with pytest.raises(InputError):
            Shot("x", **wrong)  # type: ignore[arg-type]


def test_presets_are_those_that_there_are() -> None:
    assert set(shot_file._PRESETS) == set(PRESETS)
