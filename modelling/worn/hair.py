"""Hair as meshes: a cap that covers the scalp, and locks that grow over it.

A lock is a ribbon, thicker along its middle and tapered to its tip, that grows step by step: it
follows a style's direction over the skull, and hangs where the style lets it. A style is a row of
`STYLES`: a few numbers and a direction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.worn import Worn
from dualtalk.core.names import BONES
from dualtalk.modelling.body.figure import Figure
from dualtalk.modelling.body.skull import Skull
from dualtalk.modelling.body.topology import followed, step
from dualtalk.modelling.part import grid_faces
from dualtalk.modelling.worn import covers
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_N_CARRIERS = 4
_N_STEPS = 8
#: Across a lock: place from its middle, in half widths, and how far it stands out, in widths.
_ACROSS = ((-1.0, 0.0), (0.0, 0.2), (1.0, 0.0))


@dataclass(frozen=True)
class Style:
    """How locks grow."""

    n_locks: int
    length_m: Callable[[Floats], Floats]  #: of roots (n, 3) from between the eyes
    width_m: float
    way: Callable[[Floats], Floats]  #: direction (n, 3) at places (n, 3) from between the eyes
    cap_m: tuple[float, float]  #: how thick the cap is at the sides and on top
    height_m: tuple[float, float]  #: how far off the skin locks lie, at root and tip
    hang: float = 0.0  #: how much gravity pulls, 0 to 1
    hug: float = 0.7  #: how much locks keep to the skull, 0 to 1
    rough: float = 0.12  #: how much the directions of neighbours differ
    curl_m: float = 0.0  #: radius of a curl
    turns: float = 0.0  #: how often it turns along a lock
    seed: int = 1
    is_rooted: Callable[[Floats], NDArray[np.bool_]] = lambda p: np.ones(len(p), bool)
    fringe_m: float = 0.002  #: roots this far behind the hairline and further only
    tip: float = 0.25  #: how wide a lock is at its tip, as a share of its width
    uneven: float = 0.14  #: how much lengths differ


def styles(figure: Figure, head: HeadModel) -> dict[str, Worn]:
    """Return all hair styles by name, on the mean person."""
    skull = Skull.of(figure)
    found = {"bald": _worn("bald", head, *_nothing())}
    for name, rows in STYLES.items():
        pieces = [_cap(skull, rows[0])]
        pieces += [_locks(skull, style) for style in rows]
        if name == "bun":
            pieces.append(_knot(skull))
        found[name] = _worn(name, head, *_joined(pieces))
    for name, cover in covers.covers(skull).items():
        found[name] = _worn(name, head, *cover)
    return found


def _nothing() -> tuple[Floats, list[list[int]], Floats]:
    return np.zeros((0, 3)), [], np.zeros(0)


def _joined(
    pieces: list[tuple[Floats, list[list[int]], Floats]],
) -> tuple[Floats, list[list[int]], Floats]:
    faces, first = [], 0
    for points, own, _ in pieces:
        faces += [[corner + first for corner in face] for face in own]
        first += len(points)
    return (
        np.concatenate([points for points, _, _ in pieces]), faces,
        np.concatenate([tones for _, _, tones in pieces]),
    )  # fmt: skip


def _worn(
    name: str, head: HeadModel, points: Floats, faces: list[list[int]], tones: Floats
) -> Worn:
    """Return hair that the head's skin carries; what hangs below the chin follows the neck less."""
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


def _cap(skull: Skull, style: Style) -> tuple[Floats, list[list[int]], Floats]:
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


def _roots(skull: Skull, style: Style, draw: np.random.Generator) -> Floats:
    """Return places on the scalp (n, 3), about evenly spread."""
    local = skull.points - skull.eye
    is_in = (skull.above > style.fringe_m) & style.is_rooted(local)
    quads = skull.quads[is_in[skull.quads].all(axis=1)]
    corners = skull.points[quads]
    area = np.linalg.norm(
        np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]), axis=1
    )
    count = 8 * style.n_locks
    chosen = draw.choice(len(quads), count, p=area / area.sum())
    u, v = draw.uniform(0, 1, (2, count, 1))
    quad = corners[chosen]
    points = (1 - v) * ((1 - u) * quad[:, 0] + u * quad[:, 1]) + v * (
        (1 - u) * quad[:, 3] + u * quad[:, 2]
    )
    # Of many candidates keep those that are far from each other.
    kept = [0]
    distance = np.linalg.norm(points - points[0], axis=1)
    for _ in range(style.n_locks - 1):
        kept.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(points - points[kept[-1]], axis=1))
    return points[kept]


def _locks(skull: Skull, style: Style) -> tuple[Floats, list[list[int]], Floats]:
    draw = np.random.default_rng(style.seed)
    roots = _roots(skull, style, draw)
    n = len(roots)
    length = style.length_m(roots - skull.eye) * draw.uniform(1 - style.uneven, 1 + style.uneven, n)
    line, facing = _grown(skull, style, roots, length, draw)
    along = np.linspace(0, 1, _N_STEPS)
    if style.curl_m:
        line = _curled(line, facing, style, draw)
    tangent = np.gradient(line, axis=1)
    tangent /= np.linalg.norm(tangent, axis=2, keepdims=True) + 1e-9
    side = np.cross(tangent, facing)
    side /= np.linalg.norm(side, axis=2, keepdims=True) + 1e-9
    out = np.cross(side, tangent)
    profile = (0.55, 1.0, 0.95, 0.5 + 0.5 * style.tip, style.tip)
    taper = np.interp(along, (0, 0.12, 0.6, 0.9, 1), profile)
    width = style.width_m * draw.uniform(0.75, 1.25, (n, 1)) * taper
    rows = [
        line + (place * 0.5 * width)[..., None] * side + (rise * width)[..., None] * out
        for place, rise in _ACROSS
    ]
    points = np.stack(rows, axis=2)  # (n, steps, across, 3)
    across = len(_ACROSS)
    strip = grid_faces(_N_STEPS, across, False)
    faces = []
    for lock in range(n):
        first = lock * _N_STEPS * across
        faces += [[corner + first for corner in face[::-1]] for face in strip]
    tone = draw.uniform(0.72, 1.3, (n, 1)) * (0.82 + 0.32 * along)
    shade = np.array([0.8, 1.12, 0.8])
    tones = tone[:, :, None] * shade
    return points.reshape(-1, 3), faces, tones.ravel()


def _grown(
    skull: Skull, style: Style, roots: Floats, length: Floats, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the middle lines of locks (n, steps, 3) and which way is out along them."""
    n = len(roots)
    apart = draw.normal(0, style.rough, (n, 3))
    here = roots.copy()
    line, outs = [], []
    low, high = style.height_m
    lift = draw.uniform(0.6, 1.25, n)
    before = None
    for at in range(_N_STEPS):
        t = at / (_N_STEPS - 1)
        place, facing = skull.nearest(here)
        off = ((here - place) * facing).sum(axis=1)
        wanted = lift * (low + (high - low) * t)
        on_neck = step((here[:, 1] - skull.eye[1] + 0.205) / 0.05)
        hug = style.hug * on_neck  # below the neck it hangs free
        push = np.where(off < wanted, 1.0, hug) * (wanted - off)
        here = here + push[:, None] * facing
        line.append(here)
        outs.append(facing)
        way = style.way(here - skull.eye) + apart
        way = way - (way * facing).sum(axis=1, keepdims=True) * facing * hug[:, None]
        way /= np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
        # Gravity takes over as a lock gets away from the skull.
        local = here - skull.eye
        # Not over the forehead: from there locks go to the side or back first.
        is_aside = step((np.abs(local[:, 0]) - 0.045) / 0.025) + step((-local[:, 2] - 0.07) / 0.04)
        pull = (style.hang * step(t * 2.2 - 0.25) * np.clip(is_aside, 0, 1))[:, None]
        way = (1 - pull) * way + pull * np.array([0, -1.0, 0])
        if before is not None:
            way = 0.55 * way / (np.linalg.norm(way, axis=1, keepdims=True) + 1e-9) + 0.45 * before
        way /= np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
        before = way
        here = here + way * (length / (_N_STEPS - 1))[:, None]
    return np.stack(line, axis=1), np.stack(outs, axis=1)


def _curled(line: Floats, facing: Floats, style: Style, draw: np.random.Generator) -> Floats:
    """Return lines wound around themselves."""
    tangent = np.gradient(line, axis=1)
    tangent /= np.linalg.norm(tangent, axis=2, keepdims=True) + 1e-9
    side = np.cross(tangent, facing)
    along = np.linspace(0, 1, _N_STEPS)
    phase = draw.uniform(0, 2 * np.pi, (len(line), 1)) + 2 * np.pi * style.turns * along
    radius = style.curl_m * step(along * 4)
    wound: Floats = line + (radius * np.cos(phase))[..., None] * side
    return wound + (radius * np.sin(phase))[..., None] * facing


def _knot(skull: Skull) -> tuple[Floats, list[list[int]], Floats]:
    """Return a bun: a ball of strands wound around its axis."""
    draw = np.random.default_rng(5)
    centre = skull.eye + _BUN
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


_BUN = np.array([0.0, 0.055, -0.192])


def _const(value: float) -> Callable[[Floats], Floats]:
    return lambda roots: np.full(len(roots), value)


def _swept(places: Floats) -> Floats:
    """From a parting on the left over the top and back, down at the sides and behind."""
    x, y, z = places.T
    top = step((y - 0.05) / 0.035)
    aside = np.where(x > 0.028, 1.0, -1.0)
    forward = step((z + 0.045) / 0.04)
    sideways = np.stack([0.9 * aside, 0.45 * forward - 0.1, 0.25 - 0.95 * forward], axis=1)
    down = np.stack([0.05 * np.sign(x), -1 + 0 * x, np.where(z > -0.08, -0.7, -0.1)], axis=1)
    return top[:, None] * sideways + (1 - top)[:, None] * down


def _back(places: Floats) -> Floats:
    """To the bun, from everywhere."""
    return _BUN - places


def _parted(places: Floats) -> Floats:
    """From a parting a little off the middle down both sides, and straight down behind."""
    x, y, z = places.T
    behind = step((-z - 0.09) / 0.06)
    aside = np.tanh((x - 0.012) / 0.010)
    front = np.stack([aside, -0.5 + 0 * x, -0.75 * step((z + 0.075) / 0.05)], axis=1)
    back = np.stack([0.35 * aside, -1 + 0 * x, -0.75 * step((y - 0.02) / 0.08)], axis=1)
    return (1 - behind)[:, None] * front + behind[:, None] * back


def _outwards(places: Floats) -> Floats:
    """Away from the middle of the head, in front a little up and back."""
    way = places - np.array([0, 0.02, -0.085])
    way = way / np.linalg.norm(way, axis=1, keepdims=True)
    front = step((places[:, 2] + 0.06) / 0.05)
    return way + np.stack([0 * front, 0.3 * front - 0.25, -0.35 * front], axis=1)


def _is_top(places: Floats) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = places[:, 1] > 0.052 - 0.25 * np.clip(-places[:, 2] - 0.12, 0, 1)
    return found


def _short_length(roots: Floats) -> Floats:
    found: Floats = 0.020 + 0.034 * step((roots[:, 1] - 0.035) / 0.05) * step(
        (roots[:, 2] + 0.20) / 0.12
    )
    return found


def _bob_length(roots: Floats) -> Floats:
    # Down to the jaw, wherever it starts.
    found: Floats = (
        np.clip(roots[:, 1] + 0.105, 0.03, 1) * 1.12 + 0.012 * np.abs(roots[:, 0]) / 0.06
    )
    return found


def _long_length(roots: Floats) -> Floats:
    found: Floats = np.clip(roots[:, 1] + 0.235, 0.05, 1) * 1.06
    return found


STYLES: dict[str, tuple[Style, ...]] = {
    "short": (
        Style(170, _short_length, 0.0135, _swept, (0.002, 0.006), (0.003, 0.009), hug=0.85,
              rough=0.13, seed=3),
        Style(95, _short_length, 0.012, _swept, (0, 0), (0.007, 0.017), hug=0.6, rough=0.18,
              seed=4, is_rooted=_is_top),
    ),
    "fade": (
        Style(250, _const(0.016), 0.0085, _outwards, (-0.002, 0.007), (0.004, 0.0135), hug=0.25,
              rough=0.45, curl_m=0.0022, turns=1.2, seed=6, is_rooted=_is_top),
    ),
    "bob": (
        Style(120, _bob_length, 0.020, _parted, (0.003, 0.005), (0.004, 0.012), hang=0.9, hug=0.8,
              rough=0.05, seed=8, tip=0.6, uneven=0.04),
        Style(80, _bob_length, 0.017, _parted, (0, 0), (0.007, 0.018), hang=0.9, hug=0.7,
              rough=0.07, seed=9, tip=0.5, uneven=0.06),
    ),
    "bun": (
        Style(190, lambda r: np.clip(np.linalg.norm(r - _BUN, axis=1) * 1.02 - 0.012, 0.012, 0.3),
              0.0125, _back, (0.001, 0.003), (0.002, 0.007), hug=0.98, rough=0.02, seed=11,
              fringe_m=-0.004),
    ),
    "curls": (
        Style(270, _const(0.058), 0.011, _outwards, (0.006, 0.010), (0.008, 0.038), hang=0.3,
              hug=0.35, rough=0.35, curl_m=0.0068, turns=1.9, seed=12),
        Style(60, _const(0.050), 0.011, _outwards, (0, 0), (0.012, 0.036), hug=0.35,
              rough=0.35, curl_m=0.0068, turns=1.7, seed=13, is_rooted=_is_top),
    ),
    "long": (
        Style(120, _long_length, 0.022, _parted, (0.003, 0.005), (0.004, 0.013), hang=0.92,
              hug=0.75, rough=0.045, seed=14, tip=0.4, uneven=0.08),
        Style(85, _long_length, 0.019, _parted, (0, 0), (0.007, 0.021), hang=0.92, hug=0.7,
              rough=0.06, seed=15, tip=0.3, uneven=0.12),
    ),
}  # fmt: skip
