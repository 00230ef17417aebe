"""Compare checkpoints on people who are neither trained on nor reported, to choose one of them.

`python -m training.two_track.compare A.safetensors B.safetensors`

The sixteen readers of `training/held_out.py`, clean and in noise, an accent of espeak-ng that
neither training nor the report has, and both people of a conversation that those readers read.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation import turns
from dualtalk.evaluation.intervals import Interval
from dualtalk.inference import checkpoints
from dualtalk.training import held_out, markdown
from dualtalk.training.speech.phones import Utterance
from dualtalk.training.two_track.evaluation import conditions, measure
from dualtalk.training.two_track.evaluation.evaluate import Evaluation

_NOISE = "white to brown noise, 10 dB"
_LIPS = {
    "closure heard, AUC": "heard_auc",
    "F1": "heard_f1",
    "jaw r": "jaw",
    "lips, AUC": "auc",
    "lips, F1 fixed": "f1_fixed",
    "P, B, M closed": "closed_share",
}
_ROLES = {
    "energy, listening over speaking": "role_energy_ratio",
    "closed without own speech": "unspoken_closed_share",
    "gaze, listening": "gaze_on_share_listening",
    "gaze, speaking": "gaze_on_share_speaking",
    "blinks": "blinks_per_minute",
    "nods": "nods_per_minute_listening",
}


def sounds(shared: Path) -> dict[str, tuple[list[Utterance], list[Utterance]]]:
    """Return what is spoken to the network, and what is said in it, by name."""
    readers = conditions.readers(shared, held_out.for_choosing)
    spoil = conditions.spoilers()[_NOISE]
    noisy = [replace(u, sound=spoil(u.sound)) for u in readers]
    other = conditions.unseen_synthetic(5, 11, conditions.VOICES_FOR_CHOOSING)
    return {
        "readers": (readers, readers),
        f"readers, {_NOISE}": (noisy, readers),
        "synthetic": (other, other),
    }


def lips_row(run: Evaluation, spoken: list[Utterance], said: list[Utterance]) -> list[str]:
    """Return the cells of one checkpoint and one kind of sound."""
    numbers: dict[str, Interval] = run.lips(spoken, said)
    return [numbers[key].text(3) for key in _LIPS.values()]


def roles_row(run: Evaluation, shared: Path) -> list[str]:
    """Return the cells of one checkpoint in a conversation, mean of both people and three seeds."""
    readers = conditions.real_turns(shared, 16, held_out.for_choosing)
    active = turns.speaking(readers.tracks)
    found = [
        measure.behaviour_of(motion, active[i], active[1 - i])
        for seed in range(3)
        for i, motion in enumerate(run.predict(readers, seed))
    ]
    return [f"{np.mean([one[key] for one in found]):.3f}" for key in _ROLES.values()]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    runs = {
        path.as_posix(): Evaluation(checkpoints.load(path), arguments.shared)
        for path in arguments.checkpoints
    }
    for kind, given in sounds(arguments.shared).items():
        rows = [[name, *lips_row(run, *given)] for name, run in runs.items()]
        print(f"\n{kind}\n\n{markdown.table(['checkpoint', *_LIPS], rows)}", flush=True)
    rows = [[name, *roles_row(run, arguments.shared)] for name, run in runs.items()]
    print(f"\nroles\n\n{markdown.table(['checkpoint', *_ROLES], rows)}")


if __name__ == "__main__":
    main()
