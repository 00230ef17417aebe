"""What the regressor sees of a face in a frame, less what is the person's own.

Landmarks in the head's own space and the model's blend shapes, both against the clip's usual; the
distances that matter straight from landmarks; the direction the camera sees the face from.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .canonical import IRISES, Canonical, canonical

Floats = NDArray[np.floating[Any]]

#: Pairs of landmarks whose distance says much: inner lips, corners, lids, brows over eyes.
DISTANCES: dict[str, tuple[int, int]] = {
    "lip_gap": (13, 14),
    "lip_gap_right": (82, 87),
    "lip_gap_left": (312, 317),
    "mouth_width": (61, 291),
    "lid_right": (159, 145),
    "lid_left": (386, 374),
    "brow_right": (105, 159),
    "brow_left": (334, 386),
    "brow_inner_right": (107, 133),
    "brow_inner_left": (336, 362),
    "chin": (152, 1),
    "upper_lip": (0, 13),
    "lower_lip": (17, 14),
}
#: Of the eyes: outer and inner corner, of the right and the left.
_CORNERS = ((33, 133), (263, 362))


@dataclass(frozen=True)
class Watch:
    """A person's landmarks through a clip, every frame filled."""

    landmarks: Floats  #: (n_frames, 478, 3) pixels
    blendshapes: Floats  #: (n_frames, 52)
    transforms: Floats  #: (n_frames, 4, 4)

    def only(self, frames: NDArray[np.bool_]) -> "Watch":
        """Return some of the frames."""
        return Watch(self.landmarks[frames], self.blendshapes[frames], self.transforms[frames])

    @cached_property
    def canonical(self) -> Canonical:
        """The landmarks in the head's own space."""
        return canonical(self.landmarks, self.transforms[:, :3, :3])


def distances(points: Floats) -> Floats:
    """Return (n_frames, len(DISTANCES)) in canonical units."""
    ends = np.array(list(DISTANCES.values()))
    found: Floats = np.linalg.norm(points[:, ends[:, 0]] - points[:, ends[:, 1]], axis=2)
    return found


def iris_turns(points: Floats) -> Floats:
    """Return where each iris is between its corners, (n_frames, 4): across and up, right and left.

    In widths of the eye; about 0 when it looks straight ahead.
    """
    found = []
    for iris, (outer, inner) in zip(IRISES, _CORNERS, strict=True):
        across = points[:, inner] - points[:, outer]
        width = np.linalg.norm(across, axis=1, keepdims=True)
        off = points[:, iris] - (points[:, outer] + points[:, inner]) / 2
        found += [off[:, :1] / width, off[:, 1:2] / width]
    turns: Floats = np.concatenate(found, axis=1)
    return turns


def features(watch: Watch) -> Floats:
    """Return (n_frames, n_features) float64."""
    face = watch.canonical
    rows = [
        face.moved.reshape(len(face.points), -1),
        3.0 * _against_usual(distances(face.points)),
        3.0 * _against_usual(iris_turns(face.points)),
        iris_turns(face.points),
        0.5 * _against_usual(watch.blendshapes),
        0.5 * watch.blendshapes,
        _view(watch.transforms),
    ]
    found: Floats = np.concatenate(rows, axis=1).astype(np.float64)
    return found


def _against_usual(values: Floats) -> Floats:
    found: Floats = values - np.median(values, axis=0)
    return found


def _view(transforms: Floats) -> Floats:
    """Return how the face is turned to the camera, and the squares of it, (n_frames, 5)."""
    x, y = transforms[:, 0, 2], transforms[:, 1, 2]
    found: Floats = np.stack([x, y, x * x, y * y, x * y], axis=1)
    return 0.3 * found
