"""Results of a worker process as files: JSON, `.npz`, and the motion files of `core.motion`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import read_npy, read_npz
from ..damage import DAMAGE, json_file, short
from ..directing.gaze_text import looks_to_json, plan_from_json
from ..errors import DualTalkError, InputError, WorkerError
from ..files import atomic
from ..motion import Motion
from ..names import SPEAKERS
from ..performance import Performance

RESULT_FILE = "result.json"
#: Of requests and results; raised when a field of either changes.
VERSION = 3
_SPEAKING_FILE = "speaking.npy"
#: Turns of a day have 35 MB in double precision.
_MOST_TURNS_BYTES = 64 << 20
#: What `write_performance` writes, the last last.
PERFORMANCE_FILES = (*(f"{speaker}.npz" for speaker in SPEAKERS), _SPEAKING_FILE, RESULT_FILE)


@dataclass(frozen=True)
class GenerateResult:
    """What a `GenerateRequest` gives."""

    performance: Performance
    notes: tuple[str, ...]  #: for the user, a line each


def write_performance(folder: Path, performance: Performance, notes: tuple[str, ...]) -> None:
    """Write the result of a `GenerateRequest`; the JSON comes last: where it is, all is."""
    for speaker, motion in zip(SPEAKERS, performance.motions, strict=True):
        motion.save(folder / f"{speaker}.npz")
    np.save(folder / _SPEAKING_FILE, performance.speaking)
    gaze = performance.gaze
    looks: dict[str, object] = {}
    if gaze is not None:
        looks = {"looks": looks_to_json(gaze), "gaze_fps": gaze.fps, "own_lids": gaze.own_lids}
    write_json(folder, {"notes": notes, "silent": performance.silent} | looks)


def read_performance(folder: Path, sounds: tuple[Path, ...]) -> GenerateResult:
    """Read what `write_performance` wrote.

    Raises:
        WorkerError: the result is not there, not whole, or holds what is no motion.
    """
    try:
        result = read_json(folder)
        first, second = (Motion.load(folder / f"{speaker}.npz") for speaker in SPEAKERS)
        speaking = read_npy(folder / _SPEAKING_FILE)
        gaze = None
        if "looks" in result:
            gaze = plan_from_json(
                result["looks"], first.n_frames, result["gaze_fps"], result["own_lids"]
            )
        silent = tuple(row for row in (0, 1) if row in result["silent"])
        performance = Performance((first, second), sounds, speaking.astype(bool), gaze, silent)
        _check_lengths(performance)
        return GenerateResult(performance, tuple(str(note) for note in result["notes"]))
    except (*DAMAGE, DualTalkError) as error:
        raise WorkerError(
            f"The worker's result is not whole ({short(error)}): try again."
        ) from error


def write_turns(path: Path, probability: NDArray[Any]) -> None:
    """Write who speaks when, (2, n_frames) of 0 to 1 at 25 fps, for `GenerateRequest.turns`."""
    with atomic(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, probability=np.asarray(probability, np.float32))


def read_turns(path: Path) -> NDArray[np.float32]:
    """Read what `write_turns` wrote, (2, n_frames).

    Raises:
        InputError: the file is missing, or holds no turns.
    """
    found = read_npz(path, ("probability",), _MOST_TURNS_BYTES, "who speaks when")
    if "probability" not in found or found["probability"].dtype.kind not in "fiub":
        raise InputError(f"{path} holds no turns: find them anew.")
    probability: NDArray[np.float32] = found["probability"].astype(np.float32)
    if probability.ndim != 2 or len(probability) != 2 or not np.isfinite(probability).all():
        raise InputError(f"{path} holds {probability.shape}, not (2, n_frames): find turns anew.")
    return np.clip(probability, 0.0, 1.0)


def write_json(folder: Path, result: Mapping[str, object]) -> None:
    """Write the JSON part of a result."""
    said = {"version": VERSION, **result}
    (folder / RESULT_FILE).write_text(json.dumps(said), encoding="utf-8")


def read_json(folder: Path) -> dict[str, Any]:
    """Read the JSON part of a result; raises OSError or ValueError."""
    read = json_file(folder / RESULT_FILE)
    if read.get("version") != VERSION:
        raise ValueError(f"it is of version {read.get('version')!r}, not {VERSION}")
    return read


def _check_lengths(performance: Performance) -> None:
    first, second = (motion.n_frames for motion in performance.motions)
    if first != second or performance.speaking.shape != (2, first):
        raise ValueError(
            f"{first} and {second} frames, speech of shape {performance.speaking.shape}"
        )
