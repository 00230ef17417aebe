"""Mixed recordings of two people who take turns, and the truth of who speaks when."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE
from dualtalk.training import held_out
from dualtalk.training.speech import augmentation
from dualtalk.training.turns import music
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

FloatArray = NDArray[np.float32]

_SPEECH_RMS = 0.06
_EDGE_SAMPLES = SAMPLE_RATE // 100
#: Vocal effort: above this frequency, by this share of the level in dB, a voice gets brighter as it
#: gets louder; excitement raises pitch by up to this share.
_BRIGHT_HZ, _BRIGHTER, _HIGHER = 1000.0, 0.5, 0.06


@dataclass(frozen=True)
class Person:
    """One voice."""

    name: str
    sound: FloatArray  #: (n_samples,) 16 kHz


def real_people(folder: Path, *, kept_apart: bool) -> list[Person]:
    """Return the people of a folder of `SPEAKER-...flac`: held out, or to train on."""
    paths = sorted(folder.glob("*.flac"))
    chosen = held_out.held_out(paths) if kept_apart else held_out.for_training(paths)
    return [
        Person(path.name.split("-")[0], _levelled(soundfile.read(path, dtype="float32")[0]))
        for path in chosen
    ]


def conversation(
    sound_a: FloatArray,
    sound_b: FloatArray,
    seconds: float,
    generator: Generator,
    effort_db: float = 0.0,
) -> FloatArray:
    """Return the tracks (2, n_samples) of two voices that take turns, at times over each other.

    Gaps between turns are normally distributed with overlaps, as in Levinson & Torreira 2015; how
    hasty people are, and how often a back-channel falls into a long turn, differs. `effort_db` is
    how much a voice gets louder and softer from turn to turn (standard deviation): who is told from
    whom must not be told by level.
    """
    n = round(seconds * SAMPLE_RATE)
    tracks = np.zeros((2, n), np.float32)
    gap_s, replies = generator.normal(0.0, 0.3), generator.uniform(0, 0.7)
    sounds, who = (sound_a, sound_b), int(generator.integers(2))
    at = generator.uniform(-1, 1) * SAMPLE_RATE
    while at < n:
        length = generator.gamma(2.0, 1.2) + 0.4
        turn = _cut(sounds[who], length, generator)
        _place(tracks[who], _with_effort(turn, effort_db, generator), at)
        if length > 2 and generator.random() < replies:
            reply = _cut(sounds[1 - who], generator.uniform(0.25, 0.7), generator)
            _place(tracks[1 - who], reply, at + generator.uniform(0.3, 0.8) * length * SAMPLE_RATE)
        gap = generator.normal(gap_s, 0.5) if generator.random() < 0.9 else generator.uniform(1, 3)
        at += max(0.3, length + gap) * SAMPLE_RATE
        who = 1 - who if generator.random() < 0.8 else who
    return tracks


def recorded(tracks: FloatArray, generator: Generator) -> FloatArray:
    """Return the tracks (2, n_samples) as one microphone hears them, (n_samples,)."""
    if generator.random() < 0.6:
        decay_s = generator.uniform(0.1, 0.7)
        tracks = np.stack([augmentation.in_room(track, decay_s, generator) for track in tracks])
    mix: FloatArray = tracks.sum(axis=0)
    if generator.random() < 0.3:  # each has a microphone
        mix = sum(augmentation.equalised(track, generator) for track in tracks)
    elif generator.random() < 0.5:
        mix = augmentation.equalised(mix, generator)
    kind = generator.random()
    if kind < 0.7:
        disturb = augmentation.music if kind < 0.15 else augmentation.noise
        gain = 10 ** (-generator.uniform(8, 35) / 20)
        mix = mix + np.float32(gain) * disturb(len(mix), generator)
    if generator.random() < 0.15:
        mix = augmentation.telephone(mix)
    return mix.astype(np.float32)


def without_voices(seconds: float, generator: Generator) -> FloatArray:
    """Return music or noise, (n_samples,)."""
    makers = (augmentation.noise, augmentation.music, music.made, music.made, music.made)
    make = makers[int(generator.integers(len(makers)))]
    sound: FloatArray = make(round(seconds * SAMPLE_RATE), generator)
    return augmentation.equalised(sound, generator) if generator.random() < 0.5 else sound


def _levelled(sound: FloatArray) -> FloatArray:
    pieces = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    loud = np.percentile(np.sqrt(np.square(pieces).mean(axis=1)), 90)
    result: FloatArray = (sound * (_SPEECH_RMS / max(loud, 1e-4))).astype(np.float32)
    return result


def _cut(sound: FloatArray, seconds: float, generator: Generator) -> FloatArray:
    """Return a stretch of a voice with soft edges."""
    n = min(round(seconds * SAMPLE_RATE), len(sound))
    first = int(generator.integers(len(sound) - n + 1))
    piece = sound[first : first + n].copy()
    edge = min(_EDGE_SAMPLES, n // 2)
    ramp = np.linspace(0, 1, edge, dtype=np.float32)
    piece[:edge] *= ramp
    piece[n - edge :] *= ramp[::-1]
    return piece


def _with_effort(piece: FloatArray, effort_db: float, generator: Generator) -> FloatArray:
    """Return a turn as it sounds when it is said louder or softer (Traunmüller & Eriksson 2000)."""
    if effort_db == 0:
        return piece
    level = generator.normal(0, effort_db)
    if generator.random() < 0.5:
        faster = 1 + _HIGHER * np.tanh(level / effort_db) * generator.random()
        piece = resample_poly(piece, 200, round(200 * faster)).astype(np.float32)
    brighter = _BRIGHTER * level + generator.normal(0, 2)
    pole = np.exp(-2 * np.pi * _BRIGHT_HZ / SAMPLE_RATE)
    low = lfilter([1 - pole], [1, -pole], piece)
    louder: FloatArray = 10 ** (level / 20) * (low + 10 ** (brighter / 20) * (piece - low))
    return louder.astype(np.float32)


def _place(track: FloatArray, piece: FloatArray, at: float) -> None:
    first = round(at)
    piece = piece[max(0, -first) :]
    first = max(0, first)
    piece = piece[: max(0, len(track) - first)]
    track[first : first + len(piece)] += piece
