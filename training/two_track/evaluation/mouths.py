"""Real mouths with their sound: how well a jaw follows what a camera saw.

Tracked mouths are noisy, lead or lag their sound by a few frames from clip to clip, and drift with
posture: a Gaussian of 0.5 s is taken off both curves, and the best lag of each clip counts.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.training.markdown import table
from dualtalk.training.two_track.evaluation import measure
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

FloatArray = NDArray[np.float32]

#: What is taken off as posture, seconds; frames by which a clip's lag may differ from zero.
POSTURE_S, MAX_LAG = 0.5, 7
#: Sentences of a person that are measured: one person has most of them.
_N_SENTENCES = 4
#: What is animated as the jaw's opening (`facegood/to_arkit.csv`); its running speech.
_FACEGOOD_JAW, _FACEGOOD = "mouth_stretch_c", ("1114_3_15", "1114_3_16")


@dataclass(frozen=True)
class Mouth:
    """One person's speech and how far the jaw was seen to open."""

    person: str
    sound: FloatArray  #: (n_samples,) 16 kHz
    jaw: FloatArray  #: (n_frames,) at 25 fps, 0 to 1


def grid(shared: Path) -> list[Mouth]:
    """Return sentences of the people of GRID (Cooke et al. 2006), tracked by mediapipe."""
    by_person: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((shared / "faces" / "grid").glob("*.npz")):
        by_person[path.stem.split("_")[0]].append(path)
    paths = [path for person in by_person.values() for path in person[:_N_SENTENCES]]
    return [_read(path, path.stem.split("_")[0], "jawOpen") for path in paths]


def facegood(shared: Path) -> list[Mouth]:
    """Return a woman's running speech, in Mandarin, animated by hand from video (MIT)."""
    folder = shared / "faces" / "facegood"
    return [_read(folder / f"{name}.npz", "facegood", _FACEGOOD_JAW) for name in _FACEGOOD]


def _read(path: Path, person: str, jaw: str) -> Mouth:
    sound, _ = soundfile.read(path.with_suffix(".flac"), dtype="float32")
    with np.load(path, allow_pickle=False) as file:
        names = [str(name) for name in file["names"]]
        values = file["values"] if "values" in file.files else file["blendshapes"]
        fps = float(file["fps"])
    curve = values[:, names.index(jaw)]
    n_frames = int(len(curve) / fps * NETWORK_FPS)
    at = np.arange(n_frames) / NETWORK_FPS
    resampled = np.interp(at, np.arange(len(curve)) / fps, curve).astype(np.float32)
    return Mouth(person, sound, resampled)


def high_passed(curve: FloatArray) -> FloatArray:
    """Take posture off a curve at 25 fps, (n_frames,)."""
    passed: FloatArray = curve - gaussian_filter1d(curve, POSTURE_S * NETWORK_FPS)
    return passed


def followed(ours: FloatArray, seen: FloatArray, active: NDArray[np.bool_] | None = None) -> float:
    """Return r of two curves at 25 fps without posture, over active frames, at the best lag."""
    n = min(len(ours), len(seen))
    frames = np.ones(n, bool) if active is None else active[:n]
    lags = measure.lagged_correlations(
        high_passed(ours[:n]), high_passed(seen[:n]), frames, max_lag=MAX_LAG
    )
    return max(lags.values())


def level_db(mouth: Mouth) -> FloatArray:
    """Return the rival: the level of the sound, (n_frames,) dB."""
    rms = measure.rms_envelope(mouth.sound, len(mouth.jaw))
    level: FloatArray = 20 * np.log10(rms + 1e-4)
    return level


def by_person(scores: list[tuple[str, float]]) -> dict[str, float]:
    """Return mean scores of people: of their clips first, so that all count alike."""
    collected: dict[str, list[float]] = defaultdict(list)
    for person, score in scores:
        collected[person].append(score)
    return {person: float(np.mean(values)) for person, values in collected.items()}


def section(seen: dict[str, Any]) -> str:
    """Return the part of docs/quality.md on them."""
    names = {
        "grid": "GRID, sentences of one template, tracked by mediapipe",
        "facegood": "FACEGOOD, running speech in Mandarin, animated by hand from video",
    }
    rows = [
        [
            label,
            str(seen[key]["n_people"]),
            seen[key]["ours"].text(),
            seen[key]["level"].text(),
        ]
        for key, label in names.items()
    ]
    return (
        "## Real mouths\n\nJaws that a camera saw: r without posture, at the best lag of each clip "
        f"within {MAX_LAG} frames, on average over people; none of them was trained on. "
        "Tracked mouths are noisy: regressions fitted inside a clip reach 0.2 to 0.6.\n\n"
        + table(["recordings", "people", "jaw r", "r of the level of the sound"], rows)
    )
