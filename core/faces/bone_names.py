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


def guess(names: Sequence[str]) -> dict[Role, str]:
    """Return the bones that are likely to be the head, the jaw and the eyes."""
    found: dict[Role, str] = {}
    for role in ROLES:
        candidates = [(cost, name) for name in names if (cost := _cost(name, role)) is not None]
        if candidates:
            found[role] = min(candidates, key=lambda pair: (pair[0], len(pair[1])))[1]
    return found


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
