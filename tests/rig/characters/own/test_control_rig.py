"""A rig of bones and custom properties learns by example, and is keyed where animators key."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.errors import RigError  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD  # noqa: E402
from dualtalk.rig import actions, fcurves  # noqa: E402
from dualtalk.rig.characters.own import control_rig  # noqa: E402

MODES = ("QUATERNION", "XYZ", "ZXY", "AXIS_ANGLE")


@pytest.fixture
def rig() -> bpy.types.Object:
    """Return an armature with a jaw, a mouth's corner and a property for the brows."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.data.objects.new("Puppet", bpy.data.armatures.new("Puppet"))
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    for name, head in (("jaw", (0, 0, 0)), ("corner.L", (0.1, 0, 0)), ("ctrl_brows", (0, 0, 1))):
        bone = made.data.edit_bones.new(name)
        bone.head, bone.tail = head, (head[0], head[1] - 0.1, head[2])
    bpy.ops.object.mode_set(mode="OBJECT")
    made.pose.bones["ctrl_brows"]["raise"] = 0.25
    made["mood"] = 1.0
    return made


def shown(rig: bpy.types.Object, mode: str) -> None:
    jaw, corner = rig.pose.bones["jaw"], rig.pose.bones["corner.L"]
    jaw.rotation_mode = mode
    control_rig.remember_rest(rig)
    turn = (0.3, 0.1, 0.0)
    if mode == "QUATERNION":
        jaw.rotation_quaternion = (np.cos(0.15), np.sin(0.15), 0, 0)
    elif mode == "AXIS_ANGLE":
        jaw.rotation_axis_angle = (0.3, 1, 0, 0)
    else:
        jaw.rotation_euler = (turn[0], 0, 0)
    control_rig.learn(rig, "jawOpen")
    control_rig.show(rig, {})
    corner.location = (0.0, 0.02, 0.01)
    control_rig.learn(rig, "mouthSmileLeft")
    control_rig.show(rig, {})
    rig.pose.bones["ctrl_brows"]["raise"] = 1.25
    control_rig.learn(rig, "browInnerUp")
    control_rig.show(rig, {})


def moving() -> Motion:
    motion = Motion.at_rest(50)
    motion.jaw[:, 0] = JAW_OPEN_RAD * np.linspace(0, 1, 50)
    motion.expression[:, ARKIT_INDEX["mouthSmileLeft"]] = np.linspace(1, 0, 50)
    motion.expression[:, ARKIT_INDEX["browInnerUp"]] = 0.5
    return motion


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("fps", "base", "first"), [(25, 1.0, 1), (24, 1.001, 1001), (60, 1.0, 1)])
def test_keys_are_on_the_controls(
    rig: bpy.types.Object, mode: str, fps: int, base: float, first: int
) -> None:
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = fps, base
    shown(rig, mode)
    control_rig.write(rig, moving(), scene, first)
    last = first + round(49 / 25 * fps / base)
    scene.frame_set(last)
    jaw = rig.pose.bones["jaw"].matrix_basis.to_quaternion()
    assert jaw.angle == pytest.approx(0.3, abs=0.01)
    assert jaw.axis.x == pytest.approx(1.0, abs=1e-3)
    assert rig.pose.bones["ctrl_brows"]["raise"] == pytest.approx(0.75, abs=1e-3)
    scene.frame_set(first)
    assert tuple(rig.pose.bones["corner.L"].location) == pytest.approx((0, 0.02, 0.01), abs=1e-5)
    assert rig.pose.bones["jaw"].matrix_basis.to_quaternion().angle < 1e-3
    assert rig["mood"] == 1.0


def test_an_action_of_the_users_is_kept_and_goes_on(rig: bpy.types.Object) -> None:
    shown(rig, "QUATERNION")
    mine = bpy.data.actions.new("mine")
    rig.animation_data_create().action = mine
    curve = fcurves.ensure_fcurve(rig, "location", 2)
    fcurves.set_keys(curve, np.array([1.0, 10.0]), np.array([0.0, 3.0]))
    for _ in range(2):
        control_rig.write(rig, moving(), bpy.context.scene, 1)
    assert mine.use_fake_user
    assert actions.is_ours(rig.animation_data.action)
    assert fcurves.find_fcurve(rig, "location", 2).evaluate(10) == 3.0
    assert len([a for a in bpy.data.actions if actions.is_ours(a)]) == 1


def test_what_cannot_be_learned_is_said(rig: bpy.types.Object) -> None:
    with pytest.raises(RigError, match="Remember Calm Face first"):
        control_rig.learn(rig, "jawOpen")
    control_rig.remember_rest(rig)
    with pytest.raises(RigError, match="is at rest"):
        control_rig.learn(rig, "jawOpen")
    with pytest.raises(RigError, match="shown no poses"):
        control_rig.write(rig, moving(), bpy.context.scene, 1)


def test_showing_and_resting(rig: bpy.types.Object) -> None:
    shown(rig, "XYZ")
    control_rig.show(rig, {"jawOpen": 0.5, "mouthSmileLeft": 1.0})
    assert rig.pose.bones["jaw"].rotation_euler.x == pytest.approx(0.15, abs=1e-5)
    assert rig.pose.bones["corner.L"].location.y == pytest.approx(0.02)
    control_rig.show(rig, {})
    assert rig.pose.bones["jaw"].rotation_euler.x == pytest.approx(0.0, abs=1e-6)
    assert rig.pose.bones["ctrl_brows"]["raise"] == pytest.approx(0.25)


def pose_asset(rig: bpy.types.Object, name: str, bone: str, channel: str, value: float) -> None:
    """Put a pose into the file as an animator's library has it."""
    pose = rig.pose.bones[bone]
    pose.rotation_mode = "XYZ"
    before = getattr(pose, channel)[0]
    getattr(pose, channel)[0] = before + value
    pose.keyframe_insert(channel, frame=7)
    action = rig.animation_data.action
    action.name = name
    action.use_fake_user = True
    action.asset_mark()
    rig.animation_data_clear()
    getattr(pose, channel)[0] = before


def test_poses_of_a_library_are_learned_by_their_names(rig: bpy.types.Object) -> None:
    pose_asset(rig, "Jaw_Open", "jaw", "rotation_euler", 0.3)
    pose_asset(rig, "AU12_L", "corner.L", "location", 0.02)
    pose_asset(rig, "headTurnLeft", "ctrl_brows", "location", 0.1)
    pose_asset(rig, "Thumbs Up", "corner.L", "location", 0.5)  # of no face
    control_rig.remember_rest(rig)
    found = control_rig.learn_assets(rig)
    assert sorted(found) == ["headTurnLeft", "jawOpen", "mouthSmileLeft"]
    poses = control_rig.learned(rig).poses
    assert poses["jawOpen"]['pose.bones["jaw"].rotation'][0] == pytest.approx(0.3, abs=1e-5)
    assert poses["mouthSmileLeft"]['pose.bones["corner.L"].location'][0] == pytest.approx(0.02)
    assert rig.pose.bones["corner.L"].location[0] == pytest.approx(0)  # at rest again


def test_without_poses_of_known_names_it_says_what_to_do(rig: bpy.types.Object) -> None:
    control_rig.remember_rest(rig)
    pose_asset(rig, "Thumbs Up", "corner.L", "location", 0.5)
    with pytest.raises(RigError, match=r"No pose asset .* Append"):
        control_rig.learn_assets(rig)
