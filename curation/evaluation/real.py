"""Filters and speakers, on real clips and on what can be made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from ...core.conversation.dialogue import FRAME_SAMPLES
from ..faces import quality, tracks
from ..faces.landmarker import Landmarker
from ..faces.scanning import scan
from ..footage import layout, shots, video
from ..reconstruction.reconstruct import mouth_of, watch_of
from ..speaking import evidence, expected_mouth

Floats = NDArray[np.floating[Any]]

_SIZE = (320, 180)
_HEARD_DB = 30.0
_COVERED_FROM = 45
_HAND = np.array([170, 120, 100], np.uint8)


@dataclass
class Real:
    """Numbers of all filters."""

    cuts: tuple[int, int, int] = (0, 0, 0)  #: found, there, false
    split: list[bool] = field(default_factory=list)  #: whether each split clip is taken for one
    whole: list[bool] = field(default_factory=list)  #: and each clip of one picture
    covered_auc: float = 0.0
    moving: tuple[int, int, int] = (0, 0, 0)  #: by network, by level, pairs of two moving mouths
    one_voice: tuple[int, int] = (0, 0)  #: right, of pairs in which one mouth rests


def small(path: Path, n_frames: int = 60) -> list[video.Picture]:
    """Return the first pictures of a clip at 320x180, cut to the format and not stretched."""
    found = []
    for picture in video.frames(video.opened(path), 0.0, n_frames / 25, 640):
        height, width = picture.shape[:2]
        scale = max(_SIZE[0] / width, _SIZE[1] / height)
        grown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        y, x = (grown.shape[0] - _SIZE[1]) // 2, (grown.shape[1] - _SIZE[0]) // 2
        found.append(grown[y : y + _SIZE[1], x : x + _SIZE[0]])
    return found


def cut_counts(clips: Sequence[Sequence[video.Picture]]) -> tuple[int, int, int]:
    """Join clips, and return how many cuts are found, are there, and are found where none is."""
    edges = list(np.cumsum([len(clip) for clip in clips])[:-1])
    found, _ = shots.cuts(picture for clip in clips for picture in clip)
    right = sum(any(abs(f - e) <= 1 for f in found) for e in edges)
    return right, len(edges), len(found) - right


def is_split(pictures: Sequence[video.Picture], landmarker: Landmarker) -> bool:
    """Return whether a clip is taken for a split screen, its faces looked for in one picture."""
    meter = layout.Meter()
    for picture in pictures:
        meter.add(picture)
    faces = places_in(pictures[0], landmarker)
    return any(r.code == "split_screen" for r in layout.reasons(meter.layout, faces=faces))


def places_in(picture: video.Picture, landmarker: Landmarker) -> list[layout.Box]:
    """Return where the faces of a picture are."""
    size = np.tile(picture.shape[1::-1], 2)
    found = [(face.box / size).tolist() for face in scan(landmarker, picture)]
    return [(left, top, right, bottom) for left, top, right, bottom in found]


def splits(clips: Sequence[Sequence[video.Picture]], landmarker: Landmarker) -> list[bool]:
    """Return whether split screens are found: every pair of clips beside and below each other."""
    found = []
    for first, second in combinations(clips, 2):
        for axis in (0, 1):
            size = (_SIZE[0], _SIZE[1] // 2) if axis == 0 else (_SIZE[0] // 2, _SIZE[1])
            both = [
                np.concatenate([_middle(a, size), _middle(b, size)], axis=axis)
                for a, b in zip(first[:40], second[:40], strict=False)
            ]
            found.append(is_split(both, landmarker))
    return found


def _middle(picture: video.Picture, size: tuple[int, int]) -> video.Picture:
    y, x = (picture.shape[0] - size[1]) // 2, (picture.shape[1] - size[0]) // 2
    return picture[y : y + size[1], x : x + size[0]]


def covered_auc(paths: Sequence[Path], landmarker: Landmarker) -> float:
    """Return how well covered mouths are told: a patch like a hand in the last 30 frames of 75."""
    covered: list[float] = []
    clear: list[float] = []
    for path in paths:
        pictures = list(video.frames(video.opened(path)))
        box = tracks.track(landmarker, pictures[:1]).tracks[0].faces[0]
        if box is None:
            continue
        left, top, right, bottom = box.box.astype(int)
        for picture in pictures[_COVERED_FROM:]:
            picture[top + 11 * (bottom - top) // 20 : bottom + 15, left + 5 : right - 5] = _HAND
        likeness = quality.measured(tracks.track(landmarker, pictures).tracks[0]).mouth
        clear += list(likeness[np.isfinite(likeness)][: _COVERED_FROM - 3])
        hidden = likeness[_COVERED_FROM + 3 :]
        covered += list(hidden[np.isfinite(hidden)])
    return auc(np.array(clear), np.array(covered))


def auc(high: Floats, low: Floats) -> float:
    """Return the chance that one of the first is above one of the second."""
    ranks = rankdata(np.concatenate([high, low]))
    n, m = len(high), len(low)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / max(n * m, 1))


@dataclass(frozen=True)
class Speaker:
    """A real person who speaks: the mouth that was tracked, and the sound."""

    mouth: Floats  #: (n_frames, 2) of `mouth_of`
    sound: NDArray[np.float32]  #: (n_frames * 640,)

    @property
    def level(self) -> Floats:
        """RMS of each frame."""
        found: Floats = np.sqrt(np.square(self.sound.reshape(-1, FRAME_SAMPLES)).mean(axis=1))
        return found


def speaker_of(path: Path, landmarker: Landmarker) -> Speaker:
    """Track the one person of a clip."""
    film = video.opened(path)
    seen = tracks.track(landmarker, video.frames(film)).tracks[0]
    mouth = mouth_of(watch_of(seen)[0])
    sound = video.sound(film, 0.0, len(mouth) * FRAME_SAMPLES)
    return Speaker(
        mouth, np.zeros(len(mouth) * FRAME_SAMPLES, np.float32) if sound is None else sound
    )


def speaking(people: Sequence[Speaker]) -> tuple[tuple[int, int, int], tuple[int, int]]:
    """Return how often the right one of two mouths is found: both moving, and one at rest."""
    expected = [expected_mouth(person.sound) for person in people]
    by_network = by_level = n_pairs = 0
    for voice, other in permutations(range(len(people)), 2):
        n = min(len(people[i].mouth) for i in (voice, other))
        mouths = np.stack([people[voice].mouth[:n], people[other].mouth[:n]])
        heard = _heard(people[voice].level[:n])
        scores = evidence(expected[voice][:n], mouths, heard)
        level = np.sqrt(people[voice].level[:n])
        loud = evidence(np.stack([level, np.zeros(n)], axis=1), mouths, heard)
        by_network += scores[0] > scores[1]
        by_level += loud[0] > loud[1]
        n_pairs += 1
    right = 0
    for voice, person in enumerate(people):
        still = people[(voice + 1) % len(people)].mouth
        n = min(len(person.mouth), len(still))
        usual = np.median(still, axis=0)
        resting = usual + 0.1 * (still[:n] - usual)
        scores = evidence(
            expected[voice][:n], np.stack([person.mouth[:n], resting]), _heard(person.level[:n])
        )
        right += scores[0] > scores[1]
    return (int(by_network), int(by_level), n_pairs), (int(right), len(people))


def _heard(level: Floats) -> NDArray[np.bool_]:
    loud = 20 * np.log10(level + 1e-5)
    heard: NDArray[np.bool_] = loud > loud.max() - _HEARD_DB
    return heard


def measure(clips: Path, scenes: Path, landmarker: Landmarker) -> Real:
    """Measure every filter."""
    grid = sorted(clips.glob("grid_*.mpg"))
    others = [clips / "intel_two.gif", *sorted(scenes.glob("*.mp4"))]
    pictures = [small(path) for path in [*grid, *others]]
    found = Real()
    found.cuts = cut_counts(pictures)
    found.split = splits(pictures[:6], landmarker)
    found.whole = [is_split(each, landmarker) for each in pictures]
    found.covered_auc = covered_auc(grid, landmarker)
    people = [speaker_of(path, landmarker) for path in grid]
    found.moving, found.one_voice = speaking(people)
    return found
