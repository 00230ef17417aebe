"""The layers of a performance that an animator turns up and down on their own."""

from typing import Literal, get_args

from .names import ARKIT_SHAPES

Layer = Literal["lips", "expression", "head", "gaze", "blinks"]
LAYERS: tuple[Layer, ...] = get_args(Layer)

#: What the layer of lips is made of, each of which is turned up and moved in time on its own.
Articulator = Literal["lip_shapes", "jaw", "tongue"]
ARTICULATORS: tuple[Articulator, ...] = get_args(Articulator)

#: What of a performance is generated anew on its own. Brows are taken out of the expression;
#: feedback is what face and head of a listener do while the other one speaks.
Row = Literal["lips", "expression", "brows", "head", "blinks", "gaze", "feedback"]
ROWS: tuple[Row, ...] = get_args(Row)
#: What feedback is shown by.
FEEDBACK_ROWS: tuple[Row, ...] = ("expression", "brows", "head")

#: Mouth shapes of feeling rather than of speech.
_FELT = ("mouthSmile", "mouthFrown", "mouthDimple")


def of_shape(name: str) -> Layer:
    """Return the layer of an ARKit shape; what is no ARKit shape is expression.

    FLAME's coefficients move lips and brows at once, so all of them are expression.
    """
    if name.startswith("eyeBlink"):
        return "blinks"
    is_speech = name.startswith(("mouth", "tongue", "jaw")) and not name.startswith(_FELT)
    return "lips" if is_speech else "expression"


def shapes(layer: Layer) -> tuple[str, ...]:
    """Return the ARKit shapes of a layer."""
    return tuple(name for name in ARKIT_SHAPES if of_shape(name) == layer)


def articulator_of(control: str) -> Articulator:
    """Return which articulator moves an ARKit shape of speech.

    `mouthClose` is the jaw's: it closes the lips over the jaw's opening, and a jaw that opened
    without it would part them.
    """
    if control.startswith("tongue"):
        return "tongue"
    return "jaw" if control.startswith("jaw") or control == "mouthClose" else "lip_shapes"
