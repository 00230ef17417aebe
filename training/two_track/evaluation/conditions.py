"""The sounds that the checkpoint is measured on, clean and spoiled, none of them trained on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE, Dialogue
from dualtalk.inference.audio import read_dialogue
from dualtalk.training import held_out
from dualtalk.training.speech import augmentation, recogniser, transcripts
from dualtalk.training.speech.espeak import Espeak
from dualtalk.training.speech.phones import PHONE_INDEX, SILENCE, Utterance
from dualtalk.training.speech.sentences import sentence
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

#: Accents of espeak-ng that training never hears.
UNSEEN_VOICES = ("en-029+m2", "en-029+f3", "en-gb-x-gbclan+f5", "en-gb-x-gbclan+m6")
#: Another accent that it never hears, to choose by: nothing that is reported is of it.
VOICES_FOR_CHOOSING = tuple(
    f"en-gb-x-gbcwmd+{variant}" for variant in ("m1", "f1", "m7", "f4", "m3", "f2")
)
#: How loud the voice is above a disturbance, dB.
NOISE_DB, MUSIC_DB = 10.0, 10.0


@dataclass(frozen=True)
class Clip:
    """The real conversation and the tracked jaw of its first speaker."""

    dialogue: Dialogue
    jaw: FloatArray  #: (n_frames,) radians about x


def real_clip(shared: Path) -> Clip:
    """Read ../shared/clips."""
    stem = shared / "clips" / "dialogue_speaker"
    dialogue = read_dialogue(Path(f"{stem}1.wav"), Path(f"{stem}2.wav"))
    with np.load(f"{stem}1.npz") as file:
        jaw = file["pose"][: dialogue.n_frames, 3]
    return Clip(dialogue, jaw)


def aligned_reading(shared: Path) -> list[Utterance]:
    """Read ../shared/aligned and find when each phone is said."""
    utterances = []
    for line in (shared / "aligned" / "transcripts.tsv").read_text().splitlines():
        name, text = line.split("\t")
        sound, _ = soundfile.read(shared / "aligned" / f"{name}.flac", dtype="float32")
        utterance = recogniser.align(sound, recogniser.plain_words(text), name)
        if utterance is not None:
            utterances.append(utterance)
    return utterances


def unseen_synthetic(
    n_per_voice: int = 6, seed: int = 99, voices: tuple[str, ...] = UNSEEN_VOICES
) -> list[Utterance]:
    """Return new sentences in accents that training does not use; their times are exact."""
    espeak, generator = Espeak(), np.random.default_rng(seed)
    return [
        after_silence(espeak.speak(sentence(generator), voice, 165, 50, 50))
        for voice in voices
        for _ in range(n_per_voice)
    ]


def after_silence(utterance: Utterance, seconds: float = 0.6) -> Utterance:
    """Return an utterance with silence before it: nobody speaks from the first sample on."""
    n = round(seconds * SAMPLE_RATE)
    return Utterance(
        np.concatenate([np.zeros(n, np.float32), utterance.sound]),
        np.append(PHONE_INDEX[SILENCE], utterance.phones),
        np.append(0, utterance.starts + n),
        np.append(n, utterance.ends + n),
        utterance.voice,
    )


Choose = Callable[[list[Path]], list[Path]]


def real_turns(shared: Path, n_turns: int = 12, people: Choose = held_out.held_out) -> Dialogue:
    """Let two tracks of readers alternate, a recording each and 0.3 s between them.

    Every turn is another person: held out, or as `people` says.
    """
    paths = people(recogniser.real_voices(shared / "speech"))[:n_turns]
    sounds = [soundfile.read(path, dtype="float32")[0] for path in paths]
    gap = round(0.3 * SAMPLE_RATE)
    tracks = np.zeros((2, sum(len(s) + gap for s in sounds)), np.float32)
    at = 0
    for index, sound in enumerate(sounds):
        tracks[index % 2, at : at + len(sound)] = sound
        at += len(sound) + gap
    return Dialogue(tracks)


def readers(shared: Path, people: Choose = held_out.held_out) -> list[Utterance]:
    """Return readers aligned to the words of `transcripts.tsv`: held out, or as `people` says."""
    texts, utterances = transcripts.load(), []
    for path in people(recogniser.real_voices(shared / "speech")):
        sound, _ = soundfile.read(path, dtype="float32")
        utterance = recogniser.align(sound, texts[path.stem], path.stem)
        if utterance is not None:
            utterances.append(utterance)
    return utterances


def speech_rms(track: FloatArray) -> float:
    """Return the RMS of the frames of a track in which there is a voice, within 30 dB of loud."""
    pieces = track[: len(track) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    power = np.square(pieces).mean(axis=1)
    loud = power > 1e-3 * np.quantile(power, 0.95)
    return float(np.sqrt(power[loud].mean())) if loud.any() else 0.0


Spoil = Callable[[FloatArray], FloatArray]


def spoilers(seed: int = 7) -> dict[str, Spoil]:
    """Return what is done to the sound, by name; `clean` does nothing."""
    generator = np.random.default_rng(seed)

    def mixed(track: FloatArray, other: FloatArray, above_db: float) -> FloatArray:
        power = speech_rms(track) / np.sqrt(np.square(other).mean())
        return (track + other * power * 10 ** (-above_db / 20)).astype(np.float32)

    return {
        "clean": lambda track: track,
        "telephone band (300-3400 Hz, mu-law)": augmentation.telephone,
        "white to brown noise, 10 dB": lambda track: mixed(
            track, augmentation.noise(len(track), generator), NOISE_DB
        ),
        "music, 10 dB": lambda track: mixed(
            track, augmentation.music(len(track), generator), MUSIC_DB
        ),
    }
