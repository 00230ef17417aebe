"""Measure the bundled checkpoint on real people.

`python -m training.two_track.evaluation.evaluate`

Writes docs/quality.md and its pictures, and the numbers to docs/quality.json.
"""

import argparse
import hashlib
import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.core.conversation import turns
from dualtalk.core.conversation.dialogue import Dialogue, n_frames_of
from dualtalk.core.errors import InputError
from dualtalk.core.motion import Motion
from dualtalk.evaluation import intervals, metrics
from dualtalk.inference import checkpoints
from dualtalk.inference.postprocess import retarget
from dualtalk.inference.postprocess.motion import postprocessed
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.inference.weights import pretrained
from dualtalk.training.speech.phones import Utterance
from dualtalk.training.two_track import fit_retarget
from dualtalk.training.two_track.evaluation import (
    articulation,
    card,
    conditions,
    measure,
    mouths,
    report,
)

Numbers = dict[str, Any]
N_SEEDS = 5


class Evaluation:
    """One checkpoint and everything that is measured of it."""

    def __init__(self, checkpoint: checkpoints.Checkpoint, shared: Path) -> None:
        self.checkpoint, self.shared = checkpoint, shared
        self._known: dict[tuple[str, int], tuple[Motion, Motion]] = {}

    def predict(self, dialogue: Dialogue, seed: int = 0) -> tuple[Motion, Motion]:
        """Return both heads; several measures ask for the same ones, which are made once."""
        key = (hashlib.sha256(dialogue.tracks.tobytes()).hexdigest(), seed)
        if key not in self._known:
            options = PredictOptions(seed=seed, device="cpu")
            self._known[key] = predict_both(dialogue, self.checkpoint, options)
        return self._known[key]

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
        options = PredictOptions(device="cpu", raw=True)
        raw, _ = predict_both(clip.dialogue, self.checkpoint, options)
        track = clip.dialogue.tracks[0]
        rms = measure.rms_envelope(track, n)
        rivals = {
            report.RAW: raw.jaw[:, 0],
            report.FINISHED: motions[0].jaw[:, 0],
            "RMS envelope": rms,
            "RMS envelope in dB": np.log(rms + 1e-4),
            "ridge on log-mels inside the clip": measure.ridge_inside(track, clip.jaw, active),
        }
        lags = measure.lagged_correlations(raw.jaw[:, 0], clip.jaw, active)
        numbers = {
            "jaw": {
                name: dict(
                    zip(
                        ("zero", "best"),
                        measure.jaw_intervals(curve, clip.jaw, active),
                        strict=True,
                    )
                )
                for name, curve in rivals.items()
            },
            "without_posture": mouths.followed(raw.jaw[:, 0], clip.jaw, active),
            "best_lag_frames": max(lags, key=lambda lag: lags[lag]),
            "times_real_time": clip.dialogue.duration_s / seconds,
        }
        curves = {"truth": clip.jaw, "ours": motions[0].jaw[:n, 0], "active": active}
        return numbers, curves

    def flame(self) -> Numbers:
        """Cross-validate the bridge to FLAME, and give the paper's metrics of the clip with it."""
        pairs = fit_retarget.paired(self.shared, self.checkpoint)
        to_flame, to_arkit = pairs.cross_validated()
        clip = conditions.real_clip(self.shared)
        own = turns.speaking(clip.dialogue.tracks)[0]
        truth = fit_retarget.tracked_from_rest(self.shared, own)
        ours = retarget.retargeted(self.predict(clip.dialogue)[0], "flame", pairs.bridge())
        scores = metrics.evaluate(ours, truth)
        return {
            "to_flame": to_flame,
            "to_arkit": to_arkit,
            "paper": [{"metric": s.metric, "part": s.part, "scaled": s.scaled} for s in scores],
        }

    def closing(self, utterance: Utterance) -> np.ndarray:
        """Return how likely the voice closes the lips, (n_frames,), as the network predicts."""
        network = self.checkpoint.network
        sound = network.prepare(torch.from_numpy(utterance.sound))[None]
        _, cues = network.joint_encoder.features_and_cues(sound, n_frames_of(sound.shape[1]))
        if cues is None:
            raise InputError("This checkpoint does not tell when lips close: measure another one.")
        return cues[0, :, 0].numpy()

    def lips(self, heard: list[Utterance], said: list[Utterance]) -> Numbers:
        """Measure lips that hear some utterances against what is said in them."""
        auc, f1 = articulation.heard_closures([self.closing(u) for u in heard], said)
        return {
            "heard_auc": auc,
            "heard_f1": f1,
            **vars(articulation.lips_of([self.spoken(u) for u in heard], said)),
        }

    def spoiled_lips(self, utterances: list[Utterance]) -> Numbers:
        """Measure lips under every condition of the sound."""
        return {
            name: self.lips([replace(u, sound=spoil(u.sound)) for u in utterances], utterances)
            for name, spoil in conditions.spoilers().items()
        }

    def mouths(self, seen: list[mouths.Mouth]) -> Numbers:
        """Compare jaws with filmed ones, and the level of the sound with the same."""
        ours, levels = [], []
        for mouth in seen:
            motion = self.predict(measure.alone(mouth.sound))[0]
            ours.append((mouth.person, mouths.followed(motion.jaw[:, 0], mouth.jaw)))
            levels.append((mouth.person, mouths.followed(mouths.level_db(mouth), mouth.jaw)))
        scores = {"ours": mouths.by_person(ours), "level": mouths.by_person(levels)}
        kept = {
            name: intervals.mean(np.array(list(r.values())), block=1) for name, r in scores.items()
        }
        return {**kept, "n_people": len(scores["ours"])}

    def robustness(self, clip: conditions.Clip) -> Numbers:
        """Measure the real clip under every condition of the sound: jaw, roles, silence."""
        active = turns.speaking(clip.dialogue.tracks)
        result = {}
        for name, spoil in conditions.spoilers().items():
            heard = Dialogue(np.stack([spoil(track) for track in clip.dialogue.tracks]))
            heads = self.predict(heard)
            silent = [measure.away_from_speech(own) for own in active]
            result[name] = {
                "jaw": measure.jaw_intervals(heads[0].jaw[:, 0], clip.jaw, active[0])[1],
                "role_energy_ratio": [
                    measure.role_energy_ratio(heads[i], active[i], active[1 - i]) for i in (0, 1)
                ],
                "silence_closed_share": [
                    measure.silence_closed_share(heads[i], silent[i]) for i in (0, 1)
                ],
            }
        return result

    def timing(self, utterances: list[Utterance]) -> Numbers:
        """Measure how far lips lag behind exact labels, milliseconds."""
        return articulation.timing([self.spoken(u) for u in utterances], utterances)

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
        real = postprocessed(fit_retarget.tracked_from_rest(self.shared, active[0]))
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
    clip = conditions.real_clip(shared)
    readers, held_out = conditions.real_turns(shared), conditions.readers(shared)
    numbers = {
        "clip": clip_numbers,
        "flame": run.flame(),
        "reading": run.spoiled_lips(aligned),
        "synthetic": run.lips(unseen, unseen),
        "timing": run.timing(unseen),
        "held_out": run.lips(held_out, held_out),
        "mouths": {
            "grid": run.mouths(mouths.grid(shared)),
            "facegood": run.mouths(mouths.facegood(shared)),
        },
        "robustness": run.robustness(clip),
        "conversation": run.dialogue(clip.dialogue),
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
    text = json.dumps(numbers, indent=1, default=asdict)  # intervals
    (arguments.output / "quality.json").write_text(text + "\n")
    report.write(numbers, curves, arguments.output)
    if arguments.checkpoint == checkpoints.bundled_path():
        own = pretrained.without(checkpoint.network.state_dict(), checkpoint.network)
        n_parameters = sum(value.numel() for value in own.values())
        made = card.text(numbers, n_parameters, checkpoint.card)
        arguments.checkpoint.with_suffix(".md").write_text(made)
    print(f"Wrote {arguments.output / 'quality.md'}")


if __name__ == "__main__":
    main()
