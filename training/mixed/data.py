"""Windows that the network of one mixed track learns from, made once and kept.

A dialogue of two voices (`training.two_track.dialogues`) gets its faces by rule, a staging by
chance, and one
microphone that hears both. The frozen audio encoder of the bundled checkpoint encodes the
mixture once; training reads its features.
"""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from dualtalk.core.directing.staging import Staging
from dualtalk.core.files import atomic
from dualtalk.core.names import ARKIT_SHAPES
from dualtalk.inference import checkpoints
from dualtalk.inference.networks.audio.frozen_encoder import FrozenAudioEncoder
from dualtalk.inference.networks.mixed import MixedNetwork
from dualtalk.inference.networks.shared_space import Places
from dualtalk.inference.networks.unet import N_MOTION
from dualtalk.inference.noise import draw
from dualtalk.training.mixed.config import DataSet, MixedConfig
from dualtalk.training.mixed.targets import placed, random_staging
from dualtalk.training.speech import visemes
from dualtalk.training.speech.augmentation import augmented
from dualtalk.training.speech.make import default_cache
from dualtalk.training.two_track import behaviour, dialogues
from dualtalk.training.two_track.data import load_sources
from dualtalk.training.two_track.dialogues import Tracks, Voices, conversation, speech_activity
from numpy.random import Generator
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

FloatArray = NDArray[np.float32]
Given = TypeVar("Given")

N_FRAMES = 500
_E = len(ARKIT_SHAPES)
_LIDS = slice(0, 4, 3)  # eyeBlinkLeft and eyeBlinkRight
_HEAD, _EYES, _PLACE = slice(_E + 3, _E + 6), slice(_E + 6, _E + 12), slice(_E + 12, _E + 15)


@dataclass(frozen=True)
class Scenes:
    """Dialogues as training reads them; index 0 is the dialogue, then the person."""

    features: NDArray[np.float16]  #: (N, T, n_features) of the mixture
    motion: NDArray[np.float16]  #: (N, 2, T, 55)
    speaking: NDArray[np.float16]  #: (N, 2, T) 0 to 1, exact
    partner_m: FloatArray  #: (N, 2, 3) of `Places`
    turn: FloatArray  #: (N, 2, 3, 3)
    conditions: FloatArray  #: (N, 2, N_PLACE)
    trust: NDArray[np.float16] | None = None  #: (N, 2, T, 55) of what was seen; None: it is exact

    def __len__(self) -> int:
        return len(self.features)

    def save(self, path: Path) -> None:
        """Write the scenes whole or not at all."""
        with atomic(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **{k: v for k, v in self.__dict__.items() if v is not None})

    @staticmethod
    def load(path: Path) -> "Scenes":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return Scenes(**{name: file[name] for name in file.files})


def scene(
    voices: list[Voices],
    shares: FloatArray,
    audio_encoder: FrozenAudioEncoder,
    generator: Generator,
) -> dict[str, NDArray[Any]]:
    """Make one dialogue: the fields of `Scenes`, less the first axis."""
    source = voices[generator.choice(len(voices), p=shares)]
    tracks = conversation(source, N_FRAMES, generator)
    active = np.stack([speech_activity(track.phones, N_FRAMES) for track in tracks])
    staging = random_staging(generator)
    places = Places.of(staging)
    sound = one_microphone([track.sound for track in tracks], source, generator)
    with torch.inference_mode():
        features = audio_encoder(torch.from_numpy(sound)[None], N_FRAMES)[0].numpy()
    values = {
        "features": features,
        "motion": in_space(faces(tracks, generator), staging, active > 0.5, generator),
        "speaking": active,
    }
    return {name: value.astype(np.float16) for name, value in values.items()} | {
        "partner_m": places.partner_m.astype(np.float32),
        "turn": places.turn.astype(np.float32),
        "conditions": places.conditions(),
    }


def faces(tracks: Tracks, generator: Generator) -> FloatArray:
    """Return what faces and heads do wherever both are, (2, T, 52) as `behaviour.behave`."""
    noise = draw(N_FRAMES, behaviour.N_NOISE, int(generator.integers(2**31)))
    curves = np.stack([visemes.at_motion_rate(t.articulators, N_FRAMES) for t in tracks])
    return dialogues.faces(tracks, curves, dialogues.cues_of(tracks, N_FRAMES), noise)


def in_space(
    motion: FloatArray, staging: Staging, speaking: NDArray[np.bool_], generator: Generator
) -> FloatArray:
    """Give (2, T, 52) the gaze, heads and small moves of a staging: (2, T, 55)."""
    space = placed(staging, speaking, motion[..., _HEAD].astype(np.float64), generator)
    result = np.zeros((*motion.shape[:2], N_MOTION), np.float32)
    result[..., : _E + 3] = motion[..., : _E + 3]
    result[..., _LIDS] = np.maximum(result[..., _LIDS], space.lids[..., None])
    result[..., _HEAD] = space.head
    result[..., _EYES] = space.eyes.reshape(2, -1, 6)
    result[..., _PLACE] = space.translation
    return result


def one_microphone(sounds: list[FloatArray], source: Voices, generator: Generator) -> FloatArray:
    """Mix both voices into one track as one device hears them, at the level of speech."""
    gains = 10 ** (generator.normal(0, 2.5, 2) / 20)  # one sits nearer
    mixed = (gains[0] * sounds[0] + gains[1] * sounds[1]).astype(np.float32)
    if generator.random() < 0.85:
        babble = source.choose(generator)
        others = np.resize(babble[generator.integers(len(babble))].sound, len(mixed))
        mixed = augmented(mixed, others, generator)
    return mixed


class Dialogues(Dataset[dict[str, NDArray[Any]]]):
    """The dialogues of a set, each a function of the set's seed and its number alone."""

    def __init__(self, data: DataSet, cache: Path, audio_encoder: FrozenAudioEncoder) -> None:
        self.data, self.audio_encoder = data, audio_encoder
        self.voices = load_sources(cache, data.sources)
        self.shares = np.array(data.shares, np.float32) / sum(data.shares)

    def __getitem__(self, index: int) -> dict[str, NDArray[Any]]:
        """Return dialogue `index` as `scene` makes it."""
        generator = np.random.default_rng((self.data.seed, index))
        return scene(self.voices, self.shares, self.audio_encoder, generator)


def made(dialogues: Dialogues, processes: int = 1) -> Scenes:
    """Make all dialogues of a set; the same ones by any number of processes."""
    numbers = range(dialogues.data.count)
    loader: DataLoader[Any] = DataLoader(
        dialogues,
        batch_size=None,
        sampler=numbers,
        num_workers=processes if processes > 1 else 0,
        collate_fn=as_it_is,
    )
    rows = list(tqdm(loader, "+".join(dialogues.data.sources), len(numbers), mininterval=20))
    return Scenes(**{name: np.stack([row[name] for row in rows]) for name in rows[0]})


def as_it_is(given: Given) -> Given:
    """Return what a loader was given, which would else make other types of it."""
    return given


def audio_encoder_of(cache: Path, begin: str = "") -> FrozenAudioEncoder:
    """Return the encoder that the sets of a cache were made with: the bundled one when it was new.

    It stays when another checkpoint is bundled, until its file and the sets are deleted. A run that
    goes on from a checkpoint (`MixedConfig.begin`) hears through that one's.
    """
    if begin:
        return beginning(begin).audio_encoder
    path = cache / "mixed-audio-encoder.safetensors"
    if not path.is_file():
        with atomic(path) as temporary:
            shutil.copyfile(checkpoints.bundled_path(), temporary)
    return FrozenAudioEncoder.of(checkpoints.load(path).network)


def beginning(begin: str) -> MixedNetwork:
    """Return the network that a run begins from: a checkpoint's path, or `bundled`."""
    path = checkpoints.bundled_path(MixedNetwork) if begin == "bundled" else Path(begin)
    return checkpoints.load(path, MixedNetwork).network


def main() -> None:
    """Make every set of a config that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--processes", type=int, default=1, help="that make dialogues")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = MixedConfig.load(arguments.config)
    for data in config.sets:
        path = data.path(arguments.cache)
        if not path.is_file():
            audio_encoder = audio_encoder_of(arguments.cache, config.begin)
            dialogues = Dialogues(data, arguments.cache, audio_encoder)
            made(dialogues, arguments.processes).save(path)
        print(path)


if __name__ == "__main__":
    main()
