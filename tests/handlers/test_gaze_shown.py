"""Rays and strips of the gaze are drawn where the file that is open asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.handlers import gaze_shown  # noqa: E402
from dualtalk.properties import scene as scene_properties  # noqa: E402
from dualtalk.properties import staging, strengths  # noqa: E402
from dualtalk.rig.gaze import gaze_view  # noqa: E402

CLASSES = (*staging.CLASSES, *strengths.CLASSES, *scene_properties.CLASSES)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """Return what was asked to be drawn, in order; background mode draws nothing."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    asked: list[bool] = []
    monkeypatch.setattr(gaze_view, "show", asked.append)
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    scene_properties.register()
    gaze_shown.register()
    yield asked
    gaze_shown.unregister()
    scene_properties.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def test_new_and_open_show_what_their_file_asks_for(shown: list[bool], tmp_path: Path) -> None:
    bpy.context.scene.dualtalk.staging.show_gaze = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "on.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    assert shown[-1] is False
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "on.blend"))
    assert shown[-1] is True
