"""How a person looks: the colours of skin, lips, eyes and hair, and what is made of them.

Colours are linear RGB. Zones of the head's vertices mix them, so that no colour ends in steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .builtin_head import FloatArray, HeadModel

Color = tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """The colours of a person."""

    skin: Color = (0.62, 0.37, 0.26)
    lips: Color = (0.50, 0.19, 0.16)
    iris: Color = (0.16, 0.08, 0.03)
    hair: Color = (0.05, 0.03, 0.02)
    cloth: Color = (0.10, 0.16, 0.28)
    cover: Color = (0.45, 0.40, 0.34)  #: of a headscarf or a cap
    blush: float = 0.5  #: how red cheeks, nose and ears are, 0 to 1
    beard: float = 0.0  #: how dark the shadow of a beard is, 0 to 1
    stubble: float = 0.0  #: how dark hair shorter than its style makes the scalp, 0 to 1
    brows: float = 0.6  #: how dense the brows are, 0 to 1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else (value,)
            if not all(0.0 <= number <= 1.0 for number in numbers):
                raise InputError(f"The colour {field.name} is {value}: give numbers from 0 to 1.")

    @staticmethod
    def from_json(given: Mapping[str, object]) -> "Look":
        """Read a look as `assets/cast.json` has it.

        Raises:
            InputError: something of it is unknown or no colour.
        """
        known = {field.name for field in fields(Look)}
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name not in known:
                raise InputError(f"A look has no {name!r}: it has {', '.join(sorted(known))}.")
            if isinstance(value, list):
                values[name] = tuple(float(number) for number in value)
            elif isinstance(value, int | float):
                values[name] = float(value)
            else:
                raise InputError(f"The look's {name} is {value!r}: give a number or a colour.")
        return replace(Look(), **values)


#: What does not differ between people.
_EYE_WHITE, _PUPIL = (0.72, 0.69, 0.66), (0.006, 0.006, 0.007)
_TEETH, _GUM, _TONGUE, _MOUTH = (
    (0.57, 0.53, 0.45), (0.36, 0.11, 0.10), (0.30, 0.085, 0.08), (0.16, 0.04, 0.035),
)  # fmt: skip
_DARK = (0.012, 0.004, 0.004)
_LASH = (0.012, 0.009, 0.008)


def vertex_colors(model: HeadModel, look: Look) -> FloatArray:
    """Return the colour (V, 3) of each vertex of a head, linear RGB."""
    zone = dict(zip(model.zone_names, model.zones.T, strict=True))
    bases = material_colors(look)
    of_material = np.array([bases[name] for name in model.material_names], np.float32)
    colors = of_material[model.vertex_materials][:, :3]
    skin, hair = np.array(look.skin), np.array(look.hair)
    # Blood shows less through dark skin: it reddens by a factor, not by an amount.
    reddened = skin * (1.06, 0.66, 0.60)
    mixes: list[tuple[str, NDArray[np.floating[Any]], float]] = [
        ("lids", skin * (0.86, 0.72, 0.68), 0.55),
        ("under_eyes", skin * (0.82, 0.74, 0.76), 0.55),
        ("cheeks", reddened, 0.75 * look.blush),
        ("nose", reddened, 0.55 * look.blush),
        ("ears", reddened, 0.60 * look.blush),
        ("beard", 0.48 * skin * (0.80, 0.80, 0.84) + 0.25 * hair, look.beard),
        ("scalp", 0.05 * skin + 0.95 * hair, look.stubble),
        ("brows", 0.25 * skin + 0.75 * hair, look.brows),
        ("lips", np.array(look.lips), 0.9),
        ("inside", np.array(_DARK), 1.0),
        ("iris_light", np.minimum(np.array(look.iris) * 2.4 + 0.015, 1), 0.8),
        ("iris_dark", np.array(look.iris) * 0.18, 0.85),
        ("eye_red", np.array((0.62, 0.40, 0.36)), 0.55),
        ("tooth_root", np.array(_TEETH) * (0.92, 0.80, 0.62), 0.6),
        ("tooth_back", np.array(_TEETH) * (0.10, 0.06, 0.05), 0.92),
    ]
    is_brow = model.vertex_materials == model.material_names.index("brow")
    if "hair_tip" in zone:
        mixes.append(("hair_tip", np.minimum(hair * 1.25, 1), 0.5))
        zone["hair_tip"] = zone["hair_tip"] * is_brow
    mixes.append(("hair_fade", skin * (0.93, 0.86, 0.84), 1.0))  # lids are a little darker
    for name, color, most in mixes:
        if name in zone:
            amount = most * zone[name][:, None]
            colors = colors * (1 - amount) + amount * color
    return colors.astype(np.float32)


def material_colors(look: Look) -> dict[str, Color]:
    """Return the one colour that stands for each material where there are no vertex colours."""
    return {
        "skin": look.skin, "mouth": _MOUTH, "tongue": _TONGUE, "teeth": _TEETH, "gum": _GUM,
        "eye_white": _EYE_WHITE, "iris": look.iris, "pupil": _PUPIL, "wet": (0.60, 0.42, 0.38),
        "brow": look.hair, "lash": _LASH, "hair": look.hair, "cloth": look.cloth,
    }  # fmt: skip
