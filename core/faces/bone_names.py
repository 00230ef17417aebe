"""Which bones of a strange character are its head, jaw and eyes, by their names."""

import re
from collections.abc import Sequence
from typing import Literal, get_args

Role = Literal["head", "jaw", "eye_left", "eye_right"]
ROLES: tuple[Role, ...] = get_args(Role)

_PARTS: dict[str, frozenset[str]] = {
    "head": frozenset({"head"}),
    "jaw": frozenset({"jaw", "jawbone", "mandible"}),
    "eye": frozenset({"eye", "faceeye", "eyeball"}),
}
_SIDES = {"left": frozenset({"l", "left"}), "right": frozenset({"r", "right"})}
#: Words of rigs, left out before bones are compared: a bone of few other words is the plainest.
_NEUTRAL = frozenset(
    "mixamorig mixamorig1 bip bip01 bip001 def org mch c j bind jnt joint bone adj facial root"
    " master ctrl cc base g x m sk valvebiped rig".split()
)
#: Words of bones that are near a head, a jaw or an eye, but are not it.
_OTHER = frozenset(
    "lid lids eyelid brow brows eyebrow lash lashes target track look ik aim end tip nub top corner"
    " inner outer upper lower socket bag muscle twist tweak parent pivot hair hat attach camera"
    " leaf pole mstr tongue chin teeth lip lips up down effector".split()
)


#: Bones of rigs whose names mislead, or say nothing in English; by what only that rig has. On a
#: control rig these are the bones that turn the head, the jaw and the eyeballs themselves.
_KNOWN: tuple[tuple[str, dict[Role, tuple[str, ...]]], ...] = (
    ("MCH-eye.L", {  # Rigify: eye.L is what the eye looks at, in front of the face
        "head": ("head",), "jaw": ("jaw_master", "jaw"),
        "eye_left": ("MCH-eye.L", "master_eye.L"), "eye_right": ("MCH-eye.R", "master_eye.R"),
    }),
    ("c_head.x", {  # Auto-Rig Pro
        "head": ("c_head.x",), "jaw": ("c_jawbone.x",),
        "eye_left": ("c_eye.l",), "eye_right": ("c_eye.r",),
    }),
    ("FACIAL_C_FacialRoot", {  # MetaHuman
        "head": ("head",), "jaw": ("FACIAL_C_Jaw",),
        "eye_left": ("FACIAL_L_Eye",), "eye_right": ("FACIAL_R_Eye",),
    }),
    ("CC_Base_Head", {  # Character Creator
        "head": ("CC_Base_Head",), "jaw": ("CC_Base_JawRoot",),
        "eye_left": ("CC_Base_L_Eye",), "eye_right": ("CC_Base_R_Eye",),
    }),
    ("J_Bip_C_Head", {  # VRoid
        "head": ("J_Bip_C_Head",), "eye_left": ("J_Adj_L_FaceEye",),
        "eye_right": ("J_Adj_R_FaceEye",),
    }),
    ("lowerJaw", {  # Daz Genesis 8
        "head": ("head",), "jaw": ("lowerJaw",), "eye_left": ("lEye",), "eye_right": ("rEye",),
    }),
    ("lowerjaw", {  # Daz Genesis 9
        "head": ("head",), "jaw": ("lowerjaw",), "eye_left": ("l_eye",), "eye_right": ("r_eye",),
    }),
    ("頭", {  # MikuMikuDance
        "head": ("頭",), "jaw": ("あご", "顎"), "eye_left": ("左目", "目.L"),
        "eye_right": ("右目", "目.R"),
    }),
)  # fmt: skip


def guess(names: Sequence[str]) -> dict[Role, str]:
    """Return the bones that are likely to be the head, the jaw and the eyes."""
    return {role: found[0] for role, found in candidates(names).items() if found}


def candidates(names: Sequence[str]) -> dict[Role, list[str]]:
    """Return for each role the bones that may be it, the likeliest first."""
    known = known_bones(names)
    found: dict[Role, list[str]] = {}
    for role in ROLES:
        costs = [
            (cost, len(name), name) for name in names if (cost := _cost(name, role)) is not None
        ]
        guessed = [name for _, _, name in sorted(costs, key=lambda row: row[:2])]
        found[role] = list(dict.fromkeys([*known.get(role, []), *guessed]))
    return found


def known_bones(names: Sequence[str]) -> dict[Role, list[str]]:
    """Return the bones of a rig whose maker is recognised."""
    there = set(names)
    for sign, bones in _KNOWN:
        if sign in there:
            return {role: [name for name in row if name in there] for role, row in bones.items()}
    return {}


def _cost(name: str, role: Role) -> int | None:
    """Return how many words a bone's name has beside those of its role, None if it is another."""
    words = _words(name)
    part, _, side = role.partition("_")
    other_side = {"left": "right", "right": "left"}.get(side, "")
    if not words & _PARTS[part] or words & _OTHER:
        return None
    if side and (not words & _SIDES[side] or words & _SIDES[other_side]):
        return None
    if not side and words & (_SIDES["left"] | _SIDES["right"]):
        return None
    if part != "head" and words & _PARTS["head"] and part == "jaw":
        return None
    beside = words - _PARTS[part] - _NEUTRAL - _SIDES["left"] - _SIDES["right"]
    return len({word for word in beside if not word.isdigit()})


def _words(name: str) -> frozenset[str]:
    """Split a name at separators and at changes of case or to digits, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return frozenset(word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word)
