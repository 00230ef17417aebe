"""Super-resolution of small faces by a network of the user's own, an ONNX file; off by default.

No package that is kept well brings such a network, and the one that was tried made landmarks no
better (docs/curation.md): whoever wants it brings the file and can measure what it does, by
`curation.evaluation.enlarged`. It runs in OpenCV, which is there anyway.
"""

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...core.damage import short
from ...core.errors import InputError
from ..footage.video import Picture

#: By so much a network may enlarge.
_FACTORS = range(2, 9)
#: Pictures (height, width) that a file is tried with: any size has to work.
_TRIED = ((32, 48), (40, 32))
_WANTED = (
    "give a super-resolution network whose input is float32 (1, 3, height, width), RGB, 0 to 1, of "
    "any height and width, and whose output is the same 2 to 8 times as large"
)


class Enlarger:
    """A super-resolution network: pictures in, larger pictures out."""

    def __init__(self, path: Path) -> None:
        """Read an ONNX file and try it.

        Raises:
            InputError: it is not there, no ONNX, or its input or output has another shape.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): {_WANTED}.") from error
        self.name, self.sha256 = path.name, hashlib.sha256(data).hexdigest()
        try:
            self._network: Any = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
            factors = {self._factor_for(size) for size in _TRIED}
        except cv2.error as error:
            raise InputError(f"{path.name} cannot be run ({short(error)}): {_WANTED}.") from error
        if len(factors) != 1 or not factors <= set(_FACTORS):
            raise InputError(f"{path.name} does not enlarge a picture as it has to: {_WANTED}.")
        self.factor: int = factors.pop()

    def enlarged(self, picture: Picture) -> Picture:
        """Return an RGB picture (height, width, 3) `factor` times as large in both directions."""
        values = self._run(picture)[0].transpose(1, 2, 0)  # (height, width, 3)
        return np.ascontiguousarray((255 * values).round().clip(0, 255).astype(np.uint8))

    def as_json(self) -> dict[str, str | int]:
        """Return what is written down beside what was made with it."""
        return {"file": self.name, "sha256": self.sha256, "factor": self.factor}

    def _run(self, picture: Picture) -> NDArray[np.float32]:
        self._network.setInput(cv2.dnn.blobFromImage(picture, 1 / 255))  # (1, 3, height, width)
        values: NDArray[np.float32] = self._network.forward()
        return values

    def _factor_for(self, size: tuple[int, int]) -> int:
        """Return by how much a picture (height, width) becomes larger, 0 if not as wanted."""
        shape = self._run(np.full((*size, 3), 128, np.uint8)).shape
        factor = int(shape[-1]) // size[1]
        return factor if shape == (1, 3, factor * size[0], factor * size[1]) else 0
