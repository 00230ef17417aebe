"""Voices of known language, 10 s each, as the rule of `inference.language` is given them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from dualtalk.inference.audio import read_track
from dualtalk.inference.language import WINDOW_SAMPLES, statistics_of
from dualtalk.inference.networks.audio.moonshine import Moonshine
from dualtalk.training import held_out
from dualtalk.training.language.sentences import NAMES
from dualtalk.training.speech import augmentation, recogniser
from dualtalk.training.speech.espeak import VARIANTS, Espeak
from dualtalk.training.speech.sentences import sentence
from numpy.random import Generator
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
#: The group of each sound, whether it is English, and the sound (n_samples,) at 16 kHz.
Sounds = Iterator[tuple[str, bool, FloatArray]]

#: Accents of espeak-ng to fit the rule by and to measure it, and sentences in each sample.
ACCENTS_TO_FIT = ("en-us", "en-us-nyc", "en-gb-x-rp", "en-gb-scotland")
ACCENTS_TO_MEASURE = ("en-029", "en-gb-x-gbclan")
_SENTENCES = 3
#: How often a sample is there once more, spoiled by a room, a line, noise or music.
_SPOILED = 0.5
_RMS = 0.07


@dataclass(frozen=True)
class Sample:
    """What is known of some seconds of a voice."""

    group: str  #: a language, or whose recordings they are
    is_english: bool
    is_spoiled: bool
    statistics: FloatArray  #: (2 * size,)


def spoken(
    texts: dict[str, tuple[str, ...]], accents: tuple[str, ...], n_each: int, generator: Generator
) -> Sounds:
    """Yield the language, whether it is English, and the sound of synthetic voices."""
    espeak = Espeak()

    def said(voice: str, lines: list[str]) -> FloatArray:
        name = f"{voice}+{generator.choice(VARIANTS)}"
        rate, pitch, spread = generator.integers((125, 25, 25), (220, 76, 90))
        parts = [espeak.speak(line, name, int(rate), int(pitch), int(spread)) for line in lines]
        sound = np.concatenate([part.sound for part in parts])[:WINDOW_SAMPLES]
        level = np.sqrt(np.square(sound).mean()) + 1e-9
        return (sound * (_RMS / level)).astype(np.float32)

    for voice, lines in texts.items():
        for _ in range(n_each):
            chosen = generator.permutation(len(lines))[:_SENTENCES]
            yield NAMES[voice], False, said(voice, [lines[i] for i in chosen])
    # As many of English as of all others.
    for _ in range(n_each * len(texts) // len(accents)):
        for voice in accents:
            lines = [sentence(generator) for _ in range(_SENTENCES + 1)]
            yield "English", True, said(voice, lines)


def readers(shared: Path, people: str) -> Sounds:
    """Yield readings in English of whom `people` names: to train on, to choose by, held out."""
    choose = {
        "to train on": lambda paths: held_out.for_training(paths)[::3],
        "to choose by": held_out.for_choosing,
        "held-out readers": held_out.held_out,
    }[people]
    for path in choose(recogniser.real_voices(shared / "speech")):
        yield people, True, soundfile.read(path, dtype="float32")[0]


def files(folder: Path) -> list[Path]:
    """Return the recordings of a folder of people whom nothing is trained on."""
    return sorted([*folder.glob("*.flac"), *folder.glob("*.wav")])


def recordings(folder: Path, group: str, is_english: bool) -> Sounds:
    """Yield the recordings of a folder in pieces."""
    for path in files(folder):
        track = read_track(path)
        for start in range(0, max(len(track) - WINDOW_SAMPLES // 2, 1), WINDOW_SAMPLES):
            yield group, is_english, track[start : start + WINDOW_SAMPLES]


def samples(encoder: Moonshine, sounds: Sounds, generator: Generator) -> Iterator[Sample]:
    """Yield what the encoder makes of sounds, some of them spoiled as well."""
    for group, is_english, sound in sounds:
        versions = [sound]
        if generator.random() < _SPOILED:
            silence = np.zeros(len(sound), np.float32)
            versions.append(augmentation.augmented(sound, silence, generator))
        for version, is_spoiled in zip(versions, (False, True), strict=False):
            statistics = statistics_of(encoder, version)
            if statistics is not None:
                yield Sample(group, is_english, is_spoiled, statistics)
