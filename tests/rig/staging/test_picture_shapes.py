"""Cameras are framed for the scene's picture, and for that of a video of another shape."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from bpy_extras.object_utils import world_to_camera_view  # noqa: E402
from dualtalk.core.directing.staging import PRESETS  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig import property_names  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.output import preview  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402
from dualtalk.rig.staging import directing, framing  # noqa: E402
from mathutils import Vector  # noqa: E402

WIDE, PHONE = (1280, 720), (720, 1280)
FACE_M = 0.19


def written(size: tuple[int, int]) -> bpy.types.Scene:
    """Return a scene of two who sit in an interview, for a picture of a size."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = size
    motion = Motion.from_arrays(np.zeros((100, 40)), np.zeros((100, 3)), np.zeros((100, 3)))
    speaking = np.zeros((2, 100), bool)
    speaking[0, 20:90] = True
    performance = Performance((motion, motion), (), speaking)
    settings = Settings(staging=PRESETS["interview"].staging, cuts_to_speaker=True)
    scene_writer.write_performance(scene, performance, settings)
    bpy.context.view_layer.update()
    return scene


@pytest.fixture(scope="module")
def wide() -> bpy.types.Scene:
    return written(WIDE)


def camera(scene: bpy.types.Scene, shot: str) -> bpy.types.Object:
    return next(obj for obj in scene.objects if obj.get(property_names.SHOT) == shot)


def face_share(scene: bpy.types.Scene, shot: str, speaker: int, size: tuple[int, int]) -> float:
    """Return the height of a face as a share of a picture of this size through one camera."""
    before = scene.render.resolution_x, scene.render.resolution_y
    scene.render.resolution_x, scene.render.resolution_y = size
    armature = heads.find(scene, speaker).armature
    eyes = armature.matrix_world @ armature.pose.bones["eye_left"].head
    low, high = (world_to_camera_view(scene, camera(scene, shot), eyes + Vector((0, 0, z)))[1]
                 for z in (-0.6 * FACE_M, 0.4 * FACE_M))  # fmt: skip
    scene.render.resolution_x, scene.render.resolution_y = before
    return high - low


def places(scene: bpy.types.Scene) -> dict[str, list[float]]:
    return {obj.name: [*np.array(obj.matrix_world).ravel(), obj.data.lens]
            for obj in scene.objects if property_names.SHOT in obj}  # fmt: skip


def test_a_scene_for_phones_is_framed_and_cut_for_them() -> None:
    scene = written(PHONE)
    for speaker in (1, 2):
        assert face_share(scene, "two_shot", speaker, PHONE) > 0.09
    assert face_share(scene, "over_b", 1, PHONE) == pytest.approx(0.33, abs=0.03)
    first = min(scene.timeline_markers, key=lambda marker: marker.frame)
    assert first.camera is camera(scene, "over_b"), "it begins with who speaks"
    directing.stage(scene, PRESETS["table"].staging)
    bpy.context.view_layer.update()
    assert face_share(scene, "over_b", 1, PHONE) == pytest.approx(0.33, abs=0.03)


def test_a_video_of_another_shape_is_framed_for_it(wide: bpy.types.Scene) -> None:
    before = places(wide)
    cut_out = face_share(wide, "over_b", 1, PHONE)
    with preview._preview_settings(wide, PHONE, "WORKBENCH"):
        bpy.context.view_layer.update()
        assert face_share(wide, "over_b", 1, PHONE) == pytest.approx(0.33, abs=0.03)
        assert face_share(wide, "over_b", 1, PHONE) > 2 * cut_out
    after = places(wide)
    for name, values in before.items():
        np.testing.assert_allclose(after[name], values, atol=1e-5)


def test_the_same_shape_leaves_cameras_where_they_are(wide: bpy.types.Scene) -> None:
    before = places(wide)
    with framing.framed_for(wide, (1920, 1080)):
        during = places(wide)
    for name, values in before.items():
        np.testing.assert_allclose(during[name], values, atol=1e-5)


def test_a_camera_that_somebody_moved_stays(wide: bpy.types.Scene) -> None:
    moved = camera(wide, "two_shot")
    moved.location.z += 0.3
    bpy.context.view_layer.update()
    place = moved.matrix_world.copy()
    with framing.framed_for(wide, PHONE):
        assert moved.matrix_world == place
