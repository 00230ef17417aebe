"""Where things are on the head, and its bare surface; centimetres from the root joint."""

import numpy as np

from .sdf import Array, both_sides, capsule, carve, ellipsoid, sphere, union

#: Joints in the order of core.names.BONES.
ROOT, NECK, JAW = (0.0, 0.0, 0.0), (0.0, 8.0, -2.0), (0.0, 13.8, 0.4)
EYE = np.array([3.1, 17.0, 7.0])  #: centre of the left eye
EYE_RADIUS = 1.42
JOINTS = np.array([ROOT, NECK, JAW, EYE, EYE * [-1, 1, 1]])


def face_sdf(p: Array) -> Array:
    """Distance to the head with closed eyes and without ears, lips and nostrils."""
    d = ellipsoid(p, (0, 20.3, -0.7), (7.5, 8.5, 9.5))
    d = union(d, ellipsoid(p, (0, 15.0, 1.4), (6.5, 8.2, 7.4)), 3.0)
    d = union(d, ellipsoid(p, (0, 22.5, 2.2), (6.2, 4.6, 6.5)), 2.5)  # forehead
    d = union(d, _jaw(p), 2.2)
    d = union(d, ellipsoid(p, (0, 11.2, 5.6), (3.9, 3.6, 4.1)), 2.2)  # muzzle
    d = union(d, both_sides(p, lambda q: ellipsoid(q, (4.5, 14.3, 5.2), (2.2, 1.7, 2.3)), 0.5), 2.0)
    d = union(d, _neck(p), 2.2)
    d = union(d, _brow(p), 1.3)
    d = both_carved(d, p)
    d = union(d, _lids(p), 0.55)
    return union(d, _nose(p), 0.9)


def both_carved(d: Array, p: Array) -> Array:
    """Carve the eye sockets out of a distance."""
    socket = both_sides(p, lambda q: ellipsoid(q, (3.15, 16.9, 9.3), (2.5, 1.75, 2.1)), 0.3)
    return carve(d, socket, 1.3)


def _jaw(p: Array) -> Array:
    side = both_sides(
        p, lambda q: capsule(q, (4.7, 10.4, 1.2), (1.5, 7.7, 7.0), 1.5, 1.7), 1.0
    )
    return union(side, ellipsoid(p, (0, 7.7, 7.6), (2.0, 1.8, 1.95)), 1.8)


def _neck(p: Array) -> Array:
    column = capsule(p, (0, 14, -1.6), (0, -1, -2.4), 5.0, 5.3)
    return union(column, ellipsoid(p, (0, -4.0, -2.8), (13.0, 4.0, 6.0)), 4.0)


def _brow(p: Array) -> Array:
    return both_sides(p, lambda q: capsule(q, (1.3, 18.9, 7.6), (4.7, 18.9, 5.9), 1.25, 0.9), 1.5)


def _lids(p: Array) -> Array:
    return both_sides(p, lambda q: sphere(q, EYE.tolist(), EYE_RADIUS * LID_RATIO), 0.1)


def _nose(p: Array) -> Array:
    bridge = capsule(p, (0, 18.2, 8.1), (0, 14.2, 10.4), 0.75, 0.8)
    d = union(bridge, ellipsoid(p, (0, 13.75, 10.7), (1.05, 0.95, 1.05)), 0.7)
    wings = both_sides(p, lambda q: ellipsoid(q, (1.15, 13.3, 9.75), (0.68, 0.72, 0.95)), 0.3)
    d = union(d, wings, 0.5)
    return union(d, capsule(p, (0, 12.9, 9.6), (0, 13.2, 10.9), 0.5, 0.5), 0.5)


#: The outside of the lids lies on a sphere this many times as large as the eye's.
LID_RATIO = 1.12
