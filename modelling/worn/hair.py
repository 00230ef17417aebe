"""Hair as meshes: a cap that covers the scalp, and the locks of a style over it."""

from collections.abc import Mapping

import numpy as np
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.worn import Worn
from dualtalk.core.names import BONES
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.skull import Skull, Surface
from dualtalk.modelling.body.topology import followed, normals, step
from dualtalk.modelling.part import grid_faces
from dualtalk.modelling.worn import covers
from dualtalk.modelling.worn.locks import Piece, locks
from dualtalk.modelling.worn.styles import BUN, STYLES, Style
from numpy.typing import NDArray

_N_CARRIERS = 4
#: How far from the hairline the cap is divided finely, into how many parts along each side, and how
#: uneven the line is, metres.
_EDGE_M, _EDGE_SPLITS, _UNEVEN_M = 0.010, 4, 0.0014
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: What a headscarf is made to lie on; higher collars lie inside it.
_UNDER_SCARF = ("tee", "vneck")
_NOTHING: Piece = (np.zeros((0, 3)), [], np.zeros(0))


def styles(figure: Figure, head: HeadModel, garments: Mapping[str, Worn]) -> dict[str, Worn]:
    """Return all hair styles by name, on the mean person; a headscarf lies on the garments."""
    skull = Skull.of(figure)
    found = {"bald": _worn("bald", head, _NOTHING)}
    for name, rows in STYLES.items():
        pieces = [_cap(skull, rows[0])]
        pieces += [locks(skull, style) for style in rows]
        if name == "bun":
            pieces.append(_knot(skull))
        found[name] = _worn(name, head, _joined(pieces))
    for name, cover in covers.covers(skull, _dressed(garments)).items():
        found[name] = _worn(name, head, cover)
    return found


def _dressed(garments: Mapping[str, Worn]) -> Surface:
    pieces = [(piece.vertices.astype(float), piece.face_corners.reshape(-1, 4))
              for name, piece in garments.items() if name in _UNDER_SCARF]  # fmt: skip
    facing = [normals(points, quads) for points, quads in pieces]
    return Surface(np.concatenate([points for points, _ in pieces]), np.concatenate(facing))


def _joined(
    pieces: list[Piece],
) -> Piece:
    faces, first = [], 0
    for points, own, _ in pieces:
        faces += [[corner + first for corner in face] for face in own]
        first += len(points)
    return (
        np.concatenate([points for points, _, _ in pieces]), faces,
        np.concatenate([tones for _, _, tones in pieces]),
    )  # fmt: skip


def _worn(name: str, head: HeadModel, piece: Piece) -> Worn:
    """Return hair that the head's skin carries; what hangs below the chin follows the neck less."""
    points, faces, tones = piece
    skin = np.flatnonzero(head.parts == head.part_names.index("skin"))
    neck = BONES.index("neck")
    weights = np.zeros((len(points), len(BONES)))
    index, closeness = (
        np.zeros((len(points), _N_CARRIERS), int),
        np.zeros((len(points), _N_CARRIERS)),
    )
    if len(points):
        index, closeness = followed(points, head.vertices[skin].astype(float), _N_CARRIERS)
        height = points[:, 1] - head.joints[neck, 1]
        weights[:, neck] = step((height + 0.12) / 0.13)
    weights[:, 0] = 1 - weights[:, neck]
    return Worn(
        name=name,
        vertices=points.astype(np.float32),
        face_sizes=np.array([len(face) for face in faces], np.int32),
        face_corners=np.array([corner for face in faces for corner in face], np.int32),
        weights=weights.astype(np.float32),
        tones=tones.astype(np.float32),
        carriers=skin[index].astype(np.int32),
        closeness=closeness.astype(np.float32),
        slider_names=(),
        deltas=np.zeros((0, len(points), 3), np.float32),
    )


def _cap(skull: Skull, style: Style) -> Piece:
    """Return the scalp, grown out; it begins inside the skin at the hairline.

    What is near the hairline is divided finely, so that hair begins in a line and not in steps.
    """
    quads = skull.quads[(skull.above > -0.022)[skull.quads].all(axis=1)]
    is_edge = (np.abs(skull.above[quads] - 0.001) < _EDGE_M).any(axis=1)
    sign = skull.above[quads] > 0.001
    is_edge |= sign.any(axis=1) & ~sign.all(axis=1)
    used, faces = np.unique(quads[~is_edge], return_inverse=True)
    rest = _grown_out(skull, style, skull.points[used], skull.facing[used], skull.above[used])
    coarse = (rest, faces.reshape(-1, 4).tolist(), np.full(len(used), 0.8))
    return _joined([coarse, _hairline(skull, style, quads[is_edge])])


def _hairline(skull: Skull, style: Style, quads: Ints) -> Piece:
    """Return the cap where hair begins, each of the skull's quads as a grid; it is a bit uneven."""
    t = np.linspace(0, 1, _EDGE_SPLITS + 1)
    v, u = (grid.ravel() for grid in np.meshgrid(t, t, indexing="ij"))
    shares = np.stack([(1 - v) * (1 - u), (1 - v) * u, v * u, v * (1 - u)], axis=1)

    def spread(values: Floats) -> Floats:
        found: Floats = np.einsum("gc,qc...->qg...", shares, values[quads])
        return found.reshape(-1, *values.shape[1:])

    points, facing = spread(skull.points), spread(skull.facing)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    above = skull.above_at(points, spread(skull.ears))
    n = len(shares)
    square = np.array(grid_faces(_EDGE_SPLITS + 1, _EDGE_SPLITS + 1, False))
    faces = (square[None] + n * np.arange(len(quads))[:, None, None]).reshape(-1, 4)
    # Neighbours share the vertices between them, or the light would show every quad.
    _, first, same = np.unique(
        np.round(points / 1e-6).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    above = above[first] + _UNEVEN_M * _wisps(points[first] - skull.eye)
    grown = _grown_out(skull, style, points[first], facing[first], above)
    return grown, same.ravel()[faces].tolist(), np.full(len(first), 0.8)


def _wisps(places: Floats) -> Floats:
    """Return how far hair reaches over its line (n,), about -1 to 1, in tufts of millimetres."""
    draw = np.random.default_rng(31)
    ways, phases = draw.normal(0, 620, (9, 3)), draw.uniform(0, 2 * np.pi, 9)
    found: Floats = np.sin(places @ ways.T + phases).mean(axis=1) * 2.4
    return found


def _grown_out(skull: Skull, style: Style, points: Floats, facing: Floats, above: Floats) -> Floats:
    """Return the surface of the cap over points of the skin (n, 3)."""
    side, top = style.cap_m
    high = step((points[:, 1] - skull.eye[1]) / 0.09)
    thick = (side + (top - side) * high) * step((above - 0.001) / 0.016)
    thick -= 0.0015 * (1 - step((above + 0.002) / 0.008))
    return points + thick[:, None] * facing


def _knot(skull: Skull) -> Piece:
    """Return a bun: a ball of strands wound around its axis."""
    draw = np.random.default_rng(5)
    centre = skull.eye + BUN
    axis = np.array([0, 0.45, -0.9])
    axis /= np.linalg.norm(axis)
    side = np.array([1.0, 0, 0])
    up = np.cross(axis, side)
    pieces = []
    n_along, n_around = 26, 6
    for strand, tilt in enumerate(np.linspace(-1, 1, 7)):
        t = np.linspace(0, 2 * np.pi, n_along, endpoint=False) + draw.uniform(0, 6)
        ring = 0.031 * np.sqrt(max(1 - (0.75 * tilt) ** 2, 0.05))
        wave = 0.004 * np.sin(3 * t + strand)
        middle = (centre + axis * (0.022 * tilt + wave)[:, None]
                  + ring * (np.cos(t)[:, None] * side + np.sin(t)[:, None] * up))  # fmt: skip
        out = np.cos(t)[:, None] * side + np.sin(t)[:, None] * up + 0.5 * tilt * axis
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        around = np.linspace(0, 2 * np.pi, n_around, endpoint=False)
        tube = (middle[:, None] + 0.0085 * np.cos(around)[:, None] * out[:, None]
                + 0.0085 * np.sin(around)[:, None] * axis)  # fmt: skip
        faces = [
            [(i + 1) % n_along * n_around + j, (i + 1) % n_along * n_around + (j + 1) % n_around,
             i * n_around + (j + 1) % n_around, i * n_around + j]
            for i in range(n_along) for j in range(n_around)
        ]  # fmt: skip
        tones = draw.uniform(0.8, 1.2) * np.tile(0.85 + 0.25 * (np.cos(around) > 0), n_along)
        pieces.append((tube.reshape(-1, 3), faces, tones))
    return _joined(pieces)
