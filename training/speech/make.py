"""Make the corpora that the bundled checkpoint learns from: `python -m training.speech.make`."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import librosa
import numpy as np
import soundfile
from dualtalk.training import held_out
from dualtalk.training.speech import conversations, espeak, flite, recogniser, transcripts
from dualtalk.training.speech.corpus import Corpus
from dualtalk.training.speech.phones import PHONE_INDEX, SILENCE, Utterance
from dualtalk.training.speech.sentences import BACK_CHANNELS, sentence
from tqdm import tqdm

#: How much faster than it was read speech is heard again, and the window for it (16 ms).
_HASTE, _STRETCH_WINDOW = (1.15, 1.5), 256


def default_cache() -> Path:
    """Return the folder of generated data: $DUALTALK_TRAINING_CACHE, or one in the home."""
    given = os.environ.get("DUALTALK_TRAINING_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "dualtalk" / "training"


def espeak_corpus(n_utterances: int, seed: int) -> Corpus:
    """Speak with a random variant, accent, rate and pitch of espeak-ng for each utterance."""
    generator, voice = np.random.default_rng(seed), espeak.Espeak()
    made = []
    for _ in tqdm(range(n_utterances), "espeak-ng"):
        text = _text(generator)
        accent = generator.choice(espeak.ACCENTS)
        name = f"{accent}+{generator.choice(espeak.VARIANTS)}"
        rate, pitch, spread = generator.integers((125, 25, 25), (240, 76, 90))
        made.append(voice.speak(text, name, int(rate), int(pitch), int(spread)))
    return Corpus(tuple(u for u in made if _is_usable(u)))


def flite_corpus(n_utterances: int, seed: int) -> Corpus:
    """Speak with flite's voices at random rates and pitches, and a part with festival."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in tqdm(range(n_utterances), "flite"):
        voice = str(generator.choice(flite.VOICES))
        high = voice == "slt"
        pitch = generator.uniform(150, 240) if high else generator.uniform(80, 150)
        made.append(flite.speak(_text(generator), voice, generator.uniform(0.8, 1.3), pitch))
    for index in tqdm(range(n_utterances // 60), "festival"):
        texts = [_text(generator) for _ in range(20)]
        voice = flite.FESTIVAL_VOICES[index % len(flite.FESTIVAL_VOICES)]
        made += flite.speak_festival(texts, voice, generator.uniform(0.85, 1.25))
    return Corpus(tuple(u for u in made if _is_usable(u)))


def real_corpora(folder: Path, seed: int) -> dict[str, Corpus]:
    """Label recordings of people by machine: for training, the same faster, and those kept apart.

    Each recording is there once more and faster, since conversation is faster than reading.
    """
    paths = recogniser.real_voices(folder)
    kept = labelled(held_out.for_training(paths))
    generator = np.random.default_rng(seed)
    hurried = [hastened(utterance, generator.uniform(*_HASTE)) for utterance in kept]
    return {
        "real": Corpus(tuple(kept)),
        "hurried": Corpus(tuple(hurried)),
        "real_choosing": Corpus(tuple(labelled(held_out.for_choosing(paths)))),
        "real_held_out": Corpus(tuple(labelled(held_out.held_out(paths)))),
    }


def labelled(paths: list[Path]) -> list[Utterance]:
    """Find when each phone of some readings is said.

    What is said is read from `transcripts.tsv`, and recognised where that lacks a recording.
    """
    texts, found = transcripts.load(), []
    for path in tqdm(paths, "real voices"):
        sound, _ = soundfile.read(path, dtype="float32")
        text = texts.get(path.stem) or recogniser.recognise(sound)
        utterance = recogniser.align(sound, text, path.stem)
        if utterance is not None and _is_usable(utterance):
            found.append(utterance)
    return found


def hastened(utterance: Utterance, factor: float) -> Utterance:
    """Return speech `factor` times as fast at the same pitch."""
    sound = librosa.effects.time_stretch(utterance.sound, rate=factor, n_fft=_STRETCH_WINDOW)
    starts, ends = (
        np.round(t / factor).astype(np.int64) for t in (utterance.starts, utterance.ends)
    )
    return replace(utterance, sound=sound.astype(np.float32), starts=starts, ends=ends)


def _text(generator: np.random.Generator) -> str:
    if generator.random() < 0.12:
        return str(generator.choice(BACK_CHANNELS))
    return sentence(generator)


def _is_usable(utterance: Utterance) -> bool:
    """Tell whether anything is said: some words have no sound in some voices."""
    return bool((utterance.phones != PHONE_INDEX[SILENCE]).sum() >= 2)


def main() -> None:
    """Make every corpus that is asked for and not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--speech", type=Path, default=Path("../shared/speech"))
    parser.add_argument("--conversations", type=Path, default=Path("../shared/conversations"))
    parser.add_argument("--sources", nargs="+", default=["espeak", "flite", "real", "talk"])
    parser.add_argument("--espeak", type=int, default=6000, help="utterances")
    parser.add_argument("--flite", type=int, default=3600, help="utterances")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    if "espeak" in arguments.sources:
        _keep(arguments.cache, "espeak", espeak_corpus(arguments.espeak, arguments.seed))
    if "flite" in arguments.sources:
        _keep(arguments.cache, "flite", flite_corpus(arguments.flite, arguments.seed + 1))
    if "real" in arguments.sources:
        for name, corpus in real_corpora(arguments.speech, arguments.seed + 2).items():
            _keep(arguments.cache, name, corpus)
    if "talk" in arguments.sources:
        corpus = Corpus(tuple(conversations.labelled(arguments.conversations)))
        _keep(arguments.cache, "talk", corpus)


def _keep(cache: Path, name: str, corpus: Corpus) -> None:
    corpus.save(cache / f"{name}.npz")
    print(f"{name}: {len(corpus.utterances)} utterances, {corpus.duration_s / 3600:.2f} h")


if __name__ == "__main__":
    main()
