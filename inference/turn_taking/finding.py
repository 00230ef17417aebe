"""Who speaks when in one mixed track, for a file of any length.

Pretrained networks hear how many speak and whose voice it is (`voice_features.py`); voices are
clustered into as many people as there are (`people.py`), and the likeliest sequence of two of them
is found (`alternation.py`).
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ...core.conversation.dialogue import SAMPLE_RATE, n_frames_of
from ...core.conversation.turns import Stretch, Turns, stretch_of
from ...core.errors import InputError
from ...core.progress import Report, part_of, silent
from .. import checkpoints
from ..audio import read_track
from ..devices import DeviceName
from ..networks.speaker.voices import VoiceNetwork
from . import alternation, people
from .voice_features import VoiceFeatures, features_of

#: A voice that is less like A's than this is not A's (cosine in the space of voices).
_KNOWN_VOICE = 0.6
#: Less speech than this is none, frames (0.4 s).
_LEAST_SPEECH = 10
#: Another person who speaks less than this speaks by mistake: frames (0.4 s), share of all speech.
_LEAST_TURNS, _LEAST_SHARE = 10, 0.02
#: Several speak at once in so much of the speech: there is another person, whose voice alone was
#: never heard. In none of 80 made-up recordings of one person was it more than 0.10. How sure the
#: number is then.
_TOGETHER_SHARE, _TOGETHER_SURENESS = 0.12, 0.5

FloatArray = NDArray[np.float32]


def voice_of(text: str) -> FloatArray | Stretch:
    """Return what the user says A's voice is: a stretch of the recording, or another sound file.

    Raises:
        InputError: it is neither.
    """
    return stretch_of(text) or read_track(Path(text))


def find_turns(
    sound: FloatArray,
    voice_a: FloatArray | Stretch | None = None,
    report: Report = silent,
    n_people: int | None = None,
    network: VoiceNetwork | None = None,
    device: DeviceName = "cpu",
) -> Turns:
    """Return who speaks when; A is whoever speaks first, or the voice that is given.

    Args:
        sound: (n_samples,) of the mix, 16 kHz.
        voice_a: (n_samples,) some seconds of A's voice alone, 16 kHz, or where A speaks in `sound`.
        report: told of progress; may cancel.
        n_people: how many people speak, if that is known.
        network: weights, the bundled ones by default.
        device: that computes, or the nearest that works.

    Raises:
        InputError: there is no sound, no speech in `voice_a`, or `n_people` is less than one.
        CheckpointError: the network is missing or damaged.
        CancelledError: `report` asked for it.
    """
    n_frames = n_frames_of(len(sound))
    if n_frames == 0:
        raise InputError("The recording holds no sound: choose another file.")
    if n_people is not None and n_people < 1:
        raise InputError(f"A recording of {n_people} people cannot be: say 1, 2 or more.")
    if network is None:
        path = checkpoints.bundled_path(VoiceNetwork)
        network = checkpoints.load(path, VoiceNetwork).network
    with torch.inference_mode():
        features = features_of(network, sound, part_of(report, 0.0, 0.95), device)
        known = None if voice_a is None else _known(network, sound, voice_a, device)
    likely = alternation.speech(features, sound)
    if int((likely > 0.5).sum()) < _LEAST_SPEECH:
        nobody = np.zeros((2, n_frames), np.float32)
        return Turns(nobody, ("No speech was found in the recording: both only listen.",), 0, 1.0)
    spread = network.space.spread.numpy().astype(np.float64)
    turns = _told(features, likely, spread, known, n_people)
    report(1.0, "")
    return turns


def _known(
    network: VoiceNetwork, sound: FloatArray, voice: FloatArray | Stretch, device: DeviceName
) -> NDArray[np.float64]:
    """Return where A's voice lies, (128,)."""
    if isinstance(voice, Stretch):
        voice = sound[round(voice.start_s * SAMPLE_RATE) : round(voice.end_s * SAMPLE_RATE)]
    if len(voice) < SAMPLE_RATE // 2:
        raise InputError("A's voice is shorter than half a second: give some seconds of it.")
    features = features_of(network, voice, silent, device)
    is_speech = features.counts[:, 0] < 0.5
    voices = features.long if len(features.long.places) else features.short
    if int(is_speech.sum()) < _LEAST_SPEECH or not len(voices.places):
        raise InputError("No speech was found in the clip of A's voice: choose some seconds of it.")
    return people.person(voices.places, network.space.spread.numpy().astype(np.float64))


def _told(
    features: VoiceFeatures,
    likely: FloatArray,
    spread: NDArray[np.float64],
    known: NDArray[np.float64] | None,
    n_people: int | None,
) -> Turns:
    """Return the turns of a recording with speech, and say what is odd about it."""
    count = people.count(features.long, spread)
    if n_people is not None:
        count = people.Count(n_people, 1.0)
    number = count.number if len(features.short.places) and len(features.long.places) else 1
    if number >= 2:
        both = people.told_apart(features.long, spread, 2)
        probability = alternation.alternated(features, both, likely)
        if n_people is None and _least(probability) < _LEAST_SHARE:
            number = 1
    if number == 1:
        one = _one_voice(features, likely, n_people is None, count.sureness)
        return one if _is_a(features, spread, known) else one.swapped()
    notes: tuple[str, ...] = ()
    if number > 2:
        notes = ("Three or more voices were found: those most alike share one head.",)
    if _is_swapped(probability, both, spread, known):
        probability = probability[::-1]
    return Turns(np.ascontiguousarray(probability), notes, number, count.sureness)


def _one_voice(
    features: VoiceFeatures, likely: FloatArray, may_be_two: bool, sureness: float
) -> Turns:
    """Return the turns of a recording with one voice, the first person's.

    Several people may speak in it all the same: a voice that is only heard over another has no
    stretch of its own to be known by.
    """
    several = int((features.counts[:, 2] > 0.5).sum())
    is_two = several >= max(_LEAST_TURNS, _TOGETHER_SHARE * int((likely > 0.5).sum()))
    if may_be_two and is_two:
        rows = np.stack([likely, alternation.together(features, likely)])
        note = "The second voice is only heard while the first speaks: check the turns."
        return Turns(rows.astype(np.float32), (note,), 2, _TOGETHER_SURENESS)
    rows = np.stack([likely, np.zeros_like(likely)])
    note = "Only one voice was found: the other person only listens."
    return Turns(rows.astype(np.float32), (note,), 1, sureness)


def _is_a(
    features: VoiceFeatures, spread: NDArray[np.float64], known: NDArray[np.float64] | None
) -> bool:
    """Tell whether the only voice is A's."""
    if known is None or not len(features.long.places):
        return True
    everybody = people.person(features.long.places, spread)
    return people.likeness(everybody, known, spread) > _KNOWN_VOICE


def _least(probability: FloatArray) -> float:
    """Return the share of the person who speaks least; none if it is a mere moment."""
    frames = (probability > 0.5).sum(axis=1)
    least = int(frames.min())
    return 0.0 if least < _LEAST_TURNS else least / max(int(frames.sum()), 1)


def _is_swapped(
    probability: FloatArray,
    both: people.People,
    spread: NDArray[np.float64],
    known: NDArray[np.float64] | None,
) -> bool:
    """Tell whether the second of both is A."""
    if known is not None:
        first, second = (people.likeness(mean, known, spread) for mean in both.means)
        return second > first
    starts = [int(row.argmax()) if row.any() else len(row) for row in probability > 0.5]
    return starts[1] < starts[0]
