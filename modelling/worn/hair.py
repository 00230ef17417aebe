"""Hair as meshes: a cap that covers the scalp, and the locks of a style over it."""

import numpy as np
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.worn import Worn
from dualtalk.core.names import BONES
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.skull import Skull
from dualtalk.modelling.body.topology import followed, step
from dualtalk.modelling.worn import covers
from dualtalk.modelling.worn.locks import Piece, locks
from dualtalk.modelling.worn.styles import BUN, STYLES, Style

_N_CARRIERS = 4
_NOTHING: Piece = (np.zeros((0, 3)), [], np.zeros(0))


def styles(figure: Figure, head: HeadModel) -> dict[str, Worn]:
    """Return all hair styles by name, on the mean person."""
    skull = Skull.of(figure)
    found = {"bald": _worn("bald", head, _NOTHING)}
    for name, rows in STYLES.items():
        pieces = [_cap(skull, rows[0])]
        pieces += [locks(skull, style) for style in rows]
        if name == "bun":
            pieces.append(_knot(skull))
        found[name] = _worn(name, head, _joined(pieces))
    for name, cover in covers.covers(skull).items():
        found[name] = _worn(name, head, cover)
    return found


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
    """Return the scalp, grown out; it begins inside the skin at the hairline."""
    is_in = skull.above > -0.022
    quads = skull.quads[is_in[skull.quads].all(axis=1)]
    used, faces = np.unique(quads, return_inverse=True)
    side, top = style.cap_m
    points = skull.points[used]
    high = step((points[:, 1] - skull.eye[1]) / 0.09)
    thick = (side + (top - side) * high) * step((skull.above[used] - 0.001) / 0.016)
    thick -= 0.0015 * (1 - step((skull.above[used] + 0.002) / 0.008))
    tones = np.full(len(used), 0.8)
    return points + thick[:, None] * skull.facing[used], faces.reshape(quads.shape).tolist(), tones


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
            [i * n_around + j, i * n_around + (j + 1) % n_around,
             (i + 1) % n_along * n_around + (j + 1) % n_around, (i + 1) % n_along * n_around + j]
            for i in range(n_along) for j in range(n_around)
        ]  # fmt: skip
        tones = draw.uniform(0.8, 1.2) * np.tile(0.85 + 0.25 * (np.cos(around) > 0), n_along)
        pieces.append((tube.reshape(-1, 3), faces, tones))
    return _joined(pieces)
