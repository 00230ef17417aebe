"""A shot is made once; it is made anew when anything that decides it has changed."""

import dataclasses
import json
from pathlib import Path

import pytest
from dualtalk.batch import making, manifest
from dualtalk.batch.shot import Shot
from dualtalk.core.errors import DualTalkError, InputError
from dualtalk.core.motion import Motion

from .conftest import MakeShot


def outputs(shot: Shot) -> tuple[Path, ...]:
    return shot.outputs.files()["motion"]


def test_a_second_run_does_nothing(
    make_shot: MakeShot, silent_network: list[str], tmp_path: Path
) -> None:
    shot = make_shot()
    made = making.make(shot, tmp_path / "work")
    assert [Motion.load(path).n_frames for path in made.outputs] == [50, 50]
    assert made.notes == ("a note",)
    before = [path.stat().st_mtime_ns for path in outputs(shot)]
    assert making.todo(shot) == ()
    making.make(shot, tmp_path / "work")
    assert [path.stat().st_mtime_ns for path in outputs(shot)] == before
    assert silent_network == ["sc010"]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 7},
        {"duration": 1.0},
        {"window": 20.0},
        {"precision": "fast"},
        {"raw": True},
    ],
)
def test_another_setting_makes_it_anew(
    change: dict[str, object], make_shot: MakeShot, silent_network: list[str], tmp_path: Path
) -> None:
    shot = make_shot()
    making.make(shot, tmp_path / "work")
    other = dataclasses.replace(shot, **change)  # type: ignore[arg-type]
    assert making.todo(other) == ("analyse",)
    making.make(other, tmp_path / "work")
    assert len(silent_network) == 2
    assert making.todo(other) == ()


def test_another_sound_version_or_output_makes_it_anew(
    make_shot: MakeShot,
    silent_network: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shot = make_shot()
    making.make(shot, tmp_path / "work")
    shot.sounds[1].write_bytes(bytes(51))
    assert making.todo(shot) == ("analyse",)
    making.make(shot, tmp_path / "work")
    for spoil in (
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
        lambda path: path.unlink(),
        lambda path: manifest.path_of(path).unlink(),
        lambda path: manifest.path_of(path).write_text("[]"),
        lambda path: manifest.path_of(path).write_text("{"),
    ):
        spoil(outputs(shot)[0])
        assert making.todo(shot) == ("analyse",)
        making.make(shot, tmp_path / "work")
        assert making.todo(shot) == ()
    assert len(silent_network) == 2  # the analysis is kept
    monkeypatch.setattr(manifest, "VERSION", "another")
    assert making.todo(shot) == ("analyse",)


def test_the_name_of_a_shot_and_where_it_goes_do_not_decide(make_shot: MakeShot) -> None:
    shot = make_shot()
    other = dataclasses.replace(shot, name="other")
    assert manifest.step_hash(shot, "analyse") == manifest.step_hash(other, "analyse")
    placed = dataclasses.replace(shot, staging="bench")
    assert manifest.step_hash(shot, "analyse") == manifest.step_hash(placed, "analyse")
    assert manifest.step_hash(shot, "animate") != manifest.step_hash(placed, "animate")


def test_the_manifest_says_what_an_output_was_made_from(
    make_shot: MakeShot, silent_network: list[str], tmp_path: Path
) -> None:
    shot = make_shot(seed=3)
    making.make(shot, tmp_path / "work")
    for path in outputs(shot):
        facts = json.loads(manifest.path_of(path).read_text())
        assert facts["sha256"] == manifest.sha256(path)
        assert (facts["seed"], facts["made_with"]["device"]) == (3, "none")
        for given in facts["inputs"]:
            assert manifest.sha256(path.parent / given["path"]) == given["sha256"]
        assert len(facts["inputs"]) == 3  # two sounds and the weights
        assert facts["measures"]["notes"] == ["a note"]


def test_what_is_wrong_is_found_before_the_work(
    make_shot: MakeShot, silent_network: list[str], tmp_path: Path
) -> None:
    shot = make_shot()
    (tmp_path / "out" / "sc010_speaker2.npz").mkdir(parents=True)
    with pytest.raises(InputError, match="folder"):
        making.make(shot, tmp_path / "work")
    missing = make_shot("sc020")
    missing.sounds[0].unlink()
    with pytest.raises(InputError, match="does not exist"):
        making.make(missing, tmp_path / "work")
    assert silent_network == []


def test_two_runs_do_not_make_the_same_shot(
    make_shot: MakeShot, silent_network: list[str], tmp_path: Path
) -> None:
    shot = make_shot()
    with (
        making._locked(tmp_path / "work" / shot.name, shot.name),
        pytest.raises(DualTalkError, match="Another run"),
    ):
        making.make(shot, tmp_path / "work")


def test_an_analysis_that_is_damaged_is_made_again(
    make_shot: MakeShot, silent_network: list[str], tmp_path: Path
) -> None:
    shot = make_shot()
    making.make(shot, tmp_path / "work")
    kept = next((tmp_path / "work" / "sc010").glob("analysis-*"))
    (kept / "speaker1.npz").write_bytes(b"PK")
    for path in outputs(shot):
        path.unlink()
    making.make(shot, tmp_path / "work")
    assert len(silent_network) == 2
    assert [path.name for path in (tmp_path / "work" / "sc010").glob("new-*")] == []
