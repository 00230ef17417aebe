"""Choose what is set by hand behind the network: `python -m training.two_track.choose`.

Prints the numbers of each value and the choice, on the sixteen readers who are neither trained on
nor reported (`training/held_out.py`); the choice is written into
`inference/postprocess/thresholds.py` by hand. One value after the other, the rest as chosen so far.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.conversation import turns
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.core.errors import InputError
from dualtalk.core.motion import NETWORK_FPS, Motion
from dualtalk.inference import checkpoints
from dualtalk.inference.checkpoints import Checkpoint
from dualtalk.inference.postprocess.motion import postprocessed
from dualtalk.inference.postprocess.thresholds import Thresholds
from dualtalk.inference.two_track.predict import PredictOptions, predict_with_cues
from dualtalk.training import held_out
from dualtalk.training.speech.phones import PHONE_INDEX, SILENCE
from dualtalk.training.two_track.evaluation import articulation, conditions, measure, people
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

#: Conditions under which lips are compared: what is chosen on clean speech alone fails in noise.
_SOUNDS = ("clean", "white to brown noise, 10 dB")
#: The share of speech that may be taken for silence.
_MOST_MISTAKEN = 0.02
#: The fall of the jaw's r that tells of a rule that acts on speech.
_LEAST_FALL = 0.005
_SEEDS = 3


class Readers:
    """The readers to choose by, and what a network makes of them before any rule."""

    def __init__(self, checkpoint: Checkpoint, shared: Path) -> None:
        said = conditions.readers(shared, held_out.for_choosing)
        spoilers = conditions.spoilers()
        self.said = said * len(_SOUNDS)
        heard = [spoilers[name](u.sound) for name in _SOUNDS for u in said]
        self.spoken = [raw_heads(measure.alone(sound), checkpoint)[0] for sound in heard]
        dialogue = conditions.real_turns(shared, len(said), held_out.for_choosing)
        self.active = turns.speaking(dialogue.tracks)
        self.seeds = [raw_heads(dialogue, checkpoint, seed) for seed in range(_SEEDS)]

    def lips(self, thresholds: Thresholds) -> articulation.Lips:
        """Measure lips that hear the readers, clean and in noise."""
        motions = [postprocessed(motion, cues, thresholds) for motion, cues in self.spoken]
        return articulation.lips_of(motions, self.said)

    def silence(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return the probability of silence and whether there is speech, (n_frames,) each."""
        told = [cues[:, 1] for _, cues in self.spoken]
        rows = zip(self.said, told, strict=True)
        speaks = [u.at_rate(NETWORK_FPS, len(p)) != PHONE_INDEX[SILENCE] for u, p in rows]
        return np.concatenate(told), np.concatenate(speaks)

    def gaze(self, thresholds: Thresholds) -> tuple[float, float]:
        """Return how often eyes are on the partner, listening and speaking, mean over seeds."""
        shares = []
        for heads in self.seeds:
            for i in (0, 1):
                motion = postprocessed(*heads[i], thresholds)
                own, partner = self.active[i], self.active[1 - i]
                listening = measure.gaze_on_share(motion, partner & ~own)
                shares.append((listening, measure.gaze_on_share(motion, own)))
        listening, speaking = np.mean(shares, axis=0)
        return float(listening), float(speaking)


def raw_heads(
    dialogue: Dialogue, checkpoint: Checkpoint, seed: int = 0
) -> list[tuple[Motion, FloatArray]]:
    """Return both heads before any rule, and the lip cues, (n_frames, 3) each."""
    options = PredictOptions(seed=seed, device="cpu", raw=True)
    motions, cues = predict_with_cues(dialogue, checkpoint, options)
    if cues is None:
        raise InputError("This checkpoint tells neither closure nor silence: choose for another.")
    return list(zip(motions, cues, strict=True))


def closures(readers: Readers, chosen: Thresholds) -> Iterator[tuple[Thresholds, float, str]]:
    """Yield limits of closure with their F1 at the fixed threshold."""
    for low in (0.1, 0.2, 0.3):
        for high in (0.5, 0.6, 0.7, 0.8):
            tried = replace(chosen, closure_low=low, closure_high=high)
            lips = readers.lips(tried)
            text = f"F1 {lips.f1_fixed.text(3)}, closed {lips.closed_share.text()}"
            yield tried, lips.f1_fixed.value, text


def silences(readers: Readers, chosen: Thresholds) -> Iterator[tuple[Thresholds, float, str]]:
    """Yield probabilities of silence; the lowest that takes little speech for silence is best."""
    probability, speaks = readers.silence()
    for limit in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        mistaken = float((probability[speaks] >= limit).mean())
        found = float((probability[~speaks] >= limit).mean())
        score = found if mistaken <= _MOST_MISTAKEN else -mistaken
        text = f"{found:.1%} of the pauses found, {mistaken:.1%} of the speech taken for silence"
        yield replace(chosen, silent=limit), score, text


def certainties(readers: Readers, chosen: Thresholds) -> Iterator[tuple[Thresholds, float, str]]:
    """Yield limits of certainty; the highest that does not act on speech is best."""
    without = readers.lips(replace(chosen, certain=0.0)).jaw.value
    for limit in (0.25, 0.5, 0.75):
        tried = replace(chosen, certain=limit)
        jaw = readers.lips(tried).jaw
        acts = jaw.value < without - _LEAST_FALL
        yield tried, -limit if acts else limit, f"jaw r {jaw.text(3)}, without {without:.3f}"


def eye_gains(readers: Readers, chosen: Thresholds) -> Iterator[tuple[Thresholds, float, str]]:
    """Yield gains of the eyes; that with the shares of people is best."""
    middles = [
        0.5 * (one.low + one.high)
        for key in ("gaze_on_share_listening", "gaze_on_share_speaking")
        for one in people.FACE
        if one.key == key
    ]
    for gain in (1.0, 1.05, 1.1, 1.15, 1.2, 1.3):
        tried = replace(chosen, eye_gain=gain)
        shares = readers.gaze(tried)
        off = sum(abs(share - middle) for share, middle in zip(shares, middles, strict=True))
        text = f"at the partner {shares[0]:.2f} listening, {shares[1]:.2f} speaking"
        yield tried, -off, text


Candidates = Callable[[Readers, Thresholds], Iterator[tuple[Thresholds, float, str]]]
STEPS: dict[str, Candidates] = {
    "closure": closures,
    "silence": silences,
    "certainty": certainties,
    "eyes": eye_gains,
}


def best_of(candidates: Iterator[tuple[Thresholds, float, str]]) -> Thresholds:
    """Print what each candidate gives, and return that with the highest score."""
    best: tuple[float, Thresholds] | None = None
    for tried, score, text in candidates:
        print(f"  {tried}: {text}", flush=True)
        if best is None or score > best[0]:
            best = (score, tried)
    if best is None:
        raise InputError("There is nothing to choose from.")
    return best[1]


def main() -> None:
    """Choose each value and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=checkpoints.bundled_path())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    readers = Readers(checkpoints.load(arguments.checkpoint), arguments.shared)
    chosen = Thresholds()
    for name in arguments.steps:
        print(name)
        chosen = best_of(STEPS[name](readers, chosen))
    print(f"Chosen: {chosen}")


if __name__ == "__main__":
    main()
