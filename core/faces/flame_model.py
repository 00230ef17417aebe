"""FLAME in numpy: the model's arrays, and the head that they make of its parameters.

Li, Bolkart, Black, Li, Romero 2017, "Learning a model of facial shape and expression from 4D
scans"; what is computed is linear blend skinning after SMPL (Loper et al. 2015, equations 1-10).
`core.faces.flame_file.load` reads the user's file.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..names import BONE_PARENTS, BONES

Floats = NDArray[np.float64]

#: Coefficients of identity and of expression in the file's `shapedirs`.
MAX_IDENTITY, MAX_EXPRESSION = 300, 100
#: A row-major rotation matrix for each joint but the root.
N_CORRECTIVES = 9 * (len(BONES) - 1)


@dataclass(frozen=True)
class FlameModel:
    """The arrays of a FLAME file; metres, FLAME's axes (x left, y up, z out of the face)."""

    template: Floats  #: (V, 3)
    faces: NDArray[np.int32]  #: (F, 3)
    identity_dirs: Floats  #: (V, 3, up to 300) displacement by a coefficient of 1
    expression_dirs: Floats  #: (V, 3, up to 100)
    pose_dirs: Floats  #: (V, 3, 36) displacement by an element of the rotations less identity
    joint_regressor: Floats  #: (5, V)
    weights: Floats  #: (V, 5), rows sum to 1

    def __post_init__(self) -> None:
        n = len(self.template)
        shapes = {
            "template": (n, 3),
            "faces": (len(self.faces), 3),
            "identity_dirs": (n, 3, self.identity_dirs.shape[-1]),
            "expression_dirs": (n, 3, self.expression_dirs.shape[-1]),
            "pose_dirs": (n, 3, N_CORRECTIVES),
            "joint_regressor": (len(BONES), n),
            "weights": (n, len(BONES)),
        }
        for name, shape in shapes.items():
            found = getattr(self, name).shape
            if found != shape:
                raise InputError(f"The FLAME model's {name} is {found}, not {shape}.")
            if not np.isfinite(getattr(self, name)).all():
                raise InputError(f"The FLAME model's {name} holds numbers that are not finite.")
        if self.faces.size and not 0 <= self.faces.min() <= self.faces.max() < n:
            raise InputError("The FLAME model's faces name vertices that it does not have.")

    @property
    def n_vertices(self) -> int:
        """Count of vertices, 5,023 in every published model."""
        return len(self.template)

    def shaped(self, shape: Floats, expression: Floats) -> Floats:
        """Return the unposed vertices (T, V, 3) for coefficients (T, <= 300) and (T, <= 100)."""
        result = np.repeat(self.template[None], len(shape), axis=0)
        for coefficients, dirs in ((shape, self.identity_dirs), (expression, self.expression_dirs)):
            n_used = coefficients.shape[1]
            if n_used > dirs.shape[-1]:
                raise InputError(
                    f"{n_used} coefficients are given, but this FLAME file has {dirs.shape[-1]}."
                )
            # (V, 3, n) x (T, n) -> (T, V, 3)
            result += np.tensordot(coefficients, dirs[..., :n_used], axes=(1, 2))
        return result

    def joints(self, shaped: Floats) -> Floats:
        """Return the joints (T, 5, 3) of unposed vertices (T, V, 3)."""
        result: Floats = np.einsum("jv,tvc->tjc", self.joint_regressor, shaped)
        return result

    def vertices(
        self, shape: Floats, expression: Floats, pose: Floats, translation: Floats
    ) -> Floats:
        """Return the head's vertices, (T, V, 3).

        Args:
            shape: (T, <= 300) coefficients of identity.
            expression: (T, <= 100) coefficients of expression.
            pose: (T, 5, 3) axis-angle in radians: root, neck, jaw, left eye, right eye.
            translation: (T, 3) metres.

        Raises:
            InputError: the arrays do not fit each other or the model.
        """
        arrays = [np.asarray(a, np.float64) for a in (shape, expression, pose, translation)]
        _check_arguments(arrays)
        shape, expression, pose, translation = arrays
        shaped = self.shaped(shape, expression)
        rotations = rotation_matrices(pose)  # (T, 5, 3, 3)
        placed, offsets = _chain(rotations, self.joints(shaped))
        feature = (rotations[:, 1:] - np.eye(3)).reshape(len(pose), N_CORRECTIVES)
        shaped += np.tensordot(feature, self.pose_dirs, axes=(1, 2))
        result = np.repeat(translation[:, None], self.n_vertices, axis=1)
        for joint in range(len(BONES)):
            moved = shaped @ placed[:, joint].swapaxes(1, 2) + offsets[:, joint, None]
            result += self.weights[:, joint, None] * moved
        return result

    def posed_joints(
        self, shape: Floats, expression: Floats, pose: Floats, translation: Floats
    ) -> Floats:
        """Return where the joints are, (T, 5, 3), for arguments as of `vertices`."""
        rest = self.joints(self.shaped(np.asarray(shape), np.asarray(expression)))
        placed, offsets = _chain(rotation_matrices(np.asarray(pose)), rest)
        result: Floats = np.einsum("tjab,tjb->tja", placed, rest) + offsets
        return result + np.asarray(translation)[:, None]


def rotation_matrices(vectors: Floats) -> Floats:
    """Turn axis-angle vectors (..., 3) into rotation matrices (..., 3, 3) (Rodrigues)."""
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1)
    cross = cross.reshape(*x.shape, 3, 3)
    angle = np.sqrt(x * x + y * y + z * z)[..., None, None]
    # sin(a) / a and (1 - cos(a)) / a^2 by np.sinc, which is right at zero too.
    first = np.sinc(angle / np.pi)
    second = 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    result: Floats = np.eye(3) + first * cross + second * (cross @ cross)
    return result


def _chain(rotations: Floats, joints: Floats) -> tuple[Floats, Floats]:
    """Return how each joint moves what hangs on it: rotations (T, 5, 3, 3), offsets (T, 5, 3)."""
    placed, offsets = np.empty_like(rotations), np.empty_like(joints)
    for joint, parent in enumerate(BONE_PARENTS):
        pivot = joints[:, joint]
        # About the own joint first, then with the parent: x -> P (R (x - j) + j) + p.
        offset = pivot - np.einsum("tab,tb->ta", rotations[:, joint], pivot)
        if parent < 0:
            placed[:, joint], offsets[:, joint] = rotations[:, joint], offset
        else:
            placed[:, joint] = placed[:, parent] @ rotations[:, joint]
            moved = np.einsum("tab,tb->ta", placed[:, parent], offset)
            offsets[:, joint] = moved + offsets[:, parent]
    return placed, offsets


def _check_arguments(arrays: list[Floats]) -> None:
    shape, expression, pose, translation = (array.shape for array in arrays)
    n = shape[0]
    fits = len(shape) == len(expression) == 2 and expression[0] == n
    if not fits or pose != (n, len(BONES), 3) or translation != (n, 3):
        raise InputError(
            f"FLAME takes shape (T, <= 300), expression (T, <= 100), pose (T, 5, 3) and "
            f"translation (T, 3), not {shape}, {expression}, {pose} and {translation}."
        )
