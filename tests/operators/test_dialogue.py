"""Choosing sounds, taking the demo's, exchanging speakers, and the network's own Python."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk import status  # noqa: E402
from dualtalk.operators import dialogue, turns  # noqa: E402
from dualtalk.operators.setup import environment  # noqa: E402
from dualtalk.preferences import pythons, stored  # noqa: E402
from dualtalk.rig.performance import turn_strips  # noqa: E402
from dualtalk.tests.scenes import registered  # noqa: E402


@pytest.fixture
def settings(scene: bpy.types.Scene) -> Iterator[Any]:
    """Return the settings of an empty scene, in a Blender that has the buttons."""
    with registered(*dialogue.CLASSES, *turns.CLASSES):
        yield scene.dualtalk


def choose(folder: Path, *names: str) -> set[str]:
    files = [{"name": name} for name in names]
    return bpy.ops.dualtalk.choose_sounds(directory=str(folder), files=files)


def test_two_files_are_tracks_and_one_holds_both(settings: Any, tmp_path: Path) -> None:
    assert choose(tmp_path, "b.wav", "a.wav") == {"FINISHED"}
    assert [Path(settings.sound_a).name, Path(settings.sound_b).name] == ["a.wav", "b.wav"]
    assert settings.mode == "TRACKS"
    choose(tmp_path, "both.wav")
    assert (Path(settings.sound_a).name, settings.sound_b) == ("both.wav", "")
    assert settings.mode == "STEREO"
    settings.mode = "MIXED"
    choose(tmp_path, "other.wav")
    assert settings.mode == "MIXED"
    with pytest.raises(RuntimeError, match="3 files are chosen"):
        choose(tmp_path, "a.wav", "b.wav", "c.wav")


def test_files_are_asked_for_unless_they_were_dropped() -> None:
    asked: list[object] = []
    context = SimpleNamespace(window_manager=SimpleNamespace(fileselect_add=asked.append))
    button = SimpleNamespace(files=[], execute=lambda context: {"FINISHED"})
    cls = dialogue.DUALTALK_OT_choose_sounds
    assert cls.invoke(button, context, None) == {"RUNNING_MODAL"}
    assert asked == [button]
    button.files = ["a.wav"]
    assert cls.invoke(button, context, None) == {"FINISHED"}
    view, other = (
        SimpleNamespace(area=None if kind is None else SimpleNamespace(type=kind))
        for kind in ("VIEW_3D", None)
    )
    assert dialogue.DUALTALK_FH_sounds.poll_drop(view)
    assert not dialogue.DUALTALK_FH_sounds.poll_drop(other)


def test_the_demo_is_two_files_that_are_there(settings: Any) -> None:
    assert bpy.ops.dualtalk.demo_sounds() == {"FINISHED"}
    assert settings.mode == "TRACKS"
    assert Path(settings.sound_a).is_file()
    assert Path(settings.sound_b).is_file()


def test_speakers_are_exchanged(settings: Any, tmp_path: Path) -> None:
    assert not dialogue.DUALTALK_OT_swap_speakers.poll(bpy.context)
    choose(tmp_path, "a.wav", "b.wav")
    assert bpy.ops.dualtalk.swap_speakers() == {"FINISHED"}
    assert [Path(settings.sound_a).name, Path(settings.sound_b).name] == ["b.wav", "a.wav"]
    settings.mode, settings.swaps_voices = "MIXED", False
    settings.sound_b = ""
    turns.show(bpy.context.scene, np.array([[True] * 25, [False] * 25]), settings.sound_a, 1)
    settings.turns_of, settings.turns_start = settings.sound_a, 1
    assert turns.is_edited(bpy.context.scene, settings.sound_a)
    bpy.ops.dualtalk.swap_speakers()
    assert settings.swaps_voices
    said = turn_strips.read(bpy.context.scene, 1)
    assert said[:, :20].tolist() == [[False] * 20, [True] * 20]
    assert Path(turns.file_of(bpy.context.scene)).is_file()


def test_turns_are_shown_once_there_are_any(settings: Any) -> None:
    assert not turns.DUALTALK_OT_show_turns.poll(bpy.context)
    turns.show(bpy.context.scene, np.ones((2, 25), bool), "a.wav", 1)
    assert turns.DUALTALK_OT_show_turns.poll(bpy.context)
    no_windows = SimpleNamespace(screen=None, scene=bpy.context.scene, workspace=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns.compat, "show_strips", lambda workspace, scene: None)
        assert turns.DUALTALK_OT_show_turns.execute(None, no_windows) == {"CANCELLED"}


def test_the_networks_own_python_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "environment"
    (folder / "bin").mkdir(parents=True)
    chosen = SimpleNamespace(checked="torch 2", python="")
    monkeypatch.setattr(pythons, "own_environment", lambda: folder)
    monkeypatch.setattr(stored, "get", lambda context: chosen)
    said: list[tuple[set[str], str]] = []
    button = SimpleNamespace(report=lambda kind, text: said.append((kind, text)))
    remove = environment.DUALTALK_OT_remove_python
    assert remove.poll(bpy.context) == (status.progress() is None)
    assert remove.execute(button, bpy.context) == {"FINISHED"}
    assert not folder.exists()
    assert chosen.checked == ""
    assert remove.execute(button, bpy.context) == {"CANCELLED"}
    assert said[0][0] == {"ERROR"}
    assert "cannot be deleted" in said[0][1]
    manager = SimpleNamespace(invoke_confirm=lambda *_: {"RUNNING_MODAL"})
    asked = SimpleNamespace(window_manager=manager)
    assert remove.invoke(button, asked, None) == {"RUNNING_MODAL"}


def test_an_installed_python_is_used_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = SimpleNamespace(checked="", python="/old/python")
    monkeypatch.setattr(stored, "get", lambda context: chosen)
    result = SimpleNamespace(summary="torch 2 on the CPU")
    install = environment.DUALTALK_OT_install_python
    assert install.apply(None, bpy.context, None, result) == "Installed: torch 2 on the CPU"
    assert (chosen.python, chosen.checked) == ("", "torch 2 on the CPU")
