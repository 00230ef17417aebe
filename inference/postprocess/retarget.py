"""The bridge between the bases: ARKit shapes to FLAME's expression coefficients and back.

FLAME's coefficients are components of scans and have no names, so that the bridge is fitted:
`training.two_track.fit_retarget` regresses the tracked FLAME motion of a real person on what the
bundled
network hears in the same sound (docs/training.md says how well that holds on frames left out).
What is not left to the fit is the mouth's closing: in FLAME the jaw itself closes by what
`mouthClose` would bring the lips together, and the jaw's rotation means the same in both.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.arrays import read_npz
from ...core.errors import InputError
from ...core.motion import Motion
from ...core.names import ARKIT_INDEX, JAW_OPEN_RAD, Basis
from ...core.paths import ASSETS

FloatArray = NDArray[np.float32]

N_FLAME = 50
_CLOSE = ARKIT_INDEX["mouthClose"]


@dataclass(frozen=True)
class Bridge:
    """Linear maps between the expressions of both bases; a face at rest is zero in both.

    The last row of each is for the jaw: what lips do goes with how far it is open.
    """

    to_flame: FloatArray  #: (40 + 1, 50)
    to_arkit: FloatArray  #: (50 + 1, 40)

    @staticmethod
    def load(path: Path) -> "Bridge":
        """Read what `save` wrote; raises `InputError` if the file is missing or damaged."""
        maps = read_npz(path, ("to_flame", "to_arkit"), what="a bridge between the bases")
        if len(maps) < 2:
            raise InputError(f"{path} holds no bridge between the bases: install DualTalk again.")
        return Bridge(maps["to_flame"], maps["to_arkit"])

    def save(self, path: Path) -> None:
        """Write the maps."""
        np.savez(path, to_flame=self.to_flame, to_arkit=self.to_arkit)


@cache
def bundled() -> Bridge:
    """Return the bridge that ships with DualTalk."""
    return Bridge.load(ASSETS / "retarget.npz")


def retargeted(motion: Motion, basis: Basis, bridge: Bridge | None = None) -> Motion:
    """Return a motion in another basis; head, eyes, translation and time stay.

    Args:
        motion: in either basis; of FLAME the first 50 coefficients count.
        basis: the basis wanted; a motion that is in it already is returned as it is.
        bridge: the bundled one by default.
    """
    if motion.basis == basis:
        return motion
    bridge = bridge or bundled()
    return _to_flame(motion, bridge) if basis == "flame" else _to_arkit(motion, bridge)


def with_jaw(expression: FloatArray, jaw: FloatArray) -> FloatArray:
    """Return what the maps take, (n, E + 1): an expression (n, E) and how far the jaw is open.

    Args:
        expression: in either basis.
        jaw: (n, 3) radians.
    """
    return np.concatenate([expression, jaw[:, :1] / JAW_OPEN_RAD], axis=1)


def _to_flame(motion: Motion, bridge: Bridge) -> Motion:
    jaw = motion.jaw.copy()
    jaw[:, 0] -= motion.expression[:, _CLOSE] * JAW_OPEN_RAD
    given = with_jaw(motion.expression, motion.jaw)
    expression = (given @ bridge.to_flame).astype(np.float32)
    return replace(motion, expression=expression, jaw=jaw, basis="flame")


def _to_arkit(motion: Motion, bridge: Bridge) -> Motion:
    given = np.zeros((motion.n_frames, N_FLAME), np.float32)
    kept = min(N_FLAME, motion.expression.shape[1])
    given[:, :kept] = motion.expression[:, :kept]
    expression = np.clip(with_jaw(given, motion.jaw) @ bridge.to_arkit, 0, 1).astype(np.float32)
    # A FLAME jaw that is closed needs no closing of the lips on top.
    opening = np.clip(motion.jaw[:, 0] / JAW_OPEN_RAD, 0, 1)
    expression[:, _CLOSE] = np.minimum(expression[:, _CLOSE], opening)
    return replace(motion, expression=expression, basis="arkit")
