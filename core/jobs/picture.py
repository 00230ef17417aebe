"""What is asked of the worker that draws the waveform of a compressed sound, and its answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..arrays import read_npy
from ..conversation.waveform import SIZE_PX
from ..damage import short
from ..errors import DualTalkError, WorkerError
from .request import SoundsRequest

PICTURE_FILE = "picture.npy"
_SHAPE = (SIZE_PX, SIZE_PX, 4)


@dataclass(frozen=True)
class PictureRequest(SoundsRequest):
    """Draw the waveform of sounds."""

    job: ClassVar[str] = "picture"

    def result(self, folder: Path) -> NDArray[np.float32]:
        """Return the picture, (`SIZE_PX`, `SIZE_PX`, 4), 0 to 1.

        Raises:
            WorkerError: it is not there or not whole.
        """
        try:
            read = read_npy(folder / PICTURE_FILE, 16 * SIZE_PX * SIZE_PX)
            if read.shape != _SHAPE or read.dtype != np.float32 or not np.isfinite(read).all():
                raise WorkerError(f"it is {read.dtype} of shape {read.shape}")
        except DualTalkError as error:
            raise WorkerError(f"The picture is not whole ({short(error)}): try again.") from error
        return read.clip(0, 1)
