"""What the cameras of a staging really see, measured on rendered masks."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from bpy_extras.object_utils import world_to_camera_view  # noqa: E402
from dualtalk.core.directing.shots import cameras  # noqa: E402
from dualtalk.core.directing.staging import PRESETS  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig import property_names  # noqa: E402
from dualtalk.rig.characters import heads, wardrobe  # noqa: E402
from dualtalk.rig.output import preview  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402
from dualtalk.rig.staging import cameras as rig_cameras  # noqa: E402
from mathutils import Vector  # noqa: E402

WIDTH = 192
COLORS = {1: (1.0, 0.0, 0.0, 1.0), 2: (0.0, 1.0, 0.0, 1.0)}


def still() -> Performance:
    motions = tuple(
        Motion.from_arrays(np.zeros((5, 40)), np.zeros((5, 3)), np.zeros((5, 3))) for _ in (1, 2)
    )
    return Performance((motions[0], motions[1]), (), np.zeros((2, 5), bool))


def staged(preset: str, aspect: float) -> bpy.types.Scene:
    """Return a scene of two built heads whose meshes are flat red and green, all else black."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    staging = PRESETS[preset].staging
    scene_writer.write_performance(scene, still(), Settings(staging=staging))
    rig_cameras.build(scene, cameras(staging, aspect), scene.collection)
    for obj in scene.objects:
        obj.color = (0.0, 0.0, 0.0, 1.0)
    for speaker, color in COLORS.items():
        for mesh in heads.find(scene, speaker).armature.children_recursive:
            mesh.color = color
    render, shading = scene.render, scene.display.shading
    render.engine = "BLENDER_WORKBENCH"
    shading.light, shading.color_type = "FLAT", "OBJECT"
    shading.background_type = "WORLD"
    scene.view_settings.view_transform = "Raw"
    scene.display.render_aa = "OFF"
    render.resolution_x, render.resolution_y = WIDTH, round(WIDTH / aspect)
    render.resolution_percentage = 100
    return scene


def seen(scene: bpy.types.Scene, shot: str, path: Path) -> dict[int, np.ndarray]:
    """Return the pixels of each speaker, (height, width) from the lower left."""
    scene.camera = next(o for o in scene.objects if o.get(property_names.SHOT) == shot)
    scene.camera.data.dof.use_dof = False
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    pixels = pixels.reshape(image.size[1], image.size[0], 4)
    bpy.data.images.remove(image)
    return {1: (pixels[..., 0] > 0.5) & (pixels[..., 1] < 0.5),
            2: (pixels[..., 1] > 0.5) & (pixels[..., 0] < 0.5)}  # fmt: skip


def eyes_in_picture(scene: bpy.types.Scene, speaker: int) -> np.ndarray:
    """Return where both eyes are in the picture of the scene's camera, (2, 2) of 0 to 1."""
    armature = heads.find(scene, speaker).armature
    points = [armature.matrix_world @ armature.pose.bones[f"eye_{side}"].head
              for side in ("left", "right")]  # fmt: skip
    return np.array([world_to_camera_view(scene, scene.camera, point)[:2] for point in points])


@pytest.fixture(scope="module", autouse=True)
def _can_render() -> None:
    preview._require_rendering()


SEATED_AND_STANDING = ("interview", "close", "bench")
SHOWN = [(preset, aspect) for aspect in (16 / 9, 9 / 16) for preset in SEATED_AND_STANDING]
SHOWN.append(("interview", 1.0))


@pytest.mark.parametrize(("preset", "aspect"), SHOWN)
def test_what_each_camera_sees(preset: str, aspect: float, tmp_path: Path) -> None:
    scene = staged(preset, aspect)
    for near, far, over, close in ((1, 2, "over_a", "close_a"), (2, 1, "over_b", "close_b")):
        both = seen(scene, over, tmp_path / "over.png")
        assert both[near].mean() <= 0.25, "the near head takes more than a quarter"
        assert both[near].any(), "nobody is seen over whose shoulder it is"
        eyes = eyes_in_picture(scene, far)
        assert (np.abs(eyes - 0.5) < 0.5).all()
        aside = abs(eyes.mean(axis=0)[0] - 0.5)  # heads turn to the partner after framing
        assert abs(aside - 1 / 6) < (0.06 if aspect > 1 else 0.12), "not on a third"
        middle = eyes.mean(axis=0) * both[far].shape[::-1]
        assert both[far][int(middle[1]), int(middle[0])], "something hides the face"

        alone = seen(scene, close, tmp_path / "close.png")
        assert alone[far].mean() < 0.03, "the partner stands in the close-up"
        rows = np.flatnonzero(alone[near].any(axis=1)) / alone[near].shape[0]
        assert 0.75 < rows.max() < 0.99, "no head room, or too much"
        if aspect > 1:
            assert rows.min() < 0.02, "the bust ends in the picture"
        assert (np.abs(eyes_in_picture(scene, near) - 0.5) < 0.5).all()

    both = seen(scene, "two_shot", tmp_path / "two.png")
    for speaker in (1, 2):
        columns = np.flatnonzero(both[speaker].any(axis=0)) / WIDTH
        assert columns.min() > 0 or columns.max() < 1
        assert (np.abs(eyes_in_picture(scene, speaker) - 0.5) < 0.5).all()
    assert both[1].mean() + both[2].mean() > (0.1 if aspect > 1 else 0.03)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_two_shot_shows_both_faces_and_no_end_of_a_bust(preset: str, tmp_path: Path) -> None:
    scene = staged(preset, 16 / 9)
    both = seen(scene, "two_shot", tmp_path / "two.png")
    graph = bpy.context.evaluated_depsgraph_get()
    for speaker in (1, 2):
        armature = heads.find(scene, speaker).armature
        neck = armature.evaluated_get(graph).pose.bones["neck"]
        turned = armature.matrix_world @ neck.matrix @ neck.bone.matrix_local.inverted()
        facing = turned.to_3x3() @ Vector((0.0, -1.0, 0.0))
        to_camera = scene.camera.matrix_world.translation - turned.translation
        off = np.degrees(facing.angle(to_camera))
        assert 20 < off < 62, f"the face of {speaker} is {off:.0f} degrees off the camera"

        garment = wardrobe.worn_by(armature)["clothes"].evaluated_get(graph)
        points = [garment.matrix_world @ vertex.co for vertex in garment.data.vertices]
        end = min(point.z for point in points) + 0.003
        for point in (point for point in points if point.z < end):
            x, y, _ = world_to_camera_view(scene, scene.camera, point)
            height, width = both[speaker].shape
            if 0 <= x < 1 and 0 <= y < 1:
                assert not both[speaker][int(y * height), int(x * width)], "a bust ends in view"
