"""What the keys of an own character say of ARKit's shapes: the table that moves them, backwards.

A key adds up what its controls do. Where every control has a key of its own, that is undone
exactly; where one stands for several, those are taken that it is made of the most.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ....core.names import ARKIT_INDEX, ARKIT_SHAPES

Floats = NDArray[np.float64]
#: So often controls that came out negative are left out, and the rest is solved again.
_ROUNDS = 4
_NOISE = 1e-6
#: How easily a control is told that no key has as its main one.
_ALSO = 1e-3


class Mixture:
    """How keys are mixed of controls, to be undone."""

    def __init__(
        self, keys: Sequence[tuple[int, str, Mapping[str, float]]], known: Sequence[str]
    ) -> None:
        """Take the table.

        Args:
            keys: mesh's number, key and what moves it: control -> factor.
            known: controls whose values are known from elsewhere, as the jaw's.
        """
        names = {*ARKIT_SHAPES, *known}
        self.keys = tuple((mesh, key) for mesh, key, by in keys if by and names >= set(by))
        self._mixed = np.zeros((len(self.keys), len(ARKIT_SHAPES)))
        self._known = np.zeros((len(self.keys), len(known)))
        place = {name: index for index, name in enumerate(known)}
        rows = [by for _, _, by in keys if by and names >= set(by)]
        for row, by in enumerate(rows):
            for control, factor in by.items():
                if control in place:
                    self._known[row, place[control]] = factor
                else:
                    self._mixed[row, ARKIT_INDEX[control]] = factor
        self._moves = np.abs(self._mixed).any(axis=0)
        sizes = np.abs(self._mixed)
        is_main = (sizes > 0) & (sizes >= sizes.max(axis=1, keepdims=True, initial=0.0))
        self._ease = np.where(is_main.any(axis=0), 1.0, _ALSO)

    def controls(self, values: Sequence[float], known: Sequence[float]) -> Floats:
        """Return the controls, (40,) ARKit's shapes without jaw and looks, that give these values.

        Args:
            values: of the keys, in the order of `keys`.
            known: values of the controls that are known.
        """
        wanted = np.asarray(values, float) - self._known @ np.asarray(known, float)
        found, free = np.zeros(len(ARKIT_SHAPES)), self._moves.copy()
        for _ in range(_ROUNDS):
            found[:] = 0.0
            ease = self._ease[free]
            found[free] = ease * np.linalg.lstsq(self._mixed[:, free] * ease, wanted, rcond=None)[0]
            if (found >= -_NOISE).all():
                break
            free &= found > 0
        return np.maximum(found, 0.0)
