"""What is ordinary in a voice: `python -m training.speech.readers.ordinary_voice`.

Prints mean and deviation over readers who may be trained on of each cue of
`inference.postprocess.arousal`, which holds them as `ORDINARY`.
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile
from dualtalk.core.conversation.dialogue import n_frames_of
from dualtalk.inference.postprocess import arousal
from dualtalk.training import held_out
from dualtalk.training.speech import recogniser

NAMES = ("level, dB", "tilt, dB", "spread of pitch, semitones", "syllables per second")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    options = parser.parse_args()
    found = []
    for path in held_out.for_training(recogniser.real_voices(options.speech)):
        sound, _ = soundfile.read(path, dtype="float32")
        values, share = arousal.cues(arousal.voice_of(sound, n_frames_of(len(sound))))
        found.append(values[share > 0.5 * share.max()])
    both = np.concatenate(found)
    for name, mean, deviation in zip(NAMES, both.mean(axis=0), both.std(axis=0), strict=True):
        print(f"{name}: {mean:.1f}, {deviation:.1f}")


if __name__ == "__main__":
    main()
