"""Moods: which shapes of the face, which bearing of the head and which looks make them.

Shapes after the action units that observers of faces ascribe to an emotion (Ekman & Friesen 1978,
Facial Action Coding System; Ekman & Friesen 1983, EMFACS): happy 6+12, sad 1+4+15+17, angry 4+5+7+
23, afraid 1+2+4+5+20, disgusted 9+10+15, surprised 1+2+5. "Warm" and "thoughtful" are no emotions
of that list: a slight smile with soft lids, and brows drawn together with lids narrowed (Rozin &
Cohen 2003, "High frequency of facial expressions corresponding to confusion, concentration and
worry"). Heads after Wallbott 1998, "Bodily expression of emotion", and Witkower & Tracy 2019,
"Bodily communication of emotion": sad ones sink, proud and happy ones rise, fear draws back.

The amounts are by eye on the built-in head (`scripts/moods.py` renders all of them).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Mood = Literal[
    "neutral", "warm", "happy", "sad", "angry", "afraid", "disgusted", "surprised", "thoughtful"
]
MOODS: tuple[Mood, ...] = get_args(Mood)

#: Shapes that make up feeling on either half of the face; moods add to them or take from them.
HALVES = (
    "browDown", "browOuterUp", "cheekSquint", "eyeSquint", "eyeWide", "eyeBlink", "noseSneer",
    "mouthSmile", "mouthFrown", "mouthPress", "mouthStretch", "mouthDimple", "mouthUpperUp",
)  # fmt: skip
#: And those in the middle.
MIDDLE = ("browInnerUp", "mouthShrugLower")
#: Shapes of speech: a mood adds less to them where they speak, and never takes from them.
SPEECH = frozenset(("mouthPress", "mouthStretch", "mouthUpperUp", "mouthShrugLower", "eyeBlink"))

_SMILES = ("mouthSmile", "mouthDimple", "cheekSquint")
_UP, _DOWN = ("browInnerUp", "browOuterUp"), ("browDown", "mouthFrown", "noseSneer")


@dataclass(frozen=True)
class MoodFace:
    """What a mood at its full does."""

    says: str  #: what the slider's tooltip says
    #: Added to the shapes, 0 to 1; of both halves unless the name has one.
    shapes: Mapping[str, float] = field(default_factory=dict)
    #: Share that is taken from what the network does with a shape.
    takes: Mapping[str, float] = field(default_factory=dict)
    #: Degrees that the head bows, turns to the own left, and leans to the own left shoulder.
    head_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    #: Degrees by which looks go to the own left and up of where they went.
    look_deg: tuple[float, float] = (0.0, 0.0)
    #: What is added to the energy of the person's moves, -1 to 1.
    energy: float = 0.0


def _taken(share: float, *groups: tuple[str, ...]) -> dict[str, float]:
    return {shape: share for group in groups for shape in group}


FACES: Mapping[Mood, MoodFace] = {
    "neutral": MoodFace(
        "Composed: less of every expression",
        takes=_taken(0.85, _SMILES, _UP, _DOWN, ("eyeSquint", "eyeWide")),
        energy=-0.3,
    ),
    "warm": MoodFace(
        "Warm: friendly, open, a slight smile",
        {"mouthSmile": 0.30, "cheekSquint": 0.28, "eyeSquint": 0.14, "browInnerUp": 0.16,
         "browOuterUp": 0.08},
        _taken(0.5, _DOWN),
        head_deg=(1.5, 0.0, 4.5),
    ),
    "happy": MoodFace(
        "Happy: smiling with cheeks and eyes",
        {"mouthSmile": 0.68, "cheekSquint": 0.62, "eyeSquint": 0.28, "mouthDimple": 0.12,
         "browOuterUp": 0.14},
        _taken(0.8, _DOWN),
        head_deg=(-3.0, 0.0, 2.0),
        energy=0.3,
    ),
    "sad": MoodFace(
        "Sad: inner brows up, corners of the mouth and looks down",
        {"browInnerUp": 0.95, "browDown": 0.22, "mouthFrown": 0.66, "mouthShrugLower": 0.18,
         "eyeBlink": 0.09, "cheekSquint": 0.06},
        _taken(0.85, _SMILES, ("browOuterUp", "eyeWide")),
        head_deg=(7.0, 0.0, 3.0),
        look_deg=(0.0, -9.0),
        energy=-0.5,
    ),
    "angry": MoodFace(
        "Angry: brows down, a hard look, lips pressed",
        {"browDown": 1.0, "eyeSquint": 0.30, "eyeWide": 0.22, "noseSneer": 0.45,
         "mouthPress": 0.35, "mouthFrown": 0.40},
        _taken(0.9, _SMILES, _UP),
        head_deg=(5.0, 0.0, 0.0),
        energy=0.5,
    ),
    "afraid": MoodFace(
        "Afraid: brows up and together, wide eyes, drawing back",
        {"browInnerUp": 1.0, "browOuterUp": 0.30, "browDown": 0.30, "eyeWide": 0.85,
         "mouthStretch": 0.55, "mouthFrown": 0.22},
        _taken(0.85, _SMILES, ("eyeSquint",)),
        head_deg=(-3.5, 4.0, 0.0),
        energy=0.2,
    ),
    "disgusted": MoodFace(
        "Disgusted: a wrinkled nose, the upper lip raised, turned away",
        {"noseSneer": 1.0, "mouthUpperUp": 0.30, "browDown": 0.55, "eyeSquint": 0.50,
         "mouthFrown": 0.45, "cheekSquint": 0.35},
        _taken(0.85, _SMILES, _UP),
        head_deg=(-2.0, 7.0, 3.0),
    ),
    "surprised": MoodFace(
        "Surprised: brows high, eyes wide",
        {"browInnerUp": 0.80, "browOuterUp": 0.88, "eyeWide": 0.66},
        _taken(0.8, ("browDown", "eyeSquint", "mouthFrown")),
        head_deg=(-4.5, 0.0, 0.0),
        energy=0.2,
    ),
    "thoughtful": MoodFace(
        "Thoughtful: brows drawn together, narrowed lids, looks up and aside",
        {"browDownLeft": 0.38, "browDownRight": 0.26, "browOuterUpRight": 0.22,
         "eyeSquint": 0.36, "mouthPress": 0.22, "mouthShrugLower": 0.16},
        _taken(0.6, _SMILES, ("eyeWide",)),
        head_deg=(-2.5, 5.0, 5.0),
        look_deg=(12.0, 8.0),
        energy=-0.2,
    ),
}  # fmt: skip


def shapes() -> tuple[str, ...]:
    """Return the ARKit shapes that moods and sliders act on."""
    halves = [f"{stem}{side}" for stem in HALVES for side in ("Left", "Right")]
    return (*halves, *MIDDLE)


def stem_of(shape: str) -> str:
    """Return the name of a shape without its half."""
    return shape.removesuffix("Left").removesuffix("Right")


def added(mood: Mood, shape: str) -> float:
    """Return what a mood at its full adds to a shape."""
    face = FACES[mood].shapes
    return face.get(shape, face.get(stem_of(shape), 0.0))


def taken(mood: Mood, shape: str) -> float:
    """Return which share of a shape's own motion a mood at its full takes away."""
    if stem_of(shape) in SPEECH:
        return 0.0
    return FACES[mood].takes.get(stem_of(shape), 0.0)
