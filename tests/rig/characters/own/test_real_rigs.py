"""Rigs that animators have: Rigify's face as Blender makes it, and a board of MetaHuman's names."""

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters.own import control_rig  # noqa: E402

N_FRAMES = 20
#: What Rigify builds under the controls: nothing of it may be keyed.
UNDER = ("ORG-", "MCH-", "DEF-")


def rigify() -> bpy.types.Object:
    """Return the rig that Blender's own Rigify generates of its human's head and spine."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_human_metarig_add()
    meta = bpy.context.object
    bones = meta.data.bones
    kept = {"face", *(bone.name for bone in bones["face"].children_recursive)}
    kept |= {bone.name for bone in bones if bone.name.startswith("spine")}
    bpy.ops.object.mode_set(mode="EDIT")
    for bone in [bone for bone in meta.data.edit_bones if bone.name not in kept]:
        meta.data.edit_bones.remove(bone)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.pose.rigify_generate()
    return bpy.context.object


def learn(rig: bpy.types.Object, control: str, moves: dict[str, tuple[str, int, float]]) -> None:
    """Pose bones (name -> channel, index, by how much), learn the pose, go back to rest."""
    for name, (channel, index, by) in moves.items():
        getattr(rig.pose.bones[name], channel)[index] += by
    control_rig.learn(rig, control)
    control_rig.show(rig, {})


def moving() -> Motion:
    """Return a mouth that opens while it begins to smile, and a lid that closes."""
    motion, ramp = Motion.at_rest(N_FRAMES), np.linspace(0, 1, N_FRAMES)
    motion.jaw[:, 0] = JAW_OPEN_RAD * ramp
    motion.expression[:, ARKIT_INDEX["mouthSmileLeft"]] = ramp
    motion.expression[:, ARKIT_INDEX["eyeBlinkLeft"]] = ramp
    return motion


def at(rig: bpy.types.Object, frame: int, bone: str) -> np.ndarray:
    """Return where a bone's tail is when a frame is shown."""
    bpy.context.scene.frame_set(frame)
    seen = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array(seen.pose.bones[bone].tail)


def test_rigifys_face_is_keyed_on_its_controls() -> None:
    rig = rigify()
    control_rig.remember_rest(rig)
    learn(rig, "jawOpen", {"jaw_master": ("rotation_quaternion", 1, 0.25)})
    learn(rig, "mouthSmileLeft", {"lips.L": ("location", 2, 0.01)})
    learn(rig, "eyeBlinkLeft", {"lid.T.L.002": ("location", 2, -0.01)})
    scene = bpy.context.scene
    scene.render.fps = 25
    control_rig.write(rig, moving(), scene, 1)
    paths = {curve.data_path for curve in fcurves.curves_of(rig)}
    keyed = {path.split('"')[1] for path in paths}
    assert keyed == {"jaw_master", "lips.L", "lid.T.L.002"}
    assert not any(name.startswith(UNDER) for name in keyed)
    for bone in ("DEF-jaw", "DEF-lip.T.L.001", "DEF-lid.T.L.001"):  # what skins the face follows
        assert np.linalg.norm(at(rig, N_FRAMES, bone) - at(rig, 1, bone)) > 0.003
    still = ("DEF-lid.T.R.001", "DEF-brow.T.R.001")
    for bone in still:
        assert np.linalg.norm(at(rig, N_FRAMES, bone) - at(rig, 1, bone)) < 1e-5
    bpy.ops.preferences.addon_disable(module="rigify")


BOARD = ("CTRL_C_jaw", "CTRL_L_mouth_cornerPull", "CTRL_L_eye_blink", "CTRL_faceGUI")


def board() -> bpy.types.Object:
    """Return a board of MetaHuman's names: sliders that are bones, and numbers on a bone.

    One number is driven by a slider, as boards hand on what an animator moves.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.data.objects.new("FaceBoard", bpy.data.armatures.new("FaceBoard"))
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    for index, name in enumerate(BOARD):
        bone = made.data.edit_bones.new(name)
        bone.head, bone.tail = (0.1 * index, 0, 0), (0.1 * index, 0, 0.05)
    bpy.ops.object.mode_set(mode="OBJECT")
    gui = made.pose.bones["CTRL_faceGUI"]
    gui["CTRL_expressions_eyeBlinkL"] = 0.0
    gui["CTRL_expressions_jawOpen"] = 0.0
    driver = made.driver_add('pose.bones["CTRL_faceGUI"]["CTRL_expressions_jawOpen"]').driver
    driver.type = "AVERAGE"
    variable = driver.variables.new()
    variable.type = "SINGLE_PROP"
    variable.targets[0].id = made
    variable.targets[0].data_path = 'pose.bones["CTRL_C_jaw"].location[1]'
    return made


def test_metahumans_board_is_keyed_where_nothing_drives_it() -> None:
    rig = board()
    control_rig.remember_rest(rig)
    rig.pose.bones["CTRL_C_jaw"].location[1] = 1.0
    bpy.context.view_layer.update()
    assert rig.pose.bones["CTRL_faceGUI"]["CTRL_expressions_jawOpen"] == pytest.approx(1.0)
    control_rig.learn(rig, "jawOpen")
    control_rig.show(rig, {})
    learn(rig, "mouthSmileLeft", {"CTRL_L_mouth_cornerPull": ("location", 1, 1.0)})
    rig.pose.bones["CTRL_faceGUI"]["CTRL_expressions_eyeBlinkL"] = 1.0
    control_rig.learn(rig, "eyeBlinkLeft")
    scene = bpy.context.scene
    scene.render.fps = 25
    control_rig.write(rig, moving(), scene, 1001)
    moved = {
        curve.data_path
        for curve in fcurves.curves_of(rig)
        if np.ptp([curve.evaluate(1001 + frame) for frame in range(N_FRAMES)]) > 0.5
    }
    assert moved == {
        'pose.bones["CTRL_C_jaw"].location', 'pose.bones["CTRL_L_mouth_cornerPull"].location',
        'pose.bones["CTRL_faceGUI"]["CTRL_expressions_eyeBlinkL"]',
    }  # fmt: skip
    scene.frame_set(1000 + N_FRAMES)
    gui = rig.pose.bones["CTRL_faceGUI"]
    assert gui["CTRL_expressions_jawOpen"] == pytest.approx(1.0, abs=0.02)
