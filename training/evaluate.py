"""Measure the bundled checkpoint on real people: `python -m training.evaluate`.

Writes docs/quality.md and its pictures, and the numbers to docs/quality.json.
"""

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.core import turns
from dualtalk.core.dialogue import Dialogue
from dualtalk.core.motion import Motion
from dualtalk.inference import checkpoints, metrics, retarget
from dualtalk.inference.finishing import finished
from dualtalk.inference.predict import PredictOptions, predict_both
from dualtalk.training import conditions, fit_retarget, measure, report
from dualtalk.training.synthesis.phones import Utterance

Numbers = dict[str, Any]
N_SEEDS = 5


class Evaluation:
    """One checkpoint and everything that is measured of it."""

    def __init__(self, checkpoint: checkpoints.Checkpoint, shared: Path) -> None:
        self.checkpoint, self.shared = checkpoint, shared

    def predict(self, dialogue: Dialogue, seed: int = 0) -> tuple[Motion, Motion]:
        """Return both heads."""
        return predict_both(dialogue, self.checkpoint, PredictOptions(seed=seed, device="cpu"))

    def spoken(self, utterance: Utterance) -> Motion:
        """Return the motion of someone who says an utterance to a silent partner."""
        return self.predict(measure.alone(utterance.sound))[0]

    def clip(self) -> tuple[Numbers, dict[str, np.ndarray]]:
        """Compare jaws on the real conversation with its rivals, and give the curves."""
        clip = conditions.real_clip(self.shared)
        n = len(clip.jaw)
        active = turns.speaking(clip.dialogue.tracks)[0][:n]
        began = time.process_time()
        motions = self.predict(clip.dialogue)
        seconds = time.process_time() - began
        track = clip.dialogue.tracks[0]
        rms = measure.rms_envelope(track, n)
        rivals = {
            "DualTalk, bundled": motions[0].jaw[:, 0],
            "RMS envelope": rms,
            "RMS envelope in dB": np.log(rms + 1e-4),
            "ridge on log-mels inside the clip": measure.ridge_inside(track, clip.jaw, active),
        }
        lags = {k: measure.lagged_correlations(v, clip.jaw, active) for k, v in rivals.items()}
        numbers = {
            "jaw": {k: {"zero": v[0], "best": max(v.values())} for k, v in lags.items()},
            "best_lag_frames": max(lags["DualTalk, bundled"], key=lags["DualTalk, bundled"].get),
            "times_real_time": clip.dialogue.duration_s / seconds,
        }
        curves = {"truth": clip.jaw, "ours": motions[0].jaw[:n, 0], "active": active}
        return numbers, curves

    def flame(self) -> Numbers:
        """Cross-validate the bridge to FLAME, and give the paper's metrics of the clip with it."""
        arkit, flame = fit_retarget.paired(self.shared, self.checkpoint)
        clip = conditions.real_clip(self.shared)
        own = turns.speaking(clip.dialogue.tracks)[0]
        truth = fit_retarget.tracked_from_rest(self.shared, own)
        bridge = retarget.Bridge(
            fit_retarget.fitted(arkit, flame), fit_retarget.fitted(flame, arkit)
        )
        ours = retarget.retargeted(self.predict(clip.dialogue)[0], "flame", bridge)
        scores = metrics.evaluate(ours, truth)
        return {
            "to_flame": asdict(fit_retarget.cross_validated(arkit, flame)),
            "to_arkit": asdict(fit_retarget.cross_validated(flame, arkit)),
            "paper": [{"metric": s.metric, "part": s.part, "scaled": s.scaled} for s in scores],
        }

    def lips(self, utterances: list[Utterance]) -> Numbers:
        """Measure lips under every condition of the sound."""
        result = {}
        for name, spoil in conditions.spoilers().items():
            heard = [replace(u, sound=spoil(u.sound)) for u in utterances]
            result[name] = asdict(measure.lips_of([self.spoken(u) for u in heard], utterances))
        return result

    def timing(self, utterances: list[Utterance]) -> Numbers:
        """Measure how far lips lag behind exact labels, milliseconds."""
        return measure.timing([self.spoken(u) for u in utterances], utterances)

    def dialogue(self, dialogue: Dialogue) -> list[Numbers]:
        """Measure both people of a conversation, on average over the seeds."""
        active = turns.speaking(dialogue.tracks)
        heads = [self.predict(dialogue, seed) for seed in range(N_SEEDS)]
        result = []
        for i in (0, 1):
            each = [measure.behaviour_of(pair[i], active[i], active[1 - i]) for pair in heads]
            result.append({key: float(np.mean([one[key] for one in each])) for key in each[0]})
        return result

    def tracked(self) -> Numbers:
        """Measure the tracked head of the clip's first person, smoothed as ours is."""
        active = turns.speaking(conditions.real_clip(self.shared).dialogue.tracks)
        real = finished(fit_retarget.tracked_from_rest(self.shared, active[0]))
        n = real.n_frames
        return measure.head_of(real, active[0][:n], active[1][:n]) | {
            "listening_s": float((active[1] & ~active[0]).sum() / real.fps)
        }

    def diversity(self, dialogue: Dialogue) -> Numbers:
        """Compare seeds: articulation must not differ, listening must."""
        active = turns.speaking(dialogue.tracks)
        own, listening = active[0], active[1] & ~active[0]
        motions = [self.predict(dialogue, seed)[0] for seed in range(N_SEEDS)]
        return measure.diversity(motions, own, listening)


def evaluate(checkpoint: checkpoints.Checkpoint, shared: Path) -> tuple[Numbers, dict[str, Any]]:
    """Return all numbers, and the curves for the pictures."""
    run = Evaluation(checkpoint, shared)
    aligned, unseen = conditions.aligned_reading(shared), conditions.unseen_synthetic()
    clip_numbers, clip_curves = run.clip()
    clip = conditions.real_clip(shared).dialogue
    readers = conditions.real_turns(shared)
    numbers = {
        "clip": clip_numbers,
        "flame": run.flame(),
        "reading": run.lips(aligned),
        "synthetic": asdict(measure.lips_of([run.spoken(u) for u in unseen], unseen)),
        "timing": run.timing(unseen),
        "conversation": run.dialogue(clip),
        "tracked": run.tracked(),
        "readers": run.dialogue(readers),
        "diversity": run.diversity(readers),
    }
    return numbers, {"clip": clip_curves, "reading": (aligned[0], run.spoken(aligned[0]))}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=checkpoints.bundled_path())
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("docs"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint = checkpoints.load(arguments.checkpoint)
    numbers, curves = evaluate(checkpoint, arguments.shared)
    (arguments.output / "quality.json").write_text(json.dumps(numbers, indent=1) + "\n")
    report.write(numbers, curves, arguments.output)
    if arguments.checkpoint == checkpoints.bundled_path():
        n_parameters = sum(p.numel() for p in checkpoint.network.parameters())
        card = report.card(numbers, n_parameters, checkpoint.card.get("seed", "unknown"))
        arguments.checkpoint.with_suffix(".md").write_text(card)
    print(f"Wrote {arguments.output / 'quality.md'}")


if __name__ == "__main__":
    main()
