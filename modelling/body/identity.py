"""What makes one person another: sliders from MakeHuman's targets.

Each slider is a pair of ends; -1 is the first, +1 the second, and between them it is linear, so
that one shape key holds it.
"""

from collections.abc import Iterator

import numpy as np
from dualtalk.modelling.body.figure import ANCESTRIES, SEXES, Figure, macro
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Slider -> targets with their factors, for +1; the opposite targets make -1 where they are named.
_DETAILS: dict[str, tuple[tuple[str, str | None, float], ...]] = {
    "head_width": (("head/head-scale-horiz-incr", "head/head-scale-horiz-decr", 0.6),),
    "head_height": (("head/head-scale-vert-incr", "head/head-scale-vert-decr", 0.5),),
    "face_round": (("head/head-round", "head/head-rectangular", 0.7),),
    "face_full": (("head/head-fat-incr", "head/head-fat-decr", 0.7),),
    "forehead": (("forehead/forehead-scale-vert-incr", "forehead/forehead-scale-vert-decr", 0.6),),
    "temples": (("forehead/forehead-temple-incr", "forehead/forehead-temple-decr", 0.8),),
    "jaw_width": (("chin/chin-bones-incr", "chin/chin-bones-decr", 0.9),),
    "jaw_drop": (("chin/chin-jaw-drop-incr", "chin/chin-jaw-drop-decr", 0.5),),
    "chin_width": (("chin/chin-width-incr", "chin/chin-width-decr", 0.8),),
    "chin_height": (("chin/chin-height-incr", "chin/chin-height-decr", 0.6),),
    "chin_forward": (("chin/chin-prominent-incr", "chin/chin-prominent-decr", 0.8),),
    "cheekbones": (("cheek/?-cheek-bones-incr", "cheek/?-cheek-bones-decr", 0.8),),
    "cheeks": (("cheek/?-cheek-volume-incr", "cheek/?-cheek-volume-decr", 0.8),),
    "nose_width": (("nose/nose-scale-horiz-incr", "nose/nose-scale-horiz-decr", 0.7),),
    "nose_length": (("nose/nose-scale-vert-incr", "nose/nose-scale-vert-decr", 0.6),),
    "nose_size": (("nose/nose-scale-depth-incr", "nose/nose-scale-depth-decr", 0.6),),
    "nose_hump": (("nose/nose-hump-incr", "nose/nose-hump-decr", 0.7),),
    "nose_tip": (("nose/nose-point-up", "nose/nose-point-down", 0.7),),
    "nostrils": (("nose/nose-nostrils-width-incr", "nose/nose-nostrils-width-decr", 0.7),),
    "mouth_width": (("mouth/mouth-scale-horiz-incr", "mouth/mouth-scale-horiz-decr", 0.6),),
    "mouth_height": (("mouth/mouth-trans-up", "mouth/mouth-trans-down", 0.6),),
    "upper_lip": (
        ("mouth/mouth-upperlip-height-incr", "mouth/mouth-upperlip-height-decr", 0.6),
        ("mouth/mouth-upperlip-volume-incr", "mouth/mouth-upperlip-volume-decr", 0.6),
    ),
    "lower_lip": (
        ("mouth/mouth-lowerlip-height-incr", "mouth/mouth-lowerlip-height-decr", 0.6),
        ("mouth/mouth-lowerlip-volume-incr", "mouth/mouth-lowerlip-volume-decr", 0.6),
    ),
    "eye_size": (("eyes/?-eye-scale-incr", "eyes/?-eye-scale-decr", 0.6),),
    "eye_opening": (("eyes/?-eye-height2-incr", "eyes/?-eye-height2-decr", 0.6),),
    "eye_distance": (("eyes/?-eye-trans-out", "eyes/?-eye-trans-in", 0.6),),
    "eye_tilt": (("eyes/?-eye-corner2-up", "eyes/?-eye-corner2-down", 0.8),),
    "eye_fold": (("eyes/?-eye-eyefold-down", "eyes/?-eye-eyefold-up", 0.7),),
    "eye_bags": (("eyes/?-eye-bag-incr", "eyes/?-eye-bag-decr", 0.7),),
    "brow_height": (("eyebrows/eyebrows-trans-up", "eyebrows/eyebrows-trans-down", 0.7),),
    "brow_angle": (("eyebrows/eyebrows-angle-up", "eyebrows/eyebrows-angle-down", 0.7),),
    "brow_ridge": (("eyebrows/eyebrows-trans-forward", "eyebrows/eyebrows-trans-backward", 0.6),),
    "ear_size": (("ears/?-ear-scale-incr", "ears/?-ear-scale-decr", 0.6),),
    "ears_out": (("ears/?-ear-wing-incr", "ears/?-ear-wing-decr", 0.6),),
    "neck_width": (("neck/neck-scale-horiz-incr", "neck/neck-scale-horiz-decr", 0.5),
                   ("neck/neck-scale-depth-incr", "neck/neck-scale-depth-decr", 0.4)),
}  # fmt: skip
#: What weight does to a face: MakeHuman's bodies leave that to its other targets.
_OF_WEIGHT = (
    ("head/head-fat-incr", "head/head-fat-decr", 0.55),
    ("cheek/?-cheek-volume-incr", "cheek/?-cheek-volume-decr", 0.55),
    ("neck/neck-double-incr", "neck/neck-double-decr", 0.55),
    ("neck/neck-scale-horiz-incr", "neck/neck-scale-horiz-decr", 0.45),
    ("neck/neck-scale-depth-incr", "neck/neck-scale-depth-decr", 0.30),
    ("chin/chin-width-incr", "chin/chin-width-decr", 0.30),
)


def identities(figure: Figure) -> dict[str, Floats]:
    """Return the displacements (V, 3) of each slider at 1, in MakeHuman's numbering."""
    found = {name: figure.aligned(delta) for name, delta in _macros(figure)}
    found["weight"] = found["weight"] + figure.aligned(_mixed(figure, _OF_WEIGHT))
    for name, targets in _DETAILS.items():
        found[name] = figure.aligned(_mixed(figure, targets))
    return found


def _mixed(figure: Figure, targets: tuple[tuple[str, str | None, float], ...]) -> Floats:
    """Return targets and their opposites as displacements (V, 3)."""
    delta = np.zeros_like(figure.vertices)
    for incr, decr, factor in targets:
        delta += factor * _both_sides(figure, incr) / (2 if decr else 1)
        if decr:
            delta -= factor * _both_sides(figure, decr) / 2
    return delta


def _both_sides(figure: Figure, path: str) -> Floats:
    names = [path.replace("?", side) for side in "lr"] if "?" in path else [path]
    found: Floats = np.sum([figure.source.target(name) for name in names], axis=0)
    return found


def _macros(figure: Figure) -> Iterator[tuple[str, Floats]]:
    """Yield sex, age, ancestries, weight and muscle."""
    source = figure.source
    female, male = (macro(source, sex, "young") for sex in SEXES)
    yield "masculine", (male - female) / 2
    young = (female + male) / 2
    old = np.mean([macro(source, sex, "old") for sex in SEXES], axis=0)
    yield "age", old - young
    for ancestry in ANCESTRIES:
        own = np.mean([macro(source, sex, "young", (ancestry,)) for sex in SEXES], axis=0)
        yield ancestry, own - young
    for name, low, high in (
        ("weight", "averagemuscle-minweight", "averagemuscle-maxweight"),
        ("muscle", "minmuscle-averageweight", "maxmuscle-averageweight"),
    ):
        ends = [
            np.mean([macro(source, sex, "young", build=end) for sex in SEXES], axis=0)
            for end in (low, high)
        ]
        yield name, (ends[1] - ends[0]) / 2
