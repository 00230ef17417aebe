"""The cast: people to pick from, each a setting of the sliders that the user has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

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


def _person(row: Mapping[str, Any]) -> Person:
    try:
        identity = {slider: float(value) for slider, value in row["identity"].items()}
        return Person(
            row["name"], row["about"], identity, Look.from_json(row["look"]), row["hair"],
            row["clothes"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"Somebody in {CAST_PATH.name} is not whole: {error}") from error
