"""Lip shapes, jaw and tongue, each as strong and as late as its sliders say."""

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.motion_layers import articulator_of  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX  # noqa: E402
from dualtalk.rig.characters import heads  # noqa: E402
from dualtalk.rig.performance.editing import edits, written  # noqa: E402
from dualtalk.tests.rig.performance.test_layer_strengths import (  # noqa: E402
    bone_turn,
    generated,
    key_values,
    scene,  # noqa: F401 - a fixture
)


def first_keys(name: str) -> float:
    """Return the frame of the first key of a curve of A."""
    character = heads.find(bpy.context.scene, 1)
    owner = character.armature if "bones" in name else character.mesh.data.shape_keys
    index = 1 if "bones" in name else 0
    return written.curves_of(owner)[name, index].keyframe_points[0].co.x


def test_names_say_which_articulator_moves() -> None:
    named = {name: articulator_of(name) for name in ARKIT_INDEX}
    assert [name for name, part in named.items() if part == "tongue"] == ["tongueOut"]
    assert named["mouthClose"] == "jaw"
    assert named["mouthPucker"] == "lip_shapes"


def test_the_jaw_is_scaled_with_what_closes_the_lips_over_it(scene, tmp_path: Path) -> None:  # noqa: F811
    generated(scene, tmp_path)
    keys, turn = key_values(scene, 20), bone_turn(scene, 20, "jaw")
    scene.dualtalk.strengths_a.jaw = 0.5
    scene.dualtalk.strengths_a.lips = 0.8
    now = key_values(scene, 20)
    assert bone_turn(scene, 20, "jaw") == pytest.approx(0.4 * turn, rel=0.05)
    assert now[ARKIT_INDEX["mouthClose"]] == pytest.approx(0.4 * keys[ARKIT_INDEX["mouthClose"]])
    assert now[ARKIT_INDEX["mouthPucker"]] == pytest.approx(0.8 * keys[ARKIT_INDEX["mouthPucker"]])
    scene.dualtalk.strengths_a.jaw = scene.dualtalk.strengths_a.lips = 1.0
    np.testing.assert_array_equal(key_values(scene, 20), keys)


def test_an_articulator_comes_later_on_its_own_and_goes_back_to_the_bit(
    scene,  # noqa: F811
    tmp_path: Path,
) -> None:
    generated(scene, tmp_path)
    before = key_values(scene, 20)
    jaw, pucker = 'pose.bones["jaw"].rotation_quaternion', 'key_blocks["mouthPucker"].value'
    scene.dualtalk.timing_a.jaw = 80.0
    scene.dualtalk.timing_a.lips = -40.0
    assert (first_keys(jaw), first_keys(pucker)) == (2.0, 0.0)
    assert not edits.find(scene)
    scene.dualtalk.timing_a.jaw = scene.dualtalk.timing_a.lips = 0.0
    assert (first_keys(jaw), first_keys(pucker)) == (1.0, 1.0)
    np.testing.assert_array_equal(key_values(scene, 20), before)
