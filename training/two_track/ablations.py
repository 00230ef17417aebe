"""What each departure from the published network is worth.

`python -m training.two_track.ablations`

Every variant trains from scratch behind the audio encoder of a checkpoint, on the same batches
(configs/ablation.toml), and is measured on the same made-up dialogues of voices that were held out.
The partner's true motion and the noise that made the truth are given, so that a good network can
come close to it. Writes the table into docs/training.md.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.dualtalk import DualTalk, swapped
from dualtalk.training import markdown
from dualtalk.training.common import averaging
from dualtalk.training.speech.make import default_cache
from dualtalk.training.two_track import losses, train
from dualtalk.training.two_track.config import TrainingConfig
from dualtalk.training.two_track.data import Batch, SyntheticDialogues, collate, load_sources
from dualtalk.training.two_track.dialogues import speech_activity
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_CONFIG = Path(__file__).parent / "configs" / "ablation.toml"
#: What is changed in `DualTalkConfig`, by the name that the table shows.
VARIANTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "attention blind to time, as published": {"knows_time": False},
    "last attention without residual, as published": {"residual_interaction": False},
    "no direct path, as published": {"direct_path": False},
    "no noise, as published": {"n_noise": 0},
}
#: What of the audio encoder's config is that of the checkpoint.
_ENCODER = ("hidden_size", "dilations", "n_pretrained_layers")
N_DIALOGUES = 24
_E = len(ARKIT_SHAPES)
_PITCH = _E + 3
_SMILE = ARKIT_INDEX["mouthSmileLeft"]
_BLINK = ARKIT_INDEX["eyeBlinkLeft"]


def trained(overrides: dict[str, Any], given: DualTalk, folder: Path, cache: Path) -> DualTalk:
    """Train one variant behind a given encoder, or go on with it; return the averaged network."""
    base = TrainingConfig.load(_CONFIG)
    audio = {key: getattr(given.config.audio, key) for key in _ENCODER}
    config = replace(base, network=overrides, audio=audio)
    folder.mkdir(parents=True, exist_ok=True)
    run = train.start(config, folder, torch.device("cpu"))
    joint = run.learner.network.joint_encoder
    joint.audio_encoder1.load_state_dict(given.joint_encoder.audio_encoder1.state_dict())
    joint.audio_projection.load_state_dict(given.joint_encoder.audio_projection.state_dict())
    run.average = averaging.copied(run.learner.state_dict())
    train.resume(run)
    sources = load_sources(cache, config.sources)
    while run.stage < len(config.stages):
        train.train_stage(run, SyntheticDialogues(sources, config, run.stage), workers=1)
    return checkpoints.load(folder / f"{config.name}.safetensors").network


def held_out(cache: Path) -> Batch:
    """Return dialogues of held-out readers; rows 2 i and 2 i + 1 are the two of one dialogue."""
    config = TrainingConfig.load(_CONFIG)
    stage = replace(config.stages[0], shares=(1.0,), frames=500)
    config = replace(config, seed=config.seed + 1, stages=(stage,))
    data = SyntheticDialogues(load_sources(cache, ("real_held_out",)), config, 0)
    return collate([data[index] for index in range(N_DIALOGUES)])


@torch.no_grad()
def predicted(network: DualTalk, batch: Batch) -> FloatArray:
    """Return what a network makes of the dialogues, (2 N, T, 52)."""
    rows = []
    for i in range(0, len(batch["audio"]), 2):
        features = network.encode_dialogue(batch["audio"][i : i + 2])
        noise = batch["noise"][i : i + 2] if network.config.n_noise else None
        rows.append(network.decode(features, swapped(batch["motion"][i : i + 2]), noise))
    return torch.cat(rows).numpy()


def scores(motion: FloatArray, batch: Batch) -> dict[str, float]:
    """Compare motions with the truth, over all frames or those in which only the partner speaks."""
    truth = batch["motion"].numpy()
    n = truth.shape[1]
    active = np.stack([speech_activity(p.numpy().repeat(2), n) > 0.5 for p in batch["phones"]])
    partner = active.reshape(-1, 2, n)[:, ::-1].reshape(-1, n)
    listening = partner & ~active

    def r(ours: FloatArray, theirs: FloatArray) -> float:
        return float(np.corrcoef(ours, theirs)[0, 1])

    aperture = [losses.aperture(torch.from_numpy(x)).numpy()[active] for x in (motion, truth)]
    pitch = [np.gradient(x[..., _PITCH], axis=1)[listening] for x in (motion, truth)]
    return {
        "lips": r(*aperture),
        "nods": r(*pitch),
        "nods_amount": float(pitch[0].std() / pitch[1].std()),
        "smiles": r(motion[..., _SMILE][listening], truth[..., _SMILE][listening]),
        "blinks": r(motion[..., _BLINK].ravel(), truth[..., _BLINK].ravel()),
    }


def table(results: dict[str, dict[str, float]]) -> str:
    """Return the results as Markdown."""
    rows = [[name, *(f"{value:.2f}" for value in one.values())] for name, one in results.items()]
    return markdown.table(
        ["network", "lips r", "nods r", "nods' amount", "smiles r", "blinks r"], rows
    )


def main() -> None:
    """Train, measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--encoder", type=Path, default=checkpoints.bundled_path())
    parser.add_argument("--output", type=Path, default=Path("docs/training.md"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    given = checkpoints.load(arguments.encoder).network
    batch, results = held_out(arguments.cache), {}
    for index, (name, overrides) in enumerate(VARIANTS.items()):
        folder = arguments.cache / "ablations" / str(index)
        results[name] = scores(
            predicted(trained(overrides, given, folder, arguments.cache), batch), batch
        )
        print(table({name: results[name]}), flush=True)
    markdown.replace_measured(arguments.output, table(results))


if __name__ == "__main__":
    main()
