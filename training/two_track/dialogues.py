"""Dialogues of two voices with the motion of both, made piece by piece from a corpus.

Turns follow each other with gaps around 0.2 s (Stivers et al. 2009), some overlap, some are cut
short by an interruption, and the one who listens says "yeah" now and then (Yngve 1970).
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from dualtalk.core.conversation.dialogue import FRAME_SAMPLES, SAMPLE_RATE
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.inference.noise import draw
from dualtalk.training.speech import prosody, visemes
from dualtalk.training.speech.augmentation import SPEECH_RMS, augmented
from dualtalk.training.speech.phones import PHONE_INDEX, SILENCE, Utterance
from dualtalk.training.two_track import behaviour
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

FloatArray = NDArray[np.float32]

_TICK = SAMPLE_RATE // visemes.ARTICULATOR_FPS
_BACK_CHANNEL_S = 0.9
_N_ARTICULATORS = len(visemes.ARTICULATORS)


@dataclass(frozen=True)
class Piece:
    """A phrase of one voice with its labels at `visemes.ARTICULATOR_FPS`."""

    sound: FloatArray  #: (n * 160,)
    articulators: FloatArray  #: (n, 7)
    phones: NDArray[np.int64]  #: (n,)

    @property
    def duration_s(self) -> float:
        """Length, seconds."""
        return len(self.phones) / visemes.ARTICULATOR_FPS


@dataclass(frozen=True)
class Example:
    """One dialogue as the network takes it; index 0 of each array is the person."""

    audio: FloatArray  #: (2, n_frames * 640)
    motion: FloatArray  #: (2, n_frames, 52)
    noise: FloatArray  #: (2, n_frames, N_NOISE)
    phones: NDArray[np.int64]  #: (2, 2 * n_frames) at 50 per second
    articulators: FloatArray  #: (2, n_frames, 7)
    cues: FloatArray  #: (2, n_frames) where the own low pitch invites feedback
    pretrained: FloatArray | None = None  #: (2, T, size) features, if they are at hand
    trust: FloatArray | None = None  #: (2, n_frames, 52) of motion that was seen; None: it is exact


class Voices:
    """The pieces of a corpus, voice by voice."""

    def __init__(self, utterances: tuple[Utterance, ...]) -> None:
        by_voice: dict[str, list[Piece]] = defaultdict(list)
        for utterance in utterances:
            by_voice[utterance.voice] += pieces_of(utterance)
        self.voices = [pieces for pieces in by_voice.values() if pieces]
        self.n_utterances = len(utterances)
        self.duration_s = sum(len(utterance.sound) for utterance in utterances) / SAMPLE_RATE
        #: Differs where what is said when differs.
        self.labels_digest = _labels_digest(utterances)

    def choose(self, generator: Generator) -> list[Piece]:
        """Return all pieces of a random voice."""
        return self.voices[generator.integers(len(self.voices))]


def _labels_digest(utterances: Iterable[Utterance]) -> str:
    digest = hashlib.sha256()
    for utterance in utterances:
        for labels in (utterance.phones, utterance.starts, utterance.ends):
            digest.update(labels.tobytes())
    return digest.hexdigest()


def pieces_of(utterance: Utterance, longest_s: float = 6.0) -> list[Piece]:
    """Cut an utterance at its pauses into pieces of at most about `longest_s`."""
    n = len(utterance.sound) // _TICK
    curves = visemes.articulators(utterance)[:n]
    phones = utterance.at_rate(visemes.ARTICULATOR_FPS, n)
    sound = levelled(utterance.sound[: n * _TICK])
    cuts = [0]
    silence = PHONE_INDEX[SILENCE]
    for phone, start, end in zip(utterance.phones, utterance.starts, utterance.ends, strict=True):
        middle = int((start + end) // 2 // _TICK)
        if phone == silence and end - start > 0.15 * SAMPLE_RATE and middle - cuts[-1] > 50:
            cuts.append(middle)
    cuts.append(n)
    pieces = []
    first = 0
    for here, after in zip(cuts[1:], [*cuts[2:], n], strict=True):
        if here == n or (after - first) / visemes.ARTICULATOR_FPS > longest_s:
            span = slice(first, here)
            if (phones[span] != silence).sum() > 10:
                cut = sound[first * _TICK : here * _TICK]
                pieces.append(Piece(cut, curves[span].astype(np.float32), phones[span]))
            first = here
    return pieces


def levelled(sound: FloatArray) -> FloatArray:
    """Bring the loud parts of speech to `SPEECH_RMS`, as the network's own levelling does."""
    whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
    rms = np.sqrt(np.square(sound[:whole].reshape(-1, FRAME_SAMPLES)).mean(axis=1))
    loud = float(np.quantile(rms, 0.95)) if len(rms) else 0.0
    return sound * np.float32(SPEECH_RMS / loud if loud > 1e-4 else 1.0)


def warped(piece: Piece, factor: float) -> Piece:
    """Play a piece `factor` times as fast: another vocal tract, pitch and rate at once."""
    n = max(1, int(len(piece.phones) / factor))
    at = np.arange(n * _TICK) * factor
    sound = np.interp(at, np.arange(len(piece.sound)), piece.sound).astype(np.float32)
    ticks = np.minimum((np.arange(n) * factor).round().astype(int), len(piece.phones) - 1)
    return Piece(sound, piece.articulators[ticks], piece.phones[ticks])


class _Track:
    """One person's sound and labels while a dialogue is put together."""

    def __init__(self, n_frames: int) -> None:
        self.n_ticks = n_frames * 4
        self.sound = np.zeros(self.n_ticks * _TICK, np.float32)
        self.articulators = np.zeros((self.n_ticks, _N_ARTICULATORS), np.float32)
        self.phones = np.zeros(self.n_ticks, np.int64)

    def place(self, piece: Piece, start_s: float) -> None:
        """Lay a piece at a time, before 0 and past the end cut off; what is there is replaced."""
        start = round(start_s * visemes.ARTICULATOR_FPS)
        skip = max(0, -start)
        first, last = max(start, 0), min(start + len(piece.phones), self.n_ticks)
        if last <= first:
            return
        n = last - first
        self.articulators[first:last] = piece.articulators[skip : skip + n]
        self.phones[first:last] = piece.phones[skip : skip + n]
        span = piece.sound[skip * _TICK : (skip + n) * _TICK]
        self.sound[first * _TICK : last * _TICK] = span


Tracks = tuple[_Track, _Track]


def monologues(voices: Voices, n_frames: int, generator: Generator) -> Tracks:
    """Fill both tracks with speech that nobody answers, for the audio encoder alone."""
    tracks = _Track(n_frames), _Track(n_frames)
    for track in tracks:
        voice, factor = voices.choose(generator), _factor(generator)
        at = -generator.uniform(0, 2)
        while at < n_frames / NETWORK_FPS:
            piece = warped(voice[generator.integers(len(voice))], factor)
            track.place(piece, at)
            pause = generator.uniform(1, 3) if generator.random() < 0.15 else 0.0
            at += piece.duration_s + generator.exponential(0.25) + pause
    return tracks


def conversation(voices: Voices, n_frames: int, generator: Generator) -> Tracks:
    """Let two voices take turns."""
    tracks = _Track(n_frames), _Track(n_frames)
    people = [(voices.choose(generator), _factor(generator)) for _ in range(2)]
    who, at, end = int(generator.integers(2)), -generator.uniform(0, 4), n_frames / NETWORK_FPS
    if generator.random() < 0.25:
        at += generator.uniform(0, 5)  # some begin in silence
    while at < end:
        for _ in range(generator.choice((1, 1, 2, 3))):
            voice, factor = people[who]
            piece = warped(voice[generator.integers(len(voice))], factor)
            tracks[who].place(piece, at)
            at += piece.duration_s
            if generator.random() < 0.35:
                _back_channel(tracks[1 - who], people[1 - who], at, generator)
            at += generator.exponential(0.25)
        gap = generator.normal(0.2, 0.35)
        if generator.random() < 0.08:
            gap = -generator.uniform(0.5, 1.5)  # an interruption
        elif generator.random() < 0.15:
            gap = generator.uniform(1, 3)  # both fall silent
        at += gap
        if generator.random() < 0.85:
            who = 1 - who
    return tracks


def _back_channel(
    track: _Track, person: tuple[list[Piece], float], at: float, generator: Generator
) -> None:
    voice, factor = person
    short = [piece for piece in voice if piece.duration_s < _BACK_CHANNEL_S]
    if short:
        piece = warped(short[generator.integers(len(short))], factor)
        track.place(piece, at + generator.uniform(-0.3, 0.3))


def _factor(generator: Generator) -> float:
    return float(np.exp(generator.normal(0, 0.11)))


def example(
    tracks: Tracks,
    others: FloatArray,
    generator: Generator,
    separated_share: float = 0.0,
    bleed_db: float = 22.0,
) -> Example:
    """Give both tracks their sound as recorded and both people their motion.

    Args:
        tracks: what both say.
        others: (n_samples,) speech of other people.
        generator: the source of every choice.
        separated_share: how often tracks were cut out of a mixture (`augmentation.separated`).
        bleed_db: how much quieter, at least, the partner is in the own microphone.
    """
    n_frames = tracks[0].n_ticks // 4
    noise = draw(n_frames, behaviour.N_NOISE, int(generator.integers(2**31)))
    cues = cues_of(tracks, n_frames)
    curves = np.stack([visemes.at_motion_rate(t.articulators, n_frames) for t in tracks])
    return Example(
        _recorded(tracks, others, generator, separated_share, bleed_db),
        faces(tracks, curves, cues, noise),
        noise,
        np.stack([track.phones[::2] for track in tracks]),
        curves,
        cues,
    )


def cues_of(tracks: Tracks, n_frames: int) -> FloatArray:
    """Return where each person's low pitch invites feedback, (2, n_frames)."""
    return np.stack([prosody.low_pitch_cues(t.sound, t.phones, n_frames) for t in tracks])


def faces(tracks: Tracks, curves: FloatArray, cues: FloatArray, noise: FloatArray) -> FloatArray:
    """Return what both people's faces and heads do, (2, n_frames, 52) as `behaviour.behave`.

    Args:
        tracks: what both say.
        curves: (2, n_frames, 7) articulators.
        cues: (2, n_frames) of `cues_of`.
        noise: (2, n_frames, N_NOISE).
    """
    n_frames = noise.shape[1]
    active = [speech_activity(track.phones, n_frames) for track in tracks]
    motion = []
    for i, track in enumerate(tracks):
        context = behaviour.Context(
            active[i], active[1 - i], loudness(track.sound, n_frames), cues[1 - i]
        )
        motion.append(behaviour.behave(context, *visemes.mouth(curves[i]), noise[i], noise[1 - i]))
    return np.stack(motion)


def _recorded(
    tracks: Tracks,
    others: FloatArray,
    generator: Generator,
    separated_share: float,
    bleed_db: float,
) -> FloatArray:
    """Return the sound of both, each with a little of the other in its microphone."""
    audio = []
    for i, track in enumerate(tracks):
        own = track.sound
        if generator.random() < 0.5:
            below_db = generator.uniform(bleed_db, 45)
            own = own + tracks[1 - i].sound * np.float32(10 ** (-below_db / 20))
        if generator.random() < 0.9:
            own = augmented(own, others, generator, separated_share)
        audio.append(own)
    return np.stack(audio)


def speech_activity(phones_100: NDArray[np.int64], n_frames: int) -> FloatArray:
    """Return whether someone speaks, (n_frames,); pauses below 0.3 s count as speech."""
    active = (phones_100 != PHONE_INDEX[SILENCE]).astype(np.float32)
    kernel = np.ones(31)
    grown = np.convolve(active, kernel, "same") > 0.5
    closed = np.convolve(~grown, kernel, "same") < 0.5  # morphological closing
    result: FloatArray = gaussian_filter1d(closed[::4][:n_frames].astype(np.float32), 1.0)
    return result


def loudness(sound: FloatArray, n_frames: int) -> FloatArray:
    """Return the smoothed envelope of a voice, (n_frames,), 1 at `SPEECH_RMS`."""
    power = np.square(sound[: n_frames * FRAME_SAMPLES].reshape(n_frames, -1)).mean(axis=1)
    envelope = gaussian_filter1d(np.sqrt(power) / SPEECH_RMS, 2.0)
    result: FloatArray = np.minimum(envelope, 1.5).astype(np.float32)
    return result
