"""Choose from which probability on both speak: `python -m training.turns.choose`.

The least error rate on the real meetings that are not held out (`training/held_out.py`), among
those that cost mixtures of readers who are trained on no more than a point: in meetings people
speak over each other far from the microphone, where the network is less sure. Two people are told
to be there. The choice is written into `inference/turn_taking/alternation.py` by hand.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation.turns import Turns
from dualtalk.core.progress import silent
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.speaker.voices import VoiceNetwork
from dualtalk.inference.turn_taking import alternation, people
from dualtalk.inference.turn_taking.voice_features import features_of
from dualtalk.training import held_out
from dualtalk.training.turns import conversations, evaluate, mixtures
from dualtalk.training.turns.conversations import Recording
from numpy.typing import NDArray

BOTH_FROM = (0.3, 0.4, 0.5, 0.6, 0.7)
#: Points of the error rate that mixtures may be worse than at their best.
_COST = 1.0


def error_rates(network: VoiceNetwork, recording: Recording) -> list[float]:
    """Return the diarization error rate by each of `BOTH_FROM`."""
    with torch.inference_mode():
        features = features_of(network, recording.sound, silent)
    spread = network.space.spread.numpy().astype(np.float64)
    likely = alternation.speech(features, recording.sound)
    pair = people.told_apart(features.long, spread, 2)
    rates = []
    for both_from in BOTH_FROM:
        found = Turns(alternation.alternated(features, pair, likely, both_from)).active
        truth, best = evaluate.aligned(found, recording.active)
        rates.append(evaluate.error_rate(best, truth))
    return rates


def meetings(shared: Path) -> list[Recording]:
    """Return the stretches of real meetings that are not held out."""
    found = conversations.stretches(shared)
    return [one for one in found if not one.name.startswith(held_out.CONVERSATIONS)]


def mixed(speech: Path, number: int, seed: int = 7) -> list[Recording]:
    """Return this many mixtures of two readers who are trained on."""
    readers = mixtures.real_people(speech, kept_apart=False)
    generator = np.random.default_rng(seed)
    return [evaluate.mixture(readers, generator) for _ in range(number)]


def main() -> None:
    """Print the error rates and the choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--mixtures", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = checkpoints.bundled_path(VoiceNetwork)
    network = checkpoints.load(path, VoiceNetwork).network
    rows = {
        "meetings": meetings(options.shared),
        "mixtures": mixed(options.shared / "speech", options.mixtures),
    }
    means: dict[str, NDArray[np.float64]] = {}
    print("both speak from  " + "".join(f"{each:8}" for each in BOTH_FROM))
    for name, recordings in rows.items():
        rates = [error_rates(network, recording) for recording in recordings]
        means[name] = 100 * np.mean(rates, axis=0)
        print(f"{name}: DER, %  " + "".join(f"{rate:8.1f}" for rate in means[name]))
    is_cheap = means["mixtures"] <= means["mixtures"].min() + _COST
    print(f"Chosen: {BOTH_FROM[int(np.where(is_cheap, means['meetings'], np.inf).argmin())]}")


if __name__ == "__main__":
    main()
