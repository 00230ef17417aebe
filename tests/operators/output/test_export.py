"""Handing the performance on by its buttons: names that are proposed, files, what is refused."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
import soundfile  # noqa: E402
from dualtalk import status  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Settings  # noqa: E402
from dualtalk.operators.output import export  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402
from dualtalk.tests.scenes import registered, spoken  # noqa: E402


@pytest.fixture
def performed(scene: bpy.types.Scene, tmp_path: Path) -> Iterator[bpy.types.Scene]:
    """Return a scene of six frames of two heads with sound, in a Blender that has the buttons."""
    with registered(*export.CLASSES):
        motion = Motion.at_rest(6)
        scene_writer.write_performance(scene, spoken(tmp_path, (motion, motion)), Settings())
        yield scene


def said(call: Any, **options: object) -> str:
    with pytest.raises(RuntimeError) as failed:
        call(**options)
    return str(failed.value)


@pytest.mark.parametrize(
    ("name", "options", "files"),
    [
        ("export_scene", {"format": "GLTF"}, ["talk.glb"]),
        ("export_motion", {}, ["talk_speaker1.npz", "talk_speaker2.npz"]),
        ("export_live_link", {}, ["talk_A.csv", "talk_B.csv"]),
        ("export_usd_animation", {}, ["talk.usda"]),
        ("export_sound", {}, ["talk.wav"]),
    ],
)
def test_a_button_writes_its_files(
    performed: bpy.types.Scene, tmp_path: Path, name: str, options: dict[str, str],
    files: list[str],
) -> None:  # fmt: skip
    button = getattr(bpy.ops.dualtalk, name)
    folder = tmp_path / "out"
    folder.mkdir()
    suffix = Path(files[0]).suffix
    if name == "export_sound" and not bpy.app.build_options.audaspace:
        pytest.skip("this Blender has no sound")
    assert button(filepath=str(folder / f"talk{suffix}"), **options) == {"FINISHED"}
    assert sorted(path.name for path in folder.iterdir()) == files
    if name == "export_sound":
        assert soundfile.info(folder / "talk.wav").duration == pytest.approx(
            (performed.frame_end - performed.frame_start + 1) / 25, abs=0.05
        )
    if name == "export_motion":
        assert Motion.load(folder / "talk_speaker1.npz").n_frames == (
            performed.frame_end - performed.frame_start + 1
        )
    assert "No file is chosen" in said(button, **options)
    read = next(Path(tmp_path).glob("*.wav"))
    assert read.is_file()
    before = read.read_bytes()
    if bpy.app.build_options.audaspace:  # else the scene has no strip that reads it
        assert "Error" in said(button, filepath=str(read), **options) or suffix != ".wav"
    assert read.read_bytes() == before


def test_names_are_proposed_and_keep_the_formats_ending(
    performed: bpy.types.Scene, tmp_path: Path
) -> None:
    asked: list[object] = []
    window_manager = SimpleNamespace(fileselect_add=asked.append)
    context = SimpleNamespace(window_manager=window_manager, scene=performed)
    scene_export, motion = export.DUALTALK_OT_export_scene, export.DUALTALK_OT_export_motion

    def button(cls: type, **values: Any) -> Any:
        made = SimpleNamespace(suffix=cls.suffix, ending=cls.ending, **values)
        made.proposed_stem = lambda context: cls.proposed_stem(made, context)
        made.wanted_suffix = lambda: cls.wanted_suffix(made)
        return made

    new = button(motion, filepath="", filter_glob="")
    assert export.FileExport.invoke(new, context, None) == {"RUNNING_MODAL"}
    assert asked == [new]
    assert Path(new.filepath).name == "dialogue_motion.npz"
    assert new.filter_glob == "*.npz"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    new = button(scene_export, filepath="", filter_glob="", format="FBX")
    export.FileExport.invoke(new, context, None)
    assert Path(new.filepath).name == "shot.fbx"
    new.format = "USD"
    assert export.FileExport.check(new, context)
    assert Path(new.filepath).name == "shot.usdc"
    assert not export.FileExport.check(new, context)
    new.filepath = str(tmp_path / "take.v2")
    assert export.FileExport.check(new, context)
    assert Path(new.filepath).name == "take.v2.usdc"


def test_nothing_is_exported_of_an_empty_scene(scene: bpy.types.Scene, tmp_path: Path) -> None:
    with registered(*export.CLASSES):
        assert not export.DUALTALK_OT_export_motion.poll(bpy.context)
        assert status.export_reason(bpy.context)
        with pytest.raises(RuntimeError):
            bpy.ops.dualtalk.export_motion(filepath=str(tmp_path / "x.npz"))
    assert not list(tmp_path.iterdir())


def test_sound_needs_strips_that_are_there(performed: bpy.types.Scene, tmp_path: Path) -> None:
    if not bpy.app.build_options.audaspace:
        pytest.skip("this Blender has no sound")
    out = tmp_path / "x.wav"
    for path in tmp_path.glob("*.wav"):
        path.unlink()
    assert "Error" in said(bpy.ops.dualtalk.export_sound, filepath=str(out))
    performed.sequence_editor_clear()
    assert "no sound strips" in said(bpy.ops.dualtalk.export_sound, filepath=str(out))
    assert not out.exists()


def test_a_copy_for_another_blender_is_this_file(performed: bpy.types.Scene) -> None:
    copy = export.saved_copy("export")
    assert copy.stat().st_size > 10_000
    assert bpy.data.filepath != str(copy)
    assert export.blender_program().is_file()
    assert np.isfinite(performed.frame_end)
