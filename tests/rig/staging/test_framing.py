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


def staged(preset: str) -> bpy.types.Scene:
    """Return a scene of two built heads whose meshes are flat red and green, all else black."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene_writer.write_performance(scene, still(), Settings(staging=PRESETS[preset].staging))
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
    render.resolution_percentage = 100
    return scene


def use_aspect(scene: bpy.types.Scene, preset: str, aspect: float) -> None:
    rig_cameras.build(scene, cameras(PRESETS[preset].staging, aspect), scene.collection)
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, round(WIDTH / aspect)


def seen(
    scene: bpy.types.Scene, shot: str, path: Path, with_stage: bool = True
) -> dict[int, np.ndarray]:
    """Return the pixels of each speaker, (height, width) from the lower left.

    Without the stage nobody stands behind a desk.
    """
    for obj in scene.objects:
        if property_names.STAGE in obj:
            obj.hide_render = not with_stage
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
    preview.require_rendering()


#: Wide, square, and of a phone; how much of the picture both take in the two-shot, and how high
#: each face is there at least, from chin to hairline, as a share of the picture's height.
ASPECTS = {16 / 9: (0.12, 0.17), 1.0: (0.08, 0.13), 9 / 16: (0.05, 0.075)}
FACE_M = 0.19


@pytest.mark.parametrize("preset", PRESETS)
def test_what_each_camera_sees(preset: str, tmp_path: Path) -> None:
    scene = staged(preset)
    for aspect, (both_least, face_least) in ASPECTS.items():
        use_aspect(scene, preset, aspect)
        for near, far, over, close in ((1, 2, "over_a", "close_a"), (2, 1, "over_b", "close_b")):
            look_over_the_shoulder(scene, aspect, near, far, seen(scene, over, tmp_path / "o.png"))
            alone = seen(scene, close, tmp_path / "close.png", with_stage=False)
            assert alone[far].mean() < 0.03, "the partner stands in the close-up"
            rows = np.flatnonzero(alone[near].any(axis=1)) / alone[near].shape[0]
            assert 0.75 < rows.max() < 0.99, "no head room, or too much"
            if aspect > 1:
                assert rows.min() < 0.02, "the bust ends in the picture"
                in_room = seen(scene, close, tmp_path / "room.png")
                hidden = alone[near].mean() - in_room[near].mean()
                assert hidden < 0.002, "furniture stands before a close-up"
            assert (np.abs(eyes_in_picture(scene, near) - 0.5) < 0.5).all()
            assert face_share(scene, near) > 0.32, "a close-up that is not close"

        both = seen(scene, "two_shot", tmp_path / "two.png")
        for speaker in (1, 2):
            rows = np.flatnonzero(both[speaker].any(axis=1)) / both[speaker].shape[0]
            assert rows.max() < 0.99, "a head is cut"
            assert (np.abs(eyes_in_picture(scene, speaker) - 0.5) < 0.5).all()
            assert face_share(scene, speaker) > face_least
        assert both[1].mean() + both[2].mean() > both_least


def look_over_the_shoulder(
    scene: bpy.types.Scene, aspect: float, near: int, far: int, both: dict[int, np.ndarray]
) -> None:
    assert both[near].mean() <= 0.25, "the near head takes more than a quarter"
    assert both[near].any(), "nobody is seen over whose shoulder it is"
    eyes = eyes_in_picture(scene, far)
    assert (np.abs(eyes - 0.5) < 0.5).all()
    aside = abs(eyes.mean(axis=0)[0] - 0.5)  # heads turn to the partner after framing
    assert abs(aside - 1 / 6) < (0.06 if aspect > 1 else 0.12), "not on a third"
    assert 0.30 < face_share(scene, far) < 0.37, "the face is not a third of the height"
    middle = eyes.mean(axis=0) * both[far].shape[::-1]
    assert both[far][int(middle[1]), int(middle[0])], "something hides the face"


def face_share(scene: bpy.types.Scene, speaker: int) -> float:
    """Return how high a face is from chin to hairline, as a share of the picture's height."""
    armature = heads.find(scene, speaker).armature
    eyes = armature.matrix_world @ armature.pose.bones["eye_left"].head
    low, high = (world_to_camera_view(scene, scene.camera, eyes + Vector((0, 0, z)))[1]
                 for z in (-0.6 * FACE_M, 0.4 * FACE_M))  # fmt: skip
    return high - low


@pytest.mark.parametrize("preset", PRESETS)
def test_the_two_shot_shows_both_faces_and_no_end_of_a_bust(preset: str, tmp_path: Path) -> None:
    scene = staged(preset)
    use_aspect(scene, preset, 16 / 9)
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
