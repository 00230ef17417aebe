"""Face and head beyond the mouth, as a random process whose chance is given to the network too.

A listener has no one right answer: a network that regresses to it learns the mean, which is a
still head. Here every random choice is a fixed function of standard normal numbers per frame
(`inference.noise`) and of what is heard. The network gets the same numbers, so that plain
regression can learn the whole distribution (noise outsourcing: Kallenberg, Foundations of Modern
Probability, lemma 4.22), and another seed gives another, equally likely performance.

Rates and shares follow
- blinks: Bentivoglio et al. 1997 (17 a minute at rest, 26 in conversation); more at the ends of
  turns, Cummins 2012;
- gaze: Kendon 1967; Argyle & Cook 1976 (looking while listening 75 %, while talking 41 %);
- feedback: nods and brows follow low pitch and pauses of the speaker by 0.2 to 1 s, Ward &
  Tsukahara 2000 (`training.speech.prosody`);
- nods: 2 to 4 Hz and a few degrees, Hadar et al. 1985;
- heads move about twice as fast while speaking as while listening (measured on real dialogues).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from dualtalk.core.motion import NETWORK_FPS
from dualtalk.core.names import ARKIT_INDEX, ARKIT_SHAPES
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.stats import norm

FloatArray = NDArray[np.float32]

#: Channels of noise: the first half white, the second half slow (`inference.noise.draw`).
N_NOISE = 16
BLINK_CHANNEL, _NOD, _FAST = 0, 1, slice(2, 5)
_POSTURE, _AWAY, _SIDE, _HEIGHT, _SMILE, _BROW = slice(8, 11), 11, 12, 13, 14, 15

#: Blinks per minute with closed mouth, while speaking, and how much likelier at a turn's end.
_BLINKS_REST, _BLINKS_SPEAKING, _TURN_END_FACTOR = 12.0, 15.0, 3.0
#: Lids over a blink, frame by frame: down in 80 ms, up in 160 ms.
_BLINK_COURSE = np.array([0.45, 1.0, 0.85, 0.4, 0.12])
#: Share of time that the eyes are off the partner.
_AWAY_LISTENING, _AWAY_SPEAKING = 0.25, 0.55
_POSTURE_RAD = np.array([0.035, 0.06, 0.03])
_FAST_RAD = np.array([0.020, 0.022, 0.014])
_LISTENING_MOTION = 0.45
_NOD_HZ, _NOD_RAD = 2.3, 0.045
_BEAT_RAD = 0.02
#: How apt feedback is after low pitch (1 after a pause), without any invitation, and beside own
#: words while the partner speaks.
_CUE_WEIGHT, _UNINVITED, _BACK_CHANNEL = 0.7, 0.04, 0.6


@dataclass(frozen=True)
class Context:
    """What one person does and hears, frame by frame at 25 fps."""

    speaking: FloatArray  #: (n_frames,) 0 to 1, whether the person speaks
    partner_speaking: FloatArray  #: (n_frames,)
    loudness: FloatArray  #: (n_frames,) envelope of the own voice, 1 at its loud parts
    partner_cues: FloatArray  #: (n_frames,) 1 where the partner's low pitch invites feedback


def behave(
    context: Context,
    shapes: FloatArray,
    jaw: FloatArray,
    noise: FloatArray,
    partner_noise: FloatArray,
) -> FloatArray:
    """Add to a speaking mouth all else that a face and a head do.

    Args:
        context: who speaks when.
        shapes: (n_frames, 40) of the mouth (`visemes.mouth`).
        jaw: (n_frames, 3) radians.
        noise: (n_frames, N_NOISE) standard normal, the person's own.
        partner_noise: the same of the partner, whose smile is answered.

    Returns:
        (n_frames, 52): shapes, jaw, head, left eye and right eye, as the network writes it.
    """
    n_frames = len(shapes)
    face = shapes.copy()
    lids, eyes = _blinks(context, noise), _gaze(context, noise)
    _add(face, ("eyeBlinkLeft", "eyeBlinkRight"), lids)
    smile = _smile(noise, partner_noise, context)
    _add(face, ("mouthSmileLeft", "mouthSmileRight"), smile)
    _add(
        face,
        ("cheekSquintLeft", "cheekSquintRight", "eyeSquintLeft", "eyeSquintRight"),
        0.45 * smile,
    )
    feedback = _feedback(context)
    raised, lowered = _brows(context, noise, feedback)
    _add(face, ("browInnerUp", "browOuterUpLeft", "browOuterUpRight"), raised)
    _add(face, ("browDownLeft", "browDownRight"), lowered)
    head = _head(context, noise, feedback)
    motion = np.zeros((n_frames, len(ARKIT_SHAPES) + 12), np.float32)
    e = len(ARKIT_SHAPES)
    motion[:, :e] = np.clip(face, 0, 1)
    motion[:, e : e + 3] = jaw
    motion[:, e + 3 : e + 6] = head
    motion[:, e + 6 : e + 9] = motion[:, e + 9 :] = eyes
    return motion


def _blinks(context: Context, noise: FloatArray) -> NDArray[Any]:
    per_minute = _BLINKS_REST + (_BLINKS_SPEAKING - _BLINKS_REST) * context.speaking
    chance = per_minute / (60 * NETWORK_FPS) * (1 + _TURN_END_FACTOR * _turn_ends(context))
    starts = np.flatnonzero(noise[:, BLINK_CHANNEL] > norm.isf(chance))
    lids = np.zeros(len(noise) + len(_BLINK_COURSE))
    for start in starts:
        span = slice(start, start + len(_BLINK_COURSE))
        lids[span] = np.maximum(lids[span], _BLINK_COURSE)
    return lids[: len(noise)]


def _gaze(context: Context, noise: FloatArray) -> NDArray[Any]:
    """Return the rotation of both eyes off the partner, (n_frames, 3) radians."""
    share = _AWAY_LISTENING + (_AWAY_SPEAKING - _AWAY_LISTENING) * context.speaking
    away = _step(noise[:, _AWAY] - norm.isf(share), 8.0)
    eyes = np.zeros((len(noise), 3))
    eyes[:, 0] = -0.12 * away * np.tanh(1.5 * noise[:, _HEIGHT])
    eyes[:, 1] = 0.24 * away * np.tanh(2.0 * noise[:, _SIDE])
    return eyes


def _smile(noise: FloatArray, partner_noise: FloatArray, context: Context) -> NDArray[Any]:
    """Return smiles of the person's own, and the partner's answered half a second later."""
    own = 0.45 * _step(noise[:, _SMILE] - 1.1, 4.0)
    answer = 0.3 * _delayed(_step(partner_noise[:, _SMILE] - 1.1, 4.0), 12)
    smile: NDArray[Any] = np.maximum(own, answer) * (1 - 0.4 * context.speaking)
    return smile


def _brows(
    context: Context, noise: FloatArray, feedback: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    emphasis = 0.4 * _step(noise[:, _BROW] - 0.8, 4.0) * (0.25 + 0.75 * context.speaking)
    answer = 0.35 * feedback * _step(noise[:, _BROW] - 0.2, 4.0)
    lowered = 0.3 * _step(-noise[:, _BROW] - 1.3, 4.0)
    return np.maximum(emphasis, answer), lowered


def _head(context: Context, noise: FloatArray, feedback: NDArray[Any]) -> NDArray[Any]:
    """Return the head's rotation, (n_frames, 3) radians; x is a nod, positive down."""
    amount = _LISTENING_MOTION + (1 - _LISTENING_MOTION) * context.speaking
    head = amount[:, None] * _POSTURE_RAD * noise[:, _POSTURE]
    fast = gaussian_filter1d(noise[:, _FAST], 2.5, axis=0, mode="constant") * 2.98
    head += (context.speaking * amount)[:, None] * _FAST_RAD * fast
    head[:, 0] += _BEAT_RAD * context.speaking * (context.loudness - 0.4)
    head[:, 0] += _NOD_RAD * feedback * _nod_course(noise[:, _NOD])
    return head


def _nod_course(white: FloatArray) -> NDArray[Any]:
    """Turn white noise into swings of about `_NOD_HZ`, unit variance."""
    t = np.arange(-12, 13) / NETWORK_FPS
    kernel = np.cos(2 * np.pi * _NOD_HZ * t) * np.exp(-0.5 * (t / 0.2) ** 2)
    kernel -= kernel.mean()
    return np.convolve(white, kernel / np.sqrt(np.square(kernel).sum()), "same")


def _feedback(context: Context) -> NDArray[Any]:
    """Return how apt feedback is, 0 to 1: after the partner's pauses and low pitch.

    Own back-channels are feedback too: a short "yeah" comes with a nod.
    """
    invited = np.maximum(_falls(context.partner_speaking), _CUE_WEIGHT * context.partner_cues)
    after = np.convolve(invited, np.hanning(27)[1:-1])[4 : 4 + len(invited)]
    listening = (1 - context.speaking) * context.partner_speaking
    both = context.speaking * context.partner_speaking
    gate = np.clip(after, 0, 1) * (1 - 0.7 * context.speaking)
    gate = np.clip(gate + _UNINVITED * listening + _BACK_CHANNEL * both, 0, 1)
    return gaussian_filter1d(gate, 2.0)


def _turn_ends(context: Context) -> NDArray[Any]:
    """Return 1 for half a second around the ends of own speech, 0 elsewhere."""
    near = np.convolve(_falls(context.speaking), np.ones(13), "same")
    return np.clip(near, 0, 1)


def _falls(activity: FloatArray) -> NDArray[Any]:
    """Mark the frames at which an activity ends."""
    active = activity > 0.5
    falls = np.zeros(len(active))
    falls[1:] = active[:-1] & ~active[1:]
    return falls


def _step(x: NDArray[Any], steepness: float) -> NDArray[Any]:
    result: NDArray[Any] = 1 / (1 + np.exp(-steepness * x))
    return result


def _delayed(x: NDArray[Any], n_frames: int) -> NDArray[Any]:
    return np.concatenate([np.full(n_frames, x[0]), x])[: len(x)]


def _add(face: FloatArray, names: tuple[str, ...], values: NDArray[Any]) -> None:
    for name in names:
        face[:, ARKIT_INDEX[name]] += values
