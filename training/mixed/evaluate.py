"""Measure the network of one mixed track: `python -m training.mixed.evaluate`.

Writes the numbers to docs/mixed.json and the tables into docs/mixed.md between its marks. Ablations
are measured if their checkpoints are in the cache (`training/mixed/configs/ablation-*.toml`);
otherwise their rows stay as they were measured last.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.core.conversation import turns
from dualtalk.core.conversation.dialogue import Dialogue
from dualtalk.core.motion import Motion
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.evaluation import intervals
from dualtalk.inference import checkpoints
from dualtalk.inference.mixed.gaze import with_fixations
from dualtalk.inference.mixed.predict import MixedOptions, predict_mixed, sampled
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.inference.networks.shared_space import Places
from dualtalk.inference.postprocess.motion import motion_of, postprocessed, values_of
from dualtalk.inference.turn_taking.finding import find_turns
from dualtalk.inference.two_track.predict import PredictOptions, predict_both
from dualtalk.training.mixed import data, report, scores
from dualtalk.training.mixed.config import DataSet
from dualtalk.training.mixed.data import Scenes
from dualtalk.training.speech.make import default_cache
from dualtalk.training.two_track.data import load_sources
from dualtalk.training.two_track.evaluation import conditions, measure
from numpy.typing import NDArray

Numbers = dict[str, Any]
Mask = NDArray[np.float32]

N_SEEDS = 4
N_HELD_OUT, N_CHOOSING = 40, 20
ABLATIONS = ("short", "no-roles", "no-roles-no-mask", "no-cross-attention", "no-gaze-loss")
_STEPS = (4, 8, 16)


def matched(found: Mask, exact: NDArray[np.bool_]) -> Mask:
    """Return found turns (2, T) in the order of the exact ones: who is A is not known."""
    n = min(found.shape[1], exact.shape[1])
    agree = [((f[:, :n] > 0.5) == exact[:, :n]).mean() for f in (found, found[::-1])]
    return np.ascontiguousarray(found if agree[0] >= agree[1] else found[::-1])


def of_conversation(network: MixedNetwork, dialogue: Dialogue) -> Numbers:
    """Measure both people of a conversation that is mixed to one track, and of its two tracks."""
    exact = turns.speaking(dialogue.tracks)
    track = dialogue.tracks.sum(axis=0)
    masks = {"exact turns": exact.astype(np.float32)}
    masks["found turns"] = matched(find_turns(track).probability, exact)
    places = Places.of(MixedOptions().staging)
    result: Numbers = {}
    for name, mask in masks.items():
        motions = predict_mixed(track, mask, network)
        angle = scores.gaze_in(motions, places)
        result[name] = _people(motions, angle, exact)
        result[name]["mutual"] = scores.mutual_share(angle)
        right = (mask > 0.5) == exact
        result[name]["decisions_right"] = float(right.mean())
        result[name]["frames_right"] = float(right.all(axis=0).mean())
    two = predict_both(dialogue, checkpoints.load(checkpoints.bundled_path()), _reference())
    result["two tracks"] = {
        "people": [
            measure.behaviour_of(two[i], exact[i], exact[1 - i])
            | {"head_deviation_deg": scores.head_deviation_deg(two[i].head)}
            for i in (0, 1)
        ]
    }
    return result


def _reference() -> PredictOptions:
    return PredictOptions(device="cpu")


def _people(motions: tuple[Motion, Motion], angle: NDArray[Any], exact: NDArray[np.bool_]) -> Any:
    people = [scores.person(motions[i], angle[i], exact[i], exact[1 - i]) for i in (0, 1)]
    return {"people": people}


def lips_of_clip(network: MixedNetwork, shared: Path) -> Numbers:
    """Compare the jaw of the real clip mixed to mono with the two-track network's on it unmixed."""
    clip = conditions.real_clip(shared)
    exact = turns.speaking(clip.dialogue.tracks)
    active = exact[0][: len(clip.jaw)]
    track = clip.dialogue.tracks.sum(axis=0)
    two = predict_both(clip.dialogue, checkpoints.load(checkpoints.bundled_path()), _reference())
    curves = {"two tracks": two[0].jaw[:, 0]}
    for name, mask in (
        ("mixed, exact turns", exact.astype(np.float32)),
        ("mixed, found turns", matched(find_turns(track).probability, exact)),
    ):
        for steps in _STEPS:
            motion = predict_mixed(track, mask, network, MixedOptions(steps=steps))[0]
            curves[f"{name}, {steps} steps"] = motion.jaw[:, 0]
    return compared_jaws(curves, clip.jaw, active)


def compared_jaws(
    curves: dict[str, NDArray[np.float32]],
    truth: NDArray[np.float32],
    active: NDArray[np.bool_],
) -> Numbers:
    """Return each jaw's r and its share of the first one's, both with intervals.

    The same frames are drawn for all, so that a share is of the same moments.
    """
    weights = intervals.drawn(len(truth))
    draws = {
        name: measure.lagged_draws(curve, truth, active, weights).max(axis=1)
        for name, curve in curves.items()
    }
    values = {n: measure.jaw_correlation(curve, truth, active) for n, curve in curves.items()}
    first, *_ = curves
    return {
        name: {
            "r": intervals.around(values[name], draws[name]),
            "share": intervals.around(
                values[name] / values[first], draws[name] / np.maximum(draws[first], 1e-3)
            ),
        }
        for name in curves
    }


def seeds(network: MixedNetwork, dialogue: Dialogue) -> Numbers:
    """Compare seeds: lips should agree while speaking, listening should not, all should be valid.

    The first person is compared; `valid` holds that person's numbers for each seed.
    """
    exact = turns.speaking(dialogue.tracks)
    track, mask = dialogue.tracks.sum(axis=0), exact.astype(np.float32)
    places = Places.of(MixedOptions().staging)
    both = [predict_mixed(track, mask, network, MixedOptions(seed=s)) for s in range(N_SEEDS)]
    valid = []
    for motions in both:
        angle = scores.gaze_in(motions, places)
        numbers = scores.person(motions[0], angle[0], exact[0], exact[1])
        valid.append(numbers | {"mutual": scores.mutual_share(angle)})
    alike = measure.diversity([first for first, _ in both], exact[0], exact[1] & ~exact[0])
    return {"alike": alike, "valid": valid}


def held_out(cache: Path, network: MixedNetwork) -> Scenes:
    """Return scenes of voices that nothing learned from, as the network's encoder has them."""
    return _scenes(cache, network, "real_held_out", N_HELD_OUT)


def for_choosing(cache: Path, network: MixedNetwork) -> Scenes:
    """Return scenes of voices that are neither learned from nor reported."""
    return _scenes(cache, network, "real_choosing", N_CHOOSING)


def _scenes(cache: Path, network: MixedNetwork, source: str, count: int) -> Scenes:
    """Make scenes, or read them if this encoder has encoded this speech, labelled so, before."""
    digest = hashlib.sha256()
    for weights in network.audio_encoder.state_dict().values():
        digest.update(weights.numpy().tobytes())
    for voices in load_sources(cache, (source,)):
        digest.update(voices.labels_digest.encode())
    path = cache / f"mixed-{source}-{count}-{digest.hexdigest()[:8]}.npz"
    if not path.is_file():
        what = DataSet(source, (source,), (1.0,), count, 77)
        data.made(data.Dialogues(what, cache, network.audio_encoder)).save(path)
    return Scenes.load(path)


def of_scenes(
    network: MixedNetwork, scenes: Scenes, guidance: float = 1.0, is_finished: bool = False
) -> Numbers:
    """Measure a network on held-out scenes against their truth."""
    places = truth_of(scenes).places
    made = [sampled_scene(network, scenes, index, guidance) for index in range(len(scenes))]
    if is_finished:
        made = [_finished(values, place) for values, place in zip(made, places, strict=True)]
    return scores.scores_of(as_set(np.stack(made), scenes), truth_of(scenes))


@torch.inference_mode()
def sampled_scene(
    network: MixedNetwork, scenes: Scenes, index: int, guidance: float = 1.0
) -> NDArray[np.float32]:
    """Return what a network samples for one scene, (2, T, 55); the number is the seed."""
    features, speaking, place = (
        torch.from_numpy(x[index].astype(np.float32))
        for x in (scenes.features, scenes.speaking, scenes.conditions)
    )
    options = MixedOptions(seed=index, guidance=guidance)
    return sampled(features, speaking, place, network, options)


def _finished(values: NDArray[np.float32], places: Places) -> NDArray[np.float32]:
    """Finish sampled motion (2, T, 55) as prediction does."""
    first, second = (postprocessed(motion_of(row, "arkit", len(ARKIT_SHAPES))) for row in values)
    return np.stack([values_of(motion) for motion in with_fixations((first, second), places)])


def as_set(motion: NDArray[np.float32], scenes: Scenes) -> scores.Set:
    """Return motion with the turns and places of its scenes."""
    places = [
        Places(scenes.partner_m[i].astype(np.float64), scenes.turn[i].astype(np.float64))
        for i in range(len(scenes))
    ]
    return scores.Set(motion, scenes.speaking > 0.5, places)


def truth_of(scenes: Scenes) -> scores.Set:
    """Return the motion that the scenes hold."""
    return as_set(scenes.motion.astype(np.float32), scenes)


def footprint(seconds: int, steps: int) -> Numbers:
    """Measure speed and memory in a process of its own."""
    command = [sys.executable, "-m", "dualtalk.training.mixed.footprint", str(seconds), str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: Numbers = json.loads(done.stdout)
    return measured


@dataclass(frozen=True)
class Measured:
    """What is measured, and where what it needs lies."""

    network: MixedNetwork
    path: Path  #: of the network
    shared: Path
    cache: Path

    def lips(self) -> Numbers:
        """Measure the jaw of the real clip."""
        return {"lips": lips_of_clip(self.network, self.shared)}

    def people(self) -> Numbers:
        """Measure both people of two conversations, and whether seeds differ where they should."""
        readers = conditions.real_turns(self.shared)
        return {
            "clip": of_conversation(self.network, conditions.real_clip(self.shared).dialogue),
            "readers": of_conversation(self.network, readers),
            "seeds": seeds(self.network, readers),
        }

    def scenes(self) -> Numbers:
        """Measure the network and those ablations that are in the cache on held-out scenes."""
        scenes = held_out(self.cache, self.network)
        truth = truth_of(scenes)
        table = {
            "truth": scores.scores_of(truth, truth),
            "bundled": of_scenes(self.network, scenes),
            "finished": of_scenes(self.network, scenes, is_finished=True),
        }
        for name in ABLATIONS:
            found = self.cache / f"{name}-mixed.safetensors"
            if found.is_file():
                table[name] = of_scenes(checkpoints.load(found, MixedNetwork).network, scenes)
        guidance = {str(g): of_scenes(self.network, scenes, g) for g in (1.5, 2.5)}
        return {"scenes": table, "guidance": guidance}

    def cost(self) -> Numbers:
        """Measure speed, memory and size."""
        return {
            "footprint": {str(s): footprint(s, 8) for s in (30, 600)},
            "steps": {str(n): footprint(60, n) for n in _STEPS},
            "megabytes": self.path.stat().st_size / 1e6,
            "parameters": sum(p.numel() for p in self.network.unet.parameters()),
        }


PARTS: dict[str, Callable[[Measured], Numbers]] = {
    "lips": Measured.lips,
    "people": Measured.people,
    "scenes": Measured.scenes,
    "cost": Measured.cost,
}


def updated(before: Numbers, now: Numbers) -> Numbers:
    """Return the numbers that were written last with what is measured now put in their place.

    Rows of ablations that could not be measured stay; `kept` names the rows that do.
    """
    numbers = before | now
    numbers["scenes"] = before.get("scenes", {}) | now.get("scenes", {})
    rows = list(numbers["scenes"])
    if measured := now.get("scenes"):
        numbers["kept"] = [name for name in rows if name not in measured]
    else:
        numbers["kept"] = before.get("kept", rows)
    return numbers


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=checkpoints.bundled_path(MixedNetwork))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--output", type=Path, default=Path("docs"))
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=list(PARTS), help="the rest stays as written"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    written = arguments.output / "mixed.json"
    before = json.loads(written.read_text()) if written.is_file() else {}
    run = Measured(
        checkpoints.load(arguments.checkpoint, MixedNetwork).network,
        arguments.checkpoint,
        arguments.shared,
        arguments.cache,
    )
    now: Numbers = {}
    for part in arguments.parts:
        now |= PARTS[part](run)
    numbers = updated(before, now)
    text = json.dumps(numbers, indent=1, default=asdict)  # intervals
    written.write_text(text + "\n")
    report.write(json.loads(text), arguments.output / "mixed.md")
    print(f"Wrote {arguments.output / 'mixed.md'}")


if __name__ == "__main__":
    main()
