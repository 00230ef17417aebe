"""Who is rendered: those that curation is measured on are never in what it learns from."""

from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.cast import Person, people, random_person

#: Of the cast, held out from training: of three ancestries, two women and a man.
HELD_OUT = ("Amara", "Kenji", "Ruth")
_FIRST_SEED = 1000


def training_people(count: int) -> list[Person]:
    """Return the rest of the cast and random people, `count` in all."""
    cast = [member for member in people() if member.name not in HELD_OUT]
    sliders = HeadModel.bundled().identity_names
    strangers = [random_person(_FIRST_SEED + i, sliders) for i in range(count - len(cast))]
    return [*cast, *strangers][:count]


def held_out_people() -> list[Person]:
    """Return those whom nothing is trained on."""
    by_name = {member.name: member for member in people()}
    return [by_name[name] for name in HELD_OUT]
