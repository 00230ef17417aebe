"""Fit the regressor of shapes to renders of our own heads.

    python -m dualtalk.curation.reconstruction.fit --stills build/curation/stills

`modelling.footage.stills` renders them. The face model's answer is kept beside the pictures, so
that a second fit takes seconds. People in `modelling.footage.people.HELD_OUT` are not among them.
"""

import argparse
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...core.files import atomic
from ...core.names import ARKIT_SHAPES
from ..faces.landmarker import Landmarker
from ..faces.scanning import follow
from .features import Watch, features
from .pose import spread_px
from .regressor import WEIGHTS_PATH, Regressor

_log = logging.getLogger(__name__)
Floats = NDArray[np.floating[Any]]

#: A person whose face is found in fewer pictures has no usual form.
_LEAST_FRAMES = 30
_FAR_M = 1.5
_OTHERS = ("jaw", "left eye yaw", "left eye pitch", "right eye yaw", "right eye pitch")
_STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)


@dataclass(frozen=True)
class Example:
    """One person's pictures: what was seen and what is true."""

    watch: Watch
    distance_m: Floats  #: (n_frames,) from the camera
    focal_px: Floats  #: (n_frames,)
    target: Floats  #: (n_frames, n_targets) as `targets`


def targets(expression: Floats, jaw: Floats, eyes: Floats) -> Floats:
    """Return (n_frames, 45): 40 shapes, the jaw about x, yaw and pitch of left and right eye."""
    turns = eyes[:, :, [1, 0]].reshape(len(eyes), 4)
    return np.concatenate([expression, jaw[:, :1], turns], axis=1)


def looked_at(folder: Path, landmarker: Landmarker) -> None:
    """Write what the face model says of a person's pictures beside them, unless it is there."""
    path = folder / "seen.npz"
    if path.is_file():
        return
    frames, landmarks, shapes, transforms = [], [], [], []
    for number, picture in enumerate(_pictures(folder)):
        found = landmarker.find(picture)
        near = follow(landmarker, picture, found[0].box) if found else []
        for face in (near or found)[:1]:
            frames.append(number)
            landmarks.append(face.landmarks)
            shapes.append(face.blendshapes)
            transforms.append(face.transform)
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(
            file, frames=np.array(frames), landmarks=np.array(landmarks),
            blendshapes=np.array(shapes), transforms=np.array(transforms),
        )  # fmt: skip
    _log.info("%s: %d faces found", folder.name, len(frames))


def _pictures(folder: Path) -> Iterator[NDArray[np.uint8]]:
    for file in sorted(folder.glob("*.jpg")):
        yield cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)


def examples(folder: Path) -> list[Example]:
    """Return every person that was looked at."""
    found = []
    for path in sorted(folder.glob("*/seen.npz")):
        seen, truth = np.load(path), np.load(path.with_name("truth.npz"))
        if len(seen["frames"]) < _LEAST_FRAMES:
            continue
        watch = Watch(seen["landmarks"], seen["blendshapes"], seen["transforms"])
        target = targets(truth["expression"], truth["jaw"], truth["eyes"])[seen["frames"]]
        distance_m = -truth["in_camera"][seen["frames"], 2, 3]
        found.append(Example(watch, distance_m, truth["focal_px"][seen["frames"]], target))
    return found


def ridge(rows: Floats, target: Floats, strength: float) -> Regressor:
    """Fit weights to rows (n, n_features) and targets (n, n_targets); strength is per row."""
    mean, offset = rows.mean(axis=0), target.mean(axis=0)
    centred = rows - mean
    kernel = centred @ centred.T  # fewer rows than features squared: solve in the rows
    kernel[np.diag_indices_from(kernel)] += strength * len(rows)
    weights = centred.T @ np.linalg.solve(kernel, target - offset)
    nothing = np.zeros(len(ARKIT_SHAPES))
    return Regressor(mean, weights, offset, nothing, 0.0)


def left_out(rows: list[Floats], target: list[Floats], strength: float, folds: int = 5) -> Floats:
    """Return what is predicted of people who were not fitted to, in the order of all rows."""
    found = []
    for fold in range(folds):
        inside = [i for i in range(len(rows)) if i % folds != fold]
        fitted = ridge(
            np.concatenate([rows[i] for i in inside]),
            np.concatenate([target[i] for i in inside]),
            strength,
        )
        found += [(i, fitted.predict(rows[i])) for i in range(fold, len(rows), folds)]
    return np.concatenate([values for _, values in sorted(found, key=lambda item: item[0])])


def face_size_m(people: list[Example]) -> float:
    """Return how large faces are, as `pose.spread_px` measures them, metres: the median."""
    sizes = []
    for person in people:
        is_far = person.distance_m > _FAR_M  # nearer, what is in front is larger than the rest
        spread = spread_px(person.watch.landmarks[is_far])
        sizes.append(np.median(person.distance_m[is_far] * spread / person.focal_px[is_far]))
    share = float(np.std(sizes) / np.mean(sizes))
    _log.info("faces: %.4f m, people differ by %.1f %%", np.median(sizes), 100 * share)
    return float(np.median(sizes))


def correlations(true: Floats, found: Floats) -> Floats:
    """Return r of each column, 0 where nothing moves."""
    a, b = true - true.mean(axis=0), found - found.mean(axis=0)
    size = np.sqrt(np.square(a).sum(axis=0) * np.square(b).sum(axis=0))
    result: Floats = np.where(size > 1e-9, (a * b).sum(axis=0) / np.maximum(size, 1e-9), 0.0)
    return result


def main() -> None:
    """Look at every person, choose the strength on people left out, and fit to all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stills", type=Path, default=Path("build/curation/stills"))
    parser.add_argument("--output", type=Path, default=WEIGHTS_PATH)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    with Landmarker(most_faces=1) as landmarker:
        for folder in sorted(path.parent for path in arguments.stills.glob("*/truth.npz")):
            looked_at(folder, landmarker)
    people = examples(arguments.stills)
    rows, target = [features(p.watch) for p in people], [p.target for p in people]
    true = np.concatenate(target)
    scores = {s: correlations(true, left_out(rows, target, s)) for s in _STRENGTHS}
    strength = max(scores, key=lambda s: float(scores[s].mean()))
    for name, r in zip((*ARKIT_SHAPES, *_OTHERS), scores[strength], strict=True):
        _log.info("%-20s r %.2f", name, r)
    _log.info("strength %g, mean r %.3f, %d people", strength, scores[strength].mean(), len(people))
    confidence: Floats = np.square(scores[strength][: len(ARKIT_SHAPES)].clip(0))
    fitted = ridge(np.concatenate(rows), true, strength)
    replace(fitted, confidence=confidence, face_m=face_size_m(people)).save(arguments.output)


if __name__ == "__main__":
    main()
