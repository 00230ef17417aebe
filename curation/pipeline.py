"""One video through the stages: every shot comes out as a clip that is taken, or with reasons.

    video -> shots -> tracks of faces -> scene filter -> quality -> reconstruction -> one space
          -> who speaks -> files

Each stage is one function of its module; here they are called in their order.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..core.damage import short
from ..core.errors import InputError
from .faces import counting, quality, tracks
from .faces.landmarker import Landmarker
from .footage import layout, shots, video
from .options import DEFAULTS, Options
from .verdicts import Reason, RefusedError, Verdict

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clip:
    """A shot to work on."""

    film: video.Film
    shot: shots.Shot
    source: str
    clip_id: str

    def pictures(self) -> Iterator[video.Picture]:
        """Yield its pictures at 25 per second."""
        return video.frames(self.film, self.shot.start_s, self.shot.end_s)

    def verdict(self, *reasons: Reason) -> Verdict:
        """Return what is said of it."""
        return Verdict(self.source, self.clip_id, self.shot.start_s, self.shot.end_s, reasons)


@dataclass(frozen=True)
class Watched:
    """Two people of a clip, the left one first, and which of their frames are good."""

    tracks: tuple[tracks.Track, tracks.Track]
    qualities: tuple[quality.Quality, quality.Quality]


def clip_id_of(source: str, first_frame: int) -> str:
    """Return the name of a clip's files: the same video gives the same, on every machine."""
    digest = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    stem = "".join(c if c.isalnum() and c.isascii() else "_" for c in Path(source).stem)[:40]
    return f"{stem}-{digest}-{first_frame:06d}"


def clips_of(path: Path, source: str, options: Options = DEFAULTS) -> list[Clip]:
    """Return the shots of a video.

    Raises:
        RefusedError: it is no video, or holds no picture.
    """
    film = video.opened(path)
    found = shots.shots(video.frames(film, largest_px=shots.GLANCE_PX), options)
    return [Clip(film, shot, source, clip_id_of(source, shot.first_frame)) for shot in found]


def watch(clip: Clip, landmarker: Landmarker, options: Options = DEFAULTS) -> Watched:
    """Find the two people of a clip and look at how well they are seen.

    Raises:
        RefusedError: it is not two people in one picture, seen well.
    """
    if clip.shot.end_s - clip.shot.start_s < options.shortest_s:
        seconds = round(clip.shot.end_s - clip.shot.start_s, 2)
        raise RefusedError(Reason("shots", "too_short", {"seconds": seconds}))
    if options.needs_sound and not clip.film.has_sound:
        raise RefusedError(Reason("video", "no_sound"))
    meter = layout.Meter()
    seen = tracks.track(landmarker, meter.through(clip.pictures()), options)
    if not seen.n_frames:
        raise RefusedError(Reason("video", "unreadable", {"why": "no picture of the shot"}))
    against = [*layout.reasons(meter.layout, options), *counting.reasons(seen, options)]
    if against:
        raise RefusedError(*against)
    pair = sorted(counting.people_of(seen), key=_middle)
    qualities = [quality.measured(each) for each in pair]
    against = [
        reason
        for who, each in zip("AB", qualities, strict=True)
        for reason in quality.reasons(who, each, options)
    ]
    if against:
        raise RefusedError(*against)
    return Watched((pair[0], pair[1]), (qualities[0], qualities[1]))


def judged(
    path: Path, source: str, landmarker: Landmarker, options: Options = DEFAULTS
) -> Iterator[tuple[Verdict, Clip | None, Watched | None]]:
    """Yield a verdict for every shot of a video, and what was seen where it is taken."""
    try:
        clips = clips_of(path, source, options)
    except (RefusedError, InputError, cv2.error, *video.damage()) as error:
        yield Verdict(source, clip_id_of(source, 0), 0.0, 0.0, _reasons(error)), None, None
        return
    if not clips:
        empty = Reason("video", "unreadable", {"why": "it holds no picture"})
        yield Verdict(source, clip_id_of(source, 0), 0.0, 0.0, (empty,)), None, None
    for clip in clips:
        try:
            watched = watch(clip, landmarker, options)
        except (RefusedError, InputError, cv2.error, *video.damage()) as error:
            yield clip.verdict(*_reasons(error)), clip, None
        else:
            yield clip.verdict(), clip, watched


def _reasons(error: Exception) -> tuple[Reason, ...]:
    if isinstance(error, RefusedError):
        return error.reasons
    _log.warning("The pipeline failed on a clip.", exc_info=error)
    return (Reason("pipeline", "unexpected", {"why": short(error)}),)


def _middle(track: tracks.Track) -> float:
    places = [float(face.box[0] + face.box[2]) for face in track.faces if face is not None]
    return float(np.median(places))
