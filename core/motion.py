"""Motion of one head over time, and the `.npz` file that holds it (docs/formats.md)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from . import stored
from .arrays import read_npz
from .damage import DAMAGE, short
from .errors import InputError
from .files import together
from .names import ARKIT_SHAPES, Basis

FloatArray = NDArray[np.float32]

#: Frames per second of the networks and of the DualTalk data set.
NETWORK_FPS = 25.0
#: FLAME has at most this many expression coefficients.
MAX_FLAME_EXPRESSION = 100
#: What the file of a motion may hold; the data set's has more, which is not read.
_FILE_ARRAYS = ("exp", "pose", "eyes", "translation", "fps", "basis")
#: Frames per second of any camera, with room.
_MOST_FPS = 10_000.0


@dataclass(frozen=True)
class Motion:
    """Motion of one head; frame 0 is at sample 0 of the sound.

    Axes are FLAME's: x to the person's left, y up, z out of the face. Rotations are
    axis-angle in radians, relative to the rest orientation that staging gives the character.
    """

    expression: FloatArray  #: (n_frames, E) coefficients in `basis`
    jaw: FloatArray  #: (n_frames, 3)
    head: FloatArray  #: (n_frames, 3), turns the neck joint
    eyes: FloatArray  #: (n_frames, 2, 3), left eye then right eye
    translation: FloatArray  #: (n_frames, 3) metres from the place where the character stands
    fps: float = NETWORK_FPS
    basis: Basis = "arkit"

    def __post_init__(self) -> None:
        n = len(self.expression)
        shapes = {"jaw": (n, 3), "head": (n, 3), "eyes": (n, 2, 3), "translation": (n, 3)}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape:
                raise InputError(f"The motion's {name} is {array.shape}, not {shape}.")
        if self.expression.ndim != 2 or not _fits_basis(self.expression.shape[1], self.basis):
            raise InputError(
                f"The motion's expression is {self.expression.shape}, which is not (n_frames, E) "
                f"of the basis {self.basis!r} (40 for arkit, 1 to 100 for flame)."
            )
        if not 0 < self.fps <= _MOST_FPS:
            raise InputError(f"The motion's fps is {self.fps}, but must be above zero and finite.")
        for name in ("expression", *shapes):
            if not stored.is_finite(getattr(self, name)):
                raise InputError(f"The motion's {name} holds numbers that are not finite.")

    @property
    def n_frames(self) -> int:
        """Count of frames."""
        return len(self.expression)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.fps

    @staticmethod
    def at_rest(n_frames: int, basis: Basis = "arkit", fps: float = NETWORK_FPS) -> "Motion":
        """Return a head that does nothing for `n_frames`."""
        n_expression = len(ARKIT_SHAPES) if basis == "arkit" else 50
        return Motion.from_arrays(np.zeros((n_frames, n_expression)), fps=fps, basis=basis)

    @staticmethod
    def from_arrays(
        expression: NDArray[Any],
        jaw: NDArray[Any] | None = None,
        head: NDArray[Any] | None = None,
        eyes: NDArray[Any] | None = None,
        translation: NDArray[Any] | None = None,
        fps: float = NETWORK_FPS,
        basis: Basis = "arkit",
    ) -> "Motion":
        """Make a motion from arrays of any float type; what is not given rests at zero."""
        n = len(expression)

        def filled(array: NDArray[Any] | None, *shape: int) -> FloatArray:
            return stored.zeros((n, *shape)) if array is None else stored.copied(np.asarray(array))

        return Motion(
            stored.copied(np.asarray(expression)),
            filled(jaw, 3),
            filled(head, 3),
            filled(eyes, 2, 3),
            filled(translation, 3),
            fps,
            basis,
        )

    def resampled(self, fps: float) -> "Motion":
        """Return the same motion at another frame rate, linear between frames.

        Axis-angle vectors are interpolated as vectors, which for the small rotations of heads,
        jaws and eyes differs from the arc between them by less than a hundredth of a degree.
        """
        if fps == self.fps or self.n_frames == 0:
            return self if fps == self.fps else replace(self, fps=fps)
        n = max(1, round(self.duration_s * fps))
        position = np.clip(np.arange(n) * (self.fps / fps), 0, self.n_frames - 1)
        before = np.floor(position).astype(np.intp)
        after = np.minimum(before + 1, self.n_frames - 1)
        weight = (position - before).astype(np.float32)

        def at(array: FloatArray) -> FloatArray:
            w = weight.reshape(-1, *[1] * (array.ndim - 1))
            result: FloatArray = array[before] * (1 - w) + array[after] * w
            return result

        return Motion(
            at(self.expression),
            at(self.jaw),
            at(self.head),
            at(self.eyes),
            at(self.translation),
            fps,
            self.basis,
        )

    def save(self, path: Path | str) -> None:
        """Write the `.npz` whole or not at all; the DualTalk data set's tools can read it.

        Raises:
            InputError: the folder does not exist or cannot be written to.
        """
        save_together([self], [Path(path)])

    def stored(self) -> "Motion":
        """Return the same with its arrays on the disk, if they are those of hours."""

        def kept(array: FloatArray) -> FloatArray:
            return array if array.nbytes < stored.LEAST_BYTES else stored.copied(array)

        return replace(
            self,
            expression=kept(self.expression),
            jaw=kept(self.jaw),
            head=kept(self.head),
            eyes=kept(self.eyes),
            translation=kept(self.translation),
        )

    def file_arrays(self) -> dict[str, Any]:
        """Return what a file of the motion holds, by name."""
        return {
            "exp": self.expression,
            "pose": np.concatenate([self.head, self.jaw], axis=1),  # (n_frames, 6)
            "eyes": self.eyes.reshape(-1, 6),
            "translation": self.translation,
            "fps": np.float64(self.fps),
            "basis": np.str_(self.basis),
        }

    def to_file(self) -> memoryview:
        """Return the content of a `.npz`."""
        # In memory first: a zip that a full disk cuts short complains once more when it is deleted.
        whole = io.BytesIO()
        np.savez(whole, **self.file_arrays())
        return whole.getbuffer()

    @staticmethod
    def load(path: Path | str) -> "Motion":
        """Read a motion that DualTalk wrote, or a file of the DualTalk data set (FLAME, 25 fps).

        Raises:
            InputError: the file is missing, is no such file, or does not hold a whole motion.
        """
        path = Path(path)
        arrays = read_npz(path, _FILE_ARRAYS, what="a motion file")
        if "exp" not in arrays or "pose" not in arrays:
            found = ", ".join(sorted(arrays)) or "nothing"
            raise InputError(f"{path} is not a motion: it lacks 'exp' or 'pose' (found {found}).")
        return _from_file_arrays(path, arrays)


def save_together(motions: Sequence[Motion], paths: Sequence[Path]) -> None:
    """Write a file for each motion: all of them or none, and never a new one beside an old one.

    Raises:
        InputError: a folder does not exist or cannot be written to.
    """
    with together(*paths) as temporaries:
        for motion, temporary in zip(motions, temporaries, strict=True):
            temporary.write_bytes(motion.to_file())


def _fits_basis(n_expression: int, basis: Basis) -> bool:
    if basis == "arkit":
        return n_expression == len(ARKIT_SHAPES)
    return 1 <= n_expression <= MAX_FLAME_EXPRESSION


def _from_file_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> Motion:
    basis = str(arrays["basis"])[:20] if "basis" in arrays else "flame"
    if basis not in get_args(Basis):
        raise InputError(f"{path} has the basis {basis!r}, which is neither arkit nor flame.")
    pose = arrays["pose"]
    if pose.ndim != 2 or pose.shape[1] != 6:
        raise InputError(f"{path} has a 'pose' of {pose.shape}, not (n_frames, 6).")
    eyes = arrays.get("eyes")
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            return Motion.from_arrays(
                arrays["exp"],
                jaw=pose[:, 3:],
                head=pose[:, :3],
                eyes=None if eyes is None else eyes.reshape(-1, 2, 3),
                translation=arrays.get("translation"),
                fps=float(arrays.get("fps", NETWORK_FPS)),
                basis="arkit" if basis == "arkit" else "flame",
            )
    except (InputError, *DAMAGE) as error:
        raise InputError(f"{path} is not a whole motion: {short(error)}") from error
