"""Which shape keys of a strange character are which ARKit shapes, by their names.

ARKit's names are known in every spelling of the side (`eyeBlinkLeft`, `eyeBlink_L`, `l_eyeBlink`),
whatever the case, with any prefix (`head__eyeBlink_L`); `assets/shape_names.csv` has the names of
VRM, Ready Player Me, MetaHuman, Character Creator, Daz, Fuse, MB-Lab, MikuMikuDance, FACS (numbers
and words) and viseme sets, and what can stand for a shape that is missing. A table of the
animator's (`shape_table`) goes first.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from ..names import ARKIT_SHAPES
from ..paths import ASSETS

_TABLE = ASSETS / "shape_names.csv"

#: ARKit's shapes that are rotations for DualTalk; keys of a character that has no bones for them.
JAW_CONTROLS = ("jawOpen", "jawLeft", "jawRight", "jawForward")
EYE_CONTROLS = tuple(
    f"eyeLook{way}{side}" for side in ("Left", "Right") for way in ("Up", "Down", "In", "Out")
)
CONTROLS: tuple[str, ...] = (*ARKIT_SHAPES, *JAW_CONTROLS, *EYE_CONTROLS)
#: Numbers that Blender appends to names that were taken ("eyeBlink_L.001"), what Daz appends to
#: shapes that it halves and MB-Lab to the upper half, and what says that it is a shape.
_ENDING = re.compile(
    r"(\.\d{3}|_div\d+|[_.-](ctrl|shape|shp|bs|blendshape|morph|max|v\d+))+$", re.I
)
#: Key -> control -> factor.
Table: TypeAlias = Mapping[str, Mapping[str, float]]
#: Names that end in a side but have no partner on the other: they say where something goes.
_GOING = ("mouthLeft", "mouthRight", "jawLeft", "jawRight")


@dataclass(frozen=True)
class ShapeMatch:
    """How the controls move the shape keys of one character."""

    #: For each mesh, in the order given: key -> control -> factor.
    weights: tuple[Mapping[str, Mapping[str, float]], ...]
    direct: tuple[str, ...]  #: controls that have keys of their own
    derived: Mapping[str, str] = field(default_factory=dict)  #: control -> keys that stand for it
    missing: tuple[str, ...] = ()  #: controls that nothing stands for


def match(meshes: Sequence[Iterable[str]], table: Table | None = None) -> ShapeMatch:
    """Find out which keys of each mesh are which controls.

    Args:
        meshes: the names of the shape keys of each mesh of a character, without the basis.
        table: key -> control -> factor, as the animator has it. Its keys do that and nothing else,
            and a control that it names is left to it.
    """
    table = table or {}
    named = [[name for name in names if name not in table] for names in meshes]
    by_hand = [[name for name in names if name in table] for names in meshes]
    taken = {control for names in by_hand for name in names for control in table[name]}
    own = [[row for row in _rows(names, "same") if row[1] not in taken] for names in named]
    direct = taken | {control for rows in own for _, control, _ in rows}
    derived: dict[str, list[str]] = defaultdict(list)
    weights: list[dict[str, dict[str, float]]] = []
    for names, rows, given in zip(named, own, by_hand, strict=True):
        mesh: dict[str, dict[str, float]] = defaultdict(dict)
        for key in given:
            if table[key]:
                mesh[key] = dict(table[key])
        for key, control, factor in rows:
            mesh[key][control] = factor
        for key, control, factor in _rows(names, "rhubarb" if _are_rhubarb(names) else "instead"):
            if control not in direct and key not in {row[0] for row in rows}:
                mesh[key][control] = factor
                derived[control].append(key)
        weights.append(mesh)
    known = direct | derived.keys()
    for control, source, factor in _likenesses():
        if control in known or source not in known:
            continue
        for mesh in weights:
            by_name = [key for key in mesh if key not in table]
            for key in [key for key in by_name if source in mesh[key]]:
                mesh[key][control] = factor * mesh[key][source]
                derived[control].append(key)
    missing = [name for name in CONTROLS if name not in direct and name not in derived]
    return ShapeMatch(
        tuple({key: dict(controls) for key, controls in mesh.items()} for mesh in weights),
        tuple(name for name in CONTROLS if name in direct),
        {name: ", ".join(sorted(set(derived[name]))) for name in CONTROLS if name in derived},
        tuple(missing),
    )


def _are_rhubarb(names: Sequence[str]) -> bool:
    """Tell whether letters are mouth shapes of Rhubarb Lip Sync, not VRM's vowels."""
    return {name.rsplit("_", 1)[-1].upper() for name in names} >= set("ABCDEF")


def _rows(names: Sequence[str], kind: str) -> list[tuple[str, str, float]]:
    """Return (key, control, factor) of the keys that are known; a full name beats a prefixed."""
    table = _names(kind)
    found: dict[str, tuple[int, str]] = {}
    for key in names:
        for n_cut, tail in enumerate(_tails(key)):
            # "A" and "ou" are VRM's vowels, but as the end of a longer name could be anything.
            if tail in table and (n_cut == 0 or len(tail) > 2):
                best = found.get(tail)
                if best is None or n_cut < best[0]:
                    found[tail] = (n_cut, key)
                break
    return [
        (key, control, factor)
        for tail, (_, key) in found.items()
        for control, factor in table[tail].items()
    ]


def _tails(name: str) -> Iterator[str]:
    """Yield a name in lower case without separators, then what is left after each prefix."""
    words = _words(_ENDING.sub("", name))
    for start in range(len(words)):
        yield "".join(words[start:]).lower()


@cache
def _names(kind: str) -> dict[str, dict[str, float]]:
    """Return known names in lower case with what moves them: control -> factor."""
    result: dict[str, dict[str, float]] = defaultdict(dict)
    for name, control, factor in _spellings() if kind == "same" else _merged():
        result[name][control] = factor
    for row_kind, name, control, factor in _table():
        if row_kind == kind:
            result["".join(_words(name)).lower()][control] = factor
    return dict(result)


def _spellings() -> Iterator[tuple[str, str, float]]:
    """Yield every spelling of ARKit's own names."""
    for control in CONTROLS:
        yield control.lower(), control, 1.0
        base, side = _side(control)
        if control in _GOING:
            yield re.sub("(?<=[LR])(eft|ight)$", "", control).lower(), control, 1.0
        elif side:
            letter = side[0].lower()
            for spelled in (f"{base}{letter}", f"{letter}{base}", f"{side}{base}"):
                yield spelled.lower(), control, 1.0
        else:
            # A shape of ours for both sides that others have for each.
            for ending in ("left", "right", "l", "r"):
                yield f"{control}{ending}".lower(), control, 1.0


def _merged() -> Iterator[tuple[str, str, float]]:
    """Yield names of shapes for both sides at once, which take the mean of ours."""
    for control in CONTROLS:
        base, side = _side(control)
        if side:
            yield base.lower(), control, 0.5


def _side(control: str) -> tuple[str, str]:
    for side in ("Left", "Right"):
        if control.endswith(side) and control not in _GOING:
            return control.removesuffix(side), side
    return control, ""


def _likenesses() -> Iterator[tuple[str, str, float]]:
    """Yield (missing control, control whose keys stand for it, factor)."""
    for kind, source, control, factor in _table():
        if kind == "like":
            yield control, source, factor


@cache
def _table() -> tuple[tuple[str, str, str, float], ...]:
    with open(_TABLE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple((r["kind"], r["name"], r["control"], float(r["factor"])) for r in rows)


def _words(name: str) -> list[str]:
    return re.split(r"[\W_]+", name)
