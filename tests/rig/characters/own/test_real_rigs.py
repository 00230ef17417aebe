"""Rigs that animators have: Rigify's face as Blender makes it, boards of others' names.

MetaHuman's and Auto-Rig Pro's rigs may not be passed on: theirs are built here of the names that
scripts for them use in public.
"""

import subprocess
import sys
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy", reason="needs Blender as a module")

import numpy as np  # noqa: E402
from dualtalk.core.faces import bone_names  # noqa: E402
from dualtalk.core.motion import Motion  # noqa: E402
from dualtalk.core.names import ARKIT_INDEX, JAW_OPEN_RAD  # noqa: E402
from dualtalk.rig import fcurves  # noqa: E402
from dualtalk.rig.characters.own import control_rig  # noqa: E402

N_FRAMES = 20
#: What Rigify builds under the controls: nothing of it may be keyed.
UNDER = ("ORG-", "MCH-", "DEF-")


def rigify(folder: Path) -> bpy.types.Object:
    """Return the rig that Blender's own Rigify generates of its human's head and spine."""
    file = folder / "rigify.blend"
    session = Path(__file__).with_name("rigify_session.py")
    subprocess.run([sys.executable, session, file], check=True, capture_output=True)
    bpy.ops.wm.open_mainfile(filepath=str(file))
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


def test_rigifys_face_is_keyed_on_its_controls(tmp_path: Path) -> None:
    rig = rigify(tmp_path)
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


#: Auto-Rig Pro: a control, the bone that skins the face under it, and where it is.
AUTO_RIG = {
    "c_head.x": ("head.x", (0, 0, 1.5)), "c_jawbone.x": ("jawbone.x", (0, -0.02, 1.55)),
    "c_lips_top.x": ("lips_top.x", (0, -0.12, 1.56)),
    "c_lips_bot.x": ("lips_bot.x", (0, -0.12, 1.54)),
    "c_lips_smile.l": ("lips_smile.l", (0.03, -0.11, 1.55)),
    "c_lips_smile.r": ("lips_smile.r", (-0.03, -0.11, 1.55)),
    "c_cheek_smile.l": ("cheek_smile.l", (0.05, -0.09, 1.58)),
    "c_eyelid_top.l": ("eyelid_top.l", (0.033, -0.1, 1.65)),
    "c_eyelid_bot.l": ("eyelid_bot.l", (0.033, -0.1, 1.63)),
    "c_eyebrow_full.l": ("eyebrow_full.l", (0.033, -0.1, 1.68)),
    "c_eye.l": ("eye.l", (0.033, -0.085, 1.64)), "c_eye.r": ("eye.r", (-0.033, -0.085, 1.64)),
    "c_tong_01.x": ("tong_01.x", (0, -0.06, 1.55)),
}  # fmt: skip
#: What both eyes look at, in front of the face: it is no eye.
AUTO_RIG_TARGETS = {"c_eye_target.x": 0.0, "c_eye_target.l": 0.033, "c_eye_target.r": -0.033}


def auto_rig() -> bpy.types.Object:
    """Return a rig of Auto-Rig Pro's names whose deforming bones copy its controls."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    bpy.context.scene.collection.objects.link(made)
    bpy.context.view_layer.objects.active = made
    bpy.ops.object.mode_set(mode="EDIT")
    bones = made.data.edit_bones
    targets = {name: ("", (x, -0.5, 1.64)) for name, x in AUTO_RIG_TARGETS.items()}
    for control, (under, place) in {**AUTO_RIG, **targets}.items():
        for name in filter(None, (control, under)):
            bones.new(name).head = place
            bones[name].tail = (place[0], place[1] - 0.02, place[2])
            bones[name].parent = bones.get("c_head.x") if name != "c_head.x" else None
            bones[name].use_deform = name == under
    for name in ("c_lips_bot.x", "c_tong_01.x"):
        bones[name].parent = bones["c_jawbone.x"]
    bpy.ops.object.mode_set(mode="OBJECT")
    for control, (under, _) in AUTO_RIG.items():
        follows = made.pose.bones[under].constraints.new("COPY_TRANSFORMS")
        follows.target, follows.subtarget = made, control
    made.pose.bones["c_jawbone.x"].rotation_mode = "XYZ"  # a rig's controls are in both modes
    return made


def test_auto_rig_pros_face_is_keyed_on_its_controls() -> None:
    rig = auto_rig()
    control_rig.remember_rest(rig)
    learn(rig, "jawOpen", {"c_jawbone.x": ("rotation_euler", 0, 0.25)})
    learn(
        rig, "mouthSmileLeft",
        {"c_lips_smile.l": ("location", 0, 0.012), "c_cheek_smile.l": ("location", 2, 0.006)},
    )  # fmt: skip
    learn(
        rig, "eyeBlinkLeft",
        {"c_eyelid_top.l": ("location", 2, -0.015), "c_eyelid_bot.l": ("location", 2, 0.004)},
    )  # fmt: skip
    scene = bpy.context.scene
    scene.render.fps = 25
    control_rig.write(rig, moving(), scene, 1)
    keyed = {curve.data_path.split('"')[1] for curve in fcurves.curves_of(rig)}
    assert keyed == {
        "c_jawbone.x", "c_lips_smile.l", "c_cheek_smile.l", "c_eyelid_top.l", "c_eyelid_bot.l",
    }  # fmt: skip
    # What skins the face follows its controls, and the lower lip its jaw.
    for bone in ("jawbone.x", "lips_bot.x", "lips_smile.l", "eyelid_top.l", "cheek_smile.l"):
        assert np.linalg.norm(at(rig, N_FRAMES, bone) - at(rig, 1, bone)) > 0.003, bone
    for bone in ("lips_top.x", "lips_smile.r", "eyebrow_full.l"):
        assert np.linalg.norm(at(rig, N_FRAMES, bone) - at(rig, 1, bone)) < 1e-5, bone


def test_auto_rig_pros_eyes_are_no_targets() -> None:
    assert bone_names.guess([bone.name for bone in auto_rig().data.bones]) == {
        "head": "c_head.x", "jaw": "c_jawbone.x", "eye_left": "c_eye.l", "eye_right": "c_eye.r",
    }  # fmt: skip
