"""Several Blenders render one video: every frame once, in order, with its sound in time."""

import wave
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.core.errors import CancelledError, RigError
from dualtalk.rig import compat, fcurves
from dualtalk.rig.output import joining, preview, side_by_side

av = pytest.importorskip("av", reason="parts are joined by PyAV")
if not joining.is_there():
    pytest.skip("this Blender cannot mix sound", allow_module_level=True)

N_FRAMES, FPS, SIZE = 101, 25, (256, 64)
#: When the sound begins, seconds.
LOUD_S = 2.0
HZ = 16000


@pytest.fixture
def blend(tmp_path: Path) -> Path:
    """Return a saved scene in which a plane crosses the picture and a sound begins half way."""
    preview.require_rendering()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end, scene.render.fps = 1, N_FRAMES, FPS
    camera = bpy.data.cameras.new("Camera")
    camera.type, camera.ortho_scale = "ORTHO", 4.0
    scene.camera = bpy.data.objects.new("Camera", camera)
    scene.camera.location.z = 5
    scene.collection.objects.link(scene.camera)
    bpy.ops.mesh.primitive_plane_add(size=0.5)
    plane = bpy.context.object
    color = plane.data.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    color.data.foreach_set("color", np.ones(4 * len(plane.data.vertices), np.float32))
    across = fcurves.ensure_fcurve(plane, "location", 0)
    fcurves.set_keys(across, np.array([1.0, N_FRAMES]), np.array([-1.6, 1.6]), "LINEAR")
    at = np.arange(HZ * N_FRAMES // FPS) / HZ
    tone = 0.5 * np.sin(2 * np.pi * 440 * at) * (at >= LOUD_S)
    with wave.open(str(tmp_path / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HZ)
        file.writeframes((tone * 32000).astype("<i2").tobytes())
    scene.sequence_editor_create()
    compat.strips_of(scene).new_sound("tone", str(tmp_path / "tone.wav"), 1, 1)
    path = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def test_every_frame_is_there_once_in_order_and_the_sound_in_time(
    blend: Path, tmp_path: Path
) -> None:
    target, said = tmp_path / "video.mp4", []
    side_by_side.render(
        bpy.context.scene, blend, target, lambda fraction, text: said.append(fraction), SIZE, 2
    )
    with av.open(str(target)) as video:
        pictures = list(video.decode(video=0))
    assert [round(float(picture.time) * FPS) for picture in pictures] == list(range(N_FRAMES))
    places = [_place(picture.to_ndarray(format="gray")) for picture in pictures]
    steps = np.diff(places)
    assert steps.min() > 0
    assert steps.max() < 6, "a frame lacks"
    with av.open(str(target)) as video:
        heard = [(frame.time, np.abs(frame.to_ndarray()).max()) for frame in video.decode(audio=0)]
    loud = next(time for time, level in heard if level > 0.1)
    assert loud == pytest.approx(LOUD_S, abs=0.03)
    assert heard[-1][0] == pytest.approx(N_FRAMES / FPS, abs=0.05)
    assert said == sorted(said)
    assert said[-1] == 1.0


def test_nothing_is_left_of_what_is_cancelled(blend: Path, tmp_path: Path) -> None:
    def cancel(fraction: float, text: str) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        side_by_side.render(bpy.context.scene, blend, tmp_path / "video.mp4", cancel, SIZE, 2)
    assert not list(tmp_path.glob("*.mp4"))
    assert not list(tmp_path.glob(".dualtalk-*"))


def test_a_scene_without_a_camera_is_said_before_the_work(blend: Path, tmp_path: Path) -> None:
    bpy.context.scene.camera = None
    with pytest.raises(RigError, match="camera"):
        side_by_side.render(bpy.context.scene, blend, tmp_path / "video.mp4", n_blenders=2)


def _place(picture: np.ndarray) -> float:
    """Return where the bright plane is in a picture (height, width), pixels."""
    bright = np.clip(picture.astype(float) - 150, 0, None)
    return float((bright.sum(axis=0) * np.arange(picture.shape[1])).sum() / bright.sum())
