"""The built-in head as a model of FLAME's kind, bent into somebody else: what is moved is known.

    python -m modelling.bent_head

prints how well the named shapes are taken over by it (`core.faces.shape_transfer`), as FLAME itself
may not be passed on.
"""

import time

import numpy as np
from dualtalk.core.faces import shape_transfer
from dualtalk.core.faces.builtin_head import HeadModel
from dualtalk.core.faces.flame_model import FlameModel
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Shapes of the skin; the tongue is not part of FLAME.
SHAPES = tuple(name for name in ARKIT_SHAPES if name != "tongueOut")


def bent(points: Floats) -> Floats:
    """Return points of a head that is larger, longer in the face and fuller in the cheeks."""
    x, y, z = (1.07 * points).T
    wide = 1 + 0.08 * np.exp(-(((y + 0.05) / 0.04) ** 2))
    return np.stack([x * wide + 0.01, y * (1 - 0.06 * np.tanh(y / 0.05)), z + 0.02], axis=1)


def as_flame(head: HeadModel, seed: int = 0) -> tuple[FlameModel, NDArray[np.int64]]:
    """Return skin and eyeballs as a model of FLAME's kind, and which vertex is which."""
    kept = np.isin(head.parts, [head.part_names.index(n) for n in ("skin", "eye_left", "eye_right")
                                if n in head.part_names])  # fmt: skip
    order = np.random.default_rng(seed).permutation(np.flatnonzero(kept))
    place = np.full(head.n_vertices, -1)
    place[order] = np.arange(len(order))
    faces = [
        (face[0], face[i], face[i + 1])
        for face in head.faces
        if kept[face[0]]
        for i in range(1, len(face) - 1)
    ]
    points = bent(head.vertices[order].astype(np.float64))
    nearest = np.linalg.norm(points[None] - bent(head.joints.astype(np.float64))[:, None], axis=2)
    chosen = np.argsort(nearest, axis=1)[:, :60]
    regressor = np.zeros((5, len(points)))
    for joint, row in enumerate(chosen):
        known = np.vstack([points[row].T, np.ones(len(row))])
        wanted = np.append(bent(head.joints[joint : joint + 1].astype(np.float64))[0], 1)
        regressor[joint, row] = np.linalg.lstsq(known, wanted, rcond=None)[0]
    n = len(points)
    model = FlameModel(
        points, place[np.array(faces)].astype(np.int32), np.zeros((n, 3, 1)), np.zeros((n, 3, 1)),
        np.zeros((n, 3, 36)), regressor, head.weights[order].astype(np.float64),
    )  # fmt: skip
    return model, order


def truth(head: HeadModel, model: FlameModel, order: NDArray[np.int64]) -> Floats:
    """Return how the bent head's vertices move with each of ARKit's shapes (40, V, 3), metres."""
    moved = bent((head.vertices + head.shapes)[:, order].reshape(-1, 3).astype(np.float64))
    found: Floats = moved.reshape(len(ARKIT_SHAPES), -1, 3) - model.template
    return found


def likeness(ours: Floats, wanted: Floats) -> tuple[float, float]:
    """Return the correlation of two displacements (V, 3), and the size of one by the other's."""
    sizes = np.linalg.norm(ours), np.linalg.norm(wanted)
    return float((ours * wanted).sum() / (sizes[0] * sizes[1])), float(sizes[0] / sizes[1])


def main() -> None:
    """Print a line for the shapes that come out worst, and one for all."""
    head = HeadModel.bundled()
    model, order = as_flame(head)
    start = time.process_time()
    ours = shape_transfer.transferred(head, model, model.template)
    took_s = time.process_time() - start
    wanted = truth(head, model, order)
    rows = {name: likeness(ours[ARKIT_INDEX[name]], wanted[ARKIT_INDEX[name]]) for name in SHAPES}
    for name in sorted(rows, key=lambda name: rows[name][0])[:5]:
        print("{:24} r {:.3f}, size {:.2f}".format(name, *rows[name]))
    r, size = np.array(list(rows.values())).T
    error_mm = 1000 * np.linalg.norm(ours - wanted, axis=2).max(axis=1)
    print(f"{len(rows)} shapes: r {r.min():.3f} to {r.max():.3f}, median {np.median(r):.3f}")
    print(f"size {size.min():.2f} to {size.max():.2f} of the truth's")
    print(f"largest error, median of the shapes: {np.median(error_mm):.1f} mm")
    print(f"{len(model.template)} vertices, {took_s:.1f} s of processor time")


if __name__ == "__main__":
    main()
