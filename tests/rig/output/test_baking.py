"""Baking gaze to plain keys, and back."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

from dualtalk.core.directing.gaze_plan import plan_gaze  # noqa: E402
from dualtalk.core.directing.staging import PRESETS  # noqa: E402
from dualtalk.core.errors import InputError  # noqa: E402
from dualtalk.rig.gaze import gaze_keys, gaze_rig  # noqa: E402
from dualtalk.rig.output import baking  # noqa: E402
from dualtalk.tests.scenes import stage_and_write, sway, talk  # noqa: E402

N_FRAMES = 120


@pytest.fixture
def pair(pair):
    """Return two armatures who look at each other side by side."""
    speaking = talk(N_FRAMES / 25)
    stage_and_write(pair, PRESETS["bench"].staging, plan_gaze(speaking, seed=3))
    return pair


def poses(pair) -> np.ndarray:
    """Return the evaluated bone matrices, (n_frames, 2, 3, 4, 4)."""
    found = []
    for frame in range(1, N_FRAMES + 1):
        bpy.context.scene.frame_set(frame)
        depsgraph = bpy.context.evaluated_depsgraph_get()
        seen = [armature.evaluated_get(depsgraph) for armature in pair]
        # Copies: rows of a matrix of Blender's would all show the last frame.
        found.append([[np.array(s.pose.bones[b].matrix) for b in baking.BAKED_BONES] for s in seen])
    return np.array(found)


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ"])
def test_baked_keys_give_the_same_poses_without_constraints(pair, mode: str) -> None:
    if mode == "XYZ":
        sway(pair[0], N_FRAMES, 1)
    else:
        for armature in pair:
            for bone in armature.pose.bones:
                bone.rotation_mode = "QUATERNION"
    before = poses(pair)
    baking.bake(pair, 1, N_FRAMES)
    for armature in pair:
        gaze_rig.find_parts(armature).gaze.location = (5, 5, 5)
    assert poses(pair) == pytest.approx(before, abs=2e-4)
    assert all(baking.is_baked(armature) for armature in pair)


def test_what_is_selected_stays_so(pair) -> None:
    scene = bpy.context.scene
    mesh = bpy.data.objects.new("selected", bpy.data.meshes.new("selected"))
    scene.collection.objects.link(mesh)
    mesh.select_set(True)
    before = {obj.name for obj in scene.objects if obj.select_get()}
    baking.bake(pair, 1, 2)
    assert {obj.name for obj in scene.objects if obj.select_get()} == before


def test_unbaking_restores_the_action_and_the_constraints(pair) -> None:
    sway(pair[0], N_FRAMES, 1)
    before = poses(pair)
    action = pair[0].animation_data.action
    n_actions = len(bpy.data.actions)
    baking.bake(pair, 1, N_FRAMES)
    assert pair[0].animation_data.action != action
    baking.unbake(pair)
    assert pair[0].animation_data.action == action
    assert len(bpy.data.actions) == n_actions
    assert poses(pair) == pytest.approx(before, abs=1e-6)
    assert not any(c.mute for bone in pair[0].pose.bones for c in bone.constraints)


def test_meshes_are_left_out_while_baking_but_not_what_a_bone_needs(pair) -> None:
    """A target on a vertex of a mesh is still looked at, and all objects are shown again."""
    scene = bpy.context.scene
    ground = bpy.data.objects.new("ground", bpy.data.meshes.new("ground"))
    ground.data.from_pydata([(0, 0, 0)], [], [])
    hidden = bpy.data.objects.new("hidden", ground.data.copy())
    hidden.hide_viewport = True
    for obj in (ground, hidden):
        scene.collection.objects.link(obj)
    ground.keyframe_insert("location", frame=1)
    ground.location = (0.9, -0.3, 0.9)
    ground.keyframe_insert("location", frame=N_FRAMES)
    gaze = gaze_rig.find_parts(pair[0]).gaze
    follow = gaze.constraints.new("COPY_LOCATION")
    follow.target = ground
    before = poses(pair)
    assert np.ptp(before[:, 0], axis=0).max() > 0.1
    baking.bake(pair, 1, N_FRAMES)
    assert poses(pair) == pytest.approx(before, abs=2e-4)
    assert not ground.hide_viewport
    assert hidden.hide_viewport


def test_baking_twice_or_nothing_is_refused(pair) -> None:
    with pytest.raises(InputError, match="not baked"):
        baking.unbake(pair)
    with pytest.raises(InputError, match="no frames"):
        baking.bake(pair, 10, 5)
    baking.bake(pair, 1, 5)
    with pytest.raises(InputError, match="already"):
        baking.bake(pair, 1, 5)


def test_the_scene_remembers_its_plan_and_follows_edits(pair) -> None:
    known = gaze_keys.written(pair[0])
    assert known is not None
    assert known.plan == plan_gaze(talk(N_FRAMES / 25), seed=3)
    plan = gaze_keys.follow_edits(pair)
    assert (plan.at_partner() == known.plan.at_partner()).mean() > 0.99
    gaze_rig.remove(pair[0])
    with pytest.raises(InputError, match="no gaze"):
        gaze_keys.follow_edits(pair)
