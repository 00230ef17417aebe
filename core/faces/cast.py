"""The cast: people to pick from, each a setting of the sliders that the user has."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..paths import ASSETS
from .looks import Look

CAST_PATH = ASSETS / "cast.json"


@dataclass(frozen=True)
class Person:
    """Somebody to play a speaker."""

    name: str
    about: str  #: a line for the list: age, build, hair
    identity: Mapping[str, float]  #: slider -> value, -1 to 1, those that are not 0
    look: Look
    hair: str  #: a style of `assets/hair.npz`
    clothes: str  #: a garment of `assets/clothes.npz`


@cache
def people() -> tuple[Person, ...]:
    """Return the cast; the first two are the defaults of speakers A and B.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        rows = json.loads(CAST_PATH.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{CAST_PATH} does not exist: reinstall DualTalk.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{CAST_PATH} is damaged: reinstall DualTalk ({error}).") from error
    return tuple(_person(row) for row in rows)


def person(name: str) -> Person:
    """Return somebody of the cast by name; "A" and "B" are the two defaults.

    Raises:
        InputError: there is nobody of that name.
    """
    cast = people()
    by_name = {"A": cast[0], "B": cast[1], **{member.name: member for member in cast}}
    if name not in by_name:
        names = ", ".join(member.name for member in cast)
        raise InputError(f"The cast has nobody called {name!r}: choose one of {names}.")
    return by_name[name]


def unlike(taken: Collection[str], speaker: int) -> Person:
    """Return who plays a speaker (1 or 2) by default, unless the other is that person already."""
    cast = people()
    first = cast[(speaker - 1) % len(cast) :] + cast[: (speaker - 1) % len(cast)]
    return next((member for member in first if member.name not in taken), first[0])


def random_person(seed: int, sliders: Collection[str]) -> Person:
    """Return somebody new; the same seed is the same person.

    Ancestry, sex and age are drawn first, and colours, hair and details go with them.
    """
    draw = np.random.default_rng(seed)
    ancestry = draw.dirichlet((0.6, 0.6, 0.6))
    masculine, age = float(draw.choice((-1, 1)) * draw.uniform(0.55, 1.0)), float(draw.beta(1.3, 2))
    identity = {name: float(np.clip(draw.normal(0, 0.28), -0.7, 0.7)) for name in sliders}
    identity |= {
        "african": float(ancestry[0]), "asian": float(ancestry[1]),
        "caucasian": float(ancestry[2]), "masculine": masculine, "age": age,
        "weight": float(np.clip(draw.normal(0, 0.4), -0.8, 1)),
    }  # fmt: skip
    known = {name: round(value, 3) for name, value in identity.items() if name in sliders}
    look = _random_look(draw, ancestry, age, masculine > 0)
    hair = draw.choice(_HAIR_OF["m" if masculine > 0 else "f"])
    clothes = draw.choice(("tee", "vneck", "shirt", "turtleneck", "henley"))
    return Person(f"Random {seed}", "", known, look, str(hair), str(clothes))


#: Skin, lips and iris of each ancestry, linear RGB: African, Asian, European.
_TONES = np.array([
    [(0.15, 0.072, 0.042), (0.18, 0.06, 0.05), (0.045, 0.022, 0.010)],
    [(0.60, 0.39, 0.26), (0.47, 0.21, 0.18), (0.050, 0.026, 0.012)],
    [(0.70, 0.46, 0.36), (0.52, 0.23, 0.20), (0.075, 0.11, 0.12)],
])  # fmt: skip
_HAIRS = np.array([(0.014, 0.010, 0.009), (0.045, 0.022, 0.013), (0.12, 0.06, 0.03),
                   (0.27, 0.16, 0.075), (0.24, 0.06, 0.02)])  # fmt: skip
_GREY = np.array((0.45, 0.44, 0.43))
_HAIR_OF = {"m": ("short", "fade", "short", "bald", "curls"),
            "f": ("bob", "long", "bun", "curls", "bob", "headscarf")}  # fmt: skip


def _random_look(
    draw: np.random.Generator, ancestry: NDArray[np.float64], age: float, is_man: bool
) -> Look:
    skin, lips, iris = np.tensordot(ancestry, np.log(_TONES), 1)  # tones mix as factors
    fair = np.array((0.34, 0.26, 0.16, 0.16, 0.08)) ** (1.5 - float(ancestry[2]))
    hair = _HAIRS[draw.choice(len(_HAIRS), p=fair / fair.sum())] if ancestry[2] > 0.5 else _HAIRS[0]
    grey = np.clip((age - 0.45) * 2.2, 0, 1)
    shade = np.exp(skin + draw.normal(0, 0.12))
    colors = {
        "skin": shade, "lips": np.exp(lips), "iris": np.exp(iris + draw.normal(0, 0.3, 3) * 0.5),
        "hair": (1 - grey) * hair + grey * _GREY, "cloth": draw.uniform(0.03, 0.4, 3),
        "cover": draw.uniform(0.1, 0.6, 3),
    }  # fmt: skip
    tuples = {
        name: tuple(round(float(c), 4) for c in np.clip(color, 0, 1))
        for name, color in colors.items()
    }
    beard = float(draw.choice((0.0, 0.3, 0.8))) if is_man else 0.0
    return Look(**tuples, blush=round(float(draw.uniform(0.3, 0.7)), 2), beard=beard)  # type: ignore[arg-type]


def _person(row: Mapping[str, Any]) -> Person:
    try:
        identity = {slider: float(value) for slider, value in row["identity"].items()}
        return Person(
            row["name"], row["about"], identity, Look.from_json(row["look"]), row["hair"],
            row["clothes"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"Somebody in {CAST_PATH.name} is not whole: {error}") from error
