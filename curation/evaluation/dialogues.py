"""Dialogues whose motion is known, to be rendered: pairs of readers take turns.

    python -m dualtalk.curation.evaluation.dialogues --output build/curation/dialogues

The bundled network moves both heads; `modelling/footage` renders them. Held-out readers
(`training/held_out.py`) speak in what is measured, the others in what the regressor learns from.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from ...core.conversation.dialogue import SAMPLE_RATE, Dialogue
from ...inference import checkpoints
from ...inference.audio import read_track
from ...inference.two_track.predict import PredictOptions, predict_both

FloatArray = NDArray[np.float32]

#: One recording in so many is held out, as in `training.held_out`; both are tested to be equal.
HELD_OUT_EVERY = 8
#: Between the two who speak, seconds.
_PAUSE_S = 0.3
_DURATION_S = 20.0


def speakers(folder: Path, is_held_out: bool) -> list[Path]:
    """Return the recordings of who is held out, or of everybody else, in the order of names."""
    files = sorted(folder.glob("*.flac"))
    return [file for i, file in enumerate(files) if (i % HELD_OUT_EVERY == 0) == is_held_out]


def alternated(sounds: Sequence[FloatArray], duration_s: float = _DURATION_S) -> FloatArray:
    """Return two tracks (2, n_samples): the first speaks, then the second, each once."""
    tracks = np.zeros((2, round(duration_s * SAMPLE_RATE)), np.float32)
    half = tracks.shape[1] // 2
    pause = round(_PAUSE_S * SAMPLE_RATE)
    for who, sound in enumerate(sounds):
        start = who * half
        kept = sound[: half - pause]
        tracks[who, start : start + len(kept)] = kept
    return tracks


def main() -> None:
    """Write motions and tracks of every dialogue that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--output", type=Path, default=Path("build/curation/dialogues"))
    parser.add_argument("--training", type=int, default=16)
    parser.add_argument("--held-out", type=int, default=6)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.output.mkdir(parents=True, exist_ok=True)
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    for kind, count in (("train", arguments.training), ("heldout", arguments.held_out)):
        readers = speakers(arguments.speech, kind == "heldout")
        for index in range(count):
            name = arguments.output / f"{kind}_{index:02d}"
            if Path(f"{name}_speaker2.npz").is_file():
                continue
            tracks = alternated([read_track(readers[2 * index + who]) for who in (0, 1)])
            motions = predict_both(Dialogue(tracks), checkpoint, PredictOptions(seed=index))
            for who, motion in enumerate(motions, start=1):
                soundfile.write(f"{name}_speaker{who}.wav", tracks[who - 1], SAMPLE_RATE)
                motion.save(Path(f"{name}_speaker{who}.npz"))


if __name__ == "__main__":
    main()
