"""Sound that libsndfile does not open, of video files, m4a, aac and others: by FFmpeg (PyAV).

It decodes in the worker's process, never in Blender's. A file may be made to harm: only containers
of the list are opened, and none may lead to other files or to the network.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soxr
from numpy.typing import NDArray

from ..core.conversation.dialogue import SAMPLE_RATE
from ..core.damage import short
from ..core.errors import InputError
from .sound_header import check

if TYPE_CHECKING:
    import av

FloatArray = NDArray[np.float32]

#: FFmpeg's names of the containers that are opened; playlists, which name other files, are none.
_CONTAINERS = "mov,mp4,m4a,matroska,webm,aac,avi,mpegts,mpeg,flv,asf,ogg,wav,w64,caf,aiff,mp3,amr"
#: Sound that begins this much after the picture is not the codec's own delay, seconds.
_LATE_S = 0.005
_KINDS = "wav, flac, ogg, mp3, m4a, aac, opus, mp4 or mov"


def is_there() -> bool:
    """Tell whether this Python has PyAV."""
    return importlib.util.find_spec("av") is not None


def read_blocks(path: Path) -> Iterator[FloatArray]:
    """Yield a file's first sound, (n_samples, n_channels) blocks at 16 kHz.

    Sound that begins after the picture has silence before it, so that both keep in step.

    Raises:
        InputError: there is no sound in it, or it cannot be read.
    """
    with _opened(path) as container:
        yield from (block.T for block in _blocks(path, container))


def n_sounds(path: Path) -> int:
    """Return how many sounds a file holds beside each other; raises as `read_blocks`."""
    with _opened(path) as container:
        return len(container.streams.audio)


def duration_s(path: Path) -> float:
    """Return how long a file says it is, seconds; raises as `read_blocks`."""
    with _opened(path) as container:
        return (container.duration or 0) / 1e6


@contextmanager
def _opened(path: Path) -> Iterator["av.container.InputContainer"]:
    if not is_there():
        raise InputError(
            f"{path} needs a decoder that this Python lacks (PyAV): press Install in the add-on's "
            "preferences again (pip install av), or save the sound as wav."
        )
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
    try:
        with av.open(str(path.absolute()), options=options) as container:
            yield container
    except av.FFmpegError as error:
        reason = short(error.strerror or str(error))
        raise InputError(f"{path} cannot be read as sound ({reason}): use {_KINDS}.") from error
    except MemoryError:
        raise
    except (ValueError, RuntimeError, OSError) as error:
        raise InputError(
            f"{path} cannot be read as sound ({short(error)}): use {_KINDS}."
        ) from error


def _blocks(path: Path, container: "av.container.InputContainer") -> Iterator[FloatArray]:
    """Yield (n_channels, n_samples) blocks at 16 kHz."""
    import av

    if not container.streams.audio:
        raise InputError(f"{path} has no sound: choose a file with a voice in it.")
    sound = container.streams.audio[0]
    check(path, sound.rate, sound.channels, round((container.duration or 0) / 1e6 * sound.rate))
    frames = container.decode(sound)
    first = next(frames, None)
    if first is None:
        return
    # As it is decoded, which may have other channels than the header says (AAC's stereo of one).
    rate, n_channels = first.sample_rate, first.layout.nb_channels
    stream = soxr.ResampleStream(rate, SAMPLE_RATE, n_channels, dtype="float32", quality="HQ")
    planar = av.AudioResampler(format="fltp", layout=first.layout, rate=rate)
    late_s = (first.time or 0.0) - (container.start_time or 0) / 1e6
    if late_s > _LATE_S:
        yield np.zeros((n_channels, round(late_s * SAMPLE_RATE)), np.float32)
    n_read = 0
    for frame in chain([first], frames):
        for part in planar.resample(frame):
            n_read += part.samples
            check(path, rate, n_channels, n_read)  # a header may say less
            yield stream.resample_chunk(np.ascontiguousarray(part.to_ndarray().T)).T
    yield stream.resample_chunk(np.zeros((0, n_channels), np.float32), last=True).T
