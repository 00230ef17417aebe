"""Who is who from frame to frame: a face is followed where it was, and known by its looks.

While one passes before the other, the one behind is not followed; it is found again by a search of
the picture, and told by colours of hair, skin and clothes, not by where it comes out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from ..footage.video import Picture
from ..options import DEFAULTS, Options
from .landmarker import Face, Landmarker
from .patches import Patches, patches_of
from .scanning import follow, follow_all, follow_pair, overlap, scan
from .straight import straightened

#: Boxes that share so much are two faces in one place: one is behind the other.
_CROSSING = 0.15
#: A face moves by less than this share of its size from one frame to the next.
_STEP = 0.8
#: Looks that differ by more than this are another person's (distance of histograms, 0 to 1).
_UNLIKE = 0.5
#: So often, frames, is each face looked at alone: it shows how the head is turned (`straight.py`),
#: and that what is followed is a face.
_ALONE_EVERY = 12
#: Looks are taken so often, frames; and how much of what was known stays each time.
_LOOKS_EVERY, _LOOKS_KEPT = 5, 0.86


@dataclass(eq=False)
class Track:
    """One person through a shot; lists have a place for every frame, None where not seen."""

    looks: NDArray[np.float32]  #: (n_bins,) sums to 1
    faces: list[Face | None] = field(default_factory=list)
    patches: list[Patches | None] = field(default_factory=list)
    is_sure: bool = True  #: false after the two were in one place

    @property
    def n_seen(self) -> int:
        """Frames with a face."""
        return sum(face is not None for face in self.faces)

    @property
    def last(self) -> Face | None:
        """The face when it was last seen."""
        return next((face for face in reversed(self.faces) if face is not None), None)

    def expected(self) -> NDArray[np.float32] | None:
        """Return the box where the face should be now, None if it was not seen just before."""
        if not self.faces or self.faces[-1] is None:
            return None
        box = self.faces[-1].box
        before = self.faces[-2] if len(self.faces) > 1 else None
        return box if before is None else box + 0.5 * (box - before.box)


@dataclass(frozen=True)
class Seen:
    """Everybody in a shot, and how many faces every search of the picture found."""

    tracks: list[Track]  #: those seen longest first
    counts: list[int]
    n_frames: int


def track(landmarker: Landmarker, pictures: Iterable[Picture], options: Options = DEFAULTS) -> Seen:
    """Follow every face of a shot."""
    tracks: list[Track] = []
    counts: list[int] = []
    number = -1
    searched = -options.scan_every
    landmarker.forget()
    for number, picture in enumerate(pictures):
        found = _followed(landmarker, picture, tracks, number % _ALONE_EVERY == 1)
        is_lost = len(found) < len(tracks)
        wait = options.scan_every if not is_lost else max(3, options.scan_every // 10)
        if number - searched >= wait:
            others = scan(landmarker, picture, [face.box for _, face in found])
            counts.append(len(found) + len(others))
            found = _matched(picture, others, tracks, found, number)
            searched = number
        _note(picture, tracks, _apart(found, tracks), number)
    tracks.sort(key=lambda t: t.n_seen, reverse=True)
    for each in tracks:
        each.faces = straightened(each.faces)
    return Seen(tracks, counts, number + 1)


Found = list[tuple[Track, Face]]


def _followed(
    landmarker: Landmarker, picture: Picture, tracks: list[Track], is_alone: bool
) -> Found:
    """Return who is where they should be; all at one look, unless each `is_alone` looked at."""
    expected = [(each, box) for each in tracks if (box := each.expected()) is not None]
    together = []
    if len(expected) > 1 and not is_alone:
        boxes = [box for _, box in expected]
        together = follow_pair(landmarker, picture, boxes) if len(boxes) == 2 else []
        together = together or follow_all(landmarker, picture, boxes)
    found = []
    for each, box in expected:
        face = _next(each, box, together)
        if face is None:
            face = _next(each, box, follow(landmarker, picture, box))
        if face is not None:
            found.append((each, face))
    return found


def _next(track: Track, box: NDArray[np.float32], faces: list[Face]) -> Face | None:
    """Return the face that is nearest to where the track should be, if that is a step away."""
    before = track.faces[-1]
    if before is None or not faces:
        return None
    near = min(faces, key=lambda face: float(np.linalg.norm(_middle(face.box) - _middle(box))))
    return near if _is_step(before, near) else None


def _middle(box: NDArray[np.float32]) -> NDArray[np.float32]:
    return (box[:2] + box[2:]) / 2


def _is_step(before: Face, now: Face) -> bool:
    way = np.linalg.norm((before.box[:2] + before.box[2:] - now.box[:2] - now.box[2:]) / 2)
    ratio = now.size_px / max(before.size_px, 1e-6)
    return bool(way < _STEP * before.size_px and 0.6 < ratio < 1.7)


def _matched(
    picture: Picture, everybody: list[Face], tracks: list[Track], found: Found, number: int
) -> Found:
    """Add those that a search found: people who were lost, by their looks, and new ones."""
    result = list(found)
    for face in everybody:
        if any(overlap(face.box, other.box) > 0.3 for _, other in result):
            continue
        lost = [t for t in tracks if all(t is not other for other, _ in result)]
        looks = looks_of(picture, face)
        likeliest = min(lost, key=lambda t: unlikeness(t.looks, looks), default=None)
        if likeliest is None or unlikeness(likeliest.looks, looks) > _UNLIKE:
            likeliest = Track(looks, [None] * number, [None] * number)
            tracks.append(likeliest)
        result.append((likeliest, face))
    return result


def _apart(found: Found, tracks: list[Track]) -> Found:
    """Where two tracks follow one face, leave it to the one whose looks it has."""
    kept: Found = []
    for each, face in found:
        rival = next((i for i, (_, f) in enumerate(kept) if overlap(f.box, face.box) > 0.5), None)
        if rival is None:
            kept.append((each, face))
        elif each.n_seen > kept[rival][0].n_seen:
            kept[rival] = (each, face)
    return kept


def _note(picture: Picture, tracks: list[Track], found: Found, number: int) -> None:
    """Write down who is where; after a crossing the two are told apart by their looks."""
    now = {id(each): face for each, face in found}
    boxes = [face.box for _, face in found]
    is_crossing = len(boxes) == 2 and overlap(_wider(boxes[0]), _wider(boxes[1])) > _CROSSING
    if len(found) == 2 and not is_crossing and not all(t.is_sure for t, _ in found):
        now = _told_apart(picture, found)
    for each in tracks:
        face = now.get(id(each))
        each.faces.append(face)
        each.patches.append(None if face is None else patches_of(picture, face))
        if is_crossing or face is None:
            each.is_sure = False
        elif each.is_sure:
            if number % _LOOKS_EVERY:
                continue
            each.looks = _LOOKS_KEPT * each.looks + (1 - _LOOKS_KEPT) * looks_of(picture, face)
        elif not is_crossing and len(found) >= min(2, len(tracks)):
            each.is_sure = True


def _told_apart(picture: Picture, found: Found) -> dict[int, Face]:
    (first, face_1), (second, face_2) = found
    looks_1, looks_2 = looks_of(picture, face_1), looks_of(picture, face_2)
    straight = unlikeness(first.looks, looks_1) + unlikeness(second.looks, looks_2)
    crossed = unlikeness(first.looks, looks_2) + unlikeness(second.looks, looks_1)
    if crossed < straight:
        face_1, face_2 = face_2, face_1
    return {id(first): face_1, id(second): face_2}


def _wider(box: NDArray[np.float32]) -> NDArray[np.float32]:
    reach = 0.25 * (box[2:] - box[:2])
    return np.concatenate([box[:2] - reach, box[2:] + reach])


def place_of(track: Track, size_px: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return where a face usually is: its box in shares of a picture's width and height."""
    boxes = np.array([face.box for face in track.faces if face is not None])
    left, top, right, bottom = np.median(boxes, axis=0) / np.maximum([*size_px, *size_px], 1)
    return float(left), float(top), float(right), float(bottom)


def looks_of(picture: Picture, face: Face) -> NDArray[np.float32]:
    """Return the colours of a person: a histogram of the face with hair, and one of the clothes."""
    left, top, right, bottom = face.box
    width, height = right - left, bottom - top
    head = _part(picture, left - 0.2 * width, top - 0.5 * height, right + 0.2 * width, bottom)
    clothes = _part(
        picture, left - 0.5 * width, bottom + 0.3 * height, right + 0.5 * width,
        bottom + 1.1 * height,
    )  # fmt: skip
    return np.concatenate([_histogram(head), _histogram(clothes)]) / 2


def unlikeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return how different two people's looks are, 0 to 1."""
    return float(np.abs(first - second).sum() / 2)


def _part(picture: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
    height, width = picture.shape[:2]
    x, y = (
        np.clip([left, right], 0, width).astype(int),
        np.clip([top, bottom], 0, height).astype(int),
    )
    return picture[y[0] : y[1], x[0] : x[1]]


def _histogram(part: Picture) -> NDArray[np.float32]:
    """Return hue and saturation beside brightness, (6 * 4 + 6,), soft against a change of light."""
    if part.size == 0:
        return np.full(30, 1 / 30, np.float32)
    small = cv2.resize(part, (24, 24), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV)
    colors = cv2.calcHist([hsv], [0, 1], None, [6, 4], [0, 180, 0, 256]).ravel()
    greys = cv2.calcHist([hsv], [2], None, [6], [0, 256]).ravel()
    both = np.concatenate([colors, greys]).astype(np.float32)
    smooth: NDArray[np.float32] = both / both.sum()
    return smooth
