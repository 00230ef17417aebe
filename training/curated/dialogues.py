"""Real dialogues whose motion is known, to be rendered as if they had been filmed.

    python -m training.curated.dialogues --shared ../shared --output build/curated/dialogues

Voices are those of `training.turns.conversations` (AMI corpus, Carletta 2007, CC BY 4.0; a clip of
two tracks) and of readers, of whom the held-out ones speak in held-out pairs alone; pairs of others
are there to choose by. The bundled network of two tracks moves both heads: that is what a network
of one mixed track, which was never shown it, is to come nearer to.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE, Dialogue
from dualtalk.core.conversation.turns import speaking
from dualtalk.curation.evaluation.dialogues import alternated, speakers
from dualtalk.inference import checkpoints
from dualtalk.inference.audio import read_track
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training import held_out
from dualtalk.training.turns.conversations import Recording, stretches
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_LONGEST_S = 12.0
#: Pairs of held-out readers beside the conversations, and of others from such a one on.
_READERS = 4
_OTHERS, _FIRST_OTHER = 6, 40
_SEED = 400


@dataclass(frozen=True)
class Pair:
    """Two people's tracks."""

    name: str  #: begins with `train_`, `heldout_` or `choose_`
    tracks: FloatArray  #: (2, n_samples)


def conversations(shared: Path) -> list[Pair]:
    """Return pieces of real conversations of two, each track silent where the other speaks."""
    pairs = []
    counts = {"train": 0, "heldout": 0}
    for recording in stretches(shared):
        kind = "heldout" if recording.name.startswith(held_out.CONVERSATIONS) else "train"
        for tracks in pieces(recording):
            pairs.append(Pair(f"{kind}_{counts[kind]:02d}", tracks))
            counts[kind] += 1
    return pairs


def pieces(recording: Recording) -> list[FloatArray]:
    """Cut a recording of two into tracks of at most 12 s, in which both speak.

    What is shorter than 8 s is left out.
    """
    active = recording.active
    if len(active) < 2:
        return []
    gate = np.repeat(active[:2].astype(np.float32), FRAME_SAMPLES, axis=1)
    n = min(gate.shape[1], len(recording.sound))
    whole = gate[:, :n] * recording.sound[:n]
    longest = round(_LONGEST_S * SAMPLE_RATE)
    cut = [whole[:, first : first + longest] for first in range(0, n, longest)]
    return [c for c in cut if c.shape[1] >= 8 * SAMPLE_RATE and c.any(axis=1).all()]


def readers(shared: Path) -> list[Pair]:
    """Return pairs of readers who take turns: of held-out ones, and of others to choose by."""
    held, others = (speakers(shared / "speech", is_held_out) for is_held_out in (True, False))
    people = {"heldout": held[: 2 * _READERS], "choose": others[_FIRST_OTHER:][: 2 * _OTHERS]}
    return [
        Pair(
            f"{kind}_readers_{i:02d}",
            alternated([read_track(found[2 * i + w]) for w in (0, 1)]),
        )
        for kind, found in people.items()
        for i in range(len(found) // 2)
    ]


def main() -> None:
    """Write motions and tracks of every pair that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("build/curated/dialogues"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.output.mkdir(parents=True, exist_ok=True)
    checkpoint = checkpoints.load(checkpoints.bundled_path())
    for index, pair in enumerate([*conversations(arguments.shared), *readers(arguments.shared)]):
        name = arguments.output / pair.name
        if Path(f"{name}_speaker2.npz").is_file():
            continue
        motions = predict_both(
            Dialogue(pair.tracks), checkpoint, PredictOptions(seed=_SEED + index)
        )
        for who, motion in enumerate(motions, start=1):
            soundfile.write(f"{name}_speaker{who}.wav", pair.tracks[who - 1], SAMPLE_RATE)
            motion.save(Path(f"{name}_speaker{who}.npz"))
        share = speaking(pair.tracks).mean(axis=1).round(2)
        print(f"{pair.name} {pair.tracks.shape[1] / SAMPLE_RATE:.1f} s, each speaks {share}")


if __name__ == "__main__":
    main()
