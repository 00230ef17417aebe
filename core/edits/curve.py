"""The keys of one animation curve, and a record of many of them in few bytes.

A record is what the add-on wrote: by comparing it with the keys that are there now, an animator's
changes are found. Values are kept to the bit, so that a curve nobody touched equals its record.
"""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

#: Path of the property and index in it.
Name: TypeAlias = tuple[str, int]
Float32: TypeAlias = NDArray[np.float32]
_MAGIC = b"DTwr"
_VERSION = 1


@dataclass(frozen=True)
class Curve:
    """Keys of a curve: linear between them, or cubic with handles."""

    frames: Float32  #: (n_keys,) rising
    values: Float32  #: (n_keys,)
    #: (n_keys, 2) values of the left and right handles, which stand a third of the way to the
    #: neighbouring keys; None: linear. A curve from a third to a third is cubic in time.
    handles: Float32 | None = None

    def equals(self, other: "Curve") -> bool:
        """Tell whether both have the same keys, to the bit."""
        same = np.array_equal(self.frames, other.frames)
        same = same and np.array_equal(self.values, other.values)
        if self.handles is None or other.handles is None:
            return same and self.handles is other.handles
        return same and np.array_equal(self.handles, other.handles)

    def at(self, frames: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return the values at frames (n,); before the first key and after the last it holds."""
        if self.handles is None or len(self.frames) < 2:
            return np.interp(frames, self.frames, self.values)
        keys = self.frames.astype(np.float64)
        clipped = np.clip(frames, keys[0], keys[-1])
        left = np.clip(np.searchsorted(keys, clipped, side="right") - 1, 0, len(keys) - 2)
        t = (clipped - keys[left]) / (keys[left + 1] - keys[left])
        s = 1 - t
        result: NDArray[np.float64] = (
            s**3 * self.values[left]
            + 3 * s**2 * t * self.handles[left, 1]
            + 3 * s * t**2 * self.handles[left + 1, 0]
            + t**3 * self.values[left + 1]
        )
        return result


@dataclass(frozen=True)
class Record:
    """All curves that were written for one data-block."""

    first_frame: int  #: scene frame at which the sound begins
    n_frames: int
    fps: float  #: of the scene
    curves: Mapping[Name, Curve]

    @property
    def frames(self) -> NDArray[np.float64]:
        """The scene's frames that the record is about, (n_frames,)."""
        return self.first_frame + np.arange(self.n_frames, dtype=np.float64)

    def to_bytes(self) -> bytes:
        """Return the record packed: a JSON header and the keys, bytes of equal weight together."""
        header: dict[str, Any] = {
            "first_frame": self.first_frame,
            "n_frames": self.n_frames,
            "fps": self.fps,
            "curves": [],
        }
        arrays: list[Float32] = []
        known: dict[bytes, int] = {}  # curves mostly share their frames
        for (path, index), curve in self.curves.items():
            frames = np.ascontiguousarray(curve.frames, np.float32)
            at = known.setdefault(frames.tobytes(), len(arrays))
            if at == len(arrays):
                arrays.append(frames)
            entry = [path, index, at, len(arrays), curve.handles is not None]
            arrays.append(np.ascontiguousarray(curve.values, np.float32))
            if curve.handles is not None:
                arrays.append(np.ascontiguousarray(curve.handles, np.float32).ravel())
            header["curves"].append(entry)
        header["sizes"] = [len(array) for array in arrays]
        flat = np.concatenate([*arrays, np.zeros(0, np.float32)])
        shuffled = flat.view(np.uint8).reshape(-1, 4).T.tobytes()
        text = zlib.compress(json.dumps(header).encode(), 6)
        start = struct.pack("<4sHI", _MAGIC, _VERSION, len(text))
        # Repeats are rare in the bytes of floats; looking for them took half the time of writing.
        packer = zlib.compressobj(1, strategy=zlib.Z_HUFFMAN_ONLY)
        return start + text + packer.compress(shuffled) + packer.flush()

    @staticmethod
    def from_bytes(packed: bytes) -> "Record":
        """Read what `to_bytes` wrote.

        Raises:
            InputError: it is damaged, or a newer version wrote it.
        """
        try:
            magic, version, size = struct.unpack_from("<4sHI", packed)
            if magic != _MAGIC or version > _VERSION:
                raise ValueError("it is of another version")
            begin = struct.calcsize("<4sHI")
            header = json.loads(zlib.decompress(packed[begin : begin + size]))
            shuffled = zlib.decompress(packed[begin + size :])
            bytes_ = np.frombuffer(shuffled, np.uint8).reshape(4, -1).T
            flat = np.ascontiguousarray(bytes_).view(np.float32).ravel()
            ends = np.cumsum(header["sizes"])
            arrays = np.split(flat, ends[:-1]) if len(ends) else []
            curves = {}
            for path, index, frames, values, is_cubic in header["curves"]:
                handles = arrays[values + 1].reshape(-1, 2) if is_cubic else None
                curves[path, index] = Curve(arrays[frames], arrays[values], handles)
            return Record(header["first_frame"], header["n_frames"], header["fps"], curves)
        except (ValueError, KeyError, TypeError, IndexError, struct.error, zlib.error) as error:
            raise InputError(
                f"What was generated cannot be told from what was edited ({error}): generate again "
                "as a new take."
            ) from error
