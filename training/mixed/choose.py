"""Choose how near a look must be to be at the face: `python -m training.mixed.choose`.

On made-up scenes of the readers who are neither trained on nor reported (`training/held_out.py`):
looks are at the face as long as in the truth. The choice is written into `inference/mixed/gaze.py`
by hand.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.inference import checkpoints
from dualtalk.inference.mixed.gaze import with_fixations
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.inference.postprocess.motion import motion_of, postprocessed
from dualtalk.training.mixed import evaluate, scores
from dualtalk.training.mixed.data import Scenes
from dualtalk.training.speech.make import default_cache

LIMITS_DEG = (4.5, 4.75, 5.0, 5.25, 5.5, 5.75, 6.0, 6.5)


def shares(network: MixedNetwork, scenes: Scenes) -> tuple[float, dict[float, float]]:
    """Return how often the truth looks at the face, and how often each limit makes it so."""
    truth = evaluate.truth_of(scenes)
    sampled = [evaluate.sampled_scene(network, scenes, i) for i in range(len(scenes))]
    found = {}
    for limit in LIMITS_DEG:
        each = []
        for values, places in zip(sampled, truth.places, strict=True):
            first, second = (
                postprocessed(motion_of(row, "arkit", len(ARKIT_SHAPES))) for row in values
            )
            motions = with_fixations((first, second), places, float(np.radians(limit)))
            each.append((scores.gaze_in(motions, places) < scores.AT_FACE_RAD).mean())
        found[limit] = float(np.mean(each))
    return float((scores.gaze_of(truth) < scores.AT_FACE_RAD).mean()), found


def main() -> None:
    """Print each limit's share and the choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=checkpoints.bundled_path(MixedNetwork))
    parser.add_argument("--cache", type=Path, default=default_cache())
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network = checkpoints.load(arguments.checkpoint, MixedNetwork).network
    scenes = evaluate.for_choosing(arguments.cache, network)
    wanted, found = shares(network, scenes)
    for limit, share in found.items():
        print(f"  {limit} degrees: {share:.3f} at the face, truth {wanted:.3f}")
    print(f"Chosen: {min(found, key=lambda limit: abs(found[limit] - wanted))} degrees")


if __name__ == "__main__":
    main()
