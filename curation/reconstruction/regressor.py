"""From features of a face to its motion: a ridge regression, and how far to trust each shape.

The weights are fitted to renders of our own heads (`fit.py`). What landmarks do not show (rolled
and pressed lips, dimples, cheeks, sneers, the tongue) gets a low confidence and is never to be
trained on as if it were true.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.arrays import read_npz
from ...core.errors import InputError
from ...core.names import ARKIT_INDEX, ARKIT_SHAPES, JAW_OPEN_RAD

Floats = NDArray[np.floating[Any]]

WEIGHTS_PATH = Path(__file__).with_name("face_shapes.npz")
N_TARGETS = len(ARKIT_SHAPES) + 5
_JAW, _EYES = len(ARKIT_SHAPES), slice(len(ARKIT_SHAPES) + 1, N_TARGETS)
#: What opens the mouth is 0 in its most closed tenth of a clip: features are against the clip's
#: usual, so that one who listens was seen with a jaw that is open by 1.2 degrees all the time, and
#: one who speaks most of the time with one that is closed by as much.
_OPENING = [_JAW] + [
    ARKIT_INDEX[f"mouth{way}{side}"]
    for way in ("LowerDown", "UpperUp")
    for side in ("Left", "Right")
]
_CLOSED_SHARE = 0.1
#: A ridge regression says too little of what moves much: in eight tracks of 640x360, of people that
#: it learned from, what fits best is 1.0 to 1.3 times the jaw that was found, 1.2 on average.
_JAW_GAIN = 1.2
#: Shapes below this confidence are not observable.
LEAST_CONFIDENCE = 0.2


@dataclass(frozen=True)
class Regressor:
    """Linear weights."""

    mean: Floats  #: (n_features,)
    weights: Floats  #: (n_features, N_TARGETS)
    offset: Floats  #: (N_TARGETS,)
    confidence: Floats  #: (40,) share of the variance that is found on people never trained on
    face_m: float  #: how large faces are, as `pose.spread_px`, metres

    def predict(self, features: Floats) -> Floats:
        """Return (n_frames, N_TARGETS) as `fit.targets`, not limited."""
        values: Floats = (features - self.mean) @ self.weights + self.offset
        return values

    def save(self, path: Path) -> None:
        """Write the weights in half precision."""
        from ...core.files import atomic

        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(
                file, mean=self.mean.astype(np.float32), weights=self.weights.astype(np.float16),
                offset=self.offset.astype(np.float32), confidence=self.confidence,
                face_m=self.face_m,
            )  # fmt: skip

    @staticmethod
    def load(path: Path) -> "Regressor":
        """Read what `save` wrote.

        Raises:
            InputError: it is missing or damaged.
        """
        names = ("mean", "weights", "offset", "confidence", "face_m")
        arrays = read_npz(path, names, what="the regressor's weights")
        missing = [name for name in names if name not in arrays]
        if missing:
            raise InputError(f"{path} lacks {missing[0]!r}: fit the regressor again.")
        whole = {name: arrays[name].astype(np.float64) for name in names[:-1]}
        return Regressor(**whole, face_m=float(arrays["face_m"]))


@cache
def bundled() -> Regressor:
    """Return the weights that belong to the pipeline."""
    return Regressor.load(WEIGHTS_PATH)


@dataclass(frozen=True)
class Face:
    """What a face does through a clip."""

    expression: Floats  #: (n_frames, 40) 0 to 1
    jaw: Floats  #: (n_frames, 3)
    eyes: Floats  #: (n_frames, 2, 3)


def rested(values: Floats) -> Floats:
    """Return targets (n_frames, N_TARGETS) of a clip with a mouth that is closed at rest, and a jaw
    that moves as much as it did.
    """
    found: Floats = values.copy()
    found[:, _OPENING] -= np.quantile(values[:, _OPENING], _CLOSED_SHARE, axis=0)
    found[:, _JAW] *= _JAW_GAIN
    return found


def as_face(values: Floats) -> Face:
    """Return targets (n_frames, N_TARGETS) as a face; lips close no more than the jaw is open."""
    expression = values[:, :_JAW].clip(0, 1)
    jaw = np.zeros((len(values), 3))
    jaw[:, 0] = values[:, _JAW].clip(0, 1.2 * JAW_OPEN_RAD)
    close = ARKIT_INDEX["mouthClose"]
    expression[:, close] = np.minimum(expression[:, close], jaw[:, 0] / JAW_OPEN_RAD)
    eyes = np.zeros((len(values), 2, 3))
    eyes[:, :, [1, 0]] = values[:, _EYES].reshape(-1, 2, 2)
    return Face(expression, jaw, eyes)
