"""Shoulders rise with every breath, whatever is worn, and nothing of it stays behind."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.faces.builtin_head import HeadModel  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.performance import Performance, Settings  # noqa: E402
from dualtalk.rig.characters import heads, removal, wardrobe  # noqa: E402
from dualtalk.rig.performance import scene_writer  # noqa: E402


@pytest.fixture
def scene() -> bpy.types.Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    motion = Motion.from_arrays(np.zeros((250, 40)), np.zeros((250, 3)), np.zeros((250, 3)))
    speaking = np.zeros((2, 250), bool)
    speaking[0, 100:200] = True
    scene_writer.write_performance(scene, Performance((motion, motion), (), speaking), Settings())
    return scene


def lift(scene: bpy.types.Scene, speaker: int) -> np.ndarray:
    """Return how high the garment is in every fifth frame."""
    found = []
    for frame in range(1, 250, 5):
        scene.frame_set(frame)
        found.append(wardrobe.worn_by(heads.find(scene, speaker).armature)["clothes"].location.z)
    return np.array(found)


def test_both_breathe_and_not_in_step(scene: bpy.types.Scene) -> None:
    first, second = lift(scene, 1), lift(scene, 2)
    for moved in (first, second):
        assert 0.0015 < np.ptp(moved) < 0.006
    assert np.abs(first - second).max() > 0.001


def test_other_clothes_breathe_on(scene: bpy.types.Scene) -> None:
    before = lift(scene, 1)
    heads.find(scene, 1).wear("clothes", "turtleneck", HeadModel.bundled())
    np.testing.assert_allclose(lift(scene, 1), before, atol=1e-6)


def test_nothing_stays_behind(scene: bpy.types.Scene) -> None:
    for speaker in (1, 2):
        removal.remove(scene, speaker)
    assert not [action.name for action in bpy.data.actions if "breath" in action.name]
