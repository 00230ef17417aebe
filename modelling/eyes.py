"""Eyeballs: a white, a cornea that bulges, and an iris in rings whose edges are crisp."""

import numpy as np
from dualtalk.modelling.part import Part, grid_faces
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EYE_RADIUS_M = 0.0139
IRIS_RADIUS_M = 0.0053
PUPIL_RADIUS_M = 0.0019
#: How far the middle of the cornea stands before the middle of the eyeball.
_APEX_M = 0.0148
_N_AROUND = 28
_IRIS_RINGS = (1.0, 1.35, 1.9, 2.4, 2.7)  #: in pupil radii; the last is the iris' edge
_WHITE_RINGS_M = (0.0060, 0.0078, 0.0102, 0.0122, 0.0134, 0.0139)


def eyeball(name: str, centre: Floats, seed: int) -> Part:
    """Return an eyeball that looks along z; it is open behind."""
    rims = [(0.0004, "pupil"), (0.0012, "pupil"), (PUPIL_RADIUS_M, "pupil")]
    iris = np.linspace(0, 1, 5)
    rims += [(PUPIL_RADIUS_M + t * (IRIS_RADIUS_M - PUPIL_RADIUS_M), "iris") for t in iris]
    rims += [(radius, "eye_white") for radius in (IRIS_RADIUS_M, *_WHITE_RINGS_M)]
    around = 2 * np.pi * np.arange(_N_AROUND) / _N_AROUND
    rows, materials = [], []
    for radius, _ in rims:
        z = np.full(_N_AROUND, _height(radius))
        rows.append(np.stack([radius * np.cos(around), radius * np.sin(around), z], axis=1))
    behind = np.array([0.0134, 0.0118])
    for radius in behind:
        z = np.full(_N_AROUND, -np.sqrt(EYE_RADIUS_M**2 - radius**2))
        rows.append(np.stack([radius * np.cos(around), radius * np.sin(around), z], axis=1))
    kinds = [kind for _, kind in rims] + ["eye_white"] * len(behind)
    faces = []
    for row, quads in enumerate(np.array_split(
        np.array(grid_faces(len(rows), _N_AROUND, True)), len(rows) - 1)):  # fmt: skip
        if kinds[row] == kinds[row + 1]:
            # Rings grow outwards, so that the order that is outside for a tube is inside here.
            faces += quads[:, ::-1].tolist()
            materials += [kinds[row]] * len(quads)
    n = len(rows) * _N_AROUND
    faces += [[n, i, (i + 1) % _N_AROUND] for i in range(_N_AROUND)]
    materials += ["pupil"] * _N_AROUND
    local = np.concatenate([*rows, [[0, 0, _APEX_M]]])
    kind = np.append(np.repeat(kinds, _N_AROUND), "pupil")
    radius = np.hypot(local[:, 0], local[:, 1])
    uvs = 0.5 + local[:, :2] / (2 * EYE_RADIUS_M)
    return Part(
        name, local + centre, faces, materials, _zones(local, radius, kind, seed), None, uvs
    )


def _height(radius: float) -> float:
    """Return how far the eyeball's surface is before its middle, at a distance from its axis."""
    edge = np.sqrt(EYE_RADIUS_M**2 - IRIS_RADIUS_M**2)
    if radius >= IRIS_RADIUS_M:
        return float(np.sqrt(max(EYE_RADIUS_M**2 - radius**2, 0.0)))
    bulge = _APEX_M - edge
    curve = (IRIS_RADIUS_M**2 + bulge**2) / (2 * bulge)  # of the sphere through edge and apex
    return float(edge + np.sqrt(curve**2 - radius**2) - (curve - bulge))


def _zones(local: Floats, radius: Floats, kind: NDArray[np.str_], seed: int) -> dict[str, Floats]:
    """Return the iris' dark rim and light fibres, and the reddish corners of the white."""
    draw = np.random.default_rng(seed)
    is_iris = kind == "iris"
    t = np.clip((radius - PUPIL_RADIUS_M) / (IRIS_RADIUS_M - PUPIL_RADIUS_M), 0, 1)
    rim = np.where(t > 0.9, 1.0, 0.0) + 0.35 * np.where(t < 0.1, 1.0, 0.0)
    fibre = np.exp(-(((t - 0.5) / 0.28) ** 2)) * draw.uniform(0.45, 1, len(radius))
    corner = np.clip((np.abs(local[:, 0]) - 0.006) / 0.007, 0, 1)
    return {
        "iris_dark": is_iris * rim,
        "iris_light": is_iris * fibre,
        "eye_red": (kind == "eye_white") * corner,
    }
