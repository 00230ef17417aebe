"""How much of a face may be made up beyond a seam: rendered people, cut and put below each other.

    python -m dualtalk.curation.evaluation.seams --videos build/curated/videos
    python -m dualtalk.curation.evaluation.seams --videos build/curation/scenes --chosen

The first chooses, on people of the training (`modelling.footage.pairs`); the second says what is
found of held-out people with what was chosen. A person of one video is above one of another, both
faces cut off at the seam by a share of their height.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..faces.landmarker import Landmarker
from ..faces.scanning import scan
from ..footage import layout, video
from ..footage.video import Picture
from ..options import DEFAULTS
from .real import places_in

_SIZE = (320, 180)
_N_FRAMES = 40
#: Of a face's height: what the seam cuts off; and of the picture's height: the face.
_CUTS, _FACES = (0.0, 0.15, 0.3, 0.45), (0.4, 0.6)
#: What the face model may have made up, as a share of a face's height.
_SLACKS = (0.25, 0.375, 0.5, 0.625, 0.75)


@dataclass(frozen=True)
class Someone:
    """A person of a video."""

    film: str  #: the name of the video
    pictures: list[Picture]
    box: NDArray[np.float32]  #: of the face in the first picture, pixels


def people_in(path: Path, landmarker: Landmarker) -> list[Someone]:
    """Return the people of a video, if their faces are found in its first picture."""
    pictures = list(video.frames(video.opened(path), 0.0, _N_FRAMES / 25))
    found = scan(landmarker, pictures[0])
    return [Someone(path.stem, pictures, face.box) for face in found]


def half(person: Someone, cut: float, face: float, is_upper: bool) -> list[Picture]:
    """Return half a split screen: a face, cut off at the seam by a share of its height."""
    left, top, right, bottom = map(float, person.box)
    tall = bottom - top
    scale = face * _SIZE[1] / tall
    width, height = _SIZE[0] / scale, _SIZE[1] / 2 / scale
    x = (left + right - width) / 2
    y = bottom - cut * tall - height if is_upper else top + cut * tall
    move = np.array([[scale, 0.0, -x * scale], [0.0, scale, -y * scale]])
    return [
        cv2.warpAffine(p, move, (_SIZE[0], _SIZE[1] // 2), borderMode=cv2.BORDER_REPLICATE)
        for p in person.pictures
    ]


def splits(people: Sequence[Someone]) -> Iterator[list[Picture]]:
    """Yield split screens: everybody above the next who is of another video."""
    for index, upper in enumerate(people):
        others = [p for p in [*people[index:], *people[:index]] if p.film != upper.film]
        if not others:
            return
        for cut, face in product(_CUTS, _FACES):
            halves = half(upper, cut, face, True), half(others[0], cut, face, False)
            yield [np.concatenate(both, axis=0) for both in zip(*halves, strict=False)]


def found_with(
    pictures: Sequence[Picture], landmarker: Landmarker, slacks: Sequence[float]
) -> list[bool] | None:
    """Return whether a clip is taken for a split screen with each slack; None without two faces."""
    meter = layout.Meter()
    for picture in pictures:
        meter.add(picture)
    seen, faces = meter.layout, places_in(pictures[0], landmarker)
    if len(faces) != 2:
        return None
    whole = max(seen.level_edge, seen.upright_edge) >= DEFAULTS.standing_edge
    return [whole or layout.parting_edge(seen, faces, s) >= DEFAULTS.parting_edge for s in slacks]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, default=Path("build/curated/videos"))
    parser.add_argument("--chosen", action="store_true", help="only with what was chosen")
    given = parser.parse_args(arguments)
    slacks = (layout.SLACK_ON_EACH_OTHER,) if given.chosen else _SLACKS
    with Landmarker() as landmarker:
        people = [p for path in _videos(given.videos) for p in people_in(path, landmarker)]
        seams = [found_with(pictures, landmarker, slacks) for pictures in splits(people)]
        rooms = {p.film: p.pictures for p in people}.values()
        whole = [found_with(pictures, landmarker, slacks) for pictures in rooms]
    for name, found in (("split screens", seams), ("clips of one picture", whole)):
        two = np.array([each for each in found if each is not None])
        said = [f"{n} with {s:g}" for n, s in zip(two.sum(axis=0), slacks, strict=True)]
        sys.stdout.write(
            f"{name}: {len(found)}, two faces in {len(two)}; taken for split: {', '.join(said)}\n"
        )


def _videos(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.mp4")) if path.stem not in ("small", "random")]


if __name__ == "__main__":
    main()
