"""Shots: where the picture cuts, and which parts are long enough (scenedetect's adaptive rule)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ...core.motion import NETWORK_FPS
from ..options import DEFAULTS, Options
from .video import Picture

#: Cuts are looked for in pictures of this width.
GLANCE_PX = 320


@dataclass(frozen=True)
class Shot:
    """A part of the video without a cut."""

    first_frame: int  #: at 25 per second
    n_frames: int

    @property
    def start_s(self) -> float:
        """Where it begins."""
        return self.first_frame / NETWORK_FPS

    @property
    def end_s(self) -> float:
        """Where it ends."""
        return (self.first_frame + self.n_frames) / NETWORK_FPS


def cuts(pictures: Iterable[Picture]) -> tuple[list[int], int]:
    """Return the first frame of each shot but the first, and how many frames there are."""
    from scenedetect import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    detector = AdaptiveDetector(min_scene_len=round(0.4 * NETWORK_FPS))
    found: list[int] = []
    n_frames = 0
    for picture in pictures:
        time = FrameTimecode(n_frames, NETWORK_FPS)
        small = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        found += [cut.frame_num for cut in detector.process_frame(time, small)]
        n_frames += 1
    if n_frames:
        last = FrameTimecode(n_frames - 1, NETWORK_FPS)
        found += [cut.frame_num for cut in detector.post_process(last)]
    return sorted(set(found)), n_frames


def shots(pictures: Iterable[Picture], options: Options = DEFAULTS) -> list[Shot]:
    """Return every shot of a video; long ones are cut into equal parts."""
    edges, n_frames = cuts(pictures)
    borders = [0, *edges, n_frames]
    found = []
    for first, last in pairwise(borders):
        if last > first:
            found += list(_parts(first, last, options))
    return found


def _parts(first: int, last: int, options: Options) -> Iterator[Shot]:
    n_parts = max(1, int(np.ceil((last - first) / (options.longest_s * NETWORK_FPS))))
    edges: NDArray[np.int64] = np.linspace(first, last, n_parts + 1).round().astype(np.int64)
    for begin, end in pairwise(edges):
        yield Shot(int(begin), int(end - begin))
