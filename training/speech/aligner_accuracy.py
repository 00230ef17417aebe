"""How far pocketsphinx's labels can be trusted: `python -m training.speech.aligner_accuracy`.

It aligns sentences of espeak-ng, whose times are exact, as it aligns the recordings of people that
the networks learn from and are measured on. Machines' voices are strange to it: people it should
align no worse.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from dualtalk.core.conversation.dialogue import SAMPLE_RATE
from dualtalk.training.speech import espeak, recogniser
from dualtalk.training.speech.phones import BILABIALS, PHONE_INDEX, Utterance
from dualtalk.training.speech.sentences import sentence

_VOICES = tuple(f"en-us+{name}" for name in ("m1", "f2", "m3", "f4", "m7", "f1"))
_FPS = 100
_CLOSED = [PHONE_INDEX[phone] for phone in BILABIALS]


@dataclass(frozen=True)
class Accuracy:
    """How alike two labels of the same sound are."""

    frames_right: float  #: share of the frames of 10 ms that have the right phone
    closures_f1: float  #: harmonic mean of precision and recall of frames of p, b, m


def accuracy(truth: Utterance, found: Utterance) -> Accuracy:
    """Compare labels with exact ones."""
    n_frames = len(truth.sound) * _FPS // SAMPLE_RATE
    exact, ours = (one.at_rate(_FPS, n_frames) for one in (truth, found))
    closed = [np.isin(one, _CLOSED) for one in (exact, ours)]
    n_closed = sum(int(one.sum()) for one in closed)
    both = int((closed[0] & closed[1]).sum())
    return Accuracy(float((exact == ours).mean()), 2 * both / max(n_closed, 1))


def main() -> None:
    """Align sentences and print the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=24)
    parser.add_argument("--seed", type=int, default=3)
    arguments = parser.parse_args()
    generator, voice = np.random.default_rng(arguments.seed), espeak.Espeak()
    rows = []
    for index in range(arguments.sentences):
        text = f"{sentence(generator)} {sentence(generator)}"
        truth = voice.speak(text, _VOICES[index % len(_VOICES)], 150, 50, 50)
        found = recogniser.align(truth.sound, recogniser.plain_words(text), truth.voice)
        if found is not None:
            rows.append(accuracy(truth, found))
    right = np.mean([row.frames_right for row in rows])
    closures = np.mean([row.closures_f1 for row in rows])
    print(f"{len(rows)} of {arguments.sentences} aligned: {right:.1%} of the frames have their")
    print(f"phone; F1 of the frames of p, b, m {closures:.2f}.")


if __name__ == "__main__":
    main()
