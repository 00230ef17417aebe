"""FLAME heads: what Blender evaluates is what FLAME computes."""

from functools import partial
from pathlib import Path

import bpy
import numpy as np
import pytest
from dualtalk.core.errors import RigError
from dualtalk.core.faces import flame_file
from dualtalk.core.faces.flame_model import FlameModel
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES, BONES
from dualtalk.rig.characters import flame_building, heads
from dualtalk.rig.characters.construction import to_blender
from dualtalk.rig.characters.flame import expression_name
from dualtalk.rig.characters.flame_building import FlameOptions
from dualtalk.rig.gaze import gaze_rig
from dualtalk.rig.performance import motion_reader, motion_writer
from dualtalk.tests.scenes import calls_of, evaluated

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden" / "flame.npz"
needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason="the shared golden files are absent")


def ball(n_vertices: int = 5023, seed: int = 0) -> FlameModel:
    """Return a FLAME model of random numbers, of the real one's size by default."""
    draw = np.random.default_rng(seed)
    template = draw.standard_normal((n_vertices, 3))
    template *= 0.1 / np.linalg.norm(template, axis=1, keepdims=True)
    joints = np.array([[0, -0.1, 0], [0, -0.08, 0], [0, -0.03, 0.03], [0.03, 0.03, 0.07],
                       [-0.03, 0.03, 0.07]])  # fmt: skip
    near = np.exp(-((np.linalg.norm(template[:, None] - joints, axis=2) / 0.05) ** 2)) + 1e-9
    return FlameModel(
        template,
        np.stack([np.arange(n_vertices - 2) + i for i in range(3)], axis=1).astype(np.int32),
        draw.standard_normal((n_vertices, 3, 300)) * 1e-3,
        draw.standard_normal((n_vertices, 3, 100)) * 1e-3,
        draw.standard_normal((n_vertices, 3, 36)) * 1e-3,
        (near / near.sum(axis=0)).T,
        near / near.sum(axis=1, keepdims=True),
    )


@needs_golden
@pytest.mark.parametrize("n_identity", [300, 0])
def test_evaluated_vertices_are_flames(scene: bpy.types.Scene, n_identity: int) -> None:
    with np.load(GOLDEN) as file:
        golden = dict(file)
    shape, pose = golden["in_shape"], golden["in_pose"]
    frames = range(len(shape)) if n_identity else range(1)
    options = FlameOptions(shape[0], n_identity=n_identity, n_expression=100)
    character = flame_building.build(flame_file.load(GOLDEN), 1, "Head", scene.collection, options)
    motion = Motion.from_arrays(
        golden["in_expression"], pose[:, 2], pose[:, 1], pose[:, 3:], golden["in_translation"],
        basis="flame",
    )  # fmt: skip
    motion_writer.write_motion(character, motion, scene, 1)
    for frame in frames:
        if n_identity:
            character.set_identity(shape[frame])
        root = character.armature.pose.bones["root"]
        root.rotation_quaternion = motion_writer.quaternions(pose[frame : frame + 1, 0])[0]
        scene.frame_set(1 + frame)
        wanted = to_blender(golden["out_vertices"][frame])
        np.testing.assert_allclose(evaluated(character.mesh), wanted, atol=1e-4)


def test_correctives_and_gaze_follow_the_model(scene: bpy.types.Scene) -> None:
    """Also where a constraint turns the bones, which keys do not know of."""
    model = ball(300)
    character = flame_building.build(
        model, 1, "Head", scene.collection, FlameOptions(n_expression=5)
    )
    target = bpy.data.objects.new("Target", None)
    target.location = (0.4, -1.0, 0.3)
    scene.collection.objects.link(target)
    for bone in gaze_rig.EYE_BONES:
        track = character.armature.pose.bones[bone].constraints.new("DAMPED_TRACK")
        track.target, track.track_axis = target, "TRACK_Z"
    character.keep_constraints_in_order()
    expression = np.array([[1.0, -2.0, 0.5, 0.0, 3.0]])
    motion = Motion.from_arrays(expression, np.array([[0.3, 0.1, 0]]), basis="flame")
    motion_writer.write_motion(character, motion, scene, 1)
    scene.frame_set(1)
    pose = np.zeros((1, 5, 3))
    pose[0, 2] = (0.3, 0.1, 0)
    for bone in gaze_rig.EYE_BONES:
        pose[0, BONES.index(bone)] = local_turn(character.armature, bone)
    assert np.linalg.norm(pose[0, 3]) > 0.3
    nothing = np.zeros((1, 3))
    wanted = to_blender(model.vertices(np.zeros((1, 1)), expression, pose, nothing)[0])
    np.testing.assert_allclose(evaluated(character.mesh), wanted, atol=1e-4)
    character.set_correctives(False)
    bpy.context.view_layer.update()
    assert np.abs(evaluated(character.mesh) - wanted).max() > 1e-3
    assert not character.are_correctives_on
    character.set_correctives(True)
    bpy.context.view_layer.update()
    np.testing.assert_allclose(evaluated(character.mesh), wanted, atol=1e-4)


def local_turn(armature: bpy.types.Object, bone: str) -> np.ndarray:
    """Return how a bone is turned relative to its parent, axis-angle."""
    seen = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    pose = seen.pose.bones[bone]
    local = seen.convert_space(
        pose_bone=pose, matrix=pose.matrix, from_space="POSE", to_space="LOCAL"
    )
    axis, angle = local.to_quaternion().to_axis_angle()
    return np.array(axis) * angle


def test_identity_moves_the_joints(scene: bpy.types.Scene) -> None:
    model = ball(300)
    character = flame_building.build(model, 1, "Head", scene.collection, FlameOptions(n_identity=3))
    shape = np.array([2.0, -3.0, 5.0])
    character.set_identity(shape)
    wanted = to_blender(model.joints(model.shaped(shape[None], np.zeros((1, 0))))[0])
    found = [character.armature.data.bones[bone].head_local for bone in BONES]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert bpy.context.mode == "OBJECT"


def test_large_and_negative_coefficients_are_not_clamped(scene: bpy.types.Scene) -> None:
    character = flame_building.build(
        ball(50), 1, "Head", scene.collection, FlameOptions(n_identity=0)
    )
    expression = np.linspace(-9, 9, 50)[None]
    motion = Motion.from_arrays(expression, basis="flame")
    motion_writer.write_motion(character, motion, scene, 1)
    scene.frame_set(1)
    keys = character.mesh.data.shape_keys.key_blocks
    found = [keys[expression_name(index)].value for index in range(50)]
    np.testing.assert_allclose(found, expression[0], atol=1e-5)


def test_a_head_is_found_again_and_motion_that_does_not_fit_is_refused(
    scene: bpy.types.Scene,
) -> None:
    options = FlameOptions(n_identity=0, n_expression=50, with_names=False)
    made = flame_building.build(ball(50), 2, "Head", scene.collection, options)
    assert heads.find(scene, 2) == made
    assert heads.find(scene, 1) is None
    with pytest.raises(RigError, match="'arkit'"):
        motion_writer.write_motion(made, Motion.at_rest(3), scene, 1)
    with pytest.raises(RigError, match="50 sliders of expression, but the motion has 60"):
        motion_writer.write_motion(
            made, Motion.from_arrays(np.ones((2, 60)), basis="flame"), scene, 1
        )
    assert made.armature.animation_data is None


def test_named_shapes_play_what_the_built_in_head_plays(scene: bpy.types.Scene) -> None:
    character = flame_building.build(ball(800), 1, "Head", scene.collection)
    expression = np.random.default_rng(3).random((5, 40)).astype(np.float32)
    motion_writer.write_motion(
        character, Motion.from_arrays(np.ones((5, 50)), basis="flame"), scene, 1
    )
    motion_writer.write_motion(character, Motion.from_arrays(expression), scene, 1)
    keys = character.mesh.data.shape_keys.key_blocks
    for frame in (1, 4):
        scene.frame_set(frame)
        shown = [keys[name].value for name in ARKIT_SHAPES]
        np.testing.assert_allclose(shown, expression[frame - 1], atol=1e-5)
        assert keys[expression_name(0)].value == 0.0
    scene.frame_start, scene.frame_end = 1, 5
    other = flame_building.build(ball(800), 2, "Other", scene.collection)
    motion_writer.write_motion(other, Motion.from_arrays(np.ones((5, 50)), basis="flame"), scene, 1)
    read = motion_reader.read_motions(scene, (character, other))
    assert [motion.basis for motion in read] == ["arkit", "flame"]
    np.testing.assert_allclose(read[0].expression, expression, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (FlameOptions(n_identity=301), "choose 0 to 300"),
        (FlameOptions(n_expression=101), "choose 0 to 100"),
        (FlameOptions(np.zeros(301)), "FLAME has 300"),
    ],
)
def test_options_that_do_not_fit_leave_nothing_behind(
    scene: bpy.types.Scene, options: FlameOptions, message: str
) -> None:
    with pytest.raises(RigError, match=message):
        flame_building.build(ball(50), 1, "Head", scene.collection, options)
    assert not bpy.data.objects
    assert not bpy.data.meshes


def test_a_head_of_full_size_costs_little_more_than_a_small_one(scene: bpy.types.Scene) -> None:
    small, large = (
        calls_of(partial(flame_building.build, model, speaker, "Head", scene.collection))
        for speaker, model in ((1, ball(500)), (2, ball(5023)))
    )
    # 27 calls for a vertex, to weigh it on five bones; 400 shapes are written in bulk.
    assert (large - small) / (5023 - 500) < 40
