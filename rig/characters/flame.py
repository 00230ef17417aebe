"""A FLAME head in a scene, whose evaluated mesh is what FLAME itself computes.

Identity and expression are shape keys, joints are bones where the regressor puts them, pose
correctives are shape keys driven by the bones. FLAME's joints also move a little with the
expression; a bone that turns then turns about another point, for which each bone has a Pivot
constraint whose offset is keyed with the expression (`joint_shifts`). `flame_building` makes one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.errors import RigError
from ...core.motion import Motion
from ...core.names import ARKIT_SHAPES, BONES, Basis
from .. import fcurves
from . import construction
from .built import BuiltHead
from .builtin import LIDS, named_tracks
from .character import KeyTrack, VectorTrack

Floats = NDArray[np.floating]

PIVOT = "DualTalk FLAME joint"
#: The widest range of a slider that Blender allows; a coefficient is in standard deviations.
LIMITS = (-10.0, 10.0)
#: Attributes of the mesh that hold the joint regressor begin like this.
REGRESSOR = "flame_joint_"


@dataclass(frozen=True)
class FlameHead(BuiltHead):
    """A head of the animator's FLAME model; with ARKit's shapes too, it plays both bases."""

    kind: ClassVar[str] = "flame"
    label: ClassVar[str] = "FLAME head"
    basis: ClassVar[Basis] = "flame"

    @property
    def bases(self) -> tuple[Basis, ...]:
        """Both bases if the head has names for ARKit's shapes."""
        return ("flame", "arkit") if self.has_names else (self.basis,)

    @property
    def has_names(self) -> bool:
        """Tell whether the head has the 40 ARKit shapes beside the coefficients."""
        there = self.mesh.data.shape_keys.key_blocks
        return all(name in there for name in ARKIT_SHAPES)

    @property
    def n_expression(self) -> int:
        """How many coefficients of expression the head has."""
        return len(_numbered(self.mesh, "expression"))

    def check(self, motion: Motion) -> None:
        """Refuse a motion that the head cannot play.

        Raises:
            RigError: it is of another basis, or has more coefficients than the head has keys.
        """
        super().check(motion)
        n_given = motion.expression.shape[1]
        if motion.basis == "flame" and motion.expression[:, self.n_expression :].any():
            raise RigError(
                f"{self.armature.name} has {self.n_expression} sliders of expression, but the "
                f"motion has {n_given}: build the head again with more."
            )

    def key_tracks(self, motion: Motion) -> list[tuple[bpy.types.Object, list[KeyTrack]]]:
        """Return a track per coefficient, or per ARKit shape of a motion of that basis."""
        if motion.basis == "flame":
            n_given = motion.expression.shape[1]
            names = tuple(expression_name(index) for index in range(n_given))
        else:
            names = ARKIT_SHAPES
        return [(self.mesh, named_tracks(self.mesh, names, motion))]

    def vector_tracks(self, motion: Motion) -> Iterator[VectorTrack]:
        """Yield where FLAME's joints are while the expression moves them."""
        if motion.basis != "flame":
            return
        for bone, shifts in self.joint_shifts(motion.expression).items():
            path = f'pose.bones["{bone}"].constraints["{PIVOT}"].offset'
            yield VectorTrack(path, bone, shifts)

    def rest(self) -> None:
        """Set all keys of the face to zero: those of one basis rest while the other's move."""
        coefficients = [expression_name(index) for index in range(self.n_expression)]
        for name in (*ARKIT_SHAPES, *coefficients):
            key = self.mesh.data.shape_keys.key_blocks.get(name)
            if key is not None:
                key.value = 0.0

    def keep_constraints_in_order(self) -> None:
        """Let the joints' shift see the rotation that all other constraints make."""
        for bone in self.armature.pose.bones:
            if PIVOT in bone.constraints:
                bone.constraints.move(bone.constraints.find(PIVOT), len(bone.constraints) - 1)

    def moved_keys(self, mesh: bpy.types.Object) -> frozenset[str]:
        """Return the keys of both bases, as either may have been written before."""
        coefficients = (expression_name(index) for index in range(self.n_expression))
        return frozenset((*ARKIT_SHAPES, *coefficients))

    def lid_weights(self, mesh: bpy.types.Object) -> dict[str, dict[str, float]]:
        """Return the two lids, which are keys of their own beside the coefficients."""
        return {name: {name: 1.0} for name in LIDS}

    def played_basis(self) -> Basis:
        """Return the basis of the keys that are animated; it may be either."""
        paths = {fcurves.key_path(name) for name in ARKIT_SHAPES}
        curves = fcurves.curves_of(self.mesh.data.shape_keys)
        return "arkit" if any(curve.data_path in paths for curve in curves) else "flame"

    def shape_names(self, basis: Basis) -> tuple[str, ...]:
        """Return the keys that are the coefficients of a basis, in order."""
        if basis == "arkit":
            return ARKIT_SHAPES
        return tuple(expression_name(index) for index in range(self.n_expression))

    def set_identity(self, shape: Floats) -> None:
        """Set the sliders of identity to coefficients (n,), and the joints to where they belong.

        The sliders beyond n go to zero.

        Raises:
            RigError: the head has fewer sliders, or its bones cannot be edited now.
        """
        keys = _numbered(self.mesh, "identity")
        if len(shape) > len(keys):
            raise RigError(
                f"{self.armature.name} has {len(keys)} sliders of identity, not {len(shape)}: "
                "build it with more of them."
            )
        if np.abs(shape).max(initial=0) > LIMITS[1]:
            raise RigError(f"Coefficients of identity go from {LIMITS[0]:.0f} to {LIMITS[1]:.0f}.")
        for key, value in zip(keys, np.pad(shape, (0, len(keys) - len(shape))), strict=True):
            key.value = value
        self.refit_joints()

    def refit_joints(self) -> None:
        """Move the bones to where FLAME has the joints of the identity that the sliders now make.

        Raises:
            RigError: the bones cannot be edited now.
        """
        regressor = self._regressor()
        basis = construction.key_points(self.mesh.data.shape_keys.key_blocks[0])
        points = basis.copy()
        for key in _numbered(self.mesh, "identity"):
            if key.value:
                points += key.value * (construction.key_points(key) - basis)
        construction.move_joints(self.armature, regressor @ points)

    @property
    def are_correctives_on(self) -> bool:
        """Tell whether the head has pose correctives that are not turned off."""
        return any(not key.mute for key in self._correctives())

    def set_correctives(self, are_on: bool) -> None:
        """Turn the pose correctives on or off."""
        for key in self._correctives():
            key.mute = not are_on
        data = self.mesh.data.shape_keys.animation_data
        for curve in data.drivers if data else ():
            if curve.data_path.startswith('key_blocks["pose.'):
                curve.mute = not are_on

    def joint_shifts(self, expression: Floats) -> dict[str, Floats]:
        """Return how an expression (T, E) moves each joint, (T, 3) metres by bone."""
        regressor = self._regressor()
        keys = _numbered(self.mesh, "expression")[: expression.shape[1]]
        basis = construction.key_points(self.mesh.data.shape_keys.key_blocks[0])
        moved = np.stack(
            [regressor @ (construction.key_points(key) - basis) for key in keys]
        )  # (E, 5, 3)
        shifts = np.tensordot(expression, moved, axes=(1, 0))  # (T, 5, 3)
        return {bone: shifts[:, index] for index, bone in enumerate(BONES)}

    def _regressor(self) -> Floats:
        mesh = self.mesh.data
        rows = np.empty((len(BONES), len(mesh.vertices)), np.float32)
        for bone, row in zip(BONES, rows, strict=True):
            attribute = mesh.attributes.get(f"{REGRESSOR}{bone}")
            if attribute is None or len(attribute.data) != len(row):
                raise RigError(
                    f"{self.mesh.name} has lost its joint regressor: build the head again."
                )
            attribute.data.foreach_get("value", row)
        return rows.astype(np.float64)

    def _correctives(self) -> list[bpy.types.ShapeKey]:
        return [k for k in self.mesh.data.shape_keys.key_blocks if k.name.startswith("pose.")]


def expression_name(index: int) -> str:
    """Return the shape key of a coefficient of expression, counted from 0."""
    return f"expression.{index + 1:03d}"


def _numbered(mesh: bpy.types.Object, what: str) -> list[bpy.types.ShapeKey]:
    return [key for key in mesh.data.shape_keys.key_blocks if key.name.startswith(f"{what}.")]
