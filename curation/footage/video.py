"""A video file in, frames at the networks' rate and the sound at 16 kHz out.

Frames are taken by their time, so that any rate, and one that varies, comes out at 25 per second.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.conversation.dialogue import SAMPLE_RATE
from ...core.damage import DAMAGE, short
from ...core.errors import InputError
from ...core.motion import NETWORK_FPS
from ..verdicts import Reason, RefusedError

Picture = NDArray[np.uint8]  #: (height, width, 3) RGB

#: Larger pictures are made smaller: faces of 40 px in 720p are 60 px in 1080p.
LARGEST_PX = 1920
#: Nearer to the beginning nothing is gained by seeking; and how far before a time that goes.
_NO_SEEK_S, _BEFORE_S = 3.0, 1.0
_UNSEEKABLE = ("gif",)
SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m4v", ".ts", ".gif")


@dataclass(frozen=True)
class Film:
    """A video file that can be read."""

    path: Path
    width_px: int
    height_px: int
    has_sound: bool
    begins_s: float = 0.0  #: when the first picture is shown, by the file's clock


def opened(path: Path) -> Film:
    """Look into a file.

    Raises:
        RefusedError: it is no video, or has no picture.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist.")
    with _container(path) as container:
        if not container.streams.video:
            raise RefusedError(Reason("video", "no_picture"))
        stream = container.streams.video[0]
        if not stream.width or not stream.height:
            raise RefusedError(Reason("video", "unreadable", {"why": "it has no size"}))
        begins_s = _first_time(container, stream)
        sounds = bool(container.streams.audio)
        return Film(path, stream.width, stream.height, sounds, begins_s)


def _first_time(container: Any, stream: Any) -> float:
    for frame in _decoded(container, stream):
        return 0.0 if frame.time is None else float(frame.time)
    raise RefusedError(Reason("video", "unreadable", {"why": "it holds no picture"}))


def frames(
    film: Film, start_s: float = 0.0, end_s: float | None = None, largest_px: int = LARGEST_PX
) -> Iterator[Picture]:
    """Yield the pictures from one time to another at 25 per second, whatever the file's rate.

    Raises:
        RefusedError: the file cannot be read to where its first picture should be.
    """
    with _container(film.path) as container:
        _seek(container, film.begins_s + start_s)
        pictures = _timed(container, film.begins_s, largest_px)
        yield from _at_rate(pictures, start_s, end_s)


def _at_rate(
    pictures: Iterator[tuple[float, Any]], start_s: float, end_s: float | None
) -> Iterator[Picture]:
    """Yield, for each time of the networks' rate, the picture that is nearest to it."""
    index = 0
    before: tuple[float, Any] | None = None
    for time_s, make in pictures:
        while before is not None:
            wanted = start_s + index / NETWORK_FPS
            if _is_over(wanted, end_s):
                return
            if time_s - wanted < wanted - before[0]:
                break  # the new one is nearer
            yield before[1]()
            index += 1
        before = (time_s, make)
    while before is not None:  # the last picture stays for as long as one does
        wanted = start_s + index / NETWORK_FPS
        if wanted > before[0] + 0.5 / NETWORK_FPS or _is_over(wanted, end_s):
            return
        yield before[1]()
        index += 1


def _is_over(wanted_s: float, end_s: float | None) -> bool:
    return end_s is not None and wanted_s > end_s - 0.5 / NETWORK_FPS


def _seek(container: Any, time_s: float) -> None:
    """Go to a little before a time; files that cannot are read from their beginning."""
    if time_s < _NO_SEEK_S or container.format.name in _UNSEEKABLE:
        return
    with suppress(*damage()):
        container.seek(int((time_s - _BEFORE_S) * 1_000_000))


def _timed(container: Any, begins_s: float, largest_px: int) -> Iterator[tuple[float, Any]]:
    """Yield each picture's time from the first one on, and what makes an array of it."""
    stream = container.streams.video[0]
    stream.thread_type = "NONE"  # one core is what a worker has
    rate = float(stream.average_rate or NETWORK_FPS)
    for number, frame in enumerate(_decoded(container, stream)):
        time_s = number / rate if frame.time is None else float(frame.time) - begins_s
        yield time_s, partial(_array, frame, largest_px)


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Yield what can be decoded; a file that breaks off later is used as far as it goes."""
    count = 0
    try:
        for frame in container.decode(stream):
            count += 1
            yield frame
    except damage() as error:
        if count == 0:
            raise RefusedError(Reason("video", "unreadable", {"why": short(error)})) from error


def _array(frame: Any, largest_px: int) -> Picture:
    scale = min(1.0, largest_px / max(frame.width, frame.height))
    width, height = (max(2, round(size * scale / 2) * 2) for size in (frame.width, frame.height))
    if scale == 1.0:
        width, height = frame.width, frame.height
    picture: Picture = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    turns = round(getattr(frame, "rotation", 0) / 90) % 4  # a telephone that was held upright
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def sound(film: Film, start_s: float, n_samples: int) -> NDArray[np.float32] | None:
    """Return the mixed sound (n_samples,) at 16 kHz from a time on, or None where there is none.

    Time 0 is that of the first picture; where the sound begins later or ends earlier is silence.
    """
    import av  # late: what only looks at arrays needs no decoder

    if not film.has_sound:
        return None
    mixed = np.zeros(n_samples, np.float32)
    place: int | None = None
    with _container(film.path) as container:
        _seek(container, film.begins_s + start_s)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
        for frame in chain(_heard(container), (None,)):
            if place is None and frame is not None:
                begins = 0.0 if frame.time is None else float(frame.time)
                place = round((begins - film.begins_s - start_s) * SAMPLE_RATE)
            for piece in resampler.resample(frame):
                values = piece.to_ndarray().reshape(-1).astype(np.float32)
                _put(mixed, values, place or 0)
                place = (place or 0) + len(values)
            if place is not None and place >= n_samples:
                break
    return np.clip(np.nan_to_num(mixed), -1.0, 1.0)


def _heard(container: Any) -> Iterator[Any]:
    try:
        yield from container.decode(audio=0)
    except damage():  # what could be heard counts
        return


def _put(mixed: NDArray[np.float32], values: NDArray[np.float32], place: int) -> None:
    """Write samples at a place of the track; what lies outside is left out."""
    first, last = max(place, 0), min(place + len(values), len(mixed))
    if last > first:
        mixed[first:last] = values[first - place : last - place]


@cache
def damage() -> tuple[type[Exception], ...]:
    """Return what decoders raise on bytes that are not what they should be."""
    import av

    return (*DAMAGE, av.FFmpegError)


@contextmanager
def _container(path: Path) -> Iterator[Any]:
    import av

    try:
        container = av.open(str(path))
    except damage() as error:
        raise RefusedError(Reason("video", "unreadable", {"why": short(error)})) from error
    with container:
        yield container
