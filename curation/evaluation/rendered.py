"""What the pipeline finds in renders of held-out people, against what is true."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.names import ARKIT_SHAPES
from ..faces.landmarker import Landmarker
from ..options import Options
from ..pipeline import Watched, clips_of, watch
from ..reconstruction.pose import Camera, axis_angle
from ..reconstruction.reconstruct import Reconstruction, reconstruct
from .geometry import Person

Floats = NDArray[np.floating[Any]]

#: A shape that moves less than this does nothing that could be found.
ACTIVE = 0.02
FOCAL_FACTORS = (0.75, 1.0, 1.35)
_LOOSE = Options(needs_sound=False, smallest_face_px=20.0)


@dataclass
class Found:
    """Numbers of all scenes; lists have a value per person or scene."""

    both_seen: list[float] = field(default_factory=list)
    size_px: list[float] = field(default_factory=list)
    r: dict[str, list[float]] = field(default_factory=dict)
    lips_mm: list[tuple[float, float]] = field(default_factory=list)  #: found, mean face
    rotation_deg: list[float] = field(default_factory=list)
    distance_off: dict[float, list[float]] = field(default_factory=dict)
    cpu_s_per_s: list[float] = field(default_factory=list)

    def add(self, name: str, true: Floats, found: Floats, least: float) -> None:
        """Note a correlation, where the truth moves at all."""
        if true.std() > least and found.std() > 1e-9:
            self.r.setdefault(name, []).append(float(np.corrcoef(true, found)[0, 1]))

    def mean(self, name: str) -> float:
        """Return a mean correlation."""
        return float(np.mean(self.r.get(name, [np.nan])))


def watched(path: Path, landmarker: Landmarker, found: Found) -> tuple[Watched, dict[str, Floats]]:
    """Run the first stages over a scene."""
    began = time.process_time()
    clip = clips_of(path, path.name)[0]
    seen = watch(clip, landmarker, _LOOSE)
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as file:
        truth = {name: file[name] for name in file.files}
    n_frames = clip.shot.n_frames
    _rebuilt(seen, truth, 1.0)
    found.cpu_s_per_s.append((time.process_time() - began) / (n_frames / 25))
    both = [all(t.faces[i] is not None for t in seen.tracks) for i in range(n_frames)]
    found.both_seen.append(float(np.mean(both)))
    found.size_px += [float(np.nanmedian(q.size_px)) for q in seen.qualities]
    return seen, truth


def _rebuilt(seen: Watched, truth: dict[str, Floats], factor: float) -> Reconstruction:
    camera = Camera(float(truth["focal_px"]) * factor, (640.0, 360.0))
    return reconstruct(seen.tracks, seen.qualities, camera, _LOOSE)


def measure(seen: Watched, truth: dict[str, Floats], found: Found) -> None:
    """Compare a scene with what is true of it."""
    rebuilt = _rebuilt(seen, truth, 1.0)
    identities = json.loads(str(truth["identities"]))
    for who, motion in enumerate(rebuilt.motions):
        true = {name: truth[name][who] for name in ("expression", "jaw", "eyes", "in_camera")}
        _face(Person(identities[who]), true, motion.expression, motion.jaw, found)
        found.add(
            "gaze yaw", true["eyes"][:, :, 1].mean(axis=1), motion.eyes[:, :, 1].mean(axis=1), 0.01
        )
        found.add(
            "gaze pitch",
            true["eyes"][:, :, 0].mean(axis=1),
            motion.eyes[:, :, 0].mean(axis=1),
            0.01,
        )
        turned = rebuilt.space.places[who].rotation @ _matrices(rebuilt.space.heads[who])
        found.rotation_deg.append(_off_deg(turned, true["in_camera"][:, :3, :3]))
    eyes = np.median(truth["in_camera"][:, :, :3, 3], axis=1)
    apart = float(np.linalg.norm((eyes[1] - eyes[0])[[0, 2]]))
    for factor in FOCAL_FACTORS:
        off = _rebuilt(seen, truth, factor).space.distance_m / apart - 1
        found.distance_off.setdefault(factor, []).append(off)


def _face(
    person: Person, true: dict[str, Floats], expression: Floats, jaw: Floats, found: Found
) -> None:
    for index, name in enumerate(ARKIT_SHAPES):
        found.add(name, true["expression"][:, index], expression[:, index], ACTIVE)
    found.add("jaw", true["jaw"][:, 0], jaw[:, 0], 0.01)
    lips = [
        person.edges("mouthClose", *pair)
        for pair in ((true["expression"], true["jaw"]), (expression, jaw))
    ]
    found.add("lip gap", lips[0].gap, lips[1].gap, 0.0003)
    found.add("mouth width", lips[0].width, lips[1].width, 0.0003)
    speaks = true["jaw"][:, 0].std() > 0.01
    if speaks:
        found.lips_mm.append(
            (1000 * lips[0].off_m(lips[1]), 1000 * lips[0].off_m(lips[0].at_rest()))
        )
    for side in ("Left", "Right"):
        lids = [
            person.edges(f"eyeBlink{side}", *pair).gap
            for pair in ((true["expression"], true["jaw"]), (expression, jaw))
        ]
        found.add("lids", lids[0], lids[1], 0.0003)


def _matrices(turns: Floats) -> Floats:
    from scipy.spatial.transform import Rotation

    found: Floats = Rotation.from_rotvec(turns).as_matrix()
    return found


def _off_deg(found: Floats, true: Floats) -> float:
    """Return the mean angle between rotations once their constant difference is taken out."""
    off = np.einsum("tij,tkj->tik", found, true)
    u, _, vt = np.linalg.svd(off.mean(axis=0))
    left = np.einsum("ji,tjk->tik", u @ vt, off)
    return float(np.degrees(np.linalg.norm(axis_angle(left), axis=1)).mean())
