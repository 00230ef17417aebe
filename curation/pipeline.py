"""One video through the stages: every shot comes out as a clip that is taken, or with reasons.

    video -> shots -> tracks of faces -> scene filter -> quality -> reconstruction -> one space
          -> who speaks -> a row, and files

Each stage is one function of its module; here they are called in their order.
"""

import hashlib
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from ..core.conversation.dialogue import FRAME_SAMPLES
from ..core.damage import short
from ..core.errors import InputError
from ..inference.devices import give_back_freed_memory
from .faces import counting, quality, tracks
from .faces.enlarging import Enlarger
from .faces.landmarker import Landmarker
from .footage import layout, shots, video
from .options import DEFAULTS, Options
from .reconstruction.pose import Camera
from .reconstruction.reconstruct import reconstruct
from .records import preview
from .records.record import Result, Row, row_of
from .speaking import who_speaks
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


def landmarker_of(options: Options) -> Landmarker:
    """Open the face model, and the super-resolution network if one is wanted.

    Raises:
        InputError: a file is not there, or not what it should be.
    """
    own = options.super_resolution
    enlarger = None if own is None else Enlarger(own)
    return Landmarker(options.task_file, enlarger=enlarger)


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
    people = counting.people_of(seen)
    places = [tracks.place_of(each, meter.size_px) for each in people]
    against = [*layout.reasons(meter.layout, options, places), *counting.reasons(seen, options)]
    if against:
        raise RefusedError(*against)
    pair = sorted(people, key=_middle)
    qualities = [quality.measured(each) for each in pair]
    against = [
        reason
        for who, each in zip("AB", qualities, strict=True)
        for reason in quality.reasons(who, each, options)
    ]
    if against:
        raise RefusedError(*against)
    return Watched((pair[0], pair[1]), (qualities[0], qualities[1]))


def made(clip: Clip, watched: Watched, options: Options = DEFAULTS) -> Result:
    """Reconstruct both people of a clip, and find who speaks.

    Raises:
        RefusedError: nobody speaks.
    """
    camera = Camera.usual(clip.film.width_px, clip.film.height_px)
    found = reconstruct(watched.tracks, watched.qualities, camera, options)
    n_frames = found.motions[0].n_frames
    sound = video.sound(clip.film, clip.shot.start_s, n_frames * FRAME_SAMPLES)
    if sound is None:
        sound = np.zeros(n_frames * FRAME_SAMPLES, np.float32)
    give_back_freed_memory()  # of the pictures, before the networks take theirs
    spoken = who_speaks(sound, found.mouths)
    if options.needs_sound and not spoken.turns.active.any():
        raise RefusedError(Reason("speaking", "nobody_speaks"))
    staging = {**found.space.as_json(), "focal_px": round(camera.focal_px, 1)}
    staging["speaker_margin"] = round(spoken.margin, 3)
    return Result(found.motions, found.confidence, sound, spoken.turns, staging)


def rows_of(
    path: Path,
    source: str,
    landmarker: Landmarker,
    options: Options = DEFAULTS,
    done: Collection[str] = (),
) -> Iterator[Row]:
    """Yield a row for every shot of a video but those that are done.

    What is wrong with a video or a clip becomes the verdict of its row.
    """
    try:
        clips = clips_of(path, source, options)
        if not clips:
            raise RefusedError(Reason("video", "unreadable", {"why": "it holds no picture"}))
    except _caught() as error:
        whole = Verdict(source, clip_id_of(source, 0), 0.0, 0.0, _reasons(error))
        if whole.clip_id not in done:
            yield row_of(whole, None)
        return
    for clip in clips:
        if clip.clip_id in done:
            continue
        try:
            result = made(clip, watch(clip, landmarker, options), options)
            if landmarker.enlarger is not None:
                said = {"super_resolution": landmarker.enlarger.as_json()}
                result = replace(result, staging={**result.staging, **said})
            if options.previews is not None:
                place = options.previews / clip.clip_id
                place.mkdir(parents=True, exist_ok=True)
                preview.write(place / "preview.mp4", clip.pictures(), result.motions)
        except _caught() as error:
            yield row_of(clip.verdict(*_reasons(error)), None)
        else:
            yield row_of(clip.verdict(), result)


def _caught() -> tuple[type[Exception], ...]:
    return (RefusedError, InputError, cv2.error, *video.damage())


def _reasons(error: Exception) -> tuple[Reason, ...]:
    if isinstance(error, RefusedError):
        return error.reasons
    _log.warning("The pipeline failed on a clip.", exc_info=error)
    return (Reason("pipeline", "unexpected", {"why": short(error)}),)


def _middle(track: tracks.Track) -> float:
    places = [float(face.box[0] + face.box[2]) for face in track.faces if face is not None]
    return float(np.median(places))
