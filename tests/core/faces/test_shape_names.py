"""Names of shape keys and bones as other tools write them."""

import pytest
from dualtalk.core.faces.bone_names import guess
from dualtalk.core.faces.shape_names import CONTROLS, JAW_CONTROLS, match
from dualtalk.core.names import ARKIT_SHAPES


def with_letters(name: str) -> str:
    """Spell a side as Faceit does."""
    return name.replace("Left", "_L").replace("Right", "_R")


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.upper,
        with_letters,
        lambda name: f"head_lod0_mesh__{with_letters(name)}",
        lambda name: f"blendShape1.{name[0].upper()}{name[1:]}",
        lambda name: f"{name}.001",
    ],
)
def test_arkits_names_in_every_spelling(spell) -> None:  # type: ignore[no-untyped-def]
    found = match([[spell(name) for name in CONTROLS]])
    assert found.direct == CONTROLS
    assert not found.derived
    assert not found.missing
    assert found.weights[0] == {spell(name): {name: 1.0} for name in CONTROLS}


def test_the_52_of_arkit_are_there() -> None:
    assert len(CONTROLS) == len(set(CONTROLS)) == 52
    assert set(ARKIT_SHAPES) | set(JAW_CONTROLS) < set(CONTROLS)


def test_metahuman() -> None:
    prefix = "CTRL_expressions_"
    keys = {
        "mouthCornerPullL": "mouthSmileLeft",
        "mouthCornerPullR": "mouthSmileRight",
        "mouthFunnelUL": "mouthFunnel",
        "mouthFunnelDR": "mouthFunnel",
        "browRaiseInL": "browInnerUp",
        "eyeLookLeftR": "eyeLookInRight",
        "eyeBlinkL": "eyeBlinkLeft",
        "jawOpen": "jawOpen",
        "mouthLipsPurseUL": "mouthPucker",
    }
    found = match([[prefix + key for key in keys]])
    for key, control in keys.items():
        assert found.weights[0][prefix + key][control] == 1.0


def test_vrm_vowels_stand_for_what_is_missing() -> None:
    found = match([["Fcl_MTH_A", "Fcl_MTH_O", "Fcl_EYE_Close_L", "Fcl_EYE_Close_R", "Fcl_ALL_Joy"]])
    assert found.direct == ("eyeBlinkLeft", "eyeBlinkRight")
    assert found.derived["jawOpen"] == "Fcl_MTH_A"
    assert found.derived["mouthPucker"] == "Fcl_MTH_O"  # as an open O is nearest to it
    assert found.weights[0]["Fcl_MTH_O"] == {"mouthFunnel": 1.0, "mouthPucker": 0.7}
    assert "tongueOut" in found.missing
    assert "Fcl_ALL_Joy" not in found.weights[0]


def test_ready_player_mes_two_shapes() -> None:
    found = match([["mouthOpen", "mouthSmile"]])
    assert found.weights[0]["mouthOpen"] == {"jawOpen": 1.0}
    smile = found.weights[0]["mouthSmile"]
    assert (smile["mouthSmileLeft"], smile["mouthSmileRight"]) == (0.5, 0.5)


def test_what_is_there_is_not_replaced() -> None:
    found = match([[*CONTROLS, "mouthSmile", "mouthOpen", "eyesClosed", "viseme_aa"]])
    assert not found.derived
    assert found.weights[0].keys() == set(CONTROLS)


@pytest.mark.parametrize(
    ("key", "controls"),
    [
        ("AU12_LipCornerPuller_L", "mouthSmileLeft"), ("AU26_JawDrop", "jawOpen"),
        ("Lid_Tightener", "eyeSquintLeft eyeSquintRight"), ("AU01_InnerBrowRaiser", "browInnerUp"),
        ("facs_ctrl_vAA", "jawOpen"), ("head__eCTRLvAA", "jawOpen"),
        ("facs_bs_MouthFunnelUpper_div2", "mouthFunnel"), ("PHMEyesClosedL", "eyeBlinkLeft"),
        ("Facial_Blends.Smile_Left", "mouthSmileLeft"), ("JawForeward", "jawForward"),
        ("LowerLipDown_Right", "mouthLowerDownRight"), ("ウィンク", "eyeBlinkLeft"),
        ("wink right", "eyeBlinkRight"), ("mouth corner up", "mouthSmileLeft mouthSmileRight"),
        ("blendShape1.MTH_A", "jawOpen"), ("Expressions_eyeClosedL_max", "eyeBlinkLeft"),
        ("Expressions_mouthOpen_max", "jawOpen"), ("Expressions_mouthOpen_min", ""),
        ("brow_frown_L", "browDownLeft"), ("Eye_Smile_R", "eyeSquintRight"),
    ],
)  # fmt: skip
def test_single_names_of_other_tools(key: str, controls: str) -> None:
    (found,) = match([[key]]).weights
    assert set(controls.split()) <= set(found.get(key, {}))
    assert bool(found) == bool(controls)


def test_a_plain_name_wins_over_a_prefixed_one() -> None:
    found = match([["corrective_jawOpen", "jawOpen"]])
    assert found.weights[0].keys() == {"jawOpen"}


def test_meshes_of_one_character_add_up() -> None:
    face, teeth = match([["mouthPucker", "jawOpen"], ["jawOpen"]]).weights
    assert face.keys() == {"mouthPucker", "jawOpen"}
    assert teeth == {"jawOpen": {"jawOpen": 1.0}}


def test_strange_names_are_no_shapes() -> None:
    found = match([["Key 1", "Basis", "smileyHat", "A_pose", "Key_A", "", "...", "Körper"]])
    assert found.weights == ({},)
    assert found.missing == CONTROLS


BONES = [
    ("head mixamorig:Head", "mixamorig:HeadTop_End mixamorig:Neck"),
    ("eye_left mixamorig:LeftEye", "mixamorig:RightEye"),
    ("head J_Bip_C_Head", "HeadLight J_Bip_C_Neck"),
    ("eye_right J_Adj_R_FaceEye", "J_Adj_L_FaceEye"),
    ("jaw jaw_master", "chin brow.T.L"),
    ("jaw FACIAL_C_Jaw", "FACIAL_C_LowerLipRotation"),
    ("eye_left FACIAL_L_Eye", "FACIAL_L_EyelidUpperA FACIAL_R_Eye"),
    ("jaw CC_Base_JawRoot", "CC_Base_UpperJaw CC_Base_Teeth01"),
    ("eye_left eye.L", "lid.T.L eye_target.L eyes"),
    ("head Head", "head_end headset Forehead"),
    ("eye_left MCH-eye.L", "eye.L eye.R MCH-eye.R ORG-eye.L DEF-eye.L master_eye.L head"),
    ("jaw jaw_master", "MCH-eye.L jaw ORG-jaw DEF-jaw jaw.L"),
    ("eye_right c_eye.r", "c_eye.l c_eye_target.r c_head.x c_eyelid_top.r"),
    ("jaw c_jawbone.x", "c_head.x c_jawbone_dupli.x jaw_ref.x"),
    ("jaw lowerJaw", "upperFaceRig lEye rEye head"),
    ("eye_right r_eye", "l_eye lowerjaw head eyelid_r"),
    ("eye_left 左目", "右目 両目 頭 首"),
]


@pytest.mark.parametrize(("wanted", "others"), BONES)
def test_bones_are_guessed(wanted: str, others: str) -> None:
    role, name = wanted.split()
    found = guess([*others.split(), name])
    assert found[role] == name  # type: ignore[index]


def test_bones_that_are_none_are_not_guessed() -> None:
    assert guess(["spine", "hand.L", "eyebrow.L", "ear_l", "forehead", "eyelid_L"]) == {}


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        # MikuMikuDance
        (["あ", "う", "まばたき", "にやり"],
         {"あ": "jawOpen", "う": "mouthPucker", "まばたき": "eyeBlinkRight",
          "にやり": "mouthSmileLeft"}),
        # FACS
        (["AU01", "AU4", "AU12_L", "AU12_R", "AU26", "AU45"],
         {"AU01": "browInnerUp", "AU4": "browDownLeft", "AU12_L": "mouthSmileLeft",
          "AU26": "jawOpen", "AU45": "eyeBlinkLeft"}),
        # Daz Genesis 3 and 8, with and without the figure's name
        (["eCTRLMouthOpen", "Genesis8Female__eCTRLEyesClosedL", "eCTRLvM"],
         {"eCTRLMouthOpen": "jawOpen", "Genesis8Female__eCTRLEyesClosedL": "eyeBlinkLeft",
          "eCTRLvM": "mouthClose"}),
        # Daz Genesis 8.1 and 9
        (["facs_bs_BrowInnerUp_div2", "facs_bs_MouthFrownRight_div2"],
         {"facs_bs_BrowInnerUp_div2": "browInnerUp",
          "facs_bs_MouthFrownRight_div2": "mouthFrownRight"}),
        # Character Creator
        (["Brow_Drop_R", "Mouth_Roll_In_Lower_L", "Mouth_Up_Upper_L"],
         {"Brow_Drop_R": "browDownRight", "Mouth_Roll_In_Lower_L": "mouthRollLower",
          "Mouth_Up_Upper_L": "mouthUpperUpLeft"}),
        # endings of riggers
        (["jawOpen_ctrl", "mouthPucker_v2", "eyeBlinkLeft.shape"],
         {"jawOpen_ctrl": "jawOpen", "mouthPucker_v2": "mouthPucker",
          "eyeBlinkLeft.shape": "eyeBlinkLeft"}),
    ],
)  # fmt: skip
def test_names_of_other_tools(keys: list[str], wanted: dict[str, str]) -> None:
    found = match([keys]).weights[0]
    for key, control in wanted.items():
        assert found[key][control] > 0, key


def test_letters_of_rhubarb_are_not_vowels() -> None:
    letters = match([list("ABCDEFGHX")]).weights[0]
    assert letters["A"]["mouthClose"] == 1
    assert letters["D"]["jawOpen"] == 1
    assert "jawOpen" not in letters["A"]
    assert not {"C", "H", "X"} & set(letters)
    vowels = match([["A", "I", "U", "E", "O"]]).weights[0]
    assert vowels["A"]["jawOpen"] == 1
