"""A project folder that moves: its dialogue is still heard, or it is said what is missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
import soundfile  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.handlers import relative_paths  # noqa: E402
from dualtalk.operators import dialogue  # noqa: E402
from dualtalk.properties import scene as scene_properties  # noqa: E402
from dualtalk.properties import staging, strengths  # noqa: E402
from dualtalk.rig import paths  # noqa: E402
from dualtalk.rig.performance import sound_strips  # noqa: E402

needs_sound = pytest.mark.skipif(
    not bpy.app.build_options.audaspace, reason="this Blender was built without sound"
)
CLASSES = (
    *(*staging.CLASSES, *strengths.CLASSES, *scene_properties.CLASSES),
    dialogue.DUALTALK_OT_choose_sounds,
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with two sounds below it; the settings and the handler are registered."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    scene_properties.register()
    relative_paths.register()
    (tmp_path / "proj" / "sound").mkdir(parents=True)
    for name in ("a", "b"):
        sound = 0.2 * np.sin(np.arange(16_000) / 10)
        soundfile.write(tmp_path / "proj" / "sound" / f"{name}.wav", sound, 16_000)
    yield tmp_path / "proj"
    relative_paths.unregister()
    scene_properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    bpy.ops.wm.read_factory_settings(use_empty=True)


def choose(project: Path) -> None:
    files = [{"name": "a.wav"}, {"name": "b.wav"}]
    bpy.ops.dualtalk.choose_sounds(directory=str(project / "sound"), files=files)


def strips_of_settings() -> None:
    settings = bpy.context.scene.dualtalk
    sounds = [Path(bpy.path.abspath(path)) for path in (settings.sound_a, settings.sound_b)]
    sound_strips.write_strips(bpy.context.scene, sounds, 1, 25)


def sound_files() -> list[Path]:
    found = [strip.sound.filepath for strip in sound_strips.strips(bpy.context.scene)]
    return [Path(bpy.path.abspath(path)) for path in found]


@needs_sound
@pytest.mark.parametrize("is_saved_first", [True, False])
def test_a_moved_folder_keeps_its_sound(project: Path, is_saved_first: bool) -> None:
    blend = str(project / "shot.blend")
    if is_saved_first:
        bpy.ops.wm.save_as_mainfile(filepath=blend)
    choose(project)
    strips_of_settings()
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    bpy.ops.wm.save_mainfile()
    moved = project.with_name("moved")
    shutil.move(project, moved)
    bpy.ops.wm.open_mainfile(filepath=str(moved / "shot.blend"))
    settings = bpy.context.scene.dualtalk
    assert settings.sound_a.replace("\\", "/") == "//sound/a.wav"
    assert [path.parent.parent for path in sound_files()] == [moved, moved]
    assert all(path.is_file() for path in sound_files())
    paths.require_sounds(sound_strips.strips(bpy.context.scene))


def test_a_file_that_is_not_saved_has_absolute_paths(project: Path) -> None:
    choose(project)
    assert Path(bpy.context.scene.dualtalk.sound_a).is_absolute()


def test_the_user_may_want_absolute_paths(project: Path) -> None:
    preferences = bpy.context.preferences.filepaths
    preferences.use_relative_paths = False
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"))
        choose(project)
        assert Path(bpy.context.scene.dualtalk.sound_a).is_absolute()
    finally:
        preferences.use_relative_paths = True


@needs_sound
def test_sound_that_is_gone_is_named_instead_of_silence(project: Path) -> None:
    choose(project)
    strips_of_settings()
    (project / "sound" / "b.wav").unlink()
    with pytest.raises(RigError, match=r"b\.wav is not there"):
        paths.require_sounds(sound_strips.strips(bpy.context.scene))
