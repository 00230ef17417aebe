"""MakeHuman's body as the head needs it: the mean person, joints, skinning, skin and mouth.

Everything in modelling/ is in metres and FLAME's axes; from here on the origin is the root joint.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from dualtalk.core.names import JAW_OPEN_RAD
from dualtalk.modelling.body.makehuman import MakeHuman
from dualtalk.modelling.body.topology import Mesh, step
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANCESTRIES = ("african", "asian", "caucasian")
SEXES = ("female", "male")
#: Two neighbouring vertices of the ring in which the lips end and the inside of the mouth begins.
_LIP_EDGE = (540, 7279)
#: A vertex of the inside of the mouth, on its floor.
_IN_MOUTH = 642
#: Where root and neck turn, from the middle of the cube at the base of the neck.
_ROOT_FROM_NECK = np.array([0.0, -0.045, -0.012])
_NECK_FROM_NECK = np.array([0.0, 0.033, 0.003])
#: The skin ends this far below the cube at the base of the neck, behind and in front; clothes
#: cover the edge.
_SKIN_END_M = (0.022, 0.115)
_SKIN_HALF_WIDTH_M = 0.098
#: How much of each bone of the spine turns with the head; what hangs on the head turns wholly.
_NECK_SHARE = {"neck01": 0.3, "neck02": 0.6, "neck03": 0.85}
_TRUNK = ("spine", "clavicle", "shoulder", "breast", "upperarm", "lowerarm", "pelvis", "root",
          "wrist", "finger", "metacarpal", "upperleg", "lowerleg", "foot", "toe")  # fmt: skip


def macro(source: MakeHuman, sex: str, age: str, ancestries: tuple[str, ...] = ANCESTRIES,
          build: str = "averagemuscle-averageweight") -> Floats:  # fmt: skip
    """Return the displacements (V, 3) of one of MakeHuman's people."""
    faces = [source.target(f"macrodetails/{name}-{sex}-{age}") for name in ancestries]
    body = source.target(f"macrodetails/universal-{sex}-{age}-{build}")
    found: Floats = np.mean(faces, axis=0) + body
    return found


def turn(angle_rad: float) -> Floats:
    """Return the rotation (3, 3) of a jaw that opens by an angle."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


@dataclass(frozen=True)
class Figure:
    """The mean person, in the numbering of MakeHuman's vertices."""

    source: MakeHuman

    @cached_property
    def _mean(self) -> Floats:
        people = [macro(self.source, sex, "young") for sex in SEXES]
        found: Floats = self.source.base.vertices + np.mean(people, axis=0)
        return found

    @cached_property
    def _origin(self) -> Floats:
        return self.source.base.middle("joint-neck", self._mean) + _ROOT_FROM_NECK

    @cached_property
    def vertices(self) -> Floats:
        """(V, 3) at rest."""
        found: Floats = self._mean - self._origin
        return found

    def aligned(self, displaced: Floats) -> Floats:
        """Return displacements (V, 3) of identity that leave the base of the neck in its place."""
        return displaced - displaced[self.source.base.vertices_of("joint-neck")].mean(axis=0)

    @cached_property
    def joints(self) -> Floats:
        """(5, 3) in the order of BONES."""
        base = self.source.base
        at_neck = base.middle("joint-neck", self.vertices)
        eyes = [base.middle(f"helper-{side}-eye", self.vertices) for side in "lr"]
        return np.array([np.zeros(3), at_neck + _NECK_FROM_NECK, self.jaw_joint, *eyes])

    @cached_property
    def jaw_joint(self) -> Floats:
        """(3,) about which the lower teeth turn in the Face Unit jawOpen, by least squares."""
        index = self.source.base.vertices_of("helper-lower-teeth")
        before = self.vertices[index]
        after = before + self.source.face_unit("jawOpen")[index]
        u, _, v = np.linalg.svd((before - before.mean(0)).T @ (after - after.mean(0)))
        rotation = v.T @ u.T
        shift = after.mean(0) - rotation @ before.mean(0)
        y, z = np.linalg.lstsq((np.eye(3) - rotation)[1:, 1:], shift[1:], rcond=None)[0]
        return np.array([0.0, y, z])

    @cached_property
    def body(self) -> Mesh:
        """The quads of the body."""
        base = self.source.base
        return Mesh(len(base.vertices), base.faces[base.groups == "body"])

    @cached_property
    def lip_edge(self) -> Ints:
        """The ring (n,) in which the lips end and the inside of the mouth begins."""
        return self.body.loop(*_LIP_EDGE)

    @cached_property
    def is_inside(self) -> NDArray[np.bool_]:
        """Which vertices line the mouth, its edge included (V,)."""
        return self.body.flooded(_IN_MOUTH, self.lip_edge)

    @cached_property
    def mouth_quads(self) -> Ints:
        """The lining of the mouth."""
        found: Ints = self.body.quads[self.is_inside[self.body.quads].all(axis=1)]
        return found

    @cached_property
    def skin_quads(self) -> Ints:
        """Head, neck and as much of the chest as a neckline shows."""
        neck = self.source.base.middle("joint-neck", self.vertices)
        x, y, z = (self.vertices - neck).T
        behind, before = _SKIN_END_M
        low = -behind - (before - behind) * step((z + 0.03) / 0.10)
        is_near = (y > low) & (np.abs(x) < _SKIN_HALF_WIDTH_M)
        quads = self.body.quads
        is_lining = self.is_inside[quads].all(axis=1)
        found: Ints = quads[is_near[quads].all(axis=1) & ~is_lining]
        return found

    @cached_property
    def neck_share(self) -> Floats:
        """How much each vertex turns with the head (V,)."""
        share = np.zeros(len(self.vertices))
        total = np.zeros(len(self.vertices))
        for bone, weights in self.source.weights.items():
            total += weights
            if not bone.startswith(_TRUNK):
                share += _NECK_SHARE.get(bone, 1.0) * weights
        return step(self.body.smoothed(share / np.maximum(total, 1e-6), 2))

    @cached_property
    def jaw_share(self) -> Floats:
        """How much of the jaw's turn each vertex follows (V,), as the Face Unit jawOpen has it."""
        opened = self.source.face_unit("jawOpen")
        full = (self.vertices - self.jaw_joint) @ (turn(JAW_OPEN_RAD) - np.eye(3)).T
        share = (opened * full).sum(axis=1) / np.maximum((full**2).sum(axis=1), 1e-9)
        # Right at the joint hardly anything moves, so nothing can be told: there it fades out.
        near = step(np.linalg.norm(full, axis=1) / 0.006)
        found = np.clip(share * near, 0, 1)
        found[self.source.base.vertices_of("helper-lower-teeth")] = 1
        found[self.source.base.vertices_of("helper-tongue")] = 1
        return found
