"""Who speaks when in one mixed track, for a file of any length.

The network (`networks/turns.py`) hears the track in pieces that overlap by what it can see, so
cutting changes nothing. Stretches of speech are clustered into two people; then each frame is asked
for both of them.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...core.dialogue import FRAME_SAMPLES, n_frames_of
from ...core.errors import InputError
from ...core.progress import Report, part_of, silent
from ...core.turns import Turns
from .. import checkpoints
from ..networks.dualtalk import gain_to_speech_level
from ..networks.turns import Heard, TurnNetwork
from . import voice_profiles
from .voice_profiles import Track

_PIECE_FRAMES = 1500
#: More than what a frame hears on either side (1.3 s), and what it asks (0.6 s).
_MARGIN_FRAMES = 50
#: A voice that is less like A's than this is not A's, when A's comes from another recording.
_KNOWN_VOICE = 0.6
#: What is this surely speech is somebody's, though neither voice be sure.
_SURELY_SPEECH = 0.9
#: Less speech than this is none, frames (0.4 s).
_LEAST_SPEECH = 10

FloatArray = NDArray[np.float32]


def find_turns(
    sound: FloatArray,
    voice_a: FloatArray | None = None,
    report: Report = silent,
    network: TurnNetwork | None = None,
) -> Turns:
    """Return who speaks when; A is whoever speaks first, or the voice that is given.

    Args:
        sound: (n_samples,) of the mix, 16 kHz.
        voice_a: (n_samples,) some seconds of A's voice alone, 16 kHz.
        report: told of progress; may cancel.
        network: weights, the bundled ones by default.

    Raises:
        InputError: there is no sound, or no speech in `voice_a`.
        CheckpointError: the network is missing or damaged.
        CancelledError: `report` asked for it.
    """
    n_frames = n_frames_of(len(sound))
    if n_frames == 0:
        raise InputError("The recording holds no sound: choose another file.")
    if network is None:
        path = checkpoints.bundled_path(TurnNetwork)
        network = checkpoints.load(path, TurnNetwork).network
    torch.set_num_threads(1)  # its layers are small: threads would wait for each other
    with torch.inference_mode():
        track = _heard(network, sound, n_frames, part_of(report, 0.0, 0.8))
        if int(track.is_speech.sum()) < _LEAST_SPEECH:
            nobody = np.zeros((2, n_frames), np.float32)
            return Turns(nobody, ("No speech was found in the recording: both only listen.",))
        known = None if voice_a is None else _known(network, voice_a)
        stretches = voice_profiles.stretches(network, track)
        people = voice_profiles.first(network, stretches, known)
        probability = _covered(_asked(network, track, people), 1 - track.counts[:, 0])
        report(1.0, "")
        return _judged(network, track, stretches, people, probability, known)


def _heard(network: TurnNetwork, sound: FloatArray, n_frames: int, report: Report) -> Track:
    audio = torch.from_numpy(np.ascontiguousarray(sound, dtype=np.float32))
    gain = gain_to_speech_level(audio)
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    for first in range(0, n_frames, _PIECE_FRAMES):
        report(first / n_frames, "hearing who speaks")
        last = min(first + _PIECE_FRAMES, n_frames)
        start, end = max(0, first - _MARGIN_FRAMES), min(n_frames, last + _MARGIN_FRAMES)
        cut = audio[start * FRAME_SAMPLES : end * FRAME_SAMPLES] * gain
        heard = network.listen(cut[None], end - start)
        kept = slice(first - start, last - start)
        counts = heard.counts[0, kept].softmax(dim=-1)
        parts.append((heard.features[0, kept], heard.voices[0, kept], counts))
    features, voices, counts = (torch.cat(part) for part in zip(*parts, strict=True))
    return Track(features, voices, counts)


def _known(network: TurnNetwork, sound: FloatArray) -> Tensor:
    """Return the profile (profile_size,) of one person from a clip of another recording."""
    track = _heard(network, sound, n_frames_of(len(sound)), silent)
    if int(track.is_speech.sum()) < _LEAST_SPEECH:
        raise InputError("No speech was found in the clip of A's voice: choose some seconds of it.")
    return voice_profiles.mean(network, track.voices, track.is_speech.float())


def _asked(network: TurnNetwork, track: Track, people: Tensor) -> Tensor:
    """Return how likely each of two people (2, profile_size) speaks, (2, T)."""
    starts = range(0, len(track.counts), _PIECE_FRAMES)
    return torch.cat([_asked_piece(network, track, people, first) for first in starts], dim=1)


def _covered(probability: Tensor, speech: Tensor) -> Tensor:
    """Give speech (T,) that neither of both (2, T) surely speaks to who is likelier."""
    likelier = probability == probability.amax(dim=0)
    missing = (speech > _SURELY_SPEECH) & (probability.amax(dim=0) < 0.5)
    return torch.where(likelier & missing, speech, probability)


def _asked_piece(network: TurnNetwork, track: Track, asked: Tensor, first: int) -> Tensor:
    """Return who speaks in one piece, (2, n)."""
    last = min(first + _PIECE_FRAMES, len(track.counts))
    span = slice(max(0, first - _MARGIN_FRAMES), last + _MARGIN_FRAMES)
    heard = (track.features, track.voices, track.counts)
    piece = Heard(*(values[span].expand(2, -1, -1) for values in heard))
    logits = network.ask(piece, asked, asked.flip(0))
    return logits[:, first - span.start :][:, : last - first].sigmoid()


def _judged(
    network: TurnNetwork,
    track: Track,
    stretches: Tensor,
    people: Tensor,
    probability: Tensor,
    known: Tensor | None,
) -> Turns:
    """Put the people in order, and say what is odd about the recording."""
    notes = []
    active = probability > 0.5
    speech = int(active.any(dim=0).sum())
    least = min(int(row.sum()) for row in active)
    is_one = voice_profiles.are_one(network, people)
    if is_one or least < max(_LEAST_SPEECH, 0.02 * speech):
        everybody = voice_profiles.mean(network, track.voices, track.is_speech.float())
        is_a = known is None or voice_profiles.likeness(network, everybody, known) > _KNOWN_VOICE
        probability = _one_person(probability, is_a)
        notes.append("Only one voice was found: the other person only listens.")
    elif voice_profiles.are_three(network, stretches):
        notes.append("Three or more voices were found: those most alike share one head.")
    starts = [int(row.int().argmax()) for row in probability > 0.5]
    if known is None and bool((probability[1] > 0.5).any()) and starts[1] < starts[0]:
        probability = probability.flip(0)
    return Turns(np.ascontiguousarray(probability.numpy()), tuple(notes))


def _one_person(probability: Tensor, is_a: bool) -> Tensor:
    """Give all speech to one person."""
    result = torch.zeros_like(probability)
    result[0 if is_a else 1] = probability.amax(dim=0)
    return result
