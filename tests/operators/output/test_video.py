"""A video from the panel: rendered by another process, with nothing of the scene touched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.operators import jobs  # noqa: E402
from dualtalk.operators.output import video  # noqa: E402
from dualtalk.rig.output import preview  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402

N = 4


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    """Return a scene in which two heads move for four frames."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    classes = (*jobs.CLASSES, *video.CLASSES)
    for cls in classes:
        bpy.utils.register_class(cls)
    still = Motion.from_arrays(np.zeros((N, 40)), np.zeros((N, 3)), np.zeros((N, 3)))
    scene = bpy.context.scene
    scene.render.fps = 25
    scene_writer.write_performance(
        scene, Performance((still, still), (), np.zeros((2, N), bool)), Settings()
    )
    scene.render.resolution_x, scene.render.resolution_y = 96, 55
    yield scene
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)


def n_frames_of(path: Path) -> tuple[int, tuple[int, int]]:
    clip = bpy.data.movieclips.load(str(path))
    result = clip.frame_duration, tuple(clip.size)
    bpy.data.movieclips.remove(clip)
    return result


def test_a_video_is_rendered_elsewhere(scene: bpy.types.Scene, tmp_path: Path) -> None:
    preview.require_rendering()
    scene.render.engine = "CYCLES"
    before = (scene.render.engine, scene.frame_end, bpy.data.filepath, scene.world)
    bpy.ops.dualtalk.export_video(filepath=str(tmp_path / "a.mp4"), size="SCENE")
    assert n_frames_of(tmp_path / "a.mp4") == (N, (96, 54))  # H.264 wants even sizes
    assert (scene.render.engine, scene.frame_end, bpy.data.filepath, scene.world) == before
    assert not list(Path(bpy.app.tempdir).glob("dualtalk-video-*"))


def test_the_preview_range_is_enough(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.use_preview_range = True
    scene.frame_preview_start, scene.frame_preview_end = 2, 3
    bpy.ops.dualtalk.export_video(filepath=str(tmp_path / "a.mp4"), size="SCENE", frames="PREVIEW")
    assert n_frames_of(tmp_path / "a.mp4")[0] == 2


def test_no_camera_is_one_line_and_keeps_the_old_video(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"old")
    scene.camera = None
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.dualtalk.export_video(filepath=str(tmp_path / "a.mp4"))
    assert (tmp_path / "a.mp4").read_bytes() == b"old"
