"""One clip's result: a row of a shard, and the same as files.

| column | what |
|---|---|
| `clip_id`, `source`, `start_s`, `end_s`, `accepted` | of the verdict |
| `reasons` | JSON list; empty where the clip is taken |
| `speaker1`, `speaker2` | bytes of a motion's `.npz` (docs/formats.md) with `confidence` (T, 40) |
| `sound` | bytes of the mix, FLAC, 16 kHz mono |
| `turns` | bytes of an `.npz`: `probability` (2, T) that each speaks |
| `staging` | JSON: distance and turns in one space |
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from ...core.conversation.dialogue import SAMPLE_RATE
from ...core.conversation.turns import Turns
from ...core.files import atomic
from ...core.motion import Motion
from ..verdicts import Verdict

Row = dict[str, Any]
COLUMNS = (
    "clip_id", "source", "start_s", "end_s", "accepted", "reasons", "speaker1", "speaker2",
    "sound", "turns", "staging",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What was made of a clip that is taken."""

    motions: tuple[Motion, Motion]
    confidence: NDArray[np.float32]  #: (2, n_frames, 40)
    sound: NDArray[np.float32]  #: (n_samples,) the mix, 16 kHz
    turns: Turns
    staging: Mapping[str, object]

    def tracks(self) -> NDArray[np.float32]:
        """Return a track for each, (2, n_samples): the mix where that person speaks."""
        gate = np.repeat(self.turns.active.astype(np.float32), SAMPLE_RATE // 25, axis=1)
        whole = np.zeros((2, len(self.sound)), np.float32)
        n = min(gate.shape[1], len(self.sound))
        whole[:, :n] = gate[:, :n] * self.sound[:n]
        return whole


def row_of(verdict: Verdict, result: Result | None) -> Row:
    """Return a row of a shard; what a refused clip lacks is None."""
    said = verdict.as_json()
    row: Row = {name: said[name] for name in COLUMNS[:5]}
    row["reasons"] = json.dumps(said["reasons"], ensure_ascii=False)
    row |= dict.fromkeys(COLUMNS[6:])
    if result is None:
        return row
    for who, motion in enumerate(result.motions):
        row[f"speaker{who + 1}"] = motion_bytes(motion, result.confidence[who])
    flac = io.BytesIO()
    soundfile.write(flac, result.sound, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    row["sound"] = flac.getvalue()
    turns = io.BytesIO()
    np.savez_compressed(turns, probability=result.turns.probability.astype(np.float32))
    row["turns"] = turns.getvalue()
    row["staging"] = json.dumps(result.staging)
    return row


def motion_bytes(motion: Motion, confidence: NDArray[np.float32]) -> bytes:
    """Return a motion's file with the confidence of each shape in each frame."""
    whole = io.BytesIO()
    np.savez_compressed(whole, confidence=confidence.astype(np.float16), **motion.file_arrays())
    return whole.getvalue()


def result_of(row: Row) -> Result:
    """Return what a row of a clip that is taken holds."""
    motions, confidence = [], []
    for who in (1, 2):
        with np.load(io.BytesIO(row[f"speaker{who}"]), allow_pickle=False) as arrays:
            motions.append(
                Motion.from_arrays(
                    arrays["exp"], jaw=arrays["pose"][:, 3:], head=arrays["pose"][:, :3],
                    eyes=arrays["eyes"].reshape(-1, 2, 3), translation=arrays["translation"],
                    fps=float(arrays["fps"]), basis="arkit",
                )
            )  # fmt: skip
            confidence.append(arrays["confidence"].astype(np.float32))
    sound, _ = soundfile.read(io.BytesIO(row["sound"]), dtype="float32")
    with np.load(io.BytesIO(row["turns"]), allow_pickle=False) as arrays:
        turns = Turns(arrays["probability"])
    staging = json.loads(row["staging"])
    return Result((motions[0], motions[1]), np.stack(confidence), sound, turns, staging)


def write_files(row: Row, folder: Path, is_dataset: bool = False) -> None:
    """Write a clip that is taken as files.

    Args:
        row: of `row_of`.
        folder: a new folder of the clip's name is made in it; in the data set's layout all files
            are beside each other.
        is_dataset: use the layout of the DualTalk data set: NAME_speaker1.npz with a track of its
            own, NAME_speaker1.wav.
    """
    name = row["clip_id"]
    result = result_of(row)
    place = folder if is_dataset else folder / name
    place.mkdir(parents=True, exist_ok=True)
    begin = f"{name}_" if is_dataset else ""
    for who, track in enumerate(result.tracks(), start=1):
        with atomic(place / f"{begin}speaker{who}.npz") as temporary:
            temporary.write_bytes(row[f"speaker{who}"])
        with atomic(place / f"{begin}speaker{who}.wav") as temporary:
            soundfile.write(temporary, track, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    if is_dataset:
        return
    for file, data in (
        ("mix.flac", row["sound"]), ("turns.npz", row["turns"]),
        ("staging.json", row["staging"].encode()),
    ):  # fmt: skip
        with atomic(place / file) as temporary:
            temporary.write_bytes(data)
