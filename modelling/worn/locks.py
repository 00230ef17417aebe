"""Locks of hair: ribbons that grow over the skull in the direction of a style.

Roots are spread evenly; from each a middle line grows step by step, along the style's direction
and the skin, and hangs where the style lets it. Across the line lie a few strands with tones and
ends of their own, so that a lock reads as hair and not as a leaf.
"""

import numpy as np
from dualtalk.modelling.body.skull import Skull
from dualtalk.modelling.body.topology import step
from dualtalk.modelling.part import grid_faces
from dualtalk.modelling.worn.styles import Style
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: A piece of hair: vertices (n, 3), faces, and the tone (n,) of each vertex.
Piece = tuple[Floats, list[list[int]], Floats]

#: Across a lock: places of its strands from its middle, in half widths, and how far each stands
#: out, in widths.
_ACROSS = ((-1.0, 0.0), (-0.45, 0.15), (0.1, 0.2), (0.55, 0.13), (1.0, 0.0))
#: Curls are narrow: they need fewer.
_ACROSS_CURL = ((-1.0, 0.0), (0.0, 0.25), (1.0, 0.0))
#: How much strands of a lock differ in tone, and in where they end, in widths.
_STREAKS, _RAGGED = 0.16, 0.9


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


def locks(skull: Skull, style: Style) -> Piece:
    """Return all locks of a style."""
    draw = np.random.default_rng(style.seed)
    roots = _roots(skull, style, draw)
    n = len(roots)
    length = style.length_m(roots - skull.eye) * draw.uniform(1 - style.uneven, 1 + style.uneven, n)
    line, facing = _grown(skull, style, roots, length, draw)
    if style.curl_m:
        line = _curled(line, facing, style, draw)
    across = _ACROSS_CURL if style.curl_m else _ACROSS
    points = _ribbons(line, facing, style, across, draw)
    strip = grid_faces(style.n_steps, len(across), False)
    faces = [
        [corner + lock * style.n_steps * len(across) for corner in face]
        for lock in range(n) for face in strip
    ]  # fmt: skip
    return points.reshape(-1, 3), faces, _tones((n, style.n_steps, len(across)), draw).ravel()


def _ribbons(
    line: Floats,
    facing: Floats,
    style: Style,
    across: tuple[tuple[float, float], ...],
    draw: np.random.Generator,
) -> Floats:
    """Return the strands of locks (n, steps, across, 3) along their middle lines."""
    n = len(line)
    tangent = np.gradient(line, axis=1)
    tangent /= np.linalg.norm(tangent, axis=2, keepdims=True) + 1e-9
    side = np.cross(tangent, facing)
    side /= np.linalg.norm(side, axis=2, keepdims=True) + 1e-9
    out = np.cross(side, tangent)
    along = np.linspace(0, 1, style.n_steps)
    profile = (0.55, 1.0, 0.95, 0.5 + 0.5 * style.tip, style.tip)
    taper = np.interp(along, (0, 0.12, 0.6, 0.9, 1), profile)
    widest = style.width_m * draw.uniform(0.75, 1.25, (n, 1))
    width = widest * taper
    place, rise = np.array(across).T
    rise = rise * draw.uniform(0.7, 1.3, (n, 1, len(rise)))
    # Strands part towards the tip, and end where they like.
    drift = draw.normal(0, 0.22, (n, 1, len(place))) * along[:, None] ** 2
    ends = draw.uniform(-1, 1, (n, 1, len(place))) * step((along[:, None] - 0.55) / 0.45)
    sideways = (place * 0.5 + 0.5 * drift) * width[..., None]
    ahead = 0.5 * _RAGGED * ends * widest[..., None]
    found: Floats = (
        line[:, :, None] + sideways[..., None] * side[:, :, None]
        + (rise * width[..., None])[..., None] * out[:, :, None]
        + ahead[..., None] * tangent[:, :, None]
    )  # fmt: skip
    return found


def _tones(shape: tuple[int, int, int], draw: np.random.Generator) -> Floats:
    """Return how light strands are (n, steps, across): darker at the root and below others."""
    n, n_steps, n_across = shape
    along = np.linspace(0, 1, n_steps)
    lock = draw.uniform(0.82, 1.18, (n, 1)) * (0.80 + 0.30 * along)
    strands = 1 + draw.normal(0, _STREAKS, (n, 1, n_across))
    strands[..., [0, -1]] *= 0.80
    found: Floats = lock[:, :, None] * np.clip(strands, 0.6, 1.45)
    return found


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
    for at in range(style.n_steps):
        t = at / (style.n_steps - 1)
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
        here = here + way * (length / (style.n_steps - 1))[:, None]
    return np.stack(line, axis=1), np.stack(outs, axis=1)


def _curled(line: Floats, facing: Floats, style: Style, draw: np.random.Generator) -> Floats:
    """Return lines wound around themselves."""
    tangent = np.gradient(line, axis=1)
    tangent /= np.linalg.norm(tangent, axis=2, keepdims=True) + 1e-9
    side = np.cross(tangent, facing)
    along = np.linspace(0, 1, style.n_steps)
    phase = draw.uniform(0, 2 * np.pi, (len(line), 1)) + 2 * np.pi * style.turns * along
    radius = style.curl_m * step(along * 4)
    wound: Floats = line + (radius * np.cos(phase))[..., None] * side
    return wound + (radius * np.sin(phase))[..., None] * facing
