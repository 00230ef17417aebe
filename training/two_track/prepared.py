"""Examples that are made once, with their pretrained features, and trained on many times.

    python -m training.two_track.prepared --config training/two_track/configs/bundled.toml

makes them all, which training would else do as it goes, in its first pass over them. The pretrained
encoder is frozen: what it makes of an example is the same at every step. It is kept with the
example, in half precision, in the cache folder, a file each.
"""

import argparse
import hashlib
import json
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import torch
from dualtalk.core.errors import InputError
from dualtalk.core.files import atomic
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.audio.moonshine import Moonshine, MoonshineConfig
from dualtalk.training.speech.make import default_cache
from dualtalk.training.two_track.config import TrainingConfig
from dualtalk.training.two_track.data import SyntheticDialogues, load_sources
from dualtalk.training.two_track.dialogues import Example, Voices
from torch.utils.data import Dataset
from tqdm import tqdm

_HALF = ("audio", "motion", "noise", "articulators", "cues", "pretrained")

#: What of a stage changes none of its examples.
_NOT_OF_EXAMPLES = (
    *("steps", "rate", "encoder_rate", "blend", "batch", "n_examples"),
    *("meeting_weight", "silence_weight"),
)


class PreparedDialogues(Dataset[Example]):
    """A count of examples of a stage, in another order in each pass over them."""

    def __init__(
        self, source: SyntheticDialogues, n_examples: int, pretrained: Moonshine, cache: Path
    ) -> None:
        self.source, self.n_examples, self.pretrained = source, n_examples, pretrained
        self.folder = cache / "prepared" / _name(source, pretrained)
        self.folder.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, index: int) -> Example:
        """Return example `index` of all passes; the first pass makes the examples."""
        epoch, place = divmod(index, self.n_examples)
        if epoch:
            order = np.random.default_rng((*self.source.seed, epoch)).permutation(self.n_examples)
            place = int(order[place])
        path = self.folder / f"{place}.npz"
        if not path.is_file():
            self._make(place, path)
        with np.load(path) as file:
            kept = {name: file[name] for name in file.files}
        return Example(**{k: v.astype(np.float32) if k in _HALF else v for k, v in kept.items()})

    @torch.inference_mode()
    def _make(self, place: int, path: Path) -> None:
        example = self.source[place]
        features = self.pretrained.features_of(torch.from_numpy(example.audio)).numpy()
        example = replace(example, pretrained=features)
        values = {field.name: getattr(example, field.name) for field in fields(example)}
        values = {name: value for name, value in values.items() if value is not None}
        half = {k: v.astype(np.float16) if k in _HALF else v for k, v in values.items()}
        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **half)


def examples_of(
    sources: list[Voices], config: TrainingConfig, stage_index: int, cache: Path
) -> Dataset[Example]:
    """Return the examples of a stage: kept with what the pretrained encoder hears, if it asks.

    Raises:
        InputError: it asks, but the config has no pretrained encoder.
    """
    data = SyntheticDialogues(sources, config, stage_index)
    if not data.stage.n_examples:
        return data
    n_layers = config.audio.get("n_pretrained_layers", 0)
    if not n_layers:
        raise InputError("A stage with n_examples needs n_pretrained_layers in [audio]: add it.")
    encoder = Moonshine(MoonshineConfig(n_layers=n_layers)).eval()
    checkpoints.give_speech_encoder(encoder)
    return PreparedDialogues(data, data.stage.n_examples, encoder, cache)


def _name(source: SyntheticDialogues, pretrained: Moonshine) -> str:
    """Return a folder's name that differs where the examples would."""
    what = {
        "seed": source.seed,
        "stage": asdict(source.stage),
        "spoken": [voices.labels_digest for voices in source.sources],
        "encoder": asdict(pretrained.config),
    }
    for name in _NOT_OF_EXAMPLES:
        what["stage"].pop(name)
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    return f"{source.stage.kind}-{digest[:12]}"


def main() -> None:
    """Make the examples of every stage of a config."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=default_cache())
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = TrainingConfig.load(arguments.config)
    sources = load_sources(arguments.cache, config.sources)
    for index, stage in enumerate(config.stages):
        data = examples_of(sources, config, index, arguments.cache)
        for place in tqdm(range(stage.n_examples), stage.kind):
            data[place]


if __name__ == "__main__":
    main()
