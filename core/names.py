"""Names that the networks, the rigs and the files share."""

from typing import Literal

Basis = Literal["arkit", "flame"]

#: Blend shapes of the `arkit` basis in the order of its coefficients: Apple's 52 ARKit shapes less
#: jawOpen/Left/Right/Forward and the eight eyeLook*, which are rotations of the jaw and the eyes.
ARKIT_SHAPES: tuple[str, ...] = (
    "eyeBlinkLeft",
    "eyeSquintLeft",
    "eyeWideLeft",
    "eyeBlinkRight",
    "eyeSquintRight",
    "eyeWideRight",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthLeft",
    "mouthRight",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "browDownLeft",
    "browDownRight",
    "browInnerUp",
    "browOuterUpLeft",
    "browOuterUpRight",
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)

#: Position of each ARKit shape among the coefficients.
ARKIT_INDEX: dict[str, int] = {name: index for index, name in enumerate(ARKIT_SHAPES)}

#: FLAME's joints in its order; the bones of every rig that DualTalk builds have these names.
BONES: tuple[str, ...] = ("root", "neck", "jaw", "eye_left", "eye_right")

#: Parent of each bone as an index into `BONES`, -1 for none (FLAME's kinematic tree).
BONE_PARENTS: tuple[int, ...] = (-1, 0, 1, 1, 1)

#: Rotation of the jaw bone about x that opens the mouth as far as ARKit's jawOpen = 1, radians.
#: `mouthClose` = jaw / JAW_OPEN_RAD brings the lips together again over an open jaw, as in ARKit.
JAW_OPEN_RAD = 0.4

#: How the two speakers of a dialogue are told apart in file names and in the scene.
SPEAKERS: tuple[str, str] = ("speaker1", "speaker2")
