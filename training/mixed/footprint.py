"""Print speed and memory of the network of one mixed track: `... footprint SECONDS STEPS`."""

import json
import resource
import sys
import time

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.inference import checkpoints
from dualtalk.inference.mixed.predict import MixedOptions, predict_mixed
from dualtalk.inference.networks.mixed import MixedNetwork

_MEGA = 1024.0  # ru_maxrss is in KiB


def main() -> None:
    """Sample both heads of noise that comes and goes; the sound's content changes no cost."""
    seconds, steps = int(sys.argv[1]), int(sys.argv[2])
    network = checkpoints.load(checkpoints.bundled_path(MixedNetwork), MixedNetwork).network
    generator = np.random.default_rng(0)
    track = 0.05 * generator.standard_normal(seconds * SAMPLE_RATE).astype(np.float32)
    mask = (generator.random((2, seconds * 25)) > 0.5).astype(np.float32)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGA
    wall, cpu = time.monotonic(), time.process_time()
    predict_mixed(track, mask, network, MixedOptions(steps=steps))
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGA
    print(
        json.dumps(
            {
                "times_real_time": seconds / wall,
                "times_real_time_cpu": seconds / cpu,
                "loaded_mb": before,
                "peak_mb": peak,
                "sound_mb": track.nbytes / 1e6,
            }
        )
    )


if __name__ == "__main__":
    main()
